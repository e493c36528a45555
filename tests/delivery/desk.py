"""The engine worked by hand: each step of a worker by itself, on a clock that a test moves.

No sockets: a test says what came back. Everything else is the worker's own code on real rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Date, DateTime, Row, Table, text, update

from openredress_api.cli.running import _may_send
from openredress_delivery import claims, outcomes, replays, tables
from openredress_delivery.claims import Claimed
from openredress_delivery.fanout import fan_out
from openredress_delivery.faults import Faults
from openredress_delivery.outcomes import Outcome
from openredress_delivery.retries import judge
from openredress_delivery.transport import Answer
from tests.delivery.house import House

URL = "https://receiver.example/"
NO_FAULTS = Faults(development=False)
UNREACHABLE = "connect_failed"
CLEARED = "cleared"
_FAR = timedelta(days=100_000)


class Desk:
    """The deliveries of one organisation in the hands of a test."""

    def __init__(self, house: House, organisation: UUID | None = None) -> None:
        """A desk of its own: what earlier tests left in this database is out of the way."""
        self.house = house
        self.clear()
        self.organisation = organisation or house.organisation()
        self.worker = uuid4()
        self._moved = timedelta()

    def clear(self) -> None:
        """Nothing is to be sent to anybody any more."""
        self.house.rows(
            "UPDATE webhook_endpoint SET state = 'deleted', state_reason = :why "
            "WHERE state <> 'deleted'",
            why=CLEARED,
        )
        self.house.rows("DELETE FROM delivery")
        self.house.rows("DELETE FROM webhook_replay")

    # What workers do.

    def fan_out(self) -> None:
        """Positions, then deliveries, until there is nothing more to make."""
        while fan_out(self.house.engine("delivery"), NO_FAULTS):
            pass

    def replay(self) -> None:
        """Work through all replays."""
        while replays.advance(self.house.engine("delivery"), NO_FAULTS):
            pass

    def claim(self, worker: UUID | None = None, room: int = 256) -> list[Claimed]:
        """Lease what is due; what may not leave is held, as the worker does in one transaction."""
        with self.house.engine("delivery").begin() as connection:
            claimed = claims.claim(connection, worker or self.worker, room)
            bodies = _may_send(connection, claimed) if claimed else {}
            return claims.permitted(connection, claimed, bodies)

    def store(self, *done: Outcome, worker: UUID | None = None) -> None:
        """Write results as one batch."""
        with self.house.engine("delivery").begin() as connection:
            outcomes.store(connection, worker or self.worker, done)

    def sweep(self) -> int:
        """Free what was lost and put to rest what waits for nobody; how many leases were lost."""
        with self.house.engine("delivery").begin() as connection:
            return outcomes.sweep(connection)

    def attempt(self, status: int | None = 204, fault: str | None = None) -> list[Claimed]:
        """Fan out, lease all that may leave now, and let all of it end the same way."""
        self.fan_out()
        claimed = self.claim()
        self.store(*(outcome(one, status, fault) for one in claimed))
        return claimed

    def fail(self) -> list[Claimed]:
        """An attempt at everything, which reaches nobody."""
        return self.attempt(None, UNREACHABLE)

    def chore(self, function: str, **values: Any) -> int:
        """Call one of the house's functions as the delivery role does."""
        (row,) = self.house.rows(f"SELECT {function} AS number", role="delivery", **values)
        return int(row.number)

    # What others do.

    def endpoint(self, **values: Any) -> UUID:
        """An active endpoint for everything at the head of the feed."""
        return self.house.endpoint(self.organisation, URL, **values)

    def forget_succeeded(self) -> None:
        """Keep the tables of a long test short."""
        self.house.rows(
            "WITH done AS (DELETE FROM delivery WHERE state = 'succeeded' RETURNING event_id) "
            "DELETE FROM event WHERE id IN (SELECT event_id FROM done)"
        )

    def change(self, endpoint: UUID, **values: Any) -> None:
        """Let an endpoint's owner change it; values are SQL."""
        assigned = ", ".join(f"{name} = {value}" for name, value in values.items())
        self.house.rows(
            f"UPDATE webhook_endpoint SET {assigned}, version = version + 1 WHERE id = :id",  # noqa: S608 - SQL of a test
            id=endpoint,
        )

    def events(self, count: int = 1, subject: str | None = None) -> list[UUID]:
        """Committed events; of one subject, if it is named."""
        return self.house.events(self.organisation, count, subject)

    def ask(self, endpoint: UUID, challenge: str = "a-challenge-of-22-letters") -> UUID | None:
        """Ask the endpoint to prove itself, as its owner's call does."""
        with self.house.engine("owner").begin() as connection:
            self.enter(connection)
            asked = text("SELECT gate.ask_verification(:endpoint, :challenge)")
            values = {"endpoint": endpoint, "challenge": challenge}
            return connection.execute(asked, values).scalar_one()

    def enter(self, connection: Connection) -> None:
        """The context of a call of this organisation."""
        connection.execute(
            text("SELECT gate.enter(:id, 'supplier', NULL, NULL)"), {"id": self.organisation}
        )

    def ask_again(self, endpoint: UUID, **choice: Any) -> UUID:
        """Ask for a replay, as its owner's call does."""
        made = uuid4()
        values = {
            "one": None,
            "types": [],
            "since": None,
            "until": None,
            "undelivered": False,
        } | choice
        with self.house.engine("owner").begin() as connection:
            self.enter(connection)
            connection.execute(
                text("""
                INSERT INTO webhook_replay (organisation_id, id, endpoint_id, cause, event_id,
                    types, since, until, only_undelivered, at_position, upto_position, matched,
                    created_at, updated_at)
                SELECT :organisation, :id, :endpoint,
                    CASE WHEN CAST(:one AS uuid) IS NULL THEN 'replay' ELSE 'manual' END, :one,
                    CAST(:types AS text[]), CAST(:since AS timestamptz),
                    CAST(:until AS timestamptz), :undelivered, 0, h.last_position,
                    gate.count_replayed(:endpoint, :one, CAST(:types AS text[]),
                        CAST(:since AS timestamptz), CAST(:until AS timestamptz), :undelivered,
                        h.last_position), now(), now()
                FROM feed_head h WHERE h.organisation_id = :organisation
                """),
                values | {"organisation": self.organisation, "id": made, "endpoint": endpoint},
            )
        return made

    # Time.

    def now(self) -> datetime:
        """The moment that it is at this desk."""
        return datetime.now(UTC) + self._moved

    def pass_time(self, **units: float) -> None:
        """Let time pass: everything that is stored becomes so much older."""
        by, now = timedelta(**units), self.now()
        self._moved += by
        days = ((now + by).date() - now.date()).days
        with self.house.engine("owner").begin() as connection:
            for table in tables.metadata.sorted_tables:
                self._make_older(connection, table, by, days)
        if days:
            # Its key names the day, and that has become another one.
            self.house.rows(
                "UPDATE event SET dedupe_key = id::text "
                "WHERE organisation_id = :id AND type = 'manifest.daily'",
                id=self.organisation,
            )

    def _make_older(self, connection: Connection, table: Table, by: timedelta, days: int) -> None:
        moments = [c for c in table.columns if isinstance(c.type, DateTime)]
        dates = [c for c in table.columns if isinstance(c.type, Date)]
        ways = [(by, days)]
        # A key that moves by its own distance would meet its neighbour: far away and back again.
        if any(column.primary_key for column in moments + dates):
            ways = [(by + _FAR, days + _FAR.days), (-_FAR, -_FAR.days)]
        for shift, number in ways:
            moved = {c.name: c - shift for c in moments} | {c.name: c - number for c in dates}
            if moved:
                mine = table.c.organisation_id == self.organisation
                connection.execute(update(table).where(mine).values(moved))

    # What there is.

    def deliveries(self, endpoint: UUID | None = None) -> Sequence[Row[Any]]:
        """Deliveries with their event's place, in the order of the feed."""
        return self.house.rows(
            "SELECT d.*, v.position, v.type, v.subject FROM delivery d JOIN event v "
            "ON v.organisation_id = d.organisation_id AND v.id = d.event_id "
            "WHERE d.organisation_id = :id AND d.endpoint_id = coalesce(:endpoint, d.endpoint_id) "
            "ORDER BY v.position, d.created_at, d.id",
            id=self.organisation,
            endpoint=endpoint,
        )

    def states(self, endpoint: UUID | None = None) -> list[str]:
        """The states of all deliveries, in the order of the feed."""
        return [row.state for row in self.deliveries(endpoint)]

    def read(self, endpoint: UUID) -> Row[Any]:
        """An endpoint's row."""
        (row,) = self.house.rows("SELECT * FROM webhook_endpoint WHERE id = :id", id=endpoint)
        return row

    def told(self, fact: str) -> Sequence[Row[Any]]:
        """The organisation's events of one type, oldest first."""
        return self.house.rows(
            "SELECT * FROM event WHERE organisation_id = :id AND type = :fact ORDER BY occurred_at",
            id=self.organisation,
            fact=fact,
        )


def outcome(
    claimed: Claimed, status: int | None = 204, fault: str | None = None, asked: int | None = None
) -> Outcome:
    """What a worker makes of an answer, or of none; a proof that succeeds is a proof."""
    answer = Answer(started_at=datetime.now(UTC), duration_ms=1, fault=fault, status=status)
    verdict = judge(claimed.attempt, status, fault, asked, luck=0.0)
    if claimed.cause == "verify" and verdict.state == "succeeded":
        verdict = replace(verdict, proven=True)
    return Outcome(claimed, answer, asked, verdict)


def numbers(claimed: Iterable[Claimed], desk: Desk) -> list[int]:
    """The positions of the events that were leased, in the order of the feed."""
    positions = {row.event_id: row.position for row in desk.deliveries()}
    return sorted(positions[one.event_id] for one in claimed)
