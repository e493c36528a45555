"""No order of calls lets a recipient read what a worker took back, or what was not yet released."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from openredress_api.organisations import set_sandbox_clock
from tests.factories.cases import SCOPE_FOR, case, consent, let_go, offer
from tests.factories.parties import Party, World

PATH = "/v1/referrals"
KINDS = st.sampled_from(["supplier", "cso"])
# What tells of a recall itself; everything else about it is empty from then on.
TELLS = {"referral.revoked", "consent.withdrawn"}
ACTS = {
    "accept": None,
    "decline": {"reason": "duplicate"},
    "start": None,
    "respond": {"outcomes": ["apology"]},
    "confirm-deletion": None,
}
# What nobody but the sender may do; the recipient tries it all the same.
SENDERS = {
    "release": None,
    "return": None,
    "complete": None,
    "close": None,
    "revoke": {"reason": "duplicate"},
}


@dataclass
class Known:
    """A referral as the worker knows it; `fallen`: the worker, or the sender, took it back."""

    id: str
    kind: str
    fallen: bool = False
    was_shown: bool = False


class Orders(RuleBasedStateMachine):
    """One case; a worker, two people of the institute, two recipients, and time."""

    world: World
    parties: dict[str, Party]

    def __init__(self) -> None:
        super().__init__()
        self.parties = {kind: self.world.party(kind) for kind in ("supplier", "cso")}
        self.case = case(self.world, self.world.site(self.parties["supplier"]))["id"]
        self.granted: set[str] = set()
        self.referrals: list[Known] = []
        self.offset = timedelta()

    @initialize()
    def begin(self) -> None:
        """Each recipient has been shown one referral."""
        for kind in self.parties:
            self.agrees(kind)
            self.drafts(kind)
            let_go(self.world, f"{PATH}/{self.referrals[-1].id}")
        self.time_passes(73)

    def teardown(self) -> None:
        """Look once more, and put the clock right."""
        for kind in self.parties:
            self.look(kind)
        self._clock(timedelta())

    @rule(kind=KINDS)
    def agrees(self, kind: str) -> None:
        """The worker says yes."""
        consent(self.world, self.case, SCOPE_FOR[kind])
        self.granted.add(kind)

    @rule(kind=KINDS, state=st.sampled_from(["withdrawn", "refused"]))
    def takes_back(self, kind: str, state: str) -> None:
        """The worker says no: all that there is of this kind has fallen, for good."""
        consent(self.world, self.case, SCOPE_FOR[kind], state)
        self.granted.discard(kind)
        for one in self.referrals:
            one.fallen = one.fallen or one.kind == kind

    @rule(kind=KINDS)
    def drafts(self, kind: str) -> None:
        """A draft is written, whatever the worker has said."""
        drafted = self.world.institute.post(PATH, offer(self.case, self.parties[kind]))
        assert drafted.status_code == 201
        self.referrals.append(Known(drafted.json["id"], kind))

    @precondition(lambda self: self.referrals)
    @rule(data=st.data())
    def releases(self, data: st.DataObject) -> None:
        """The second person tries to release any referral, in whatever state it is."""
        one = data.draw(st.sampled_from(self.referrals))
        done = let_go(self.world, f"{PATH}/{one.id}")
        assert done.status_code in {200, 409}
        assert not (done.status_code == 200 and (one.fallen or one.kind not in self.granted))

    @precondition(lambda self: self.referrals)
    @rule(data=st.data())
    def revokes(self, data: st.DataObject) -> None:
        """The sender takes any referral back."""
        one = data.draw(st.sampled_from(self.referrals))
        done = self.world.institute.post(f"{PATH}/{one.id}/revoke", {"reason": "duplicate"})
        one.fallen = one.fallen or done.status_code == 200

    @precondition(lambda self: self.referrals)
    @rule(data=st.data(), verb=st.sampled_from([*ACTS]))
    def acts(self, data: st.DataObject, verb: str) -> None:
        """The recipient tries any act of its own: none on what it must not know of, or any more."""
        one = data.draw(st.sampled_from(self.referrals))
        shown = self._shown(one)
        done = self.parties[one.kind].post(f"{PATH}/{one.id}/{verb}", ACTS[verb])
        if not shown:
            assert done.status_code == 404
        elif one.fallen:
            assert done.status_code == (200 if verb == "confirm-deletion" else 410)
        else:
            assert done.status_code in {200, 409}

    @precondition(lambda self: self.referrals)
    @rule(data=st.data())
    def oversteps(self, data: st.DataObject) -> None:
        """The recipient tries each act that is the sender's alone."""
        one = data.draw(st.sampled_from(self.referrals))
        for verb, body in SENDERS.items():
            done = self.parties[one.kind].post(f"{PATH}/{one.id}/{verb}", body)
            assert done.status_code == 403

    @rule(hours=st.sampled_from([0.5, 30, 73]))
    def time_passes(self, hours: float) -> None:
        """It becomes later, and the worker does its chores."""
        self._clock(self.offset + timedelta(hours=hours))
        with self.world.installation.as_owner() as connection:
            connection.execute(text("SELECT gate.release_due_referrals('http://127.0.0.1')"))
            connection.execute(text("SELECT gate.expire_referrals()"))

    @rule(kind=KINDS)
    def look(self, kind: str) -> None:
        """The recipient reads, lists, follows its feed, and is sent whatever may leave now."""
        party = self.parties[kind]
        mine = {one.id: one for one in self.referrals if one.kind == kind}
        shown = {name for name, one in mine.items() if self._shown(one)}
        assert {row["id"] for row in party.get(f"{PATH}?limit=500").json["data"]} == shown
        for name, one in mine.items():
            expected = 404 if name not in shown else 410 if one.fallen else 200
            read = party.get(f"{PATH}/{name}")
            assert (read.status_code, "summary" in read.json) == (expected, expected == 200)
        for event in (*self._feed(party), *self._sent(party)):
            about = event["data"].get("concerns", event["subject"])
            assert about in shown
            if mine[about].fallen and event["type"] not in TELLS:
                assert (event["data"], event["tombstone"]) == ({}, True)

    def _shown(self, one: Known) -> bool:
        """Whether its moment came before it was taken back: from then on it always has."""
        seen = self.world.institute.get(f"{PATH}/{one.id}").json
        now = seen["released_at"] is not None
        assert now or not one.was_shown
        if now and not one.was_shown:
            assert seen["release_at"] <= seen["released_at"]
            assert seen["author"] != seen["released_by"]
        one.was_shown = now
        return now

    def _feed(self, party: Party) -> list[dict[str, Any]]:
        end = party.get("/v1/events?limit=500").json["next_cursor"]
        party.get(f"/v1/events?after={end}")
        return [row["event"] for row in party.get("/v1/events?limit=500").json["data"]]

    def _sent(self, party: Party) -> list[dict[str, Any]]:
        """The bodies that the delivery worker would send at this moment."""
        with self.world.installation.as_owner() as connection:
            rows = connection.execute(
                text(
                    "SELECT convert_from(coalesce(s.body, e.body), 'UTF8') AS body FROM event e, "
                    "LATERAL gate.sendable(ARRAY[e.organisation_id], ARRAY[e.id]) s "
                    "WHERE e.organisation_id = :id"
                ),
                {"id": party.organisation_id},
            )
            return [json.loads(row.body) for row in rows]

    def _clock(self, offset: timedelta) -> None:
        self.offset = offset
        with self.world.installation.as_owner() as connection:
            set_sandbox_clock(connection, [self.world.institute.organisation_id], offset)


@pytest.mark.parametrize("server", ["wheel-18"], indirect=True, scope="session")
def test_r1_no_order_of_calls_reads_what_was_taken_back(world: World) -> None:
    """Drafts, releases, withdrawals, reads, deliveries and time in any order (R1, R5, R23)."""
    machine = type("OrdersHere", (Orders,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=25, suppress_health_check=list(HealthCheck)
        ),
    )
