"""A supplier pushes rows of its own register; each push proposes, one statement decides."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.foundation.identifiers import decode
from tests.factories.parties import World
from tests.factories.registers import RECEIVED, grievance, push, steps_of

WITHDRAWN = {"status": "withdrawn_by_worker", "withdrawal_reason": "fear"}


def test_upsert_says_created_changed_unchanged(world: World) -> None:
    """The same PUT gives 201, then 204; another body 200 with the next version and the same id."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    money = {"amount": "1520.5", "currency": "THB"}
    first = push(supplier, site, "GRV/1", agreed_remedy=money, severity="s3_serious")
    assert first.status_code == 201, first.json
    assert first.headers["ETag"] == '"v1-supplier"'
    assert first.headers["Location"] == f"/v1/grievances/{first.json['id']}"
    again = push(supplier, site, "GRV/1", agreed_remedy=money, severity="s3_serious")
    assert (again.status_code, again.data) == (204, b"")
    changed = push(supplier, site, "GRV/1", workers_affected=0)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2-supplier"')
    assert changed.json["id"] == first.json["id"]


def test_what_is_answered_is_what_is_stored(world: World) -> None:
    """The body of a PUT and a later GET are equal, unknown stays null and zero stays zero."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    money = {"amount": "12.345", "currency": "KWD"}
    for fields in ({"agreed_remedy": money}, {"workers_affected": 0, "is_anonymous": True}):
        put = push(supplier, site, "same", **fields)
        got = supplier.get(f"/v1/grievances/{put.json['id']}")
        assert got.json == put.json
        assert got.json["site"] == site
        assert got.json["agreed_remedy"] == fields.get("agreed_remedy")
        assert got.json["workers_affected"] == fields.get("workers_affected")
        assert got.json["received_at"] == "2026-03-01T01:15:00Z"


def test_a_first_sight_far_along_writes_the_missing_steps(world: World) -> None:
    """A row first seen closed has all steps before it, marked import, with the times it gave."""
    supplier = world.party("supplier")
    put = push(
        supplier,
        world.site(supplier),
        "old",
        status="closed_unvalidated",
        acknowledged_at="2026-03-02T00:00:00Z",
        resolved_at="2026-04-01T00:00:00Z",
        closed_at="2026-04-02T00:00:00Z",
    )
    assert put.status_code == 201, put.json
    listed = supplier.get(f"/v1/grievances/{put.json['id']}/status-changes").json["data"]
    assert [(row["to"], row["source"], row["at"]) for row in listed] == [
        ("received", "import", "2026-03-01T01:15:00Z"),
        ("acknowledged", "import", "2026-03-02T00:00:00Z"),
        ("triaged", "import", None),
        ("in_investigation", "import", None),
        ("action_agreed", "import", None),
        ("resolved_reported", "import", "2026-04-01T00:00:00Z"),
        ("closed_unvalidated", "reported", "2026-04-02T00:00:00Z"),
    ]
    assert {row["by"] for row in listed} == {supplier.id}


def test_a_push_continues_from_the_present_status(world: World) -> None:
    """Only the steps between the present and the proposed status are added."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    put = push(supplier, site, "on", status="acknowledged")
    push(supplier, site, "on", status="acknowledged", workers_affected=3)
    assert push(supplier, site, "on", status="in_investigation").status_code == 200
    assert steps_of(supplier, put.json["id"]) == [
        ("received", "import"),
        ("acknowledged", "reported"),
        ("triaged", "import"),
        ("in_investigation", "reported"),
    ]


@pytest.mark.parametrize("status", ["closed_validated", "closed_unreachable", "reopened"])
def test_no_supplier_reaches_what_needs_others(world: World, status: str) -> None:
    """Closing as validated, as unreachable, and reopening are refused, first sight or not."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    first = push(supplier, site, f"never {status}", status=status)
    assert (first.status_code, first.json["code"]) == (409, "state_transition_not_allowed")
    push(supplier, site, f"later {status}", status="resolved_reported")
    later = push(supplier, site, f"later {status}", status=status)
    assert (later.status_code, later.json["code"]) == (409, "state_transition_not_allowed")
    assert "resolved_reported" in later.json["detail"]


def test_there_is_no_way_back(world: World) -> None:
    """A proposed status behind the present one is refused and changes no other field."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    put = push(supplier, site, "back", status="in_investigation")
    back = push(supplier, site, "back", status="triaged", workers_affected=9)
    assert (back.status_code, back.json["code"]) == (409, "state_transition_not_allowed")
    stored = supplier.get(f"/v1/grievances/{put.json['id']}").json
    assert (stored["status"], stored["workers_affected"]) == ("in_investigation", None)


def test_an_outdated_row_changes_nothing(world: World) -> None:
    """A row older by its source's own clock answers 204; one without that clock is taken."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    new = {"source_updated_at": "2026-05-02T00:00:00Z"}
    put = push(supplier, site, "late", status="triaged", **new)
    old = {"source_updated_at": "2026-05-01T00:00:00Z"}
    assert push(supplier, site, "late", status="acknowledged", **old).status_code == 204
    assert push(supplier, site, "late", status="in_investigation", **old).status_code == 204
    undated = push(supplier, site, "late", status="in_investigation")
    assert undated.status_code == 200
    stored = supplier.get(f"/v1/grievances/{put.json['id']}").json
    assert stored["source_updated_at"] == "2026-05-02T00:00:00Z"


BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"acknowledged_at": "2026-02-28T00:00:00Z"}, {"/acknowledged_at": "before"}),
    (
        {
            "status": "closed_unvalidated",
            "resolved_at": "2026-03-05T00:00:00Z",
            "closed_at": "2026-03-04T00:00:00Z",
        },
        {"/closed_at": "before"},
    ),
    (
        {"status": "triaged", "resolved_at": "2026-03-05T00:00:00Z"},
        {"/resolved_at": "later_than_status"},
    ),
    ({"received_at": "2026-12-31T00:00:00Z"}, {"/received_at": "in_the_future"}),
    ({"source_updated_at": "2026-12-31T00:00:00Z"}, {"/source_updated_at": "in_the_future"}),
    ({"status": "withdrawn_by_worker"}, {"/withdrawal_reason": "needs_reason"}),
    ({"status": "out_of_scope"}, {"/out_of_scope_reason": "needs_reason"}),
    ({"withdrawal_reason": "fear"}, {"/withdrawal_reason": "only_with_status"}),
    (
        {"agreed_remedy": {"amount": "100.50", "currency": "VND"}},
        {"/agreed_remedy/amount": "too_many_decimals"},
    ),
    (
        {"agreed_remedy": {"amount": "-1", "currency": "BAHT"}},
        {"/agreed_remedy/amount": "not_an_amount", "/agreed_remedy/currency": "not_in_list"},
    ),
    ({"note": "she said"}, {"/note": "unknown"}),
    ({"workers_affected": 2.0}, {"/workers_affected": "not_a_whole_number"}),
]


@pytest.mark.parametrize(("fields", "faults"), BAD, ids="-".join)
def test_bad_fields_are_named(world: World, fields: dict[str, Any], faults: dict[str, str]) -> None:
    """Each fault names its place; nothing is stored."""
    supplier = world.party("supplier")
    answer = push(supplier, world.site(supplier), "bad", **fields)
    assert answer.status_code == 422
    assert {error["pointer"]: error["code"] for error in answer.json["errors"]} == faults
    assert supplier.get("/v1/grievances").json["data"] == []


def test_money_fits_its_currency(world: World) -> None:
    """Whole amounts of a currency without decimals may be written with zeros behind the point."""
    supplier = world.party("supplier")
    money = {"amount": "100.00", "currency": "VND"}
    assert push(supplier, world.site(supplier), "vnd", agreed_remedy=money).status_code == 201


def test_a_foreign_site_is_none_of_mine(world: World) -> None:
    """A site of another supplier and one that does not exist give the same answer."""
    supplier, other = world.party("supplier"), world.party("supplier")
    absent = "site_0" + "0" * 25
    for site in (world.site(other), absent):
        answer = push(supplier, site, "x")
        assert answer.status_code == 422
        assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [
            ("/site", "not_your_site")
        ]


def test_two_suppliers_may_use_the_same_identifier(world: World) -> None:
    """External ids are each supplier's own."""
    ids = set()
    for _ in range(2):
        supplier = world.party("supplier")
        answer = push(supplier, world.site(supplier), "GRV/1")
        assert answer.status_code == 201
        ids.add(answer.json["id"])
    assert len(ids) == 2


def test_a_replay_gives_the_same_answer_read_again(world: World) -> None:
    """The same key gives the first status and the present record; another body is refused."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    key = {"Idempotency_Key": "push-1"}
    first = push(supplier, site, "keyed", headers=key)
    push(supplier, site, "keyed", workers_affected=4)
    again = push(supplier, site, "keyed", headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json == first.json | {
        "workers_affected": 4,
        "updated_at": again.json["updated_at"],
    }
    reused = push(supplier, site, "keyed", headers=key, workers_affected=5)
    assert (reused.status_code, reused.json["code"]) == (422, "idempotency_key_reused")


def test_only_a_supplier_pushes(world: World) -> None:
    """The institute reads registers and pushes into none; a brand does not even read."""
    institute = world.colleague(
        world.institute.organisation_id, "institute", scopes=("grievances:write",)
    )
    url = "/v1/grievances?external_id=1&source_system=hr"
    refused = institute.put(url, grievance("site_0" + "0" * 25))
    assert (refused.status_code, refused.json["code"]) == (403, "insufficient_scope")
    assert world.party("brand").get("/v1/grievances").status_code == 403


def test_every_push_is_in_the_audit(world: World) -> None:
    """Written or not, a push leaves one entry that names the grievance and no content."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    grievance_id = push(supplier, site, "seen", **WITHDRAWN).json["id"]
    push(supplier, site, "seen", **WITHDRAWN)
    with world.installation.as_owner() as connection:
        entries = connection.scalars(
            text("SELECT content FROM audit WHERE organisation_id = :me AND operation = :put"),
            {"me": supplier.organisation_id, "put": "put_grievance"},
        ).all()
    assert len(entries) == 2
    assert all(grievance_id in entry and "fear" not in entry for entry in entries)


def test_the_institute_hears_of_the_first_push_only(world: World) -> None:
    """grievance.received goes to the institute once per grievance, with id and status alone.

    row 10.
    """
    supplier = world.party("supplier")
    site = world.site(supplier)
    grievance_id = push(supplier, site, "told", status="acknowledged").json["id"]
    push(supplier, site, "told", status="triaged")
    with world.installation.as_owner() as connection:
        told = connection.execute(
            text("SELECT organisation_id, type, body FROM event WHERE subject = :id"),
            {"id": grievance_id},
        ).all()
    assert [(row.organisation_id, row.type) for row in told] == [
        (world.institute.organisation_id, "grievance.received")
    ]
    assert RECEIVED[:10] not in bytes(told[0].body).decode()


def test_the_ids_are_dated(world: World) -> None:
    """A grievance's id is version 7: its supplier wrote it itself."""
    supplier = world.party("supplier")
    answer = push(supplier, world.site(supplier), "dated")
    assert decode("grv", answer.json["id"]).version == 7
