"""The worker: one loop for the exchanges, one thread for its books; any number on one database."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from openredress_delivery import claims, outcomes, replays
from openredress_delivery.access import NOTHING, Access
from openredress_delivery.books import Books
from openredress_delivery.claims import Claimed, Endpoint
from openredress_delivery.fanout import fan_out
from openredress_delivery.faults import Faults
from openredress_delivery.hints import Hints
from openredress_delivery.log import logger
from openredress_delivery.loop import Loop
from openredress_delivery.opening import Opener, Unseal
from openredress_delivery.outcomes import Outcome
from openredress_delivery.retries import OUR_FAULTS, Verdict, judge, read_retry_after
from openredress_delivery.sender import Keys, Sender
from openredress_delivery.transport import Answer

MaySend = Callable[[Connection, Sequence[Claimed]], Mapping[UUID, bytes | None]]
"""What of these deliveries may (still) leave, asked before every attempt in the claim's
transaction: the body by the delivery's id, as it stands now; None: not yet, ask again later."""


Ready = tuple[Claimed, Keys, Access]
"""A delivery that may leave, with what it takes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn of the books brought: deliveries to send, and whether more may wait."""

    claimed: list[Ready]
    moved: bool
    room: int


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
    store_count: int = 128
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
        self._books: Books[Turn] = Books(self._loop)
        self._finished: list[Outcome] = []
        self._storing: list[Outcome] = []
        self._finished_since = 0.0
        self._pause = settings.poll_seconds
        self._next_look = self._next_sweep = 0.0
        self.counts = dict.fromkeys(COUNTED, 0)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then end what is under way (at most 23 s) and return."""
        self._log.info("started")
        wait = 0.0
        while not stop.is_set() or self._under_way or self._finished or self._books.are_open:
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
        """Open the books if it is time, let the exchanges go on, send what the books brought."""
        if not self._books.are_open:
            self._open_books(time.monotonic(), claiming=claiming)
        self._loop.turn(self._patience(claiming=claiming))
        if turn := self._books.take():
            self._close_books(turn)

    def close(self) -> None:
        """Close every connection; results that are not stored are found again by their leases."""
        self._books.close()
        self._hints.close()
        self._sender.close()
        self._loop.close()

    def _look_now(self) -> None:
        self._next_look = 0.0

    def _patience(self, *, claiming: bool) -> float:
        """How long the loop may wait for sockets, in seconds."""
        if self._books.are_open or not (claiming or self._finished):
            return self._settings.poll_seconds
        if self._finished:
            return self._settings.store_seconds
        return max(0.0, self._next_look - time.monotonic())

    def _open_books(self, now: float, *, claiming: bool) -> None:
        """Begin a turn of the books if results have waited long enough or it is time to look."""
        enough = len(self._finished) >= self._settings.store_count or (
            self._finished and now - self._finished_since >= self._settings.store_seconds
        )
        looks = claiming and now >= self._next_look
        if not (enough or looks):
            return
        if looks:
            self._hints.listen()
            self._next_look = now + self._pause
        self._storing, self._finished = self._finished, []
        room = self._settings.most_at_once - self._under_way if claiming else 0
        self._books.begin(partial(self._keep, self._storing, room, now, looks=looks))

    def _keep(self, results: Sequence[Outcome], room: int, now: float, *, looks: bool) -> Turn:
        """Store, look for what is new, claim: in a thread that touches no socket of an exchange."""
        if results:
            self._store(results)
        moved = looks and self._advance(now)
        return Turn(self._claim(room) if room else [], moved, room)

    def _advance(self, now: float) -> bool:
        """Make deliveries of new events and replays; whether there may be more."""
        if now >= self._next_sweep:
            self._sweep(now)
        moved = fan_out(self._engine, self._faults)
        return replays.advance(self._engine, self._faults) or moved

    def _close_books(self, turn: Future[Turn]) -> None:
        """Send what was claimed; results that could not be stored wait for the next turn."""
        if turn.exception():
            self._finished = self._storing + self._finished
            self._storing = []
        brought = turn.result()
        for one, keys, access in brought.claimed:
            self._sender.send(one, keys, access, partial(self._answered, one))
            self._under_way += 1
        if brought.moved or brought.claimed:
            self._pause = self._settings.poll_seconds
        else:
            self._pause = min(2 * self._pause, self._settings.idle_poll_seconds)
        if brought.moved or (brought.claimed and len(brought.claimed) == brought.room):
            self._look_now()

    def _sweep(self, now: float) -> None:
        with self._engine.begin() as connection:
            freed = outcomes.sweep(connection)
        self.counts["leases_lost"] += freed
        if freed:
            self._log.warning("worker_lost", count=freed)
        self._next_sweep = now + self._settings.sweep_seconds

    def _claim(self, room: int) -> list[Ready]:
        with self._engine.begin() as connection:
            claimed = claims.claim(connection, self.id, room)
            sending = self._permitted(connection, claimed)
            endpoints = {one.endpoint for one in sending}
            sealed = claims.sealed_keys(connection, endpoints)
            asked = claims.sealed_access(connection, endpoints)
        if claimed:
            self._faults.at("after_claim")
        keys, access = self._opener.keys(sealed), self._opener.access(asked)
        return [self._ready(one, keys[one.endpoint], access) for one in sending]

    @staticmethod
    def _ready(one: Claimed, keys: Keys, access: Mapping[Endpoint, Access | None]) -> Ready:
        """What cannot be opened is never left out: without it, nothing leaves."""
        wanted = access.get(one.endpoint, NOTHING)
        return (one, keys, wanted) if wanted else (one, [], NOTHING)

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
        if verdict.error_code:
            self._tell(claimed, answer, verdict)

    def _tell(self, claimed: Claimed, answer: Answer, verdict: Verdict) -> None:
        """One line per attempt that failed; every attempt stands in its owner's delivery log."""
        self._log.info(
            "attempt_failed",
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

    def _store(self, results: Sequence[Outcome]) -> None:
        with self._engine.begin() as connection:
            outcomes.store(connection, self.id, results)
        self._faults.at("after_store")


def _proves(claimed: Claimed, answer: Answer) -> bool:
    """Whether what came back holds the challenge that was sent."""
    challenge = json.loads(claimed.body)["data"]["challenge"]
    return challenge.encode("ascii") in answer.body
