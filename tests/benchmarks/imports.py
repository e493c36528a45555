"""Files of 100,000 grievances end to end, against raw COPY of the very rows that they leave.

From the announcement over HTTP to the end of the job: received, sealed, validated, searched for
personal data, merged, audited. The floor takes the rows that the product wrote (grievances and
their steps) and copies them into tables with the same indexes, checks and foreign keys.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import requests
from marshmallow import Schema
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from openredress_api.foundation.identifiers import dated_id, decode, random_id
from openredress_api.foundation.installation import Installation
from openredress_api.grievances.rules import way
from openredress_api.grievances.schemas import GrievanceRow
from openredress_api.grievances.tables import Grievance, StatusChange
from tests.benchmarks.contenders import OURS
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import free_port, running
from tests.benchmarks.rows import copy_tables
from tests.benchmarks.scratch import environment_of, lasting, scratch
from tests.factories.parties import Party, World

ROWS = 100_000
MANY = 1_000_000
ORM_ROWS = 2_000
PART = 4 * 1024 * 1024
FLOORS = ("copied", "orm")
UNIT = "records/s"
CATEGORIES = ("wages.late_payment", "osh.ppe", "living.housing", "hours.excessive")
# A register under way: new, acknowledged, looked into, closed in equal parts.
STATUSES = ("received", "acknowledged", "in_investigation", "closed_unvalidated")
GRIEVANCE = (
    "organisation_id, id, source_system, external_id, site_id, category, channel, severity, "
    "status, received_at, received_at_basis, acknowledged_at, resolved_at, closed_at, "
    "workers_affected, is_anonymous, withdrawal_reason, out_of_scope_reason, remedy_amount, "
    "remedy_currency, source_updated_at, is_test, created_at, updated_at"
)
STEP = "organisation_id, id, recipient_id, grievance_id, to_status, at, source, recorded_at"


def records(site: str, count: int) -> Iterator[dict[str, Any]]:
    """Grievances of a register; nothing about anybody."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        status = STATUSES[number % len(STATUSES)]
        moments = [first + timedelta(minutes=number % 50_000, days=day) for day in (0, 1, 9, 12)]
        received, acknowledged, resolved, closed = (one.isoformat() for one in moments)
        begun, ended = status != "received", status.startswith("closed")
        yield {
            "external_id": f"GRV-2026-{number:07}",
            "site": site,
            "category": CATEGORIES[number % len(CATEGORIES)],
            "channel": "hr_open_door",
            "severity": "s3_serious",
            "status": status,
            "received_at": received,
            "acknowledged_at": acknowledged if begun else None,
            "resolved_at": resolved if ended else None,
            "closed_at": closed if ended else None,
            "workers_affected": number % 40,
            "source_updated_at": closed,
        }


def ndjson(site: str, count: int) -> bytes:
    """The records as a file."""
    return b"".join(orjson.dumps(one) + b"\n" for one in records(site, count))


@dataclass
class House:
    """A whole installation at work: server, import worker, and one supplier."""

    installation: Installation
    supplier: Party
    site: str
    url: str
    server: int
    http: requests.Session = field(default_factory=requests.Session)

    def push(self, octets: bytes, source: str, **body: Any) -> tuple[float, dict[str, Any]]:
        """Seconds from the announcement to the end, and the import as it ended."""
        began = time.perf_counter()
        announced = self._call(
            "POST",
            "/v1/imports",
            {"Idempotency-Key": source + str(began)},
            json={
                "record": "grievance",
                "format": "ndjson",
                "size": len(octets),
                "sha256": hashlib.sha256(octets).hexdigest(),
                "source_system": source,
                "mode": "upsert",
            }
            | body,
        )
        place = f"/v1/imports/{announced['id']}"
        for first in range(0, len(octets), PART):
            part = octets[first : first + PART]
            digest = base64.b64encode(hashlib.sha256(part).digest()).decode()
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Digest": f"sha-256=:{digest}:",
            }
            self._call("PUT", f"{place}/content?offset={first}", headers, data=part)
        while (done := self._call("GET", place, {}))["ended_at"] is None:
            time.sleep(0.05)
        return time.perf_counter() - began, done

    def _call(self, method: str, path: str, headers: dict[str, str], **body: Any) -> Any:
        sent = {"Authorization": f"Bearer {self.supplier.token}", **headers}
        answer = self.http.request(method, self.url + path, headers=sent, timeout=60, **body)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.text}")
        return answer.json()


@contextmanager
def house() -> Iterator[House]:
    """An installation with its processes, until the block ends."""
    with scratch() as installation:
        world = World(installation)
        supplier = lasting(world, world.party("supplier"))
        site = world.site(supplier)
        world.app.extensions["openredress"].dispose()
        with installation.as_owner() as connection:
            for schema in FLOORS:
                copy_tables(connection.connection.driver_connection, schema)
        folder, port = installation.settings.data_dir, free_port()
        tool, settings = OURS / "openredress-server", environment_of(folder)
        log = folder / "imports.log"
        with (
            running([tool, "serve", "--port", str(port)], settings, log, port, folder) as pid,
            worker(tool, settings, log),
        ):
            yield House(installation, supplier, site, f"http://127.0.0.1:{port}", pid)


@contextmanager
def worker(tool: Path, settings: dict[str, str], log: Path) -> Iterator[None]:
    """The import worker as a process of its own."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [tool, "work"], env={**os.environ, **settings}, stdout=output, stderr=output
        )
    try:
        yield
    finally:
        child.terminate()
        child.wait(30)


def run(rounds: int) -> list[Figure]:
    """In each round: new rows, raw COPY of them, the same file again, and rows one by one."""
    taken: dict[str, list[float]] = {name: [] for name in ("new", "again", "copied", "orm")}
    with house() as found:
        octets = ndjson(found.site, ROWS)
        idle = memory(found.server)
        for turn in range(rounds):
            source = f"round-{turn}"
            seconds, done = found.push(octets, source)
            assert done["counts"]["new"] == ROWS, done
            taken["new"].append(ROWS / seconds)
            taken["copied"].append(ROWS / copied(found, source))
            seconds, done = found.push(octets, source)
            assert done["counts"]["unchanged"] == ROWS, done
            taken["again"].append(ROWS / seconds)
            taken["orm"].append(ORM_ROWS / one_by_one(found, source))
        preview, done = found.push(as_csv(found.site), "preview", mode="check", format="csv")
        assert done["counts"]["new"] == ROWS, done
        growth = million(found) - idle
    return [
        _ratio("imports.new", taken, "new", "copied", ">= 0.5"),
        Figure("imports.rate", statistics.median(taken["new"]), UNIT, target=">= 10000"),
        _ratio("imports.again", taken, "again", "copied", ">= 0.8"),
        _ratio("imports.of_orm", taken, "new", "orm", ">= 20"),
        Figure("imports.csv_preview", preview, "s per 100,000 rows", target="<= 10"),
        Figure("imports.api_memory_of_million", growth, "MiB above idle", target="< 150"),
    ]


def _ratio(name: str, taken: dict[str, list[float]], one: str, over: str, target: str) -> Figure:
    pairs = zip(taken[one], taken[over], strict=True)
    return Figure(
        name,
        statistics.median(taken[one]),
        UNIT,
        statistics.median(taken[over]),
        statistics.median(left / right for left, right in pairs),
        target,
    )


def copied(found: House, source: str) -> float:
    """Seconds of raw COPY of the rows that a push left, into tables of the same make."""
    steps = (
        f"SELECT {', '.join('s.' + name.strip() for name in STEP.split(','))} "  # noqa: S608 - our own names
        "FROM grievance_status_change s JOIN grievance g ON g.organisation_id = s.recipient_id "
        f"AND g.id = s.grievance_id WHERE g.source_system = '{source}'"
    )
    rows = f"SELECT {GRIEVANCE} FROM grievance WHERE source_system = '{source}'"  # noqa: S608 - our own names
    url = found.installation.admin_url(found.installation.database_name)
    with psycopg.connect(url.render_as_string(hide_password=False).replace("+psycopg", "")) as db:
        left = {"grievance": _dumped(db, rows), "grievance_status_change": _dumped(db, steps)}
        columns = {"grievance": GRIEVANCE, "grievance_status_change": STEP}
        began = time.perf_counter()
        for table, octets in left.items():
            with db.cursor().copy(f"COPY copied.{table} ({columns[table]}) FROM STDIN") as copy:
                copy.write(octets)
        db.commit()
        return time.perf_counter() - began


def _dumped(db: psycopg.Connection[Any], query: str) -> bytes:
    with db.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def one_by_one(found: House, source: str) -> float:
    """Seconds of the way without thought: each row is validated, looked for, added, flushed."""
    url = found.installation.role_url("owner")
    engine = create_engine(url, connect_args={"options": "-c search_path=orm"})
    organisation = found.supplier.organisation_id
    began = time.perf_counter()
    with Session(engine) as session:
        schema = GrievanceRow()
        for record in records(found.site, ORM_ROWS):
            # marshmallow's own way, as everybody calls it.
            Schema.load(schema, {**record, "source_system": source})
            known = select(Grievance).where(
                Grievance.organisation_id == organisation,
                Grievance.source_system == source,
                Grievance.external_id == record["external_id"],
            )
            assert session.scalar(known) is None
            _add(session, organisation, source, record, found)
            session.flush()
        session.commit()
    engine.dispose()
    return time.perf_counter() - began


def _add(session: Session, organisation: Any, source: str, record: Any, found: House) -> None:
    now, grievance_id = datetime.now(UTC), dated_id()
    told = {
        name: record[name] for name in ("external_id", "category", "channel", "severity", "status")
    }
    moments = ("received_at", "acknowledged_at", "resolved_at", "closed_at", "source_updated_at")
    told |= {
        name: datetime.fromisoformat(record[name]) if record[name] else None for name in moments
    }
    session.add(
        Grievance(
            **told,
            organisation_id=organisation,
            id=grievance_id,
            source_system=source,
            site_id=decode("site", found.site),
            received_at_basis="stated",
            workers_affected=record["workers_affected"],
            is_anonymous=False,
            is_test=False,
            created_at=now,
            updated_at=now,
            version=1,
        )
    )
    session.flush()
    for step in way(None, record["status"]):
        session.add(
            StatusChange(
                organisation_id=organisation,
                id=random_id(),
                recipient_id=organisation,
                grievance_id=grievance_id,
                to_status=step,
                source="import",
                recorded_at=now,
            )
        )
        session.flush()


def as_csv(site: str) -> bytes:
    """The same records as a sheet with our own headings."""
    out = io.StringIO()
    rows = csv.DictWriter(out, next(records(site, 1)).keys())
    rows.writeheader()
    rows.writerows(records(site, ROWS))
    return out.getvalue().encode()


def million(found: House) -> float:
    """The most memory of the server while a million rows pass, in MiB."""
    peak, ended = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.1):
            peak = max(peak, memory(found.server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        _, done = found.push(ndjson(found.site, MANY), "million")
    finally:
        ended.set()
        watcher.join()
    assert done["counts"]["new"] == MANY, done
    return peak


def memory(pid: int) -> float:
    """MiB that a server and its processes hold for themselves."""
    return sum(_private(one) for one in _family(pid)) / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _private(pid: int) -> int:
    """KiB; shared pages, such as the database's buffers, are not counted."""
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    if name.startswith("postgres"):
        return 0
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
