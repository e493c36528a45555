"""What was shown is taken back with a receipt; what was not, in silence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.organisations import set_sandbox_clock
from tests.factories.cases import SCOPE_FOR, consent, let_pass, offer, referral, release, send
from tests.factories.parties import Party, World

PATH = "/v1/referrals"


def take_back(world: World, made: dict[str, Any], kind: str) -> None:
    """The worker withdraws what a referral rests on."""
    consent(world, made["case"], SCOPE_FOR[kind], "withdrawn")


def feed(party: Party) -> list[dict[str, Any]]:
    """All events of an organisation."""
    end = party.get("/v1/events?limit=500").json["next_cursor"]
    # Only who has read to the end is given what is new.
    party.get(f"/v1/events?after={end}")
    return [row["event"] for row in party.get("/v1/events?limit=500").json["data"]]


def told(party: Party) -> list[tuple[str, str]]:
    """Type and subject of each of its events."""
    return [(event["type"], event["subject"]) for event in feed(party)]


def receipt(party: Party, made: dict[str, Any]) -> Any:
    """The word that all copies are gone."""
    return party.post(f"{PATH}/{made['id']}/confirm-deletion")


def demanded(world: World, made: dict[str, Any], hours: float) -> int:
    """How many tasks ask for the receipt of a referral, so many hours later."""
    with world.installation.as_owner() as connection:
        institute = [world.institute.organisation_id]
        set_sandbox_clock(connection, institute, timedelta(hours=hours))
        connection.execute(text("SELECT gate.demand_deletion_receipts()"))
        set_sandbox_clock(connection, institute, timedelta())
        count = text(
            "SELECT count(*) FROM task WHERE kind = 'demand_deletion_receipt' AND subject = :id"
        )
        return int(connection.execute(count, {"id": made["id"]}).scalar_one())


@pytest.mark.parametrize("kind", ["supplier", "agency", "cso"])
def test_r1_a_withdrawal_is_confirmed_by_a_receipt(world: World, kind: str) -> None:
    """Reading is 410, confirming works once and for all, and the institute reads when."""
    to = world.party(kind)
    made = referral(world, to)
    early = receipt(to, made)
    assert (early.status_code, early.json["code"]) == (409, "state_transition_not_allowed")
    take_back(world, made, kind)
    assert to.get(f"{PATH}/{made['id']}").status_code == 410
    first, again = receipt(to, made), receipt(to, made)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert first.json.keys() == {"referral", "confirmed_at"}
    mine = world.institute.get(f"{PATH}/{made['id']}").json
    assert mine["deletion_confirmed_at"] == first.json["confirmed_at"]
    assert to.get(f"{PATH}/{made['id']}").status_code == 410


def test_r1_only_the_recipient_confirms(world: World) -> None:
    """To a stranger there is nothing to confirm; the institute has no such act."""
    made = referral(world, world.party("supplier"))
    take_back(world, made, "supplier")
    assert receipt(world.party("supplier"), made).status_code == 404
    assert receipt(world.institute, made).status_code == 403


def test_r1_a_missing_receipt_becomes_a_task_once(world: World) -> None:
    """Not before 24 hours, once and never again; a receipt in time raises none."""
    silent, quick = world.party("supplier"), world.party("supplier")
    late, kept = referral(world, silent), referral(world, quick)
    for made in (late, kept):
        take_back(world, made, "supplier")
    receipt(quick, kept)
    assert demanded(world, late, 23.9) == 0
    assert [demanded(world, late, hours) for hours in (24.1, 48, 480)] == [1, 1, 1]
    assert demanded(world, kept, 48) == 0
    (task,) = [
        one
        for one in world.institute.get("/v1/tasks?limit=500").json["data"]
        if one["subject"] == late["id"]
    ]
    assert (task["kind"], task["state"]) == ("demand_deletion_receipt", "open")
    world.institute.post(f"/v1/tasks/{task['id']}/complete", {"note_code": "done"})
    assert demanded(world, late, 500) == 1


def test_r1_what_was_never_shown_is_taken_back_in_silence(world: World) -> None:
    """Draft or waiting: the recipient gets no event, no row and no question for a receipt."""
    to = world.party("supplier")
    made = referral(world, to)
    before = told(to)
    waiting = release(world, offer(made["case"], to)).json
    drafted = world.institute.post(PATH, offer(made["case"], to)).json
    take_back(world, made, "supplier")
    let_pass(world)
    assert told(to) == [*before, ("referral.revoked", made["id"])]
    assert [one["id"] for one in to.get(PATH).json["data"]] == [made["id"]]
    for unseen in (waiting, drafted):
        assert world.institute.get(f"{PATH}/{unseen['id']}").json["status"] == "revoked"
        assert to.get(f"{PATH}/{unseen['id']}").status_code == 404
        assert receipt(to, unseen).status_code == 404
        assert demanded(world, unseen, 100) == 0


@pytest.mark.parametrize("verb", ["decline", "expire"])
def test_r1_copies_of_what_has_ended_go_too(world: World, verb: str) -> None:
    """An ended referral keeps its status; its recipient is told to delete, and confirms."""
    to = world.party("supplier")
    made = referral(world, to)
    if verb == "decline":
        to.post(f"{PATH}/{made['id']}/decline", {"reason": "duplicate"})
    else:
        with world.installation.as_owner() as connection:
            connection.execute(
                text("UPDATE referral SET due_at = due_at - interval '99 days' WHERE link LIKE :l"),
                {"l": f"%{made['id']}"},
            )
            connection.execute(text("SELECT gate.expire_referrals()"))
    take_back(world, made, "supplier")
    mine = world.institute.get(f"{PATH}/{made['id']}").json
    assert mine["status"] == {"decline": "declined", "expire": "expired"}[verb]
    assert ("referral.revoked", made["id"]) in told(to)
    assert to.get(f"{PATH}/{made['id']}").status_code == 410
    assert receipt(to, made).status_code == 200


def test_r1_a_recall_is_for_good(world: World) -> None:
    """A worker who agrees again is referred again; what was taken back stays gone."""
    to = world.party("cso")
    made = referral(world, to)
    to.post(f"{PATH}/{made['id']}/decline", {"reason": "no_capacity"})
    take_back(world, made, "cso")
    consent(world, made["case"], SCOPE_FOR["cso"])
    assert to.get(f"{PATH}/{made['id']}").status_code == 410
    assert send(world, offer(made["case"], to)).status_code == 200


def test_r16_an_employer_does_not_learn_why(world: World) -> None:
    """A withdrawal is told to it as any recall; a CSO is also told that consent was withdrawn."""
    for kind in ("supplier", "agency", "cso"):
        to = world.party(kind)
        made = referral(world, to)
        take_back(world, made, kind)
        types = [one for one, subject in told(to) if subject == made["id"]]
        extra = ["consent.withdrawn"] if kind == "cso" else []
        assert sorted(types) == sorted(["referral.offered", "referral.revoked", *extra])
        assert ("consent" in json.dumps(feed(to))) is (kind == "cso")
        if kind == "cso":
            (event,) = [one for one in feed(to) if one["type"] == "consent.withdrawn"]
            assert event["data"]["concerns"] == made["id"]
            assert event["data"].keys() == {"id", "concerns", "delete_by"}


def test_r1_a_second_no_asks_for_nothing_more(world: World) -> None:
    """Refusing what was withdrawn tells nobody anything again."""
    to = world.party("supplier")
    made = referral(world, to)
    take_back(world, made, "supplier")
    before = told(to)
    consent(world, made["case"], SCOPE_FOR["supplier"], "refused")
    assert told(to) == before
