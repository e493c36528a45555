"""A run: push and kill, round after round; then stop pushing and wait for the last event."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import TextClause, text

from tests.reliability.durable import Lines
from tests.reliability.kills import Kill, Plan, carry_out
from tests.reliability.scratch import SERVER, Scratch, free_port
from tests.reliability.services import DidNotCome, Service, helper, wait_for

_THREADS = 4
_AT_ONCE = 32
_DRAIN_S = 180.0
_DRAINED = text("""
SELECT NOT EXISTS (SELECT FROM event WHERE position IS NULL)
    AND NOT EXISTS (SELECT FROM audit WHERE seq IS NULL)
    AND NOT EXISTS (SELECT FROM delivery WHERE state IN ('due', 'leased', 'waiting'))
    AND NOT EXISTS (SELECT FROM webhook_endpoint JOIN feed_head USING (organisation_id)
        WHERE fanned_position < last_position)
""")
_AT_WORK = text("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = :role)").bindparams(
    role="openredress_delivery"
)


@dataclass
class Run:
    """A running installation under load, and what was done to it."""

    scratch: Scratch
    services: Mapping[str, Service]
    acks: Lines
    copies: Lines
    plans: Sequence[Plan]
    acks_each: int
    kills: list[Kill] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    stopped_with: int = 0
    workers_left: int = 0

    @classmethod
    def of(cls, scratch: Scratch, plans: Sequence[Plan], acks_each: int, workers: int) -> Run:
        """A run that has not begun; `acks_each` acknowledgements come before each round."""
        where = scratch.folder
        commands = {
            "serve": ["serve", "--port", str(scratch.port), "--workers", str(workers)],
            "deliver": ["deliver"],
        }
        services = {
            name: Service([SERVER, *words], scratch.environment, where / f"{name}.log")
            for name, words in commands.items()
        }
        acks, copies = (Lines(where / f"{name}.jsonl") for name in ("acks", "copies"))
        return cls(scratch, services, acks, copies, plans, acks_each)

    def await_acks(self, since: float, number: int) -> None:
        """Wait for so many acknowledged writes whose last try began after `since`."""
        wait_for(f"{number} acknowledged writes", lambda: len(self._acked(since)) >= number)

    def recovery(self, since: float) -> float:
        """Seconds from `since` to the first acknowledged write that was tried after it."""
        return min(ended for ended in self._acked(since)) - since

    def _acked(self, since: float) -> list[float]:
        # Not whatever was answered after the kill: it may have been on its way before.
        return [
            one["ended"]
            for one in reversed(self.acks.news())
            if one["end"] == "acked" and one["tried_at"] > since
        ]


def make_rounds(run: Run, say: Callable[[str], None]) -> None:
    """Push and kill until every plan was carried out; then drain."""
    wait_for("serve", lambda: _is_ready(run.scratch.base_url))
    site, endpoints, port = _register(run.scratch)
    secrets = {name: made.secret for name, made in endpoints.items()}
    with _receiving(run, port, secrets):
        for name, made in endpoints.items():
            client = getattr(run.scratch, name).client(run.scratch.base_url)
            client.webhook_endpoints.verify(made.id)
        with _pushing(run, site):
            since = time.monotonic()
            for number, plan in enumerate(run.plans, 1):
                run.await_acks(since, run.acks_each)
                run.kills += carry_out(plan, run.services, run.scratch.pgdata)
                since = run.kills[-1].at
                run.await_acks(since, 1)
                run.recoveries.append(run.recovery(since))
                say(f"round {number}: {plan}; writes again after {run.recoveries[-1]:.2f} s")
            run.await_acks(since, run.acks_each)
        run.workers_left = len(run.services["serve"].workers())
        say("pushing has ended; waiting for the last event")
        _drain(run)


def _is_ready(base_url: str) -> bool:
    try:
        return requests.get(f"{base_url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _register(scratch: Scratch) -> tuple[str, dict[str, Any], int]:
    """A site to push for, an endpoint for each of the two, and the port of both.

    A push tells the institute (grievance.received); its author is told nothing of its own act,
    and its endpoint is there to show that.
    """
    port = free_port()
    members = {"institute": scratch.institute, "supplier": scratch.supplier}
    clients = {name: member.client(scratch.base_url) for name, member in members.items()}
    endpoints = {
        name: client.webhook_endpoints.create(
            f"http://127.0.0.1:{port}/{name}", event_patterns=["*"], max_in_flight=_AT_ONCE
        )
        for name, client in clients.items()
    }
    site = clients["supplier"].sites.upsert(
        "S1", source_system="hr", name="Site", country="TH", time_zone="Asia/Bangkok"
    )
    return site.id, endpoints, port


@contextmanager
def _receiving(run: Run, port: int, secrets: Mapping[str, str]) -> Iterator[None]:
    arguments = [str(port), str(run.copies.path), json.dumps(secrets)]
    with helper("receiver", *arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield


@contextmanager
def _pushing(run: Run, site: str) -> Iterator[None]:
    """Two pushing processes, and one that writes down what they report."""
    member = run.scratch.supplier
    base = (run.scratch.base_url, member.client_id, str(member.key), site)
    with (
        helper("durable", str(run.acks.path)) as logger,
        helper("pusher", *base, "GRV/a", str(_THREADS), stdout=logger.stdin),
        helper("pusher", *base, "GRV/b", str(_THREADS), stdout=logger.stdin),
    ):
        yield


def _drain(run: Run) -> None:
    """Until every event was delivered and every audit entry has its place, or long enough.

    A killed worker's leases last 50 s, longer than anybody wants to wait here for each. So the
    last worker is stopped as an operator does; when none lives, no lease holds, and the owner of
    the database says so. The product's own sweep then frees them.
    """
    # One that is just being started knows no SIGTERM yet; at work it has sessions of its own role.
    wait_for("the worker", lambda: _asks(run.scratch, _AT_WORK))
    run.stopped_with = run.services["deliver"].stop()
    with run.scratch.installation.as_owner() as connection:
        connection.execute(
            text("UPDATE delivery SET lease_until = clock_timestamp() WHERE state = 'leased'")
        )
    run.services["deliver"].start()
    try:
        wait_for("the last event", lambda: _asks(run.scratch, _DRAINED), _DRAIN_S)
    except DidNotCome:
        return  # the figures say what did not come


def _asks(scratch: Scratch, question: TextClause) -> bool:
    with scratch.installation.as_owner() as connection:
        return bool(connection.scalar(question))
