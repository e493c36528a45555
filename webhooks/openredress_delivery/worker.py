"""The worker: one thread, one loop, any number of workers beside each other on one database."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from openredress_delivery import claims, outcomes, replays
from openredress_delivery.access import NOTHING
from openredress_delivery.claims import Claimed
from openredress_delivery.fanout import fan_out
from openredress_delivery.faults import Faults
from openredress_delivery.hints import Hints
from openredress_delivery.log import logger
from openredress_delivery.loop import Loop
from openredress_delivery.opening import Opener, Unseal
from openredress_delivery.outcomes import Outcome
from openredress_delivery.retries import OUR_FAULTS, judge, read_retry_after
from openredress_delivery.sender import Sender
from openredress_delivery.transport import Answer

MaySend = Callable[[Connection, Sequence[Claimed]], Mapping[UUID, bytes | None]]
"""What of these deliveries may (still) leave, asked before every attempt in the claim's
transaction: the body by the delivery's id, as it stands now; None: not yet, ask again later."""


COUNTED = ("succeeded", "failed_there", "failed_here", "leases_lost", "turns_failed")
"""What a worker counts: attempts by their end and whose fault it was, and its own mishaps."""


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
        settings: WorkerSettings,
    ) -> None:
        """`engine` connects as the role openredress_delivery and takes two connections."""
        self.id = uuid4()
        # Whatever the caller's connections do by themselves: a claim locks first and leases then.
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")
        self._may_send = may_send
        self._settings = settings
        self._log = logger().bind(worker=str(self.id))
        self._opener = Opener(unseal, self._log)
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
        self.counts = dict.fromkeys(COUNTED, 0)

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
            self.counts["turns_failed"] += 1
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
        moved |= replays.advance(self._engine, self._faults)
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
        self.counts["leases_lost"] += freed
        if freed:
            self._log.warning("worker_lost", count=freed)
        self._next_sweep = now + self._settings.sweep_seconds

    def _claim(self, room: int) -> int:
        with self._engine.begin() as connection:
            claimed = claims.claim(connection, self.id, room)
            sending = self._permitted(connection, claimed)
            endpoints = {one.endpoint for one in sending}
            sealed = claims.sealed_keys(connection, endpoints)
            asked = claims.sealed_access(connection, endpoints)
        if claimed:
            self._faults.at("after_claim")
        keys, access = self._opener.keys(sealed), self._opener.access(asked)
        for one in sending:
            wanted = access.get(one.endpoint, NOTHING)
            # What cannot be opened is never left out: without it, nothing leaves.
            usable = keys[one.endpoint] if wanted else []
            self._sender.send(one, usable, wanted or NOTHING, partial(self._answered, one))
            self._under_way += 1
        return len(claimed)

    def _permitted(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Claimed]:
        """Those that may leave, each with the body that it has now."""
        if not claimed:
            return []
        return claims.permitted(connection, claimed, self._may_send(connection, claimed))

    def _answered(self, claimed: Claimed, answer: Answer) -> None:
        self._faults.at("after_answer")
        self._under_way -= 1
        asked = read_retry_after(answer.retry_after, datetime.now(UTC))
        luck = random.random()  # noqa: S311 - spreads load, guards nothing
        verdict = judge(claimed.attempt, answer.status, answer.fault, asked, luck)
        if claimed.cause == "verify" and verdict.state == "succeeded":
            verdict = (
                replace(verdict, proven=True)
                if _proves(claimed, answer)
                else judge(claimed.attempt, answer.status, "challenge_missing", asked, luck)
            )
        self._count(verdict.error_code)
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

    def _count(self, error_code: str | None) -> None:
        ours = "failed_here" if error_code in OUR_FAULTS else "failed_there"
        self.counts[ours if error_code else "succeeded"] += 1

    def _store(self) -> None:
        with self._engine.begin() as connection:
            outcomes.store(connection, self.id, self._finished)
        self._finished = []
        self._faults.at("after_store")
        # Places have come free, perhaps of an endpoint that has more waiting.
        self._look_now()


def _proves(claimed: Claimed, answer: Answer) -> bool:
    """Whether what came back holds the challenge that was sent."""
    challenge = json.loads(claimed.body)["data"]["challenge"]
    return challenge.encode("ascii") in answer.body
