"""What is sent: events that mean nothing to anybody, rightly signed and spoilt in one way each."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from openredress_webhooks import headers as names
from openredress_webhooks.events import SCHEMA_VERSION, Event
from openredress_webhooks.instants import write_instant
from openredress_webhooks.signing import Secret, sign

Headers = tuple[tuple[str, str], ...]
CHALLENGE = "cmVjZWl2ZXItY2hlY2stb25seQ"


@dataclass(frozen=True)
class Letter:
    """One request."""

    headers: Headers
    body: bytes = field(repr=False)
    method: str = "POST"

    def with_header(self, name: str, value: str) -> Letter:
        """The same with another value of a header."""
        others = self.without(name)
        return replace(others, headers=(*others.headers, (name, value)))

    def without(self, name: str) -> Letter:
        """The same without a header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))


class Desk:
    """Writes and signs the letters of one check; their ids are its own."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._run = secrets.token_hex(8)
        self._begun = datetime.now(timezone.utc)

    def event(self, name: str, **changes: object) -> dict[str, object]:
        """An event about nothing: a day on which nothing was missing."""
        made = Event(
            id=f"evt_check_{self._run}_{name}",
            type="system.gap_detected",
            timestamp=self._begun,
            schema_version=SCHEMA_VERSION,
            subject=f"check_{self._run}",
            subject_seq=1,
            data_class="none",
            data={"day": self._begun.date().isoformat(), "missing": 0},
            links={},
        )
        members = {**vars(made), "timestamp": write_instant(self._begun), **changes}
        if not members["tombstone"]:
            del members["tombstone"]
        return members

    def letter(
        self, members: Mapping[str, object], *, age: int = 0, secret: Secret | None = None
    ) -> Letter:
        """An event signed `age` seconds ago."""
        body = json.dumps(members, sort_keys=True, separators=(",", ":")).encode("ascii")
        return self.signed(body, str(members["id"]), age=age, secret=secret)

    def signed(
        self, body: bytes, message_id: str, *, age: int = 0, secret: Secret | None = None
    ) -> Letter:
        """Any bytes, rightly signed."""
        key = secret or self._secret
        signed = sign([key], message_id, int(time.time()) - age, body)
        return Letter((*signed.items(), ("content-type", "application/json")), body)

    def rotated(self, members: Mapping[str, object]) -> Letter:
        """An event signed with a key that the receiver has not, and with its own behind it."""
        stranger = dict(self.letter(members, secret=Secret.generate()).headers)[names.SIGNATURE]
        letter = self.letter(members)
        own = dict(letter.headers)[names.SIGNATURE]
        return letter.with_header(names.SIGNATURE, f"{stranger} {own}")

    def guessed(self, members: Mapping[str, object]) -> Letter:
        """An event with a signature that somebody made up."""
        made_up = "v1," + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        return self.letter(members).with_header(names.SIGNATURE, made_up)
