"""What the server answered, whole, before a capability gives it a meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from openredress.errors import CursorExpired, UnexpectedAnswer, api_error

_FIRST_REDIRECT, _FIRST_ERROR = 300, 400
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Answer:
    """A whole answer: status, headers (names in any case), body bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def request_id(self) -> str:
        """The server's X-Request-Id, for support."""
        return self.headers.get("X-Request-Id", "")

    def members(self) -> dict[str, object]:
        """Return the JSON object of the body; an empty body has no members.

        Raises:
            UnexpectedAnswer: the body is something else.
        """
        try:
            found = json.loads(self.body or b"{}")
        except ValueError as error:
            kind = self.headers.get("Content-Type", "unknown type")
            raise UnexpectedAnswer(f"{self.status} with {kind} that is no JSON") from error
        if not isinstance(found, dict):
            raise UnexpectedAnswer(f"{self.status} with JSON that is no object")
        return found

    def accepted(self, now: float) -> Answer:
        """Return this answer if it is a 2xx; `now` (Unix time) dates a Retry-After.

        Raises:
            ApiError: the server's refusal or failure, of the class for its status.
            UnexpectedAnswer: a redirect: the API sends none.
        """
        if self.status < _FIRST_REDIRECT:
            return self
        if self.status < _FIRST_ERROR:
            raise UnexpectedAnswer(f"{self.status}: redirected, which the API never does")
        try:
            problem = self.members()
        except UnexpectedAnswer as page:
            problem = {"detail": str(page)}
        failure = api_error(self.status, problem, self.request_id)
        failure.retry_at = self._retry_at(now)
        if isinstance(failure, CursorExpired):
            failure.oldest = self.headers.get("openredress-oldest-cursor", "")
        raise failure

    def date(self) -> datetime | None:
        """Return the server's time (header Date), or None when it names none."""
        return _http_date(self.headers.get("Date", ""))

    def _retry_at(self, now: float) -> datetime | None:
        # RFC 9110, section 10.2.3: seconds or a date; whatever else stands there says nothing.
        asked = self.headers.get("Retry-After", "").strip()
        if _SECONDS.fullmatch(asked):
            return datetime.fromtimestamp(now, timezone.utc) + timedelta(seconds=int(asked))
        return _http_date(asked)


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
