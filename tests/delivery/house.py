"""Organisations, endpoints, keys and events in a real database, and looks at what came of them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, create_engine, insert, text
from sqlalchemy.engine import URL

from openredress_api.foundation.identifiers import encode
from openredress_delivery import tables
from openredress_delivery.claims import Claimed
from openredress_delivery.worker import Worker, WorkerSettings
from openredress_webhooks.events import Event
from openredress_webhooks.signing import Secret, SigningKey

_moments = itertools.count()


class House:
    """The database of one test file; tests tell their rows apart by organisation."""

    def __init__(self, role_url: Callable[[str], URL]) -> None:
        self.role_url = role_url
        self._engines = {
            role: create_engine(role_url(role), pool_pre_ping=True)
            for role in ("owner", "app", "delivery")
        }

    def engine(self, role: str) -> Engine:
        """The engine of one of our database roles."""
        return self._engines[role]

    def close(self) -> None:
        """Close all connections."""
        for engine in self._engines.values():
            engine.dispose()

    def rows(self, statement: str, role: str = "owner", **values: Any) -> Sequence[Row[Any]]:
        """Run a statement as the owner or another role."""
        with self.engine(role).begin() as connection:
            done = connection.execute(text(statement), values)
            return done.all() if done.returns_rows else []

    def organisation(self, kind: str = "supplier") -> UUID:
        """A new organisation."""
        made = uuid4()
        self.rows(
            "INSERT INTO organisation (organisation_id, type, name, country) "
            "VALUES (:id, :kind, 'Test', 'TH')",
            id=made,
            kind=kind,
        )
        return made

    def endpoint(self, organisation: UUID, url: str, **values: Any) -> UUID:
        """A new endpoint for everything, at the head of the feed, without a key."""
        made = uuid4()
        row = {
            "organisation_id": organisation,
            "id": made,
            "url": url,
            "event_patterns": ["*"],
            "fanned_position": tables.head_of(organisation),
        }
        with self.engine("owner").begin() as connection:
            connection.execute(insert(tables.webhook_endpoint).values(row | values))
        return made

    def key(
        self, organisation: UUID, endpoint: UUID, key: Secret | SigningKey | None = None
    ) -> Secret | SigningKey:
        """A valid key of an endpoint."""
        made = key or Secret.generate()
        row = {
            "organisation_id": organisation,
            "id": uuid4(),
            "endpoint_id": endpoint,
            "kind": "hmac" if isinstance(made, Secret) else "ed25519",
            "sealed": made.text.encode(),
        }
        with self.engine("owner").begin() as connection:
            connection.execute(insert(tables.webhook_key).values(row))
        return made

    @staticmethod
    def unseal(_organisation: UUID, place: str, sealed: bytes) -> bytes:
        """These tests seal nothing; the place is checked all the same."""
        assert place.startswith(("webhook_key:", "webhook_endpoint:"))
        return sealed

    def events(self, organisation: UUID, count: int = 1, subject: str | None = None) -> list[UUID]:
        """Committed events without a position; each of its own subject, or all of one."""
        rows = [event_row(organisation, subject) for _ in range(count)]
        with self.engine("owner").begin() as connection:
            connection.execute(insert(tables.event), rows)
        return [row["id"] for row in rows]

    def deliveries(self, organisation: UUID) -> Sequence[Row[Any]]:
        """All deliveries of an organisation."""
        return self.rows(
            "SELECT * FROM delivery WHERE organisation_id = :id ORDER BY id", id=organisation
        )

    def attempts(self, organisation: UUID) -> Sequence[Row[Any]]:
        """All attempts of an organisation, oldest first."""
        return self.rows(
            "SELECT * FROM attempt WHERE organisation_id = :id ORDER BY started_at",
            id=organisation,
        )

    def make_due(self, organisation: UUID) -> None:
        """Let the waiting deliveries be due now."""
        self.rows(
            "UPDATE delivery SET due_at = clock_timestamp() "
            "WHERE organisation_id = :id AND state = 'waiting'",
            id=organisation,
        )

    def settle(self, worker: Worker, organisation: UUID, count: int = 1) -> None:
        """Turn the worker until `count` deliveries exist and none is due or leased."""
        work_until(
            [worker],
            lambda: (
                len(self.deliveries(organisation)) >= count
                and all(row.state not in {"due", "leased"} for row in self.deliveries(organisation))
            ),
        )


def work_until(workers: Sequence[Worker], done: Callable[[], bool], seconds: float = 30) -> None:
    """Turn workers by turns until something holds; then their books are closed."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "the workers did not get there"
        for worker in workers:
            worker.step()
    for worker in workers:
        # What happens next in the test must not be seen by a turn that began before it.
        while worker._books.are_open:
            worker.step(claiming=False)


def quick_settings(ca_file: Path | str, **more: object) -> WorkerSettings:
    """Settings of a worker that looks for work all the time."""
    quick: dict[str, object] = {
        "development": True,
        "ca_file": str(ca_file),
        "user_agent": "openredress-tests",
        "poll_seconds": 0.005,
        "idle_poll_seconds": 0.01,
    }
    return WorkerSettings(**(quick | more))  # type: ignore[arg-type] # tests name real settings


def everything(_: Connection, claimed: Sequence[Claimed]) -> dict[UUID, bytes]:
    """All of it may leave as it is."""
    return {one.delivery_id: one.body for one in claimed}


def event_row(organisation: UUID, subject: str | None = None) -> dict[str, Any]:
    """A row of the feed as `gate.publish` would write it."""
    made = uuid4()
    event = event_body(made, subject)
    return {
        "organisation_id": organisation,
        "id": made,
        "webhook_id": event.id,
        "type": event.type,
        "subject": event.subject,
        "subject_seq": event.subject_seq,
        "occurred_at": event.timestamp,
        "data_class": event.data_class,
        "body": event.render(),
        "dedupe_key": str(made),
        "retention_until": datetime(2999, 1, 1, tzinfo=UTC),
    }


def event_body(event_id: UUID, subject: str | None = None) -> Event:
    """An event that any organisation may receive."""
    return Event(
        id=encode("evt", event_id),
        type="grievance.received",
        timestamp=datetime.now(UTC),
        schema_version=1,
        subject=subject or "grievance:" + encode("grv", event_id),
        subject_seq=next(_moments),
        data_class="pseudonymous",
        data={"id": encode("grv", event_id), "status": "received"},
        links={"self": "https://api.example.org/v1/grievances/1"},
    )
