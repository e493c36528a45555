"""A walk over all that may happen to endpoints and deliveries, and what holds after each step.

Owners, receivers, dying workers, suspensions, withdrawn consent and time. The database itself
writes down each change of state, so that none is missed between two looks.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from openredress_delivery.claims import Claimed
from openredress_delivery.retries import NETWORK_FAILURES
from openredress_webhooks.events import Event
from tests.delivery.desk import UNREACHABLE, Desk, outcome
from tests.delivery.house import House
from tests.factories import cases
from tests.factories.parties import World

RECEIVERS: dict[str, tuple[tuple[int | None, str | None], ...]] = {
    "sound": ((204, None),),
    "moody": ((204, None), (500, None), (429, None), (None, "timeout"), (302, None)),
    "refusing": ((400, None), (422, None)),
    "failing": ((500, None), (503, None)),
    "unreachable": ((None, UNREACHABLE),),
    "leaving": ((204, None), (410, None)),
    "gone": ((410, None),),
}
FORGIVEN = {
    "failing_since": "NULL",
    "last_failed_on": "NULL",
    "probe_at": "NULL",
    "failed_attempts": "0",
    "failed_days": "0",
    "notices": "0",
    "network_failures": "0",
}
# What lets go of what is held: its endpoint goes on or is deleted; another question is asked.
ASKING = ("owner_asks", "owner_resumes", "owner_moves", "ask", "resume", "readdress")
LETS_GO = {"sweep": {"due", "cancelled"}} | {act: {"cancelled"} for act in ASKING}
LOOK = """
SELECT d.*, (SELECT count(*) FROM attempt a
    WHERE a.organisation_id = d.organisation_id AND a.delivery_id = d.id) AS stored
FROM delivery d WHERE d.organisation_id = :id
"""


@dataclass
class Known:
    """What the model knows of an endpoint."""

    cursor: int
    receiver: str = "sound"
    is_proved: bool = False


class Walk:
    """One organisation, some endpoints, two workers, and whatever may happen to them."""

    def __init__(self, house: House, world: World, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a repeatable walk
        self.is_stubborn = seed % 2 == 1
        self.world, self.supplier = world, world.party("supplier")
        self.desk = Desk(house, self.supplier.organisation_id)
        self.workers = [uuid4(), uuid4()]
        self.under_way: list[tuple[UUID, Claimed]] = []
        self.forgotten: list[tuple[UUID, Claimed]] = []
        self.known: dict[UUID, Known] = {}
        self.expected: set[tuple[UUID, UUID]] = set()
        self.succeeded: set[UUID] = set()
        self.held: set[UUID] = set()
        self.referrals: list[dict[str, Any]] = []
        self.withdrawn: set[str] = set()
        self.is_suspended = False
        self.trace: list[str] = []
        for number in range(3):
            self.add_endpoint(ordered=number == 1)

    def actions(self) -> list[tuple[int, int, Callable[[], None]]]:
        """What may happen, with how often: among restless people, or before stubborn receivers."""
        return [
            (12, 8, self.publish),
            (14, 8, self.fan_out),
            (20, 30, self.claim),
            (20, 30, self.answer),
            (3, 1, self.worker_dies),
            (2, 1, self.late_answer),
            (10, 25, self.time_passes),
            (12, 12, self.sweep),
            (6, 2, self.receiver_changes),
            (4, 0, self.owner_pauses),
            (6, 2, self.owner_resumes),
            (3, 0, self.owner_deletes),
            (2, 0, self.owner_moves),
            (4, 2, self.owner_asks),
            (2, 0, self.owner_replays),
            (4, 1, self.replay),
            (4, 0, self.suspend_or_lift),
            (1, 0, self.refer),
            (1, 0, self.withdraw),
        ]

    def step(self) -> None:
        """Something happens; then everything still holds."""
        restless, stubborn, acts = zip(*self.actions(), strict=True)
        (act,) = self.chance.choices(acts, stubborn if self.is_stubborn else restless)
        self.do(act)

    def do(self, act: Callable[..., None], *values: Any) -> None:
        """This happens; then everything still holds."""
        self.trace.append(act.__name__)
        act(*values)
        self.check(act.__name__)

    # Workers.

    def publish(self) -> None:
        """Something has happened to one of a few subjects."""
        self.desk.events(self.chance.randint(1, 2), f"grievance:{self.chance.randint(1, 3)}")

    def fan_out(self) -> None:
        """Deliveries for who is active, and for nobody else."""
        active = {row.id for row in self.endpoints() if row.state == "active"}
        self.desk.fan_out()
        events = self.desk.house.rows(
            "SELECT * FROM event WHERE organisation_id = :id AND position IS NOT NULL",
            id=self.desk.organisation,
        )
        for row in self.endpoints():
            if row.id in active:
                self.expect(row, events)

    def expect(self, endpoint: Row[Any], events: Sequence[Row[Any]]) -> None:
        """Add what an endpoint is now owed."""
        known = self.known[endpoint.id]
        self.expected |= {
            (endpoint.id, event.id)
            for event in events
            if event.position > known.cursor
            and event.type != "endpoint.verify"
            and not (endpoint.skip_before and event.occurred_at < endpoint.skip_before)
        }
        known.cursor = max((event.position for event in events), default=known.cursor)
        assert endpoint.fanned_position == known.cursor

    def claim(self) -> None:
        """A worker takes what it may and has room for."""
        self.take(self.chance.choice((1, 3, 256)))

    def claim_all(self) -> None:
        """A worker takes all that it may."""
        self.take(256)

    def take(self, room: int) -> None:
        """Leases, each of which must be one that is allowed."""
        worker, before = self.chance.choice(self.workers), self.endpoints()
        rows = {row.id: row for row in self.deliveries()}
        claimed = self.desk.claim(worker, room)
        assert not (claimed and self.is_suspended)
        taken = Counter(one.endpoint_id for one in claimed)
        for endpoint in before:
            if taken[endpoint.id] and endpoint.network_failures >= NETWORK_FAILURES:
                assert taken[endpoint.id] == 1
                assert "leased" not in {
                    row.state for row in rows.values() if row.endpoint_id == endpoint.id
                }
        states = {row.id: row.state for row in before}
        for one in claimed:
            proof = one.cause == "verify" and states[one.endpoint_id] == "pending_verification"
            assert proof or states[one.endpoint_id] == "active"
            self.check_order(rows[one.delivery_id], rows.values())
            self.check_body(one)
        self.under_way += [(worker, one) for one in claimed]

    def check_order(self, claimed: Row[Any], rows: Any) -> None:
        """Nothing of its subject is under way, or stands before it and is still to come."""
        for row in rows:
            if claimed.order_key and (row.endpoint_id, row.order_key) == (
                claimed.endpoint_id,
                claimed.order_key,
            ):
                assert row.state != "leased"
                if row.order_place < claimed.order_place:
                    assert row.state not in {"due", "waiting"}
                    assert row.state != "held" or row.state_reason == "blocks_its_subject"

    def check_body(self, claimed: Claimed) -> None:
        """What a worker took back is empty; what stands is not, nor the word that it is so."""
        event = Event.parse(claimed.body)
        falls = event.type not in {"referral.revoked", "consent.withdrawn"}
        assert event.tombstone == (falls and event.subject in self.withdrawn)
        assert (event.data == {}) == event.tombstone

    def answer(self) -> None:
        """Some of what is under way ends, as one batch of each worker."""
        for worker in self.workers:
            mine = [pair for pair in self.under_way if pair[0] == worker]
            self.end(worker, self.chance.sample(mine, self.chance.randint(0, len(mine))))

    def end(self, worker: UUID, ended: list[tuple[UUID, Claimed]]) -> None:
        """These exchanges are over."""
        self.under_way = [pair for pair in self.under_way if pair not in ended]
        self.store(worker, [one for _, one in ended])

    def store(self, worker: UUID, ended: Sequence[Claimed]) -> None:
        """Write what the receivers answered."""
        results = []
        for one in ended:
            answers = RECEIVERS[self.known[one.endpoint_id].receiver]
            status, fault = self.chance.choice(answers)
            if one.cause == "verify" and status == 204 and self.chance.random() < 0.2:
                fault = "challenge_missing"
            results.append(outcome(one, status, fault))
            if results[-1].verdict.proven:
                self.known[one.endpoint_id].is_proved = True
        if results:
            self.desk.store(*results, worker=worker)

    def worker_dies(self) -> None:
        """Nobody will write what one of them was at, or only much later."""
        worker = self.chance.choice(self.workers)
        self.forgotten += [pair for pair in self.under_way if pair[0] == worker]
        self.under_way = [pair for pair in self.under_way if pair[0] != worker]
        self.workers[self.workers.index(worker)] = uuid4()

    def late_answer(self) -> None:
        """One who was thought dead writes what it had."""
        if self.forgotten:
            worker, one = self.forgotten.pop(self.chance.randrange(len(self.forgotten)))
            self.store(worker, [one])

    def sweep(self) -> None:
        """Lost leases, and what waits for nobody."""
        self.desk.sweep()

    def replay(self) -> None:
        """All replays go on to their end."""
        self.desk.replay()

    def time_passes(self) -> None:
        """Seconds, or more than a day; an exchange lasts no longer than that, if all is well."""
        if self.chance.random() < 0.9:
            self.all_answer()
        self.wait(self.chance.choice((5, 60, 400, 4_000, 20_000, 100_000)))

    def wait(self, seconds: int) -> None:
        """So much time passes."""
        self.desk.pass_time(seconds=seconds)

    def all_answer(self) -> None:
        """Nothing is under way any more."""
        for worker in self.workers:
            self.end(worker, [pair for pair in self.under_way if pair[0] == worker])

    # Receivers, owners, workers with a voice.

    def receiver_changes(self) -> None:
        """One behaves otherwise from now on."""
        known = self.chance.choice(list(self.known.values()))
        others = RECEIVERS.keys() - ({"sound", "leaving"} if self.is_stubborn else set())
        known.receiver = self.chance.choice(sorted(others))

    def add_endpoint(self, *, ordered: bool) -> None:
        """A new one, which has to prove itself."""
        made = self.desk.endpoint(
            state="pending_verification",
            ordered=ordered,
            max_in_flight=self.chance.choice((1, 2, 4)),
        )
        row = self.desk.read(made)
        self.known[made] = Known(row.fanned_position)
        self.ask(made)
        self.claim()
        self.answer()

    def pick(self, *states: str) -> Row[Any] | None:
        """An endpoint in one of these states, if its owner may act; a rare one as likely."""
        found = {row.state: row for row in self.endpoints() if row.state in states}
        if self.is_suspended or not found:
            return None
        return found[self.chance.choice(sorted(found))]

    def move(self, endpoint: UUID, state: str, reason: str = "by_owner", **also: str) -> None:
        """An owner's change of state."""
        moved = {"state": f"'{state}'", "state_reason": f"'{reason}'", "state_since": "now()"}
        self.desk.change(endpoint, **moved | also)

    def owner_pauses(self) -> None:
        """Events are to wait."""
        if row := self.pick("active", "pending_verification"):
            self.move(row.id, "paused")

    def owner_resumes(self) -> None:
        """All, some or none of what waited."""
        if row := self.pick("paused", "disabled"):
            skip = self.chance.choice(("NULL", "NULL", "now()", "now() - interval '6 hours'"))
            self.resume(row.id, skip)

    def resume(self, endpoint: UUID, skip_before: str) -> None:
        """Its failures are forgiven; who never proved itself is asked first."""
        is_proved = self.known[endpoint].is_proved
        state = "active" if is_proved else "pending_verification"
        self.move(endpoint, state, **FORGIVEN, skip_before=skip_before)
        if not is_proved:
            self.ask(endpoint)

    def owner_deletes(self) -> None:
        """One goes, another comes."""
        if row := self.pick("pending_verification", "active", "paused", "held", "disabled"):
            self.delete(row.id)

    def delete(self, endpoint: UUID) -> None:
        """Another one of its kind takes its place."""
        self.move(endpoint, "deleted")
        self.add_endpoint(ordered=self.desk.read(endpoint).ordered)

    def owner_moves(self) -> None:
        """Another address has to prove itself."""
        if row := self.pick("active", "pending_verification"):
            self.readdress(row.id)

    def readdress(self, endpoint: UUID) -> None:
        """It is elsewhere now."""
        self.known[endpoint].is_proved = False
        self.move(endpoint, "pending_verification", "url_changed", url=f"'https://{uuid4()}/'")
        self.ask(endpoint)

    def owner_asks(self) -> None:
        """The question again."""
        if row := self.pick("active", "pending_verification"):
            self.ask(row.id)

    def ask(self, endpoint: UUID) -> None:
        """Each question is another one."""
        self.desk.ask(endpoint, f"challenge-{uuid4().hex}")

    def owner_replays(self) -> None:
        """Everything, what was not delivered, or one."""
        row = self.pick("active", "paused", "disabled")
        events = self.desk.told("grievance.received")
        if row and events:
            one = self.chance.choice(events).id
            choice = self.chance.choice(({}, {"undelivered": True}, {"one": one}))
            self.desk.ask_again(row.id, **choice)

    def suspend_or_lift(self) -> None:
        """The institute stops the organisation, or lets it go on."""
        self.is_suspended = not self.is_suspended
        self.desk.house.rows(
            "UPDATE organisation SET suspended_at = CASE WHEN :is THEN now() END "
            "WHERE organisation_id = :id",
            **{"is": self.is_suspended, "id": self.desk.organisation},
        )

    def refer(self) -> None:
        """The organisation is told of a case."""
        if len(self.referrals) < 2 and not self.is_suspended:
            self.referrals.append(cases.referral(self.world, self.supplier))

    def withdraw(self) -> None:
        """Its worker takes it back."""
        if self.referrals:
            made = self.referrals.pop()
            scope = cases.SCOPE_FOR["supplier"]
            cases.consent(self.world, made["case"], scope, "withdrawn")
            self.withdrawn.add(made["id"])

    # What must hold.

    def endpoints(self) -> Sequence[Row[Any]]:
        """All endpoints of the organisation."""
        return self.desk.house.rows(
            "SELECT * FROM webhook_endpoint WHERE organisation_id = :id", id=self.desk.organisation
        )

    def deliveries(self) -> Sequence[Row[Any]]:
        """All deliveries, with how many of their attempts are stored."""
        return self.desk.house.rows(LOOK, id=self.desk.organisation)

    def check(self, act: str) -> None:
        """What holds after each step, whatever it was."""
        rows = self.deliveries()
        auto = Counter((row.endpoint_id, row.event_id) for row in rows if row.cause == "auto")
        assert auto == Counter(self.expected), "an event is lost, or twice"
        assert all(row.attempt_count == row.stored for row in rows)
        succeeded = {row.id for row in rows if row.state == "succeeded"}
        assert self.succeeded <= succeeded
        self.succeeded = succeeded
        leased = [row for row in rows if row.state == "leased"]
        busy = Counter(row.endpoint_id for row in leased)
        most = {row.id: row.max_in_flight for row in self.endpoints()}
        assert all(busy[endpoint] <= most[endpoint] for endpoint in busy)
        subjects = Counter((row.endpoint_id, row.order_key) for row in leased if row.order_key)
        assert set(subjects.values()) <= {1}
        held = {row.id for row in rows if row.state == "held"}
        states = {row.id: row.state for row in rows}
        assert {states[one] for one in self.held - held} <= LETS_GO.get(act, set())
        self.held = held
