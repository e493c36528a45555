"""What is kept no longer than it is needed, and what a worker asks to have erased (R17)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.foundation.identifiers import decode
from tests.factories import cases, evidence, protection, remediation
from tests.factories.parties import Party, World

DUES, ERASURES = "/v1/retention-dues", "/v1/erasure-requests"


@pytest.fixture(scope="module")
def custodian(world: World) -> Party:
    """Who looks after what is kept."""
    return protection.colleague(world, "custodian")


@pytest.fixture
def case(world: World) -> str:
    """A case with all that is known of a worker."""
    made = str(cases.case(world, world.site(world.party("supplier")), external_ref="R-17")["id"])
    institute, path = world.institute, f"/v1/cases/{made}"
    institute.put(f"{path}/safe-contact", cases.SAFE_CONTACT)
    protection.worker(institute, made, name="Kaung Zin Oo")
    code = cases.receipt_code(world, made)
    institute.post("/v1/follow-ups/messages", {"code": code, "text": "They took my passport."})
    return made


def sealed(world: World, case: str) -> dict[str, Any]:
    """What the database holds of a case, as octets and counts."""
    of = {"case": decode("case", case)}
    kept = {
        "safe contact": "SELECT count(*) FROM case_safe_contact WHERE case_id = :case",
        "codes": "SELECT count(*) FROM case_receipt_code WHERE case_id = :case",
        "identity": "SELECT sum(length(v.sealed)) FROM vault_worker v JOIN worker_in_case l "
        "USING (id) WHERE l.case_id = :case",
        "phones": "SELECT count(v.phone_index) FROM vault_worker v JOIN worker_in_case l "
        "USING (id) WHERE l.case_id = :case",
        "messages": "SELECT sum(length(sealed)) FROM case_message WHERE case_id = :case",
        "reference": "SELECT count(external_ref) FROM case_record WHERE id = :case",
    }
    with world.installation.as_owner() as connection:
        return {name: connection.scalar(text(query), of) for name, query in kept.items()}


def ended(world: World, case: str) -> None:
    """The worker does not go on."""
    path = f"/v1/cases/{case}"
    etag = world.institute.get(path).headers["ETag"]
    withdrawn = {"to": "withdrawn_by_worker", "withdrawal_reason": "left_job"}
    answer = world.institute.post(f"{path}/status-changes", withdrawn, If_Match=etag)
    assert answer.status_code == 200, answer.json


def dues(custodian: Party, case: str) -> list[str]:
    """What of a case is due now."""
    found = custodian.get(DUES).json["data"]
    return [one["what"] for one in found if one["subject"] == case]


CONTACT = {"safe contact": 0, "codes": 0, "identity": 0, "phones": 0}


def test_r17_contact_goes_after_90_days_and_content_after_two_years(
    world: World, case: str, custodian: Party
) -> None:
    """A dry run tells before; afterwards the octets are gone, and the counts and steps stay."""
    ended(world, case)
    before = sealed(world, case)
    assert all(before.values()), before
    with protection.days_later(world, 89):
        assert dues(custodian, case) == []
        protection.chores(world)
    assert sealed(world, case) == before
    with protection.days_later(world, 91):
        assert dues(custodian, case) == ["contact"]
        assert sealed(world, case) == before
        protection.chores(world)
        assert dues(custodian, case) == []
    assert sealed(world, case) == before | CONTACT
    with protection.days_later(world, 732):
        assert dues(custodian, case) == ["content"]
        protection.chores(world)
    assert sealed(world, case) == CONTACT | {"messages": 0, "reference": 0}
    kept = world.institute.get(f"/v1/cases/{case}").json
    assert (kept["status"], kept["external_ref"]) == ("withdrawn_by_worker", None)
    assert kept["contact_erased_at"] < kept["content_erased_at"]
    read = world.institute.get(f"/v1/cases/{case}/messages").json["data"]
    assert [one["text"] for one in read] == [None]


def test_r17_nothing_goes_while_the_case_is_open(world: World, case: str, custodian: Party) -> None:
    """However old it is."""
    with protection.days_later(world, 2_000):
        assert dues(custodian, case) == []


def test_r17_files_of_evidence_go_after_seven_years(world: World, custodian: Party) -> None:
    """A tombstone with the SHA-256 stays; whoever sent it may have left long ago."""
    supplier = world.party("supplier")
    file = evidence.handed_in(supplier)
    path = f"{evidence.BASE}/{file}"
    before = supplier.get(path).json
    with protection.days_later(world, 7 * 365):
        protection.chores(world)
        assert dues(custodian, file) == []
    assert supplier.get(f"{path}/original").data == evidence.NOTE
    with protection.days_later(world, 7 * 365 + 3):
        assert dues(custodian, file) == ["evidence"]
        protection.chores(world)
        assert dues(custodian, file) == []
    assert supplier.get(f"{path}/original").status_code == 409
    kept = supplier.get(path).json
    assert (kept["state"], kept["void_reason"]) == ("voided", "retention_ended")
    assert (kept["sha256"], kept["label"]) == (before["sha256"], None)
    with world.installation.as_owner() as connection:
        of = {"owner": supplier.organisation_id}
        assert (
            connection.scalar(
                text("SELECT count(*) FROM content WHERE organisation_id = :owner"), of
            )
            == 0
        )


def test_r17_the_watch_and_the_last_remedy_are_waited_for(world: World, custodian: Party) -> None:
    """Ninety days after the watch for reprisals; never while a supplier is asked for a remedy."""
    asked = remediation.asked(world)
    ended(world, asked.case)
    with protection.days_later(world, 400):
        assert dues(custodian, asked.case) == []
    asked.institute_does("cancel", {"reason": "duplicate"})
    with protection.days_later(world, 180 + 89):
        assert dues(custodian, asked.case) == []
    with protection.days_later(world, 180 + 95):
        assert dues(custodian, asked.case) == ["contact"]


def test_r17_a_worker_of_another_open_case_stays_known_there(world: World, case: str) -> None:
    """The name goes with the last case that needs it."""
    phone = protection.phone()
    other = str(cases.case(world, world.site(world.party("supplier")))["id"])
    for each in (case, other):
        protection.worker(world.institute, each, name="Kaung Zin Oo", phone=phone)
    ended(world, case)
    with protection.days_later(world, 91):
        protection.chores(world)
    assert sealed(world, other)["identity"] > 0
    assert sealed(world, case)["codes"] == 0


def test_r17_what_comes_after_an_erasure_is_erased_in_its_time(
    world: World, case: str, custodian: Party
) -> None:
    """A case is taken up again and ends again; its worker stays known while it is open."""
    ended(world, case)
    phone = protection.phone()
    with protection.days_later(world, 91):
        protection.chores(world)
        etag = world.institute.get(f"/v1/cases/{case}").headers["ETag"]
        path = f"/v1/cases/{case}/status-changes"
        assert world.institute.post(path, {"to": "reopened"}, If_Match=etag).status_code == 200
        protection.worker(world.institute, case, name="Kaung Zin Oo", phone=phone)
        cases.receipt_code(world, case)
        assert world.institute.get(f"/v1/cases/{case}").json["contact_erased_at"] is None
        # Another case of the same worker ends, and is erased alone.
        other = str(cases.case(world, world.site(world.party("supplier")))["id"])
        protection.worker(world.institute, other, name="Kaung Zin Oo", phone=phone)
        ended(world, other)
    with protection.days_later(world, 183):
        protection.chores(world)
        assert sealed(world, case)["identity"] > 0
        ended(world, case)
    with protection.days_later(world, 183 + 91):
        assert dues(custodian, case) == ["contact"]
        protection.chores(world)
    assert sealed(world, case)["identity"] == sealed(world, case)["codes"] == 0


def test_r17_what_is_added_after_the_end_is_kept_as_long(
    world: World, case: str, custodian: Party
) -> None:
    """A number that is written down long after the end is not erased with the next chore."""
    ended(world, case)
    with protection.days_later(world, 89):
        protection.worker(world.institute, case, name="Hla Hla", phone=protection.phone())
    with protection.days_later(world, 92):
        assert dues(custodian, case) == []
    with protection.days_later(world, 89 + 91):
        assert dues(custodian, case) == ["contact"]


def test_r17_merged_cases_are_one_matter(world: World, case: str, custodian: Party) -> None:
    """A duplicate is kept while it or the case that stays has something open, and goes with it."""
    site = world.institute.get(f"/v1/cases/{case}").json["site"]
    cases.consent(world, case, "share_deidentified_employer")
    asked = world.institute.post(remediation.BASE, remediation.body(case, site))
    stays = str(cases.case(world, site)["id"])
    assert world.institute.post(f"/v1/cases/{case}/merge", {"into": stays}).status_code == 200
    ended(world, stays)
    with protection.days_later(world, 400):
        assert dues(custodian, case) == dues(custodian, stays) == []
    cancelled = world.institute.post(f"{asked.headers['Location']}/cancel", {"reason": "duplicate"})
    assert cancelled.status_code == 200, cancelled.json
    with protection.days_later(world, 400):
        assert dues(custodian, case) == dues(custodian, stays) == ["contact"]
    wish = world.institute.post(ERASURES, {"case": stays}).headers["Location"]
    assert custodian.post(f"{wish}/approve").status_code == 200
    assert sealed(world, case) == CONTACT | {"messages": 0, "reference": 0}
    for each in (case, stays):
        assert world.institute.get(f"/v1/cases/{each}").json["void_reason"] == "erasure_asked"


def test_r17_what_was_erased_is_repeated_by_no_key(world: World, case: str) -> None:
    """The answer to a message is kept without its words; after its time it is not kept at all."""
    words, key = {"text": "We have asked for your passport."}, {"Idempotency_Key": "a-message"}
    path = f"/v1/cases/{case}/messages"
    first = world.institute.post(path, words, **key)
    assert first.json["text"] == words["text"]
    again = world.institute.post(path, words, **key)
    assert (again.status_code, "text" in again.json) == (201, False)
    kept = "SELECT count(*) FROM idempotency WHERE organisation_id = :me"
    mine = {"me": world.institute.organisation_id}
    with world.installation.as_owner() as connection:
        assert connection.scalar(text(kept), mine) > 0
        old = "UPDATE idempotency SET expires_at = now() WHERE organisation_id = :me"
        connection.execute(text(old), mine)
    protection.chores(world)
    with world.installation.as_owner() as connection:
        assert connection.scalar(text(kept), mine) == 0


def test_r1_what_an_erased_case_was_about_is_read_by_nobody(world: World, custodian: Party) -> None:
    """Not by a supplier whose request has ended, nor by an organisation that worked on the case."""
    asked = remediation.asked(world)
    cso = world.party("cso")
    cases.consent(world, asked.case, "share_cso")
    world.institute.post(f"/v1/cases/{asked.case}/assignments", {"organisation": cso.id})
    asked.institute_does("cancel", {"reason": "duplicate"})
    assert asked.supplier.get(asked.path).status_code == 200
    assert cso.get(f"/v1/cases/{asked.case}").status_code == 200
    wish = world.institute.post(ERASURES, {"case": asked.case}).headers["Location"]
    assert custodian.post(f"{wish}/approve").status_code == 200
    assert asked.supplier.get(asked.path).status_code == 410
    assert asked.supplier.get(remediation.BASE).json["data"] == []
    assert cso.get(f"/v1/cases/{asked.case}").status_code == 404


def test_r17_erasure_on_a_workers_word_takes_two_people(
    world: World, case: str, custodian: Party
) -> None:
    """At once: identity, contact and words are gone, the case is voided and stays counted."""
    asked = world.institute.post(ERASURES, {"case": case})
    assert (asked.status_code, asked.json["status"]) == (201, "asked")
    path = asked.headers["Location"]
    assert len(protection.tasks(world, "decide_erasure", asked.json["id"])) == 1
    own = protection.colleague(world, "case_worker", "custodian")
    mine = own.post(ERASURES, {"case": case}).headers["Location"]
    assert own.post(f"{mine}/approve").status_code == 403
    assert world.releaser.post(f"{path}/approve").status_code == 403
    assert all(sealed(world, case).values())
    assert custodian.post(f"{path}/approve").json["status"] == "approved"
    assert sealed(world, case) == CONTACT | {"messages": 0, "reference": 0}
    kept = world.institute.get(f"/v1/cases/{case}").json
    assert kept["void_reason"] == "erasure_asked"
    again = custodian.post(f"{path}/approve")
    assert (again.status_code, again.json["code"]) == (409, "state_transition_not_allowed")


def test_r17_what_was_erased_is_read_by_nobody(world: World, case: str, custodian: Party) -> None:
    """An identity that was granted before is gone as well."""
    worker = world.institute.get(f"/v1/cases/{case}/workers").json["data"][0]["id"]
    granted = protection.identity_asked(world.institute, case, worker).headers["Location"]
    assert custodian.post(f"{granted}/grant").status_code == 200
    erasure = world.institute.post(ERASURES, {"case": case}).headers["Location"]
    custodian.post(f"{erasure}/approve")
    assert world.institute.get(f"{granted}/identity").status_code == 410


def test_r17_a_refused_wish_changes_nothing(world: World, case: str, custodian: Party) -> None:
    """The case goes on as it was."""
    before = sealed(world, case)
    path = world.institute.post(ERASURES, {"case": case}).headers["Location"]
    assert custodian.post(f"{path}/refuse").json["status"] == "refused"
    assert sealed(world, case) == before


def test_only_those_who_look_after_it_see_what_is_due(world: World) -> None:
    """No duty, no list; nobody outside the institute has the operation."""
    assert world.releaser.get(DUES).status_code == 403
    for kind in ("supplier", "agency", "brand", "cso"):
        assert world.party(kind).get(DUES).status_code == 403
