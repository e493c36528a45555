"""The state machines of endpoint and delivery: every arrow of the design is taken, and no other."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.delivery.desk import CLEARED
from tests.delivery.house import House
from tests.delivery.walk import Walk
from tests.factories.parties import World

# `before -> after: reasons`; no reason named: whatever the receiver did.
DELIVERY = """
due -> leased
waiting -> leased
leased -> succeeded
leased -> waiting
leased -> failed
leased -> due: worker_lost
leased -> held: gone not_permitted
due -> held: endpoint_disabled endpoint_held
waiting -> held: endpoint_disabled endpoint_held blocks_its_subject
held -> due
due -> cancelled: endpoint_deleted skipped_by_owner asked_again
waiting -> cancelled: endpoint_deleted skipped_by_owner asked_again
held -> cancelled: endpoint_deleted skipped_by_owner
"""
ENDPOINT = """
pending_verification -> active
active -> pending_verification: url_changed
active -> paused: by_owner
paused -> active: by_owner
active -> disabled: gone failing
disabled -> active: by_owner
active -> held: organisation_suspended
held -> active
pending_verification -> deleted: by_owner
active -> deleted: by_owner
paused -> deleted: by_owner
disabled -> deleted: by_owner
held -> deleted: by_owner
"""
# What may happen besides: an owner who pauses or resumes before there is a proof, an answer that
# comes after the pause, a question that is put aside for the next one.
ALSO = """
pending_verification -> paused: by_owner
paused -> pending_verification: by_owner
disabled -> pending_verification: by_owner
paused -> disabled: gone failing
held -> cancelled: asked_again
"""
WATCH = """
CREATE TABLE step (organisation_id uuid, kind text, before text, after text, reason text);
GRANT INSERT ON step TO PUBLIC;
CREATE FUNCTION public.write_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.step VALUES (NEW.organisation_id, TG_TABLE_NAME, OLD.state, NEW.state,
    NEW.state_reason);
  RETURN NULL;
END $$;
CREATE TRIGGER steps AFTER UPDATE OF state ON delivery FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION public.write_step();
CREATE TRIGGER steps AFTER UPDATE OF state ON webhook_endpoint FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION public.write_step()
"""
Arrow = tuple[str, str, str]


def arrows(written: str) -> set[Arrow]:
    """The arrows that a text names."""
    found = set()
    for line in written.strip().splitlines():
        arrow, _, reasons = line.partition(": ")
        before, _, after = arrow.partition(" -> ")
        found |= {(before, after, reason) for reason in reasons.split() or [""]}
    return found


@pytest.fixture(scope="module")
def watched(delivery_database: House) -> House:
    """A database that writes down each change of state."""
    delivery_database.rows(WATCH)
    return delivery_database


def taken(house: House, kind: str, named: set[Arrow]) -> set[Arrow]:
    """The arrows that were seen, with their reasons where the design names any."""
    plain = {(before, after) for before, after, reason in named if not reason}
    return {
        (row.before, row.after, "" if (row.before, row.after) in plain else row.reason)
        for row in house.rows(
            "SELECT DISTINCT * FROM step WHERE kind = :kind AND reason IS DISTINCT FROM :own",
            kind=kind,
            own=CLEARED,
        )
    }


class Tour(Walk):
    """A walk with a plan: by what random ones come once in a thousand steps."""

    def all_of_it(self) -> None:
        """One sight after the other."""
        first, second, third = self.known
        self.try_all(3)
        self.receive("failing", first, second, third)
        self.rest(first)
        fourth = self.go_away_twice(third)
        fifth = self.be_suspended(first)
        self.be_lost_and_rejected(second)
        self.fail_for_days(second)
        self.receive("sound", fourth, fifth)
        self.try_all(3)
        self.receive("failing", fourth, fifth)
        self.be_asked_again(fifth)
        self.be_deleted_at_work(fourth)

    def receive(self, manner: str, *endpoints: UUID) -> None:
        """How these answer from now on."""
        for endpoint in endpoints:
            self.known[endpoint].receiver = manner

    def go(self, *acts: Callable[[], None]) -> None:
        """One act after the other."""
        for act in acts:
            self.do(act)

    def try_all(self, times: int = 1, pause: int = 400) -> None:
        """Everything that may leave is tried, and so it is after each pause."""
        for _ in range(times):
            self.go(self.fan_out, self.claim_all, self.all_answer)
            self.do(self.wait, pause)

    def replaced(self, endpoint: UUID) -> UUID:
        """It is deleted; the one that takes its place."""
        self.do(self.delete, endpoint)
        self.do(self.sweep)
        return list(self.known)[-1]

    def rest(self, endpoint: UUID) -> None:
        """Of what waits, tried or not, nothing is wanted any more."""
        self.go(self.publish, self.publish, self.publish)
        self.try_all()
        self.go(self.publish, self.fan_out)
        self.do(self.move, endpoint, "paused")
        self.do(self.resume, endpoint, "now()")
        self.do(self.sweep)

    def go_away_twice(self, endpoint: UUID) -> UUID:
        """It leaves, comes back without what was held, leaves again, and is deleted."""
        self.receive("gone", endpoint)
        self.try_all()
        self.do(self.sweep)
        self.do(self.resume, endpoint, "now()")
        self.go(self.sweep, self.publish)
        self.try_all()
        return self.replaced(endpoint)

    def be_suspended(self, endpoint: UUID) -> UUID:
        """Before anybody noticed, then for good; deleted as soon as that was lifted."""
        self.go(self.publish, self.fan_out, self.suspend_or_lift, self.claim_all, self.sweep)
        self.do(self.suspend_or_lift)
        return self.replaced(endpoint)

    def be_lost_and_rejected(self, endpoint: UUID) -> None:
        """Workers die with what they were at; a receiver will not have what it is sent."""
        self.go(self.publish, self.fan_out, self.claim_all)
        while self.under_way:
            self.do(self.worker_dies)
        self.do(self.wait, 60)
        self.do(self.sweep)
        self.receive("refusing", endpoint)
        self.try_all(6, 20_000)

    def fail_for_days(self, endpoint: UUID) -> None:
        """What blocks the others is put aside; in the end the endpoint is given up."""
        self.receive("failing", endpoint)
        self.do(self.publish_in_a_row)
        for _ in range(8):
            self.do(self.publish)
            for _ in range(4):
                # Looked at while the next attempt is still to come: that alone blocks.
                self.go(self.fan_out, self.claim_all, self.all_answer, self.sweep)
                self.do(self.wait, 20_000)

    def publish_in_a_row(self) -> None:
        """One subject has a whole story."""
        self.desk.events(3, "grievance:1")

    def be_asked_again(self, endpoint: UUID) -> None:
        """Before the question has left, and after an answer; then deleted without a proof."""
        self.do(self.readdress, endpoint)
        self.do(self.ask, endpoint)
        self.try_all()
        self.do(self.ask, endpoint)
        sixth = self.replaced(endpoint)
        self.do(self.move, sixth, "paused")
        self.replaced(sixth)

    def be_deleted_at_work(self, endpoint: UUID) -> None:
        """While something waits to be tried again."""
        self.do(self.publish)
        self.try_all()
        self.replaced(endpoint)


def test_every_arrow_and_no_other(watched: House, world: World) -> None:
    """A tour, then random walks of 200 steps: every arrow of the design, no other, all holds."""
    wanted = {"delivery": arrows(DELIVERY), "webhook_endpoint": arrows(ENDPOINT)}
    missing: set[Arrow] = set()
    for seed in range(12):
        walk = Tour(watched, world, seed)
        try:
            if seed == 0:
                walk.all_of_it()
            for _ in range(200):
                walk.step()
        except AssertionError as fault:
            fault.add_note(f"walk {seed}: {' '.join(walk.trace[-40:])}")
            raise
        missing = set()
        for kind, named in wanted.items():
            seen = taken(watched, kind, named)
            assert seen <= named | arrows(ALSO), f"walk {seed}"
            missing |= named - seen
        if seed >= 2 and not missing:
            return
    raise AssertionError(f"never taken: {sorted(missing)}")
