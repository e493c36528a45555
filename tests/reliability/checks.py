"""What must be true when everything was killed: read from the database, the API and the logs."""

from __future__ import annotations

import hashlib
import json
import subprocess
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from openredress_api.foundation.identifiers import encode
from tests.reliability.rounds import Run
from tests.reliability.scratch import SERVER

Row = dict[str, Any]
_READ_LATE_S = 5.0
# By which an endpoint proves itself before anything is sent: no event of anybody's.
_PROOF = "endpoint.verify"
_DELIVERIES = "SELECT state FROM delivery WHERE cause <> 'verify'"


@dataclass(frozen=True)
class Check:
    """A figure and what it must be: nothing but `must`, or at least that."""

    name: str
    found: int
    must: int = 0
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return self.found >= self.must if self.at_least else self.found == self.must


@dataclass(frozen=True)
class Stored:
    """What the database holds at the end."""

    grievances: dict[str, str]
    rows: int
    events: list[Any]
    heads: dict[Any, int]
    keys: Counter[bytes]
    deliveries: Counter[str]
    audited: Counter[str]

    @classmethod
    def read(cls, connection: Connection) -> Stored:
        """Read it as the owner of the database."""

        def rows(query: str) -> Sequence[Any]:
            return connection.execute(text(query)).all()

        grievances = rows("SELECT external_id, id FROM grievance")
        entries = rows("SELECT content FROM audit WHERE operation = 'put_grievance'")
        subjects = (json.loads(content)["subjects"] for (content,) in entries)
        return cls(
            {external_id: encode("grv", row_id) for external_id, row_id in grievances},
            len(grievances),
            list(rows("SELECT * FROM event")),
            dict(tuple(row) for row in rows("SELECT * FROM feed_head")),
            Counter(bytes(digest) for (digest,) in rows("SELECT key_digest FROM idempotency")),
            Counter(state for (state,) in rows(_DELIVERIES)),
            Counter(subject for named in subjects for subject in named),
        )


def examine(run: Run) -> list[Check]:
    """Every check, the installation still running."""
    with run.scratch.installation.as_owner() as connection:
        stored = Stored.read(connection)
    ends = run.acks.news()
    calls = [one for one in ends if one["end"] != "hung"]
    return [
        *_writes(run, stored, calls),
        *_events(stored),
        *_copies(run, stored),
        *_calls(ends),
        *_upkeep(run, stored),
    ]


def _writes(run: Run, stored: Stored, calls: Sequence[Row]) -> Iterable[Check]:
    acked = [call for call in calls if call["end"] == "acked"]
    readable = {
        one.external_id: one.id
        for one in run.scratch.supplier.client(run.scratch.base_url).grievances.list(limit=500)
    }
    ids = {call["external_id"]: call["id"] for call in acked}
    least = run.acks_each * (len(run.plans) + 1)
    yield Check("acknowledged writes", len(acked), least, at_least=True)
    yield Check("acknowledged writes lost", _differing(ids, stored.grievances))
    yield Check("acknowledged writes unreadable through the API", _differing(ids, readable))
    yield Check("rows beyond one per external id", stored.rows - len(stored.grievances))
    yield Check("rows that nobody pushed", len(stored.grievances.keys() - _pushed(calls)))
    yield Check("acknowledged keys without exactly one row", _wrong_keys(acked, stored))
    yield Check("writes half done: row without key or key without row", _half_done(calls, stored))
    yield Check("calls that used more than one key", sum(len(call["keys"]) > 1 for call in calls))
    yield Check(
        "calls that met their own write as another's",
        sum(call["outcome"] != "created" for call in acked),
    )


def _differing(expected: dict[str, str], found: dict[str, str]) -> int:
    return sum(found.get(name) != value for name, value in expected.items())


def _pushed(calls: Iterable[Row]) -> set[str]:
    return {call["external_id"] for call in calls}


def _digest(key: str) -> bytes:
    return hashlib.sha256(f"put_grievance\0{key}".encode()).digest()


def _wrong_keys(acked: Iterable[Row], stored: Stored) -> int:
    return sum(stored.keys[_digest(key)] != 1 for call in acked for key in call["keys"])


def _half_done(calls: Iterable[Row], stored: Stored) -> int:
    return sum(
        (call["external_id"] in stored.grievances)
        != any(_digest(key) in stored.keys for key in call["keys"])
        for call in calls
    )


def _events(stored: Stored) -> Iterable[Check]:
    told = Counter(event.subject for event in stored.events if event.type == "grievance.received")
    ids = set(stored.grievances.values())
    places = defaultdict(list)
    for event in stored.events:
        places[event.organisation_id].append(event.position)
    yield Check("objects without event", len(ids - told.keys()))
    yield Check("events without object", len(told.keys() - ids))
    yield Check("objects told more than once", sum(count > 1 for count in told.values()))
    others = [event for event in stored.events if event.type not in {"grievance.received", _PROOF}]
    yield Check("events of another kind", len(others))
    yield Check(
        "feeds with a gap, a double or an event without place",
        sum(
            sorted(place or 0 for place in given) != list(range(1, len(given) + 1))
            or stored.heads.get(organisation) != len(given)
            for organisation, given in places.items()
        ),
    )


def _copies(run: Run, stored: Stored) -> Iterable[Check]:
    copies = run.copies.news()
    accepted = defaultdict(list)
    for copy in copies:
        if "refused" not in copy:
            accepted[copy["id"]].append(copy)
    sent = {
        event.webhook_id: hashlib.sha256(event.body).hexdigest()
        for event in stored.events
        if event.type != _PROOF
    }
    yield Check("events lost: never received", len(sent.keys() - accepted.keys()))
    yield Check("events received that are none", len(accepted.keys() - sent.keys()))
    yield Check("copies refused: signature, age or form", len(copies) - _total(accepted))
    yield Check(
        "copies with other bytes than the event",
        sum(copy["digest"] != sent.get(name) for name, all_ in accepted.items() for copy in all_),
    )
    yield Check("copies for whom there is nothing", sum(c["to"] != "institute" for c in copies))
    kills = sorted(kill.at for kill in run.kills if kill.victim != "serve")
    yield Check(
        "events with more copies than kills explain",
        sum(len(all_) - 1 > _kills_during(kills, all_) for all_ in accepted.values()),
    )
    yield Check(
        "deliveries not succeeded", stored.deliveries.total() - stored.deliveries["succeeded"]
    )


def _total(accepted: dict[str, list[Row]]) -> int:
    return sum(map(len, accepted.values()))


def _kills_during(kills: list[float], copies: list[Row]) -> int:
    """Kills of worker or database between an event's copies; each allows one copy more.

    What a worker had sent when it was killed may be read a little later.
    """
    times = sorted(copy["at"] for copy in copies)
    return bisect(kills, times[-1]) - bisect(kills, times[0] - _READ_LATE_S)


def _calls(calls: Sequence[Row]) -> Iterable[Check]:
    ends = Counter(call["end"] for call in calls)
    statuses = Counter(status for call in calls for status in call.get("statuses", []))
    yield Check("calls that hung", ends["hung"])
    yield Check("calls that ended in an untyped error", ends["untyped"])
    yield Check("answers 500: a fault of the server's code", statuses[500])


def _upkeep(run: Run, stored: Stored) -> Iterable[Check]:
    ids = set(stored.grievances.values())
    yield Check(
        "writes without exactly one audit entry", sum(stored.audited[one] != 1 for one in ids)
    )
    verified = subprocess.run(
        [SERVER, "audit", "verify"],
        env=run.scratch.environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    yield Check("audit verify", verified.returncode)
    yield Check("worker told to stop: exit status", run.stopped_with)
