"""What an endpoint asks for besides a signature: headers of its own, or an OAuth token.

Tokens are fetched by the grant client_credentials (RFC 6749 section 4.4), over the same guarded
way as everything else, and kept in this worker's memory for as long as they say.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from openredress_delivery.transport import Answer

LONGEST_MEMORY_S = 3_600
# A token that ends while it is on its way is no use.
SAFETY_S = 30
MOST_REMEMBERED = 1_024

Call = Callable[[str, Mapping[str, str], bytes, Callable[[Answer], None]], None]
"""POSTs to a URL: URL, headers, body, and who is told of the answer."""

Ready = Callable[[str | None], None]
"""Told the token, or None when there is none to be had."""


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where and as whom to ask for a token."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None

    @property
    def key(self) -> bytes:
        """Tells this source from others without holding its secret."""
        told = json.dumps([self.url, self.client_id, self.client_secret, self.scope])
        return hashlib.sha256(told.encode()).digest()


@dataclass(frozen=True, slots=True)
class Access:
    """Headers that an endpoint wants to see, and where its tokens come from."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: TokenSource | None = None


NOTHING = Access()


def opened(text: bytes, url: str | None, client_id: str | None, scope: str | None) -> Access:
    """Read what was sealed with an endpoint: `{"headers": {…}, "client_secret": …}`."""
    sealed = json.loads(text)
    if url is None or client_id is None:
        return Access(sealed["headers"])
    return Access(sealed["headers"], TokenSource(url, client_id, sealed["client_secret"], scope))


class Tokens:
    """Asks once for all who wait for the same token."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._known: dict[bytes, tuple[float, str]] = {}
        self._waiting: dict[bytes, list[Ready]] = {}

    def give(self, source: TokenSource, ready: Ready) -> None:
        """Call `ready` at once with a token that is known, or as soon as one has come."""
        key = source.key
        known = self._known.get(key)
        if known and known[0] > time.monotonic():
            ready(known[1])
            return
        if key in self._waiting:
            self._waiting[key].append(ready)
            return
        self._waiting[key] = [ready]
        form = {"grant_type": "client_credentials"}
        if source.scope:
            form["scope"] = source.scope
        # RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
        halves = f"{quote_plus(source.client_id)}:{quote_plus(source.client_secret)}"
        headers = {
            "authorization": "Basic " + base64.b64encode(halves.encode()).decode("ascii"),
            "content-type": "application/x-www-form-urlencoded",
        }
        self._call(
            source.url, headers, urlencode(form).encode(), lambda answer: self._came(key, answer)
        )

    def forget(self, source: TokenSource) -> None:
        """The receiver did not take this token."""
        self._known.pop(source.key, None)

    def _came(self, key: bytes, answer: Answer) -> None:
        token, life = _read(answer)
        if token is not None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = (time.monotonic() + life - SAFETY_S, token)
        for ready in self._waiting.pop(key):
            ready(token)


def _read(answer: Answer) -> tuple[str | None, float]:
    """The token of an answer and its seconds to live, or None."""
    nothing = None, 0.0
    if answer.fault or answer.status != 200:  # noqa: PLR2004 - RFC 6749 section 5.1
        return nothing
    try:
        told = json.loads(answer.body)
        token, life = told["access_token"], float(told.get("expires_in", LONGEST_MEMORY_S))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return nothing
    if not isinstance(token, str) or not (token.isascii() and token.isprintable()):
        return nothing
    return token, min(life, LONGEST_MEMORY_S) if life > 0 else 0.0
