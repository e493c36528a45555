"""Keeps one request and answer per operation and one event per type, in a form that stays."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from flask import Flask, Response, request

from openredress_webhooks.events import EventType
from tests.factories.parties import Party

#: Types that no room sends yet, or the worker alone: their examples are built from the catalogue's.
NOT_SENT_YET = {
    "consent.withdrawn",
    "endpoint.disabled",
    "endpoint.failing",
    "grievance.closed_validated",
    "manifest.daily",
    "metrics.restated",
    "placement.flagged",
    "remediation.due_soon",
    "remediation.evidence_requested",
    "remediation.overdue",
    "response.approved",
    "system.gap_detected",
}
NOW, LATER = "2026-07-06T09:30:00.000000Z", "2026-09-04T09:30:00.000000Z"
#: Members that tell of a time to come.
AHEAD = {"due_at", "delete_by", "old_key_ends_at", "expires_at"}
_ID = re.compile(r"\b([a-z]{2,4})_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_SECRET = re.compile(r"\b(whsec|whpk)_[A-Za-z0-9+/=]+")
_RECEIPT_CODE = re.compile(r"\d{16}")
_LINK = re.compile(r"(?<=evidence-links/)[0-9a-f]{64}")
_INSTITUTE = re.compile(r"institute \d+")
# A digest of what a row says holds the ids in it.
_DIGEST = re.compile(r"[0-9a-f]{64}")
PACE = 20_000.0
# What holds keys or moments of the installation.
_AT_RANDOM = {
    "challenge": "Zm9yLXRoaXMtZW5kcG9pbnQtb25seQ",
    "next_cursor": "dGhlLXBsYWNlLW9mLXRoZS1sYXN0LXJvdw",
    "pseudonym": "w-izryuzjlrlw3qtgbz6a3evo53q",
}
_HOST = "http://127.0.0.1:8321"


class Recorder:
    """Listens to an application that serves its first request later."""

    def __init__(self, app: Flask) -> None:
        self.operations: dict[str, dict[str, Any]] = {}
        self.refused: list[str] = []
        app.before_request(_hold_the_body)
        app.after_request(self._keep)

    def _keep(self, response: Response) -> Response:
        name, body = str(request.endpoint), response.get_data()
        if response.status_code >= 400:
            self.refused.append(f"{request.method} {request.path}: {body.decode()}")
        if response.status_code >= 400 or not body or not request.path.startswith("/v1/"):
            return response
        if response.mimetype != "application/json":
            return response
        answer = json.loads(body)
        known = self.operations.get(name, {}).get("response")
        if known is None or known.get("data") == []:
            sent = request.get_data() if request.mimetype == "application/json" else b""
            kept = {"request": json.loads(sent)} if sent not in {b"", b"{}"} else {}
            self.operations[name] = kept | {"response": answer}
        return response


def _hold_the_body() -> None:
    """The server reads the body once; it is read again when the answer is kept."""
    request.get_data(cache=True)


def events_of(*parties: Party) -> dict[str, dict[str, Any]]:
    """The first event of each type in the feeds of `parties`."""
    found: dict[str, dict[str, Any]] = {}
    for party in parties:
        for row in party.get("/v1/events?limit=500").json["data"]:
            found.setdefault(row["event"]["type"], row["event"])
    return found


def made_up(known: EventType) -> dict[str, Any]:
    """An event of a type that is not sent yet, as the catalogue says it will be."""
    data = {name: field.schema()["examples"][0] for name, field in known.data_fields.items()}
    links = {"self": f"{_HOST}/v1/made-up/{data['id']}"} if known.thin else {}
    return {
        "data": data,
        "data_class": known.data_class,
        "id": "evt_01j8z3k5v7n9q2r4s6t8w0x1y3",
        "links": links,
        "schema_version": 1,
        "subject": data.get("id", "org_01j8z3k5v7n9q2r4s6t8w0x1y3"),
        "subject_seq": 1,
        "timestamp": NOW,
        "type": known.name,
    }


def settled(examples: dict[str, Any]) -> dict[str, Any]:
    """The examples with ids, moments, keys and host replaced by ones that stay the same."""
    sent = {_moment(found[0]) for found in _INSTANT.finditer(json.dumps(_requests(examples)))}
    return _Settling(sent).value(examples)


def _requests(examples: dict[str, Any]) -> list[Any]:
    return [each["request"] for each in examples.values() if "request" in each]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class _Settling:
    def __init__(self, sent: set[datetime]) -> None:
        self._sent = sent
        self._numbers: dict[str, int] = {}

    def value(self, found: Any, name: str = "") -> Any:
        if isinstance(found, dict):
            return {each: self.value(inside, each) for each, inside in found.items()}
        if isinstance(found, list):
            return [self.value(each, name) for each in found]
        if name in _AT_RANDOM and isinstance(found, str) and not found.isdigit():
            return _AT_RANDOM[name]
        if name == "rows_per_second":
            return found and PACE
        return self._text(found, name) if isinstance(found, str) else found

    def _text(self, found: str, name: str) -> str:
        if _INSTANT.fullmatch(found):
            if _moment(found) in self._sent:
                return found
            return LATER if name in AHEAD else NOW
        if _RECEIPT_CODE.fullmatch(found):
            return "4915203377610248"
        found = _SECRET.sub(lambda match: f"{match[1]}_c2hvd24tb25jZS1vbmx5LW5vdC1oZXJl", found)
        found = _LINK.sub("0a1b" * 16, found)
        if name == "sha256" and _DIGEST.fullmatch(found):
            found = "0a1b" * 16
        found = found.replace(_HOST, "https://api.example.org")
        found = _INSTITUTE.sub("Made-up institute", found)
        return _ID.sub(self._same, found)

    def _same(self, match: re.Match[str]) -> str:
        number = self._numbers.setdefault(match[0], len(self._numbers) + 1)
        return f"{match[1]}_01j8z3k5v7n9q2r4s6t8w0{number:04}"


def done(answer: Any) -> Any:
    """The answer, which must be a success."""
    assert answer.status_code < 300, answer.json
    return answer


def read(party: Party, *paths: str) -> Any:
    """Read each path; returns what the last one answered."""
    for path in paths:
        body = done(party.get(path)).json
    return body
