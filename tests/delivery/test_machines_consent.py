"""A worker who withdraws consent: what waits to be sent or read becomes a tombstone, for good."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import text

from openredress_webhooks.events import Event
from tests.delivery.desk import Desk, outcome
from tests.delivery.house import House
from tests.factories import cases, remediation
from tests.factories.parties import Party, World

SCOPE, BRANDS = "share_deidentified_employer", "share_brand_aggregate"


class Told:
    """A supplier with an endpoint, and a referral that it was just told of."""

    def __init__(self, house: House, world: World) -> None:
        self.world, self.supplier = world, world.party("supplier")
        self.desk = Desk(house, self.supplier.organisation_id)
        self.endpoint = self.desk.endpoint()
        self.referral: dict[str, Any] = cases.referral(world, self.supplier)

    def say(self, state: str) -> None:
        """The worker's word on this case."""
        cases.consent(self.world, self.referral["case"], SCOPE, state)

    def feed(self, party: Party | None = None) -> dict[str, dict[str, Any]]:
        """The bodies that the feed shows now, by type."""
        read = (party or self.supplier).get("/v1/events?limit=500")
        return {row["event"]["type"]: row["event"] for row in read.json["data"]}


@pytest.fixture
def told(delivery_database: House, world: World) -> Told:
    """A referral whose event waits."""
    return Told(delivery_database, world)


def is_empty(body: dict[str, Any] | bytes) -> bool:
    """Whether it is a tombstone; either it is one entirely or not at all."""
    event = Event.parse(body if isinstance(body, bytes) else json.dumps(body).encode())
    assert event.tombstone == (event.data == {})
    return event.tombstone


def test_withdrawn_before_the_first_attempt(told: Told) -> None:
    """What leaves and what the feed shows is the same tombstone; id, type and subject stay (R1)."""
    (before,) = told.desk.told("referral.offered")
    told.say("withdrawn")
    (claimed,) = [one for one in told.desk.attempt() if one.type == "referral.offered"]
    assert is_empty(claimed.body)
    shown = told.feed()["referral.offered"]
    assert shown == json.loads(claimed.body)
    kept = {"id", "type", "subject", "subject_seq", "timestamp", "links"}
    original = json.loads(before.body)
    assert {name: shown[name] for name in kept} == {name: original[name] for name in kept}
    assert json.loads(Event.parse(claimed.body).render()) == shown


def test_withdrawn_between_two_attempts(told: Told) -> None:
    """What was sent once in full is a tombstone the next time, under the same id (R1)."""
    (first,) = told.desk.attempt(500)
    assert not is_empty(first.body)
    told.say("withdrawn")
    told.desk.pass_time(minutes=1)
    (second,) = [one for one in told.desk.attempt() if one.type == "referral.offered"]
    assert is_empty(second.body)
    assert first.webhook_id == second.webhook_id
    assert told.desk.states()[0] == "succeeded"


def test_withdrawn_before_a_replay(told: Told) -> None:
    """A replay sends what is left, not what was."""
    (first,) = told.desk.attempt()
    told.say("withdrawn")
    told.desk.ask_again(told.endpoint, one=first.event_id)
    told.desk.replay()
    bodies = {one.event_id: one.body for one in told.desk.attempt()}
    assert is_empty(bodies[first.event_id])


def test_a_later_word_does_not_bring_it_back(told: Told) -> None:
    """Whoever grants again is told of anew; the old event stays empty."""
    told.say("withdrawn")
    told.say("granted")
    assert is_empty(told.feed()["referral.offered"])
    bodies = [one.body for one in told.desk.attempt() if one.type == "referral.offered"]
    assert list(map(is_empty, bodies)) == [True]


def test_expired_without_a_word(told: Told) -> None:
    """A consent that ends by itself is asked for at the attempt, and ends the body then."""
    told.desk.house.rows(
        "UPDATE case_consent SET expires_at = now() WHERE case_id = "
        "(SELECT case_id FROM referral_case WHERE gate.wire_id('ref', referral_id) = :id)",
        id=told.referral["id"],
    )
    (claimed,) = told.desk.attempt()
    assert is_empty(claimed.body)
    assert is_empty(told.feed()["referral.offered"])


def test_what_must_be_known_is_told_in_full(told: Told) -> None:
    """That consent is withdrawn, and that a referral is revoked, keep what they say."""
    told.world.institute.post(f"/v1/referrals/{told.referral['id']}/revoke", {"reason": "other"})
    told.say("withdrawn")
    shown = told.feed()
    assert {kind: is_empty(body) for kind, body in shown.items()} == {
        "referral.offered": True,
        "referral.revoked": False,
    } | ({"consent.withdrawn": False} if "consent.withdrawn" in shown else {})
    sent = {one.type: one.body for one in told.desk.attempt()}
    assert sent.keys() == shown.keys()
    assert {kind: json.loads(body) for kind, body in sent.items()} == shown


def test_the_other_case_stays(told: Told) -> None:
    """One worker's word takes back what stands on it and nothing else."""
    cases.referral(told.world, told.supplier)
    told.say("withdrawn")
    sent = [is_empty(one.body) for one in told.desk.attempt() if one.type == "referral.offered"]
    assert sorted(sent) == [False, True]


def test_the_institute_keeps_its_own(told: Told) -> None:
    """The institute, which holds the case, reads its own feed as it was."""
    told.supplier.get(f"/v1/referrals/{told.referral['id']}")
    told.say("withdrawn")
    assert not is_empty(told.feed(told.world.institute)["referral.updated"])


def test_a_request_for_remedy(delivery_database: House, world: World) -> None:
    """What a supplier was asked to remedy stands on the same word."""
    asked = remediation.asked(world)
    desk = Desk(delivery_database, asked.supplier.organisation_id)
    desk.endpoint(fanned_position=0)
    cases.consent(world, asked.case, SCOPE, "withdrawn")
    bodies = {one.type: one.body for one in desk.attempt()}
    assert is_empty(bodies["remediation.requested"])


FALLS = {
    "withdrawn": lambda world, case: cases.consent(world, case, BRANDS, "withdrawn"),
    "restricted": lambda world, case: world.institute.post(
        f"/v1/cases/{case}/issues", {"category": "violence.sexual"}
    ),
}


@pytest.mark.parametrize("how", FALLS)
def test_a_brand_that_stands_behind_a_request(
    delivery_database: House, world: World, how: str
) -> None:
    """What it was told stands on the worker's word, and on what the case is about."""
    asked, brand = remediation.asked(world), world.party("brand")
    world.related(brand, asked.supplier, asked.site)
    cases.consent(world, asked.case, BRANDS)
    desk = Desk(delivery_database, brand.organisation_id)
    desk.endpoint(fanned_position=0)
    assert asked.institute_does("sponsors", {"brand": brand.id}).status_code == 201
    FALLS[how](world, asked.case)
    bodies = {one.type: one.body for one in desk.attempt()}
    assert is_empty(bodies["sponsorship.invited"])


def test_the_body_is_gone_from_the_database(told: Told) -> None:
    """No column of the row holds what the tombstone replaced."""
    told.say("withdrawn")
    (row,) = told.desk.told("referral.offered")
    assert is_empty(row.body)
    assert row.tombstoned_at
    assert b"remediate" not in row.body


def test_several_who_ask_at_once(told: Told) -> None:
    """Workers and readers that meet the same fallen events in other orders all get through."""
    house, world = told.desk.house, told.world
    for _ in range(5):
        cases.referral(world, told.supplier)
    house.rows("UPDATE case_consent SET expires_at = now()")
    events = [row.id for row in told.desk.told("referral.offered")]
    faults: list[Exception] = []
    ready = threading.Barrier(2)

    def ask(order: list[Any]) -> None:
        for _ in range(15):
            ready.wait()
            try:
                with house.engine("delivery").begin() as connection:
                    connection.execute(
                        text("SELECT gate.sendable(CAST(:organisations AS uuid[]), :events)"),
                        {
                            "organisations": [told.desk.organisation] * len(order),
                            "events": order,
                        },
                    )
            except Exception as fault:  # noqa: BLE001 - whatever it is, the test names it
                faults.append(fault)
            ready.wait()
            house.rows(
                "UPDATE event SET tombstoned_at = NULL WHERE organisation_id = :id",
                id=told.desk.organisation,
            )

    threads = [
        threading.Thread(target=ask, args=(order,)) for order in (events, list(reversed(events)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_under_way_is_under_way(told: Told) -> None:
    """A body that had left before the worker spoke is stored as sent; nothing more of it leaves."""
    told.desk.fan_out()
    (claimed,) = told.desk.claim()
    told.say("withdrawn")
    told.desk.store(outcome(claimed, 500))
    told.desk.pass_time(minutes=1)
    assert [is_empty(one.body) for one in told.desk.attempt() if one.type == claimed.type] == [True]
