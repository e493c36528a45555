"""The daily manifest: what a complete receiver has seen, and whether it is so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from openredress_webhooks.events import Event

TYPE = "manifest.daily"
UNCOUNTED = frozenset({"endpoint", "manifest"})
"""Families that no manifest counts: they tell of the delivery itself."""

_ENDPOINT = re.compile(r"whe_[0-9a-z]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_POSITION = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Manifest:
    """How many events of an endpoint's patterns stand at the positions `first` to `last`.

    `digest` is the SHA-256 of the `previous` one's bytes and of the ids in the order of the feed.
    Where `last` lies before `first`, there was nothing.
    """

    endpoint: str
    count: int
    first: int
    last: int
    digest: str
    previous: str

    @classmethod
    def of(cls, event: Event) -> Manifest:
        """Read a `manifest.daily`.

        Raises:
            ValueError: it is not as the server writes it.
        """
        data = event.data
        count = data.get("count")
        if type(count) is not int:
            raise ValueError("count: no whole number")
        return cls(
            endpoint=_member(data, "id", _ENDPOINT),
            count=count,
            first=int(_member(data, "first", _POSITION)),
            last=int(_member(data, "last", _POSITION)),
            digest=_member(data, "digest", _DIGEST),
            previous=_member(data, "previous", _DIGEST),
        )

    def counts(self, ids: Sequence[str]) -> bool:
        """Whether exactly these events, in this order, are those that it counts."""
        chained = bytes.fromhex(self.previous) + "".join(ids).encode("ascii")
        return len(ids) == self.count and hashlib.sha256(chained).hexdigest() == self.digest


def _member(data: dict[str, object], name: str, form: re.Pattern[str]) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError(f"{name}: missing or malformed")
    return value
