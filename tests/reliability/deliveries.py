"""`make crash`: kill delivery workers at each of their points, and PostgreSQL within a claim.

A worker dies with SIGKILL as soon as it comes by its point, again and again, while events keep
coming; now and then one is left alive to get them through. The receiver is the SDK's inbox.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))  # a script is started in its own folder

import certifi

from openredress.inbox import Context, Inbox
from openredress_webhooks.events import Event
from openredress_webhooks.signing import Secret
from tests.delivery.desk import Desk
from tests.delivery.house import House
from tests.delivery.workers import IN_CLAIM, WorkerProcesses
from tests.reliability.scratch import Scratch, scratch_installation
from tests.reliability.services import kill_each, postgres_family, wait_for

POINTS = (
    "during_fanout",
    "during_replay",
    "after_claim",
    "during_post",
    "after_answer",
    "after_store",
)
# A worker that dies here has sent nothing.
BEFORE_SENDING = {"during_fanout", "during_replay", "after_claim", IN_CLAIM}
KILLS_BETWEEN_REST = 10
MOST_EVENTS = 6
EFFECTS = "CREATE TABLE effect (event text)"


class Receiver:
    """The SDK's inbox on the loopback, and what came to it."""

    def __init__(self, folder: Path, secret: Secret) -> None:
        self.copies: list[tuple[str, str]] = []
        self._file = folder / "inbox.sqlite"
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute(EFFECTS)
        self._inbox = Inbox(self._file, [secret.text])
        self._inbox.on("*")(_effect)
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def effects(self) -> Counter[str]:
        """How often each event had its effect."""
        with closing(sqlite3.connect(self._file)) as connection:
            return Counter(event for (event,) in connection.execute("SELECT event FROM effect"))

    def take(self, method: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Note the copy, then deal with it as the inbox does."""
        digest = hashlib.sha256(body).hexdigest()
        self.copies.append((headers.get("webhook-id", ""), digest))
        reply = self._inbox.respond(method, headers, body)
        return int(reply.status), reply.body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = receiver.take("POST", headers, body)
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A connection broken by a killed worker is what this is about."""


def _effect(event: Event, context: Context) -> None:
    context.connection.execute("INSERT INTO effect VALUES (?)", (event.id,))


@dataclass
class Sent:
    """An event: its bytes, how often it was to be sent, the kills before it was written."""

    digest: str
    wanted: int
    kills_before: int


@dataclass
class Report:
    """What came of the kills at one point."""

    point: str
    kills: int = 0
    events: int = 0
    lost: int = 0
    copies: int = 0
    most_copies: int = 0
    too_many: int = 0
    altered: int = 0
    foreign: int = 0
    effects_not_one: int = 0
    seconds: float = 0.0

    @property
    def is_broken(self) -> bool:
        """Whether a promise was not kept."""
        return any((self.lost, self.too_many, self.altered, self.foreign, self.effects_not_one))

    def __str__(self) -> str:
        return (
            f"{'BAD' if self.is_broken else 'ok '} {self.point:14} kills {self.kills:4}  events "
            f"{self.events:5}  lost {self.lost}  copies {self.copies:5} (at most "
            f"{self.most_copies} of one, too many {self.too_many})  other bytes {self.altered}  "
            f"foreign {self.foreign}  effects not 1: {self.effects_not_one}  {self.seconds:.0f} s"
        )


@dataclass
class Scene:
    """One point: an organisation of its own with one endpoint, and what happens to it."""

    scratch: Scratch
    house: House
    processes: WorkerProcesses
    receiver: Receiver
    desk: Desk
    endpoint: UUID
    report: Report
    luck: random.Random
    sent: dict[str, Sent] = field(default_factory=dict)

    def write(self) -> None:
        """A few events; where replays are meant, they are delivered already and asked for again."""
        made = self.desk.events(self.luck.randint(1, MOST_EVENTS))
        rows = self.house.rows("SELECT webhook_id, body FROM event WHERE id = ANY(:ids)", ids=made)
        for row in rows:
            digest = hashlib.sha256(row.body).hexdigest()
            self.sent[row.webhook_id] = Sent(digest, 1, self.report.kills)
        if self.report.point == "during_replay":
            self.desk.fan_out()
            self.desk.ask_again(self.endpoint, one=self.luck.choice(made))
            (asked,) = self.house.rows(
                "SELECT v.webhook_id FROM webhook_replay r JOIN event v ON v.id = r.event_id "
                "ORDER BY r.created_at DESC LIMIT 1"
            )
            self.sent[asked.webhook_id].wanted += 1

    def kill(self) -> None:
        """A worker begins, and dies at its point."""
        self.processes.start(self.report.point)
        ended = self.processes.ended()
        if ended != -signal.SIGKILL:
            raise RuntimeError(f"the worker ended by itself: {ended}")
        self.report.kills += 1
        self.expire_leases()

    def expire_leases(self) -> None:
        """No worker lives, so no lease holds; they last longer than anybody wants to wait here."""
        self.house.rows("UPDATE delivery SET lease_until = now() WHERE state = 'leased'")

    def rest(self) -> None:
        """A worker lives until everything has arrived."""
        self.processes.start()
        try:
            wait_for("the last event", self.has_arrived)
        finally:
            self.processes.stop()

    def has_arrived(self) -> bool:
        """Whether nothing waits any more."""
        (row,) = self.house.rows(
            "SELECT EXISTS (SELECT FROM delivery WHERE state <> 'succeeded') "
            "OR EXISTS (SELECT FROM webhook_replay WHERE state = 'running') "
            "OR EXISTS (SELECT FROM event v JOIN webhook_endpoint e USING (organisation_id) "
            "WHERE e.id = :id AND (v.position IS NULL OR v.position > e.fanned_position)) AS waits",
            id=self.endpoint,
        )
        return not row.waits

    def kill_postgres(self, *, with_children: bool) -> None:
        """A worker stands within its claim when the database dies; it gets through by itself."""
        armed = threading.Event()
        armed.set()

        def watch() -> None:
            while self.processes.claims():
                if armed.is_set():
                    armed.clear()
                    family = postgres_family(self.scratch.pgdata)
                    kill_each(family if with_children else family[:1])
                    self.report.kills += 1
                    assert self.scratch.installation.cluster
                    self.scratch.installation.cluster.ensure_running()
                self.processes.go_on()

        self.processes.start(IN_CLAIM)
        watching = threading.Thread(target=watch)
        watching.start()
        try:
            wait_for("the kill", lambda: not armed.is_set())
            wait_for("the last event", self.arrived_meanwhile)
        finally:
            self.processes.tell_to_stop()
            watching.join()

    def arrived_meanwhile(self) -> bool:
        """As `has_arrived`; our own connections were cut, too."""
        try:
            return self.has_arrived()
        except Exception:  # noqa: BLE001 - a database that comes up refuses in many ways
            return False

    def examine(self) -> Report:
        """Count."""
        report, copies = self.report, Counter(event for event, _ in self.receiver.copies)
        effects = self.receiver.effects()
        report.events, report.copies = len(self.sent), copies.total()
        report.lost = len(self.sent.keys() - copies.keys())
        report.foreign = len(copies.keys() - self.sent.keys())
        report.most_copies = max(copies.values(), default=0)
        report.altered = sum(
            event in self.sent and self.sent[event].digest != digest
            for event, digest in self.receiver.copies
        )
        report.too_many = sum(
            copies[event] > one.wanted + self.most_again(one) for event, one in self.sent.items()
        )
        report.effects_not_one = sum(effects[event] != 1 for event in self.sent)
        return report

    def most_again(self, one: Sent) -> int:
        """How many copies the kills allow beside those that were wanted."""
        if self.report.point in BEFORE_SENDING:
            return 0
        return self.report.kills - one.kills_before


@contextmanager
def _scene(scratch: Scratch, house: House, point: str, luck: random.Random) -> Iterator[Scene]:
    secret = Secret.generate()
    folder = scratch.folder / point
    folder.mkdir()
    receiver = Receiver(folder, secret)
    desk = Desk(house)
    endpoint = house.endpoint(desk.organisation, receiver.url, max_in_flight=8)
    house.key(desk.organisation, endpoint, secret)
    url = house.role_url("delivery").render_as_string(hide_password=False)
    with closing(receiver), WorkerProcesses(url, certifi.where()) as processes:
        yield Scene(scratch, house, processes, receiver, desk, endpoint, Report(point), luck)


def _kill_workers(scene: Scene, rounds: int) -> None:
    for number in range(1, rounds + 1):
        scene.write()
        scene.kill()
        if number % KILLS_BETWEEN_REST == 0 or number == rounds:
            scene.rest()


def _kill_postgres(scene: Scene, rounds: int) -> None:
    for number in range(rounds):
        scene.write()
        scene.kill_postgres(with_children=number % 2 == 0)


def crash(rounds: int, seed: int, say: Callable[[str], None]) -> list[Report]:
    """Kill `rounds` workers at each point, and the database for every fifth; what came of it."""
    luck = random.Random(seed)  # noqa: S311 - guards nothing, and is to be repeatable
    reports = []
    with scratch_installation() as scratch:
        house = House(scratch.installation.role_url)
        for point in (*POINTS, IN_CLAIM):
            begun = time.monotonic()
            with _scene(scratch, house, point, luck) as scene:
                if point == IN_CLAIM:
                    _kill_postgres(scene, max(1, rounds // 5))
                else:
                    _kill_workers(scene, rounds)
                reports.append(scene.examine())
            reports[-1].seconds = time.monotonic() - begun
            say(str(reports[-1]))
        house.close()
    return reports


def main() -> int:
    """One line per point; 0 if no event was lost, altered, or had more than its one effect."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 - guards nothing
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _say(f"seed {options.seed}")
    reports = crash(options.rounds, options.seed, _say)
    kills, copies = (sum(getattr(one, name) for one in reports) for name in ("kills", "copies"))
    events, lost = (sum(getattr(one, name) for one in reports) for name in ("events", "lost"))
    _say(f"kills {kills}, events {events}, lost {lost}, copies {copies}")
    return int(any(report.is_broken for report in reports))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command speaks to whoever called it


if __name__ == "__main__":
    sys.exit(main())
