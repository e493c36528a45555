"""`make crash`: kill API, import worker and PostgreSQL in the middle of a file of 100,000 rows.

Each round sends the same file into an emptied register. However often and whoever is killed, the
import ends as the one that nobody disturbed: same rows, same findings, same events.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # a script is started in its own folder

import orjson
from sqlalchemy import text

from openredress import Client
from tests.reliability.kills import Plan, carry_out
from tests.reliability.scratch import SERVER, Scratch, scratch_installation
from tests.reliability.services import DidNotCome, Service, kept_alive, wait_for

ROWS = 100_000
VICTIMS = ("serve", "work", "postgres")
KILLS = 3
PAUSES_S = (0.2, 1.2)
_PATIENCE_S = 300.0
_ENDED = text("SELECT ended_at IS NOT NULL FROM bulk_import ORDER BY created_at DESC LIMIT 1")
_BATCHES = text("""
SELECT b.listing FROM bulk_import_batch b JOIN bulk_import i
ON i.organisation_id = b.organisation_id AND i.id = b.import_id
WHERE i.created_at = (SELECT max(created_at) FROM bulk_import) ORDER BY b.number
""")
_FINDINGS = text("""
SELECT f.line, f.code, f.pointer, f.weight FROM bulk_import_finding f JOIN bulk_import i
ON i.organisation_id = f.organisation_id AND i.id = f.import_id
WHERE i.created_at = (SELECT max(created_at) FROM bulk_import) ORDER BY 1, 2, 3
""")
_COUNTS = text("SELECT counts FROM bulk_import ORDER BY created_at DESC LIMIT 1")
_ROWS = text("SELECT external_id, version, status FROM grievance ORDER BY 1")
_STEPS = text("SELECT to_status, source, count(*) FROM grievance_status_change GROUP BY 1, 2")
_EVENTS = text(
    "SELECT count(*) FROM event WHERE type = 'import.completed' "
    "AND occurred_at >= (SELECT max(created_at) FROM bulk_import)"
)


@dataclass(frozen=True)
class Outcome:
    """What an import left, without ids and moments."""

    rows: list[Any]
    listed: list[Any]
    findings: list[Any]
    steps: list[Any]
    counts: Any
    events: int

    def unlike(self, other: Outcome) -> list[str]:
        """Which parts differ."""
        return [
            name for name in self.__annotations__ if getattr(self, name) != getattr(other, name)
        ]


def outcome(scratch: Scratch) -> Outcome:
    """Read it as the owner."""
    with scratch.installation.as_owner() as connection:
        listed = [
            (line, key, version, verdict, digest)
            for (listing,) in connection.execute(_BATCHES)
            for line, key, _, version, verdict, digest, _ in (
                one.split("\t") for one in zlib.decompress(listing).decode().split("\n")
            )
        ]
        return Outcome(
            [tuple(row) for row in connection.execute(_ROWS)],
            listed,
            [tuple(row) for row in connection.execute(_FINDINGS)],
            sorted(tuple(row) for row in connection.execute(_STEPS)),
            connection.scalar(_COUNTS),
            # One for the sender, one for the institute, however often the end was tried.
            int(connection.scalar(_EVENTS)),
        )


def emptied(scratch: Scratch) -> None:
    """Take all rows away, as if nothing had ever been sent."""
    with scratch.installation.as_owner() as connection:
        for table in ("grievance_status_change", "grievance"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names


def file_of(site: str, folder: Path) -> Path:
    """The file: a hundred rows of it are bad, each in its own way."""
    path = folder / "register.ndjson"
    with path.open("wb") as out:
        for number in range(ROWS):
            record = {
                "external_id": f"GRV-{number}",
                "site": site,
                "category": "wages.late_payment" if number % 1_000 else "wages.late_paymant",
                "channel": "hr_open_door",
                "status": ("received", "in_investigation", "closed_unvalidated")[number % 3],
                "received_at": "2026-03-01T08:15:00+07:00",
                "workers_affected": number % 9,
            }
            out.write(orjson.dumps(record) + b"\n")
    return path


class House:
    """The processes of an installation, and the client of one supplier."""

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch
        words = {
            "serve": ["serve", "--port", str(scratch.port), "--workers", "2"],
            "work": ["work"],
        }
        self.services = {
            name: Service([SERVER, *each], scratch.environment, scratch.folder / f"{name}.log")
            for name, each in words.items()
        }
        self.client: Client = scratch.supplier.client(scratch.base_url)

    def push(self, path: Path) -> None:
        """Hand the file in, through whatever happens."""
        self.client.imports.push(
            path, record="grievance", source_system="hr", mode="upsert", wait=False
        )

    def ended(self) -> bool:
        """Whether the newest import has ended; False while the database is away."""
        try:
            with self.scratch.installation.as_owner() as connection:
                return bool(connection.scalar(_ENDED))
        except Exception:  # noqa: BLE001 - a database that was killed answers in many ways
            return False


def disturbed(house: House, path: Path, luck: random.Random) -> list[str]:
    """One round: the file is sent while processes die; who was killed, in order."""
    killed: list[str] = []
    over = threading.Event()

    def kill() -> None:
        for _ in range(KILLS):
            if over.wait(luck.uniform(*PAUSES_S)):
                return
            victim = luck.choice(VICTIMS)
            plan = Plan((victim,), luck.random() < 0.5, luck.random() < 0.5, (0.0,))
            carry_out(plan, house.services, house.scratch.pgdata)
            killed.append(victim)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        house.push(path)
        wait_for("the end of the import", house.ended, _PATIENCE_S)
    finally:
        over.set()
        killer.join()
    return killed


def crash(rounds: int, seed: int, say: Callable[[str], None]) -> list[str]:
    """Make an installation and kill it; what was not as in the undisturbed run."""
    luck = random.Random(seed)  # noqa: S311 - guards nothing, and is to be repeatable
    broken: list[str] = []
    victims: Counter[str] = Counter()
    with scratch_installation() as scratch:
        house = House(scratch)
        with kept_alive(list(house.services.values())):
            wait_for("a server that answers", lambda: _answers(house))
            site = house.client.sites.upsert(
                "S", source_system="hr", name="Site", country="TH", time_zone="Asia/Bangkok"
            )
            path = file_of(site.id, scratch.folder)
            house.push(path)
            wait_for("the undisturbed import", house.ended, _PATIENCE_S)
            whole = outcome(scratch)
            say(f"undisturbed: {whole.counts}")
            for number in range(rounds):
                emptied(scratch)
                began = time.monotonic()
                killed = disturbed(house, path, luck)
                wait_for("the database", lambda: _answers(house))
                unlike = outcome(scratch).unlike(whole)
                victims.update(killed)
                broken += [f"round {number}: {part}" for part in unlike]
                seconds = time.monotonic() - began
                say(f"round {number}: {', '.join(killed)}; {seconds:.1f} s; {unlike or 'equal'}")
    say(f"killed: {dict(victims)}")
    return broken


def _answers(house: House) -> bool:
    try:
        return bool(house.client.me.get())
    except Exception:  # noqa: BLE001 - a server that comes up refuses in many ways
        return False


def main() -> int:
    """One line per round; 0 if every import ended as the undisturbed one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 - guards nothing
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _say(f"seed {options.seed}")
    try:
        broken = crash(options.rounds, options.seed, _say)
    except DidNotCome as fault:
        broken = [str(fault)]
    for part in broken:
        _say(f"BAD {part}")
    _say("every import ended as the undisturbed one" if not broken else "NOT EQUAL")
    return 1 if broken else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command speaks to whoever called it


if __name__ == "__main__":
    sys.exit(main())
