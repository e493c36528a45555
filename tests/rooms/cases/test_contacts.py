"""Capability 1: calls and messages are counted, and nothing of them is kept but the count."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.cases import rules
from openredress_api.foundation.identifiers import decode
from openredress_api.vocabulary import TAXONOMIES
from tests.factories.cases import ARRIVAL, case
from tests.factories.parties import World

OPENING = {"categories": ["wages.withheld"], "severity": "s3_serious", "workers_affected": 4}
NO_CASE = "case_" + "0" * 26
SILENT = {"contact_outcome": "no_content"}


@pytest.fixture(scope="module")
def site(world: World) -> str:
    """A site of some supplier."""
    return world.site(world.party("supplier"))


def record(world: World, **said: Any) -> Any:
    """Count one call."""
    return world.institute.post("/v1/contacts", ARRIVAL | said)


def test_a_contact_is_counted_and_read_back(world: World) -> None:
    """A contact keeps channel, moment and outcome; it is read back and listed as told (row 1)."""
    made = record(world, contact_outcome="information_given")
    assert made.status_code == 201, made.json
    assert world.institute.get(made.headers["Location"]).json == made.json
    assert (made.json["contact_outcome"], made.json["case"]) == ("information_given", None)
    assert made.json in world.institute.get("/v1/contacts?limit=500").json["data"]
    assert set(made.json) == {*ARRIVAL, "id", "contact_outcome", "case", "recorded_at"}


def test_contact_and_case_are_one_call(world: World, site: str) -> None:
    """`open_case` opens a case with the contact's channel and moment; both are stored, or none.

    row 1.
    """
    made = record(world, open_case=OPENING | {"site": site}).json
    opened = world.institute.get(f"/v1/cases/{made['case']}").json
    assert (made["contact_outcome"], opened["contacts"]) == ("opened_case", 1)
    assert {name: opened[name] for name in ARRIVAL} == ARRIVAL
    before = world.institute.get("/v1/contacts?limit=500").json["data"]
    bad = record(world, open_case=OPENING | {"site": "site_" + "0" * 26})
    found = {error["pointer"]: error["code"] for error in bad.json["errors"]}
    assert (bad.status_code, found) == (422, {"/open_case/site": "not_a_site"})
    assert world.institute.get("/v1/contacts?limit=500").json["data"] == before


@pytest.mark.parametrize(
    ("said", "pointer", "fault"),
    [
        ({}, "/contact_outcome", "outcome_does_not_fit"),
        ({"contact_outcome": "opened_case"}, "/contact_outcome", "outcome_does_not_fit"),
        (SILENT | {"case": NO_CASE}, "/contact_outcome", "outcome_does_not_fit"),
        ({"case": NO_CASE}, "/case", "not_a_case"),
        (SILENT | {"received_at": "2027-09-01T00:00:00Z"}, "/received_at", "in_the_future"),
        (SILENT | {"language": "my"}, "/language", "unknown"),
        (SILENT | {"number": "+66812345678"}, "/number", "unknown"),
    ],
)
def test_bad_contacts_are_refused_by_field(
    world: World, said: dict[str, Any], pointer: str, fault: str
) -> None:
    """A contact names its case or says what else came of it, and never who called."""
    answer = record(world, **said)
    found = {error["pointer"]: error["code"] for error in answer.json["errors"]}
    assert (answer.status_code, found) == (422, {pointer: fault})


def test_a_contact_has_one_case_at_most(world: World, site: str) -> None:
    """`case` and `open_case` exclude each other; a voided case takes no contacts."""
    made = case(world, site)["id"]
    both = record(world, case=made, open_case=OPENING | {"site": site})
    assert {error["code"] for error in both.json["errors"]} >= {"not_beside"}
    assert record(world, case=made).json["contact_outcome"] == "added_to_case"
    assert record(world, case=made, contact_outcome="opened_case").status_code == 201
    assert world.institute.get(f"/v1/cases/{made}").json["contacts"] == 2
    listed = world.institute.get(f"/v1/contacts?case={made}").json["data"]
    assert [each["contact_outcome"] for each in listed] == ["added_to_case", "opened_case"]
    world.institute.post(f"/v1/cases/{made}/void", {"reason": "entered_twice"})
    assert record(world, case=made).json["code"] == "case_voided"


def test_a_repeated_call_counts_once(world: World) -> None:
    """The same key gives the first contact again; without a key nothing is counted."""
    body = ARRIVAL | {"contact_outcome": "no_content"}
    first, again = (
        world.institute.post("/v1/contacts", body, Idempotency_Key="one-call") for _ in range(2)
    )
    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    keyless = world.institute.call("POST", "/v1/contacts", body, Idempotency_Key="")
    assert keyless.json["code"] == "idempotency_key_missing"


def test_contacts_are_paged_in_the_order_of_recording(world: World) -> None:
    """Pages follow each other without a gap; `recorded_since` begins where it says."""
    made = [record(world, contact_outcome="no_content").json for _ in range(3)]
    path, found = f"/v1/contacts?limit=2&recorded_since={made[0]['recorded_at']}", []
    page = world.institute.get(path).json
    found += page["data"]
    while page["has_more"]:
        page = world.institute.get(f"{path}&cursor={page['next_cursor']}").json
        found += page["data"]
    assert [one for one in found if one in made] == made


def test_r16_nobody_else_learns_of_contacts(world: World) -> None:
    """R16: to suppliers, agencies, brands and CSOs there are no contacts, whatever they ask."""
    made = record(world, contact_outcome="no_content").json["id"]
    for kind in ("supplier", "agency", "brand", "cso"):
        party = world.party(kind)
        for path in ("/v1/contacts", f"/v1/contacts/{made}", "/v1/contacts/ctc_" + "0" * 26):
            assert party.get(path).status_code == 403


def test_r18_reads_of_contacts_are_logged_without_content(world: World) -> None:
    """R18: each read leaves an entry with the ids that were read, and nothing that was in them."""
    made = record(world, contact_outcome="referred_elsewhere").json["id"]
    world.institute.get(f"/v1/contacts/{made}")
    world.institute.get("/v1/contacts?limit=500")
    with world.installation.as_owner() as connection:
        found = connection.execute(
            text("SELECT operation, content FROM audit WHERE content LIKE :id"), {"id": f"%{made}%"}
        ).all()
    assert {row.operation for row in found} == {"record_contact", "get_contact", "list_contacts"}
    assert not any("referred_elsewhere" in row.content for row in found)


def test_a_contact_costs_no_more_where_there_are_many(world: World) -> None:
    """Its list and the count of a case are index conditions: 20,000 more rows change no plan.

    row 1.
    """
    made = case(world, world.site(world.party("supplier")))["id"]
    values = {"me": world.institute.organisation_id, "case": decode("case", made)}
    with world.installation.as_owner() as connection:
        connection.execute(
            text(
                "INSERT INTO contact SELECT :me, gen_random_uuid(), 'sms', now(), 'stated', "
                "'no_content', NULL, now() - n * interval '1 second' "
                "FROM generate_series(1, 20000) n"
            ),
            values,
        )
        connection.execute(text("ANALYZE contact"))
        for where, order in (("true", "recorded_at, id"), ("case_id = :case", "recorded_at, id")):
            plan = connection.scalars(
                text(
                    f"EXPLAIN SELECT * FROM contact WHERE organisation_id = :me AND {where} "  # noqa: S608 - ours
                    f"ORDER BY {order} LIMIT 51"
                ),
                values,
            ).all()
            assert "Index" in "".join(plan), plan
            assert "Sort" not in "".join(plan), plan


def test_the_codes_of_contacts_are_the_vocabularys(world: World) -> None:
    """What can come of a contact is the same in database, rules and code list."""
    with world.installation.as_owner() as connection:
        said = connection.scalars(
            text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid = 'contact'::regclass AND conname = 'contact_outcome_check'"
            )
        ).one()
    codes = TAXONOMIES["contact_outcome"].codes
    assert all(f"'{code}'" in said for code in codes)
    assert said.count("'::text") == len(codes)
    assert {code for code in codes if not codes[code].attributes["has_case"]} == {
        *rules.OUTCOMES_ALONE
    }
