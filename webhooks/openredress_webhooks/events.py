"""An event as it travels: the JSON body of a webhook, which is also a row of the feed.

Shape: `{id, type, timestamp, schema_version, subject, subject_seq, data_class, data, links}`, and
`tombstone: true` where the content was withdrawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, get_args

from openredress_webhooks import signing
from openredress_webhooks.catalogue import EVENT_TYPES
from openredress_webhooks.event_types import SCHEMA_VERSION, DataClass, EventType
from openredress_webhooks.instants import read_instant, write_instant
from openredress_webhooks.keys import Secret, VerifyKey
from openredress_webhooks.problems import UnreadableWebhook

__all__ = ["EVENT_TYPES", "SCHEMA_VERSION", "Event", "EventType", "read"]

MOST_BYTES = 20_000
"""Largest body that is rendered."""

_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_SUBJECT = re.compile(r"[A-Za-z0-9_:.-]{1,128}")
_DATA_CLASS = re.compile("|".join(get_args(DataClass)))
_LINK = re.compile(r"https?://[!-~]{1,2000}")


@dataclass(frozen=True)
class Event:
    """One event for one organisation.

    `timestamp` is when it happened (aware, UTC), not when it was sent. `subject` is the record's
    id and `subject_seq` its version: of two events about a subject the higher one is later.
    `data` is thin: ids, codes, deadlines, never free text. A `tombstone` stands where an event
    stood whose content was withdrawn, as when a worker withdrew consent: its `data` is empty.
    """

    id: str
    type: str
    timestamp: datetime
    schema_version: int
    subject: str
    subject_seq: int
    data_class: str
    data: dict[str, object]
    links: dict[str, str]
    tombstone: bool = False

    @classmethod
    def parse(cls, body: bytes) -> Event:
        """Read a body, of a known type or not; members added by later versions are ignored.

        Raises:
            UnreadableWebhook: no UTF-8 JSON object, or a member is missing or of another kind.
        """
        return cls._of(_object(body))

    @classmethod
    def _of(cls, members: Mapping[str, object]) -> Event:
        return cls(
            id=_text(members, "id", signing.MESSAGE_ID),
            type=_text(members, "type", _NAME),
            timestamp=_instant(members, "timestamp"),
            schema_version=_number(members, "schema_version", least=1),
            subject=_text(members, "subject", _SUBJECT),
            subject_seq=_number(members, "subject_seq", least=0),
            data_class=_text(members, "data_class", _DATA_CLASS),
            data=_mapping(members, "data"),
            links=_links(members),
            tombstone=_flag(members, "tombstone"),
        )

    def render(self) -> bytes:
        """Return the body: compact ASCII JSON with sorted keys, equal for equal events.

        Raises:
            ValueError: the type is unknown, or this event breaks its promise.
        """
        known = EVENT_TYPES.get(self.type)
        if known is None:
            raise ValueError(f"unknown event type {self.type!r}")
        if (self.schema_version, self.data_class) != (SCHEMA_VERSION, known.data_class):
            raise ValueError(f"{self.type} has version {SCHEMA_VERSION}, class {known.data_class}")
        if known.thin and "self" not in self.links:
            raise ValueError(f"{self.type} is thin and needs links.self")
        if not self.tombstone:
            known.check(self.data)
        elif self.data:
            raise ValueError("a tombstone holds no data")
        return self._bytes()

    def _bytes(self) -> bytes:
        members = {**vars(self), "timestamp": write_instant(self.timestamp)}
        if not self.tombstone:
            del members["tombstone"]
        text = json.dumps(members, sort_keys=True, separators=(",", ":"), allow_nan=False)
        body = text.encode("ascii")
        if len(body) > MOST_BYTES:
            raise ValueError(f"body of {len(body)} bytes, at most {MOST_BYTES} are sent")
        try:
            self._of(members)
        except UnreadableWebhook as error:
            raise ValueError(f"no receiver could read this event: {error}") from error
        return body


def read(
    headers: Mapping[str, str],
    raw_body: bytes,
    keys: Iterable[Secret | VerifyKey],
    *,
    tolerance: int = 300,
    now: float | None = None,
) -> Event:
    """Verify one received request (see `signing.verify`), then parse its body.

    Raises:
        ForgedWebhook: not signed by a trusted key, or stale.
        UnreadableWebhook: no event, or another event than the signed `webhook-id` names.
        ValueError: no key given.
    """
    verified = signing.verify(headers, raw_body, keys, tolerance=tolerance, now=now)
    event = Event.parse(raw_body)
    if event.id != verified.id:
        raise UnreadableWebhook("id: differs from the webhook-id header")
    return event


def _object(body: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableWebhook("body: not readable as JSON in UTF-8") from error
    if not isinstance(parsed, dict):
        raise UnreadableWebhook("body: not a JSON object")
    return parsed


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _text(members: Mapping[str, object], name: str, pattern: re.Pattern[str]) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UnreadableWebhook(f"{name}: missing or malformed")
    return value


def _number(members: Mapping[str, object], name: str, *, least: int) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UnreadableWebhook(f"{name}: no whole number from {least}")
    return value


def _flag(members: Mapping[str, object], name: str) -> bool:
    value = members.get(name, False)
    if not isinstance(value, bool):
        raise UnreadableWebhook(f"{name}: neither true nor false")
    return value


def _instant(members: Mapping[str, object], name: str) -> datetime:
    value = members.get(name)
    try:
        return read_instant(value if isinstance(value, str) else "")
    except ValueError as error:
        raise UnreadableWebhook(f"{name}: {error}") from error


def _mapping(members: Mapping[str, object], name: str) -> dict[str, object]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise UnreadableWebhook(f"{name}: not a JSON object")
    return value


def _links(members: Mapping[str, object]) -> dict[str, str]:
    links = _mapping(members, "links")
    return {name: _text(links, name, _LINK) for name in links}
