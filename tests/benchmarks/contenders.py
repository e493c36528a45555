"""The servers that take part in `writes`: how each is started, and what is sent to it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from openredress_api.cli.running import BACKPRESSURE, BLOCKING_THREADS
from openredress_api.foundation.identifiers import decode
from openredress_api.foundation.installation import Installation
from openredress_api.vocabulary import TAXONOMIES
from tests.benchmarks.load import Refused, Target
from tests.benchmarks.processes import free_port, running
from tests.benchmarks.rivals_venv import BIN, ROOT
from tests.benchmarks.rows import copy_tables
from tests.benchmarks.scratch import environment_of, lasting
from tests.factories.parties import World

OURS = Path(sys.executable).parent
RIVALS = ROOT / "tests" / "benchmarks" / "rivals"
WORKERS = str(os.cpu_count() or 1)  # what `serve` takes by default, for everyone
SCHEMAS = ("floor", "statement", "pgbench", "fastapi", "django")
RECORD = {
    "category": "wages.late_payment",
    "channel": "hr_open_door",
    "severity": "s3_serious",
    "received_at": "2026-03-01T08:15:00+07:00",
    "workers_affected": 3,
    "source_updated_at": "2026-03-02T09:00:00Z",
}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who writes: ids for those who do not ask the token, token and site on the wire."""

    ids: dict[str, str]
    token: str
    site: str

    def body(self, *, plain: bool) -> dict[str, object]:
        """The record; rivals know plain UUIDs."""
        return {"site": str(decode("site", self.site)) if plain else self.site} | RECORD


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server."""

    name: str
    pid: int
    target: Target


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run one server: words of the command, its environment, its folder."""

    name: str
    words: list[str | Path]
    environment: dict[str, str]
    folder: Path = ROOT


def settle(installation: Installation) -> Parties:
    """Make an institute, a supplier, its site and its token, then everyone's tables."""
    world = World(installation)
    supplier = lasting(world, world.party("supplier"))
    site = world.site(supplier)
    world.app.extensions["openredress"].dispose()
    with installation.as_owner() as connection:
        driver = connection.connection.driver_connection
        for schema in SCHEMAS:
            copy_tables(driver, schema)
    ids = {
        "organisation": str(supplier.organisation_id),
        "client": str(supplier.client_id),
        "institute": str(world.institute.organisation_id),
    }
    return Parties(ids, supplier.token, site)


@contextmanager
def contenders(installation: Installation, parties: Parties) -> Iterator[dict[str, Contender]]:
    """All servers, running until the block ends."""
    folder = installation.settings.data_dir
    codes = {name: list(one.codes) for name, one in TAXONOMIES.items()}
    (folder / "codes.json").write_text(json.dumps(codes), encoding="utf-8")
    found: dict[str, Contender] = {}
    with ExitStack() as stack, _explained(folder, found):
        for plan in _plans(installation, parties):
            port, log = free_port(), folder / f"{plan.name}.log"
            words = [str(word).replace("{port}", str(port)) for word in plan.words]
            pid = stack.enter_context(running(words, plan.environment, log, port, plan.folder))
            body = orjson.dumps(parties.body(plain=plan.name != "product"))
            url = f"http://127.0.0.1:{port}/v1/grievances"
            found[plan.name] = Contender(plan.name, pid, Target(url, parties.token, body))
        yield found


@contextmanager
def _explained(folder: Path, found: Mapping[str, Contender]) -> Iterator[None]:
    """Say with a refusal what the servers wrote last; their logs are removed."""
    try:
        yield
    except Refused as fault:
        for name in found:
            log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            fault.add_note(f"{name} wrote last: {log[-2000:]}")
        raise


def connection_words(installation: Installation, schema: str) -> dict[str, str]:
    """How libpq reaches `schema`, by its environment variables."""
    url = installation.role_url("owner")
    return {
        "PGHOST": str(url.query["host"]),
        "PGPORT": str(url.query["port"]),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password),
        "PGDATABASE": url.database or "",
        "PGOPTIONS": f"-c search_path={schema}",
    }


def _plans(installation: Installation, parties: Parties) -> Iterator[Plan]:
    folder = installation.settings.data_dir
    yield Plan(
        "product",
        [OURS / "openredress-server", "serve", "--port", "{port}"],
        environment_of(folder),
    )
    for name, kind in (("floor", "rows"), ("statement", "statement")):
        yield Plan(name, _granian(), _shared(installation, parties, name) | {"BENCH_FLOOR": kind})
    yield Plan(
        "fastapi",
        [
            *(BIN / "uvicorn", "fastapi_app:app", "--workers", WORKERS, "--port", "{port}"),
            *("--no-access-log", "--log-level", "warning"),
        ],
        _shared(installation, parties, "fastapi"),
        RIVALS,
    )
    yield Plan(
        "django",
        [
            *(BIN / "gunicorn", "django.core.wsgi:get_wsgi_application()", "--workers", WORKERS),
            *("--worker-class", "gthread", "--threads", "8", "--bind", "127.0.0.1:{port}"),
        ],
        _shared(installation, parties, "django") | {"DJANGO_SETTINGS_MODULE": "django_settings"},
        RIVALS,
    )


def _granian() -> list[str | Path]:
    return [
        *(OURS / "granian", "tests.benchmarks.floor_app:app", "--interface", "wsgi"),
        *("--port", "{port}", "--workers", WORKERS, "--no-log"),
        *("--blocking-threads", str(BLOCKING_THREADS), "--backpressure", str(BACKPRESSURE)),
    ]


def _shared(installation: Installation, parties: Parties, schema: str) -> dict[str, str]:
    """What floors and rivals read; libpq's variables say where the database is."""
    words = connection_words(installation, schema)
    django = {
        "NAME": words["PGDATABASE"],
        "USER": words["PGUSER"],
        "PASSWORD": words["PGPASSWORD"],
        "HOST": words["PGHOST"],
        "PORT": words["PGPORT"],
        "OPTIONS": {"options": words["PGOPTIONS"]},
    }
    return words | {
        "BENCH_CODES": str(installation.settings.data_dir / "codes.json"),
        "BENCH_DJANGO": json.dumps(django),
        "BENCH_PARTIES": json.dumps(parties.ids),
        "PYTHONPATH": str(ROOT) if schema in {"floor", "statement"} else "",
    }
