"""A referral hands a case on in a summary; consent, safety and lifecycle stand in its way."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.organisations import set_sandbox_clock
from tests.factories.cases import SCOPE_FOR, SUMMARY, case, consent, offer, referral, send
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier of its own."""
    return world.party("supplier")


def feed(world: World, party: Party) -> list[dict[str, Any]]:
    """The bodies of all events of one organisation, oldest first."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT body FROM event WHERE organisation_id = :o "
                "ORDER BY occurred_at, subject_seq, id"
            ),
            {"o": party.organisation_id},
        )
        return [json.loads(row.body) for row in rows]


def act(party: Party, made: dict[str, Any], verb: str, body: Any = None, **headers: str):
    """One step of a referral."""
    return party.post(f"/v1/referrals/{made['id']}/{verb}", body, **headers)


def test_a_supplier_gets_a_summary_and_never_the_case(world: World, supplier: Party) -> None:
    """The recipient reads kinds of harm, month and severity; nothing that leads to the case.

    row 11.
    """
    made = referral(world, supplier)
    read = supplier.get(f"/v1/referrals/{made['id']}")
    assert read.status_code == 200, read.json
    assert read.json["summary"] == SUMMARY | {"workers": None}
    assert (read.json["site"], read.json["sender"]) == (made["site"], world.institute.id)
    assert "case" not in read.json
    assert made["case"] not in read.get_data(as_text=True)
    released = datetime.fromisoformat(read.json["released_at"])
    assert datetime.fromisoformat(read.json["due_at"]) == released + timedelta(days=14)


def test_a_list_tells_of_a_referral_not_what_it_says(world: World) -> None:
    """Listing opens nothing and shows no summary; filters leave what fits."""
    receiver = world.party("supplier")
    made = referral(world, receiver)
    listed = receiver.get("/v1/referrals").json["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert "summary" not in listed[0]
    assert listed[0]["status"] == "offered"
    assert receiver.get("/v1/referrals?status=accepted").json["data"] == []
    since = "2020-01-01T00:00:00Z"
    assert receiver.get(f"/v1/referrals?updated_since={since}").json["data"] == listed


def test_reading_opens_and_tells_the_sender(world: World, supplier: Party) -> None:
    """The recipient's first reading moves it to opened, once; the sender's moves nothing.

    row 10.
    """
    made = referral(world, supplier)
    before = len(feed(world, world.institute))
    assert world.institute.get(f"/v1/referrals/{made['id']}").json["status"] == "offered"
    for _ in range(2):
        read = supplier.get(f"/v1/referrals/{made['id']}")
        assert (read.json["status"], read.headers["ETag"]) == ("opened", '"v4-supplier"')
    told = feed(world, world.institute)[before:]
    assert [(event["type"], event["data"]["status"]) for event in told] == [
        ("referral.updated", "opened")
    ]


def test_the_whole_way_to_closed(world: World) -> None:
    """Accept, start, respond, return, start, respond, complete, close: each by its own party."""
    receiver = world.party("supplier")
    made = referral(world, receiver)
    institute, answer = world.institute, {"outcomes": ["wages_paid"]}
    way = [
        (receiver, "accept", None, "accepted"),
        (receiver, "start", None, "in_progress"),
        (receiver, "respond", answer, "response_submitted"),
        (institute, "return", None, "returned"),
        (receiver, "start", None, "in_progress"),
        (receiver, "respond", {"outcomes": ["apology", "training"]}, "response_submitted"),
        (institute, "complete", None, "completed"),
        (institute, "close", None, "closed"),
    ]
    for party, verb, body, status in way:
        taken = act(party, made, verb, body)
        assert (taken.status_code, taken.json.get("status")) == (200, status), taken.json
    assert taken.json["outcomes"] == ["apology", "training"]
    told = [(event["type"], event["data"]["status"]) for event in feed(world, receiver)]
    assert told == [
        ("referral.offered", "offered"),
        ("referral.updated", "returned"),
        ("referral.updated", "completed"),
        ("referral.updated", "closed"),
    ]


def test_a_decline_has_a_reason(world: World, supplier: Party) -> None:
    """A declined referral keeps the reason for both; nothing follows."""
    made = referral(world, supplier)
    bad = act(supplier, made, "decline", {"reason": "no"})
    assert bad.json["errors"][0]["code"] == "not_in_list"
    done = act(supplier, made, "decline", {"reason": "not_our_worker"})
    assert (done.json["status"], done.json["decline_reason"]) == ("declined", "not_our_worker")
    late = act(supplier, made, "accept")
    assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")
    read = world.institute.get(f"/v1/referrals/{made['id']}").json
    assert read["decline_reason"] == "not_our_worker"


def test_an_act_on_an_old_version_is_refused(world: World, supplier: Party) -> None:
    """If-Match is optional; where it is sent it must name the present version."""
    made = referral(world, supplier)
    stale = act(supplier, made, "accept", If_Match='"v7-supplier"')
    assert (stale.status_code, stale.json["code"]) == (412, "precondition_failed")
    assert act(supplier, made, "accept", If_Match='"v3-supplier"').status_code == 200


def test_an_act_replayed_is_one_act(world: World, supplier: Party) -> None:
    """The same key takes one step; the replay is read again."""
    made = referral(world, supplier)
    key = secrets.token_hex(8)
    first = act(supplier, made, "accept", Idempotency_Key=key)
    act(supplier, made, "start")
    again = act(supplier, made, "accept", Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.headers["Idempotency-Replayed"], again.json["status"]) == ("true", "in_progress")


@pytest.mark.parametrize("kind", SCOPE_FOR)
def test_each_recipient_needs_its_own_consent(world: World, kind: str) -> None:
    """Every other scope granted is not enough; the right one is, also for an authority (R1)."""
    to = world.party(kind, scopes=("events:read",)) if kind == "government" else world.party(kind)
    site = world.site(to if kind == "supplier" else world.party("supplier"))
    made = case(world, site)["id"]
    for scope in set(SCOPE_FOR.values()) - {SCOPE_FOR[kind]}:
        consent(world, made, scope)
    refused = send(world, offer(made, to))
    assert (refused.status_code, refused.json["code"]) == (409, "consent_missing")
    consent(world, made, SCOPE_FOR[kind])
    assert send(world, offer(made, to)).status_code == 200


@pytest.mark.parametrize(
    "grave",
    [
        {"severity": "s1_critical"},
        {"categories": ["wages.withheld", "retaliation.any"]},
        {"categories": ["wages.withheld", "child.below_min_age"]},
        {"categories": ["wages.withheld", "trafficking.suspected"]},
    ],
)
@pytest.mark.parametrize("kind", ["supplier", "agency", "cso"])
def test_a_sensitive_case_reaches_no_employer(
    world: World, kind: str, grave: dict[str, Any]
) -> None:
    """Even with consent and a harmless summary; a protection actor may have it (R2)."""
    to = world.party(kind)
    site = world.site(to if kind == "supplier" else world.party("supplier"))
    made = case(world, site, **grave)["id"]
    consent(world, made, SCOPE_FOR[kind])
    answer = send(world, offer(made, to))
    if kind == "cso":
        assert answer.status_code == 200, answer.json
    else:
        assert (answer.status_code, answer.json["code"]) == (409, "safety_assessment_missing")


def test_bad_offers_are_refused_by_field(world: World, supplier: Party) -> None:
    """Foreign suppliers, brands, strange categories, two workers: each is named."""
    made = case(world, world.site(supplier, "bad offers"))["id"]
    consent(world, made, "share_deidentified_employer")

    def faults(**fields: Any) -> dict[str, str]:
        answer = world.institute.post("/v1/referrals", offer(made, supplier) | fields)
        assert answer.status_code == 422, answer.json
        return {error["pointer"]: error["code"] for error in answer.json["errors"]}

    assert faults(to=world.party("supplier").id) == {"/to": "not_its_site"}
    assert faults(to=world.party("brand").id) == {"/to": "not_an_addressee"}
    assert faults(case="case_" + "0" * 26) == {"/case": "not_a_case"}
    summary = SUMMARY | {"categories": ["osh.ppe"], "workers": 2, "event_month": "2027-05"}
    assert faults(summary=summary) == {
        "/summary/categories/0": "not_in_case",
        "/summary/workers": "too_few_workers",
        "/summary/event_month": "in_the_future",
    }


def test_three_workers_may_be_told(world: World, supplier: Party) -> None:
    """From three on a count may go to an employer; a CSO may be told of one (R6)."""
    assert referral(world, supplier, summary=SUMMARY | {"workers": 3})["summary"]["workers"] == 3
    told = referral(world, world.party("cso"), summary=SUMMARY | {"workers": 1})
    assert (told["summary"]["workers"], told["site"]) == (1, None)


def test_a_voided_case_is_not_referred(world: World, supplier: Party) -> None:
    """A case that should never have been goes to nobody, and what went is taken back."""
    sent = referral(world, supplier)
    world.institute.post(f"/v1/cases/{sent['case']}/void", {"reason": "entered_twice"})
    assert supplier.get(f"/v1/referrals/{sent['id']}").status_code == 410
    again = send(world, offer(sent["case"], supplier))
    assert (again.status_code, again.json["code"]) == (409, "case_voided")


def test_a_revoked_referral_is_gone(world: World) -> None:
    """The recipient is told to delete within a day and reads 410; it cannot act any more."""
    receiver = world.party("supplier")
    made = referral(world, receiver)
    taken = act(world.institute, made, "revoke", {"reason": "sent_in_error"})
    assert (taken.json["status"], taken.json["revoke_reason"]) == ("revoked", "sent_in_error")
    read = receiver.get(f"/v1/referrals/{made['id']}")
    assert (read.status_code, read.json["code"]) == (410, "gone")
    assert act(receiver, made, "accept").status_code == 410
    assert [one["status"] for one in receiver.get("/v1/referrals").json["data"]] == ["revoked"]
    event = feed(world, receiver)[-1]
    assert (event["type"], event["data"]["reason"]) == ("referral.revoked", "sent_in_error")
    last_day = datetime.fromisoformat(event["data"]["delete_by"])
    assert last_day - datetime.fromisoformat(event["timestamp"]) == timedelta(hours=24)


def test_withdrawn_consent_revokes_what_rests_on_it(world: World) -> None:
    """Open referrals on that scope are revoked, others stay; the employer is not told why (R1)."""
    receiver, cso = world.party("supplier"), world.party("cso")
    made = referral(world, receiver)
    consent(world, made["case"], "share_cso")
    other = send(world, offer(made["case"], cso)).json
    consent(world, made["case"], "share_deidentified_employer", "withdrawn")
    assert receiver.get(f"/v1/referrals/{made['id']}").status_code == 410
    assert cso.get(f"/v1/referrals/{other['id']}").status_code == 200
    event = feed(world, receiver)[-1]
    assert (event["type"], event["data"]["reason"]) == ("referral.revoked", "recalled")
    assert "consent" not in json.dumps(event)


def test_an_ended_referral_does_not_block_a_withdrawal(world: World) -> None:
    """Consent can be taken back after a decline; what was declined is gone for its reader too."""
    receiver = world.party("supplier")
    made = referral(world, receiver)
    act(receiver, made, "decline", {"reason": "duplicate"})
    consent(world, made["case"], "share_deidentified_employer", "withdrawn")
    assert world.institute.get(f"/v1/referrals/{made['id']}").json["status"] == "declined"
    assert receiver.get(f"/v1/referrals/{made['id']}").status_code == 410


def test_to_others_a_referral_does_not_exist(world: World, supplier: Party) -> None:
    """A stranger reads and acts upon 404, as for an absent one; a brand has no such scope (R16)."""
    made, stranger = referral(world, supplier), world.party("supplier")
    absent = {"id": "ref_" + "0" * 26}
    for one in (made, absent):
        assert stranger.get(f"/v1/referrals/{one['id']}").status_code == 404
        assert act(stranger, one, "accept").status_code == 404
        assert act(world.party("cso"), one, "decline", {"reason": "duplicate"}).status_code == 404
    assert stranger.get("/v1/referrals").json["data"] == []
    assert world.party("brand").get(f"/v1/referrals/{made['id']}").status_code == 403


def test_no_party_takes_the_others_steps(world: World, supplier: Party) -> None:
    """A recipient cannot complete or revoke, a sender cannot accept, whatever the state."""
    made = referral(world, supplier)
    assert act(supplier, made, "revoke", {"reason": "duplicate"}).status_code == 403
    assert act(supplier, made, "complete").status_code == 403
    assert act(world.institute, made, "accept").status_code == 403
    assert act(world.institute, made, "complete").status_code == 409


def test_reads_are_audited_for_the_reader(world: World, supplier: Party) -> None:
    """The reader's own log names the referral it read (R18)."""
    made = referral(world, supplier)
    supplier.get(f"/v1/referrals/{made['id']}")
    with world.installation.as_owner() as connection:
        found = connection.execute(
            text("SELECT content FROM audit WHERE organisation_id = :o AND operation = :op"),
            {"o": supplier.organisation_id, "op": "get_referral"},
        )
        subjects = [json.loads(row.content)["subjects"] for row in found]
    assert [made["id"]] in subjects


def test_consent_that_ran_out_is_noticed_by_the_read(world: World) -> None:
    """No event and no job: after the expiry of consent the next read is 410."""
    receiver = world.party("supplier")
    site = world.site(receiver)
    made = case(world, site)["id"]
    soon = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    consent(world, made, "share_deidentified_employer", expires_at=soon)
    sent = send(world, offer(made, receiver)).json
    assert receiver.get(f"/v1/referrals/{sent['id']}").status_code == 200
    with world.installation.as_owner() as connection:
        set_sandbox_clock(connection, [world.institute.organisation_id], timedelta(days=301))
    try:
        assert receiver.get(f"/v1/referrals/{sent['id']}").status_code == 410
        assert act(receiver, sent, "accept").status_code == 410
    finally:
        with world.installation.as_owner() as connection:
            set_sandbox_clock(connection, [world.institute.organisation_id], timedelta(0))


def test_two_first_readings_at_once_both_read(world: World, supplier: Party) -> None:
    """One of them opens the referral; neither is refused."""
    made = referral(world, supplier)
    with ThreadPoolExecutor(4) as pool:
        path = f"/v1/referrals/{made['id']}"
        read = list(pool.map(lambda _: supplier.get(path), range(4)))
    assert [(one.status_code, one.json["status"]) for one in read] == [(200, "opened")] * 4
