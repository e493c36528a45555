"""Events as a server writes them, signed as it signs them, and a feed that holds them."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from typing import Any

from openredress_webhooks.signing import Secret, sign

SECRET = Secret.generate()
ENDPOINT = "whe_01j8z3k5v7n9q2r4s6t8w0x1y3"


def event(number: int, *, subject: str = "ref_1", seq: int | None = None, **other: Any) -> Any:
    """An event whose id is `evt_<number>`."""
    return {
        "id": f"evt_{number}",
        "type": "referral.offered",
        "timestamp": f"2026-11-01T08:{number // 60:02}:{number % 60:02}Z",
        "schema_version": 1,
        "subject": subject,
        "subject_seq": number if seq is None else seq,
        "data_class": "restricted",
        "data": {"status": "offered"},
        "links": {"self": f"https://api.example.org/v1/referrals/{subject}"},
        **other,
    }


def body_of(members: Any) -> bytes:
    """The bytes that travel."""
    return json.dumps(members, sort_keys=True, separators=(",", ":")).encode()


def signed(body: bytes, *, key: Secret = SECRET, age: int = 0, name: str = "") -> dict[str, str]:
    """The signed headers of an attempt."""
    found = name or json.loads(body)["id"]
    return sign([key], found, int(time.time()) - age, body)


def delivered(inbox: Any, members: Any) -> int:
    """The status with which an inbox answers to an event."""
    body = body_of(members)
    return int(inbox.respond("POST", signed(body), body).status)


class Feed:
    """What an unlucky server has at `/v1/events`; events in the order in which they are put.

    A question with `wait` is held for `hold` seconds, or until there is news.
    """

    def __init__(self, server: Any, hold: float = 0.0) -> None:
        self.events: list[Any] = []
        self._news, self._hold = threading.Condition(), hold
        self.oldest = 0
        self._server = server
        server.then("/v1/events", self._page)
        found = {"id": ENDPOINT, "event_patterns": ["referral.*", "endpoint.*"]}
        server.then(f"/v1/webhook-endpoints/{ENDPOINT}", server.says(found))

    def put(self, *events: Any) -> None:
        """Add events."""
        with self._news:
            self.events.extend(events)
            self._news.notify_all()

    def reads(self) -> list[str]:
        """The positions behind which it was read."""
        return [seen.query["after"] for seen in self._server.at("/v1/events")]

    def manifest(self, number: int, start: int, end: int, **other: Any) -> Any:
        """The daily manifest of the positions `start` to `end`."""
        ids = [
            each["id"]
            for each in self.events[start - 1 : end]
            if each["type"].startswith("referral.")
        ]
        previous = hashlib.sha256(b"the day before").digest()
        data = {
            "id": ENDPOINT,
            "day": "2026-11-01",
            "count": len(ids),
            "first": str(start),
            "last": str(end),
            "digest": hashlib.sha256(previous + "".join(ids).encode()).hexdigest(),
            "previous": previous.hex(),
            **other,
        }
        data = {name: value for name, value in data.items() if value is not ...}
        kind = {"type": "manifest.daily", "subject": ENDPOINT, "data_class": "none"}
        return {**event(number, seq=1), **kind, "data": data}

    def _page(self, handler: Any, seen: Any) -> None:
        after, limit = int(seen.query["after"]), int(seen.query.get("limit", 3))
        if after < self.oldest or after > len(self.events):
            oldest = {"openredress-oldest-cursor": str(self.oldest)} if self.oldest else {}
            problem = {"code": "cursor_expired"}
            self._server.says(problem, 410, **oldest)(handler, seen)
            return
        with self._news:
            if "wait" in seen.query:
                self._news.wait_for(lambda: len(self.events) > after, self._hold)
        families = [name.partition(".")[0] for name in seen.query.get("types", "").split(",")]
        found = [
            {"position": str(place), "event": each}
            for place, each in enumerate(self.events, 1)
            if place > after and (families == [""] or each["type"].partition(".")[0] in families)
        ]
        shown, more = found[:limit], len(found) > limit
        end = shown[-1]["position"] if more else str(len(self.events))
        self._server.says({"data": shown, "next_cursor": end, "has_more": more})(handler, seen)
