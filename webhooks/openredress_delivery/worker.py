"""The worker: one thread, one loop, any number of workers beside each other on one database."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row

from openredress_delivery import claims, outcomes
from openredress_delivery.claims import Claimed, Endpoint
from openredress_delivery.fanout import fan_out
from openredress_delivery.faults import Faults
from openredress_delivery.hints import Hints
from openredress_delivery.log import logger
from openredress_delivery.loop import Loop
from openredress_delivery.outcomes import Outcome
from openredress_delivery.retries import judge, read_retry_after
from openredress_delivery.sender import Sender
from openredress_delivery.transport import Answer
from openredress_webhooks.signing import Secret, SigningKey

Unseal = Callable[[UUID, str, bytes], bytes]
"""Opens a key: organisation, place (`webhook_key:<id>`), sealed text of the key.

Raises ValueError when it cannot be opened; that endpoint's attempts then fail with `no_key`.
"""

MaySend = Callable[[Connection, Claimed], bool]
"""Whether this event may (still) leave, asked before every attempt in the claim's transaction."""

OnUnanswered = Callable[[Connection, Claimed], None]
"""Told once per delivery, in the result's transaction, that a person should take another way."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker works.

    Attributes:
        development: admit http and https to the loopback, and FAULT_AT. The caller refuses it in
            production.
        ca_file: PEM file of the authorities for receivers' certificates.
        user_agent: value of the header of that name.
        most_at_once: exchanges under way in this worker.
        poll_seconds: between two looks for work.
        idle_poll_seconds: the same after a long time without any.
        store_seconds: how long a result may wait for others.
        store_count: how many results are written at once at the latest.
        sweep_seconds: between two looks for lost leases.
    """

    development: bool
    ca_file: str
    user_agent: str
    most_at_once: int = 256
    poll_seconds: float = 0.25
    idle_poll_seconds: float = 2.0
    store_seconds: float = 0.005
    store_count: int = 64
    sweep_seconds: float = 10.0


class Worker:
    """Fans out, claims, sends and stores, until told to stop."""

    def __init__(
        self,
        engine: Engine,
        unseal: Unseal,
        may_send: MaySend,
        on_unanswered: OnUnanswered,
        settings: WorkerSettings,
    ) -> None:
        """`engine` connects as the role openredress_delivery and takes two connections."""
        self.id = uuid4()
        self._engine = engine
        self._unseal = unseal
        self._may_send = may_send
        self._on_unanswered = on_unanswered
        self._settings = settings
        self._log = logger().bind(worker=str(self.id))
        self._faults = Faults(development=settings.development)
        self._loop = Loop()
        self._hints = Hints(engine, self._loop, self._look_now)
        self._sender = Sender(
            self._loop,
            development=settings.development,
            ca_file=settings.ca_file,
            user_agent=settings.user_agent,
            answer_begins=partial(self._faults.at, "during_post"),
        )
        self._under_way = 0
        self._finished: list[Outcome] = []
        self._finished_since = 0.0
        self._pause = settings.poll_seconds
        self._next_look = self._next_sweep = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then end what is under way (at most 23 s) and return."""
        wait = 0.0
        while not stop.is_set() or self._under_way or self._finished:
            time.sleep(wait)
            survived = self._survive(claiming=not stop.is_set())
            wait = 0.0 if survived else min(2 * wait + 0.05, 1.0)

    def _survive(self, *, claiming: bool) -> bool:
        """One turn; False if it failed.

        The worker must outlive whatever it meets (a restart of the database, a receiver never
        seen before): nobody restarts the loop inside the process. What a failed turn left behind
        is found again by query, so going on is safe.
        """
        try:
            self.step(claiming=claiming)
        except Exception as fault:  # noqa: BLE001 - see above
            self._log.error("turn_failed", code=type(fault).__name__)
            self._hints.close()
            return False
        return True

    def step(self, *, claiming: bool = True) -> None:
        """One turn: look for work if it is time, let the exchanges go on, store results."""
        now = time.monotonic()
        if claiming and now >= self._next_look:
            self._look(now)
        self._loop.turn(self._patience(claiming=claiming))
        waited = time.monotonic() - self._finished_since
        if len(self._finished) >= self._settings.store_count or (
            self._finished and waited >= self._settings.store_seconds
        ):
            self._store()

    def close(self) -> None:
        """Close every connection; results that are not stored are found again by their leases."""
        self._hints.close()
        self._sender.close()
        self._loop.close()

    def _look_now(self) -> None:
        self._next_look = 0.0

    def _patience(self, *, claiming: bool) -> float:
        """How long the loop may wait for sockets, in seconds."""
        if self._finished:
            return self._settings.store_seconds
        if not claiming:
            return self._settings.poll_seconds
        return max(0.0, self._next_look - time.monotonic())

    def _look(self, now: float) -> None:
        self._hints.listen()
        if now >= self._next_sweep:
            self._sweep(now)
        moved = fan_out(self._engine, self._faults)
        room = self._settings.most_at_once - self._under_way
        claimed = self._claim(room) if room else 0
        if moved or claimed:
            self._pause = self._settings.poll_seconds
        more = moved or (claimed and claimed == room)
        self._next_look = now if more else now + self._pause
        self._pause = min(2 * self._pause, self._settings.idle_poll_seconds)

    def _sweep(self, now: float) -> None:
        with self._engine.begin() as connection:
            freed = outcomes.sweep(connection)
        if freed:
            self._log.warning("worker_lost", count=freed)
        self._next_sweep = now + self._settings.sweep_seconds

    def _claim(self, room: int) -> int:
        with self._engine.begin() as connection:
            claimed = claims.claim(connection, self.id, room)
            sending = [one for one in claimed if self._permitted(connection, one)]
            sealed = claims.sealed_keys(connection, {one.endpoint for one in sending})
        if claimed:
            self._faults.at("after_claim")
        keys = self._open(sealed)
        for one in sending:
            self._sender.send(one, keys[one.endpoint], partial(self._answered, one))
            self._under_way += 1
        return len(claimed)

    def _permitted(self, connection: Connection, claimed: Claimed) -> bool:
        permitted = self._may_send(connection, claimed)
        if not permitted:
            claims.cancel(connection, claimed, "not_permitted")
        return permitted

    def _open(self, sealed: Sequence[Row[Any]]) -> dict[Endpoint, list[Secret | SigningKey]]:
        """The keys of each endpoint, for this batch only: no key stays in memory."""
        keys: dict[Endpoint, list[Secret | SigningKey]] = defaultdict(list)
        for row in sealed:
            kind = Secret if row.kind == "hmac" else SigningKey
            try:
                text = self._unseal(row.organisation_id, f"webhook_key:{row.id}", row.sealed)
                keys[row.organisation_id, row.endpoint_id].append(kind.parse(text.decode("ascii")))
            except ValueError:
                self._log.error("key_unreadable", endpoint_id=str(row.endpoint_id))
        return keys

    def _answered(self, claimed: Claimed, answer: Answer) -> None:
        self._faults.at("after_answer")
        self._under_way -= 1
        asked = read_retry_after(answer.retry_after, datetime.now(UTC))
        luck = random.random()  # noqa: S311 - spreads load, guards nothing
        verdict = judge(claimed.attempt, answer.status, answer.fault, asked, luck)
        if not self._finished:
            self._finished_since = time.monotonic()
        self._finished.append(Outcome(claimed, answer, asked, verdict))
        self._log.info(
            "attempt",
            organisation_id=str(claimed.organisation_id),
            endpoint_id=str(claimed.endpoint_id),
            event_id=str(claimed.event_id),
            delivery_id=str(claimed.delivery_id),
            attempt=claimed.attempt,
            status=answer.status,
            code=verdict.error_code,
            state=verdict.state,
        )

    def _store(self) -> None:
        with self._engine.begin() as connection:
            outcomes.store(connection, self.id, self._finished, self._on_unanswered)
        self._finished = []
        self._faults.at("after_store")
        # Places have come free, perhaps of an endpoint that has more waiting.
        self._look_now()
