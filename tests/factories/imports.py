"""Files as a sender's own software hands them in, and a worker that takes them up at once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from werkzeug.test import TestResponse

from openredress_api import imports
from openredress_api.foundation.contents import MAX_PART
from tests.factories.parties import Party, World
from tests.factories.registers import grievance

SOURCE = "hr"


def lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as NDJSON."""
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def row(site: str, external_id: str, **fields: Any) -> dict[str, Any]:
    """A grievance as one line of a file."""
    return {"external_id": external_id, **grievance(site, **fields)}


def announce(party: Party, octets: bytes, **body: Any) -> TestResponse:
    """Announce a file of grievances, in NDJSON and to be stored, unless `body` says else."""
    return party.post("/v1/imports", told(octets) | body)


def told(octets: bytes) -> dict[str, Any]:
    """What is said of a file before its octets."""
    return {
        "record": "grievance",
        "format": "ndjson",
        "size": len(octets),
        "sha256": hashlib.sha256(octets).hexdigest(),
        "source_system": SOURCE,
        "mode": "upsert",
    }


def send(party: Party, import_id: str, octets: bytes, offset: int = 0, **headers: str):
    """PUT octets of an announced file."""
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    return party.http.open(
        f"/v1/imports/{import_id}/content?offset={offset}",
        method="PUT",
        data=octets,
        headers={
            "Authorization": f"Bearer {party.token}",
            "Content-Type": "application/octet-stream",
            "Content-Digest": f"sha-256=:{digest}:",
        }
        | headers,
    )


def hand_in(party: Party, octets: bytes, **body: Any) -> str:
    """Announce a file and send all of it; its id."""
    announced = announce(party, octets, **body)
    assert announced.status_code == 202, announced.json
    import_id = str(announced.json["id"])
    for first in range(0, len(octets), MAX_PART):
        sent = send(party, import_id, octets[first : first + MAX_PART], first)
        assert sent.status_code == 200, sent.json
    return import_id


def work(world: World) -> None:
    """Do everything that waits."""
    worker = imports.Worker(world.app.extensions["openredress"])
    while worker.turn():
        pass


def imported(world: World, party: Party, octets: bytes, **body: Any) -> dict[str, Any]:
    """Hand a file in, have it worked on, and read what became of it."""
    import_id = hand_in(party, octets, **body)
    work(world)
    return read(party, import_id)


def read(party: Party, import_id: str) -> dict[str, Any]:
    """An import as it stands."""
    answer = party.get(f"/v1/imports/{import_id}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def findings(party: Party, import_id: str, **query: str) -> list[dict[str, Any]]:
    """What was found in an import's rows."""
    asked = "&".join(f"{name}={value}" for name, value in {"limit": "500", **query}.items())
    answer = party.get(f"/v1/imports/{import_id}/findings?{asked}")
    assert answer.status_code == 200, answer.json
    return list(answer.json["data"])


def receipts(party: Party, import_id: str) -> list[dict[str, Any]]:
    """What became of every row that reached the records."""
    found: list[dict[str, Any]] = []
    path = f"/v1/imports/{import_id}/receipts"
    cursor = ""
    while True:
        answer = party.get(f"{path}?cursor={cursor}" if cursor else path)
        assert answer.status_code == 200, answer.json
        found += answer.json["data"]
        cursor = answer.json["next_cursor"]
        if not cursor:
            return found
