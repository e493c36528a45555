"""Everything that can go wrong, as one tree.

OpenRedressError                 retry_at: when to come back, or None
|- TransportError                no usable answer came
|  |- ConnectionFailed           not reached, reset, cut off, or one try took too long
|  |- DeadlineExceeded           the call's whole time is over
|  `- UnexpectedAnswer           something else answered: a proxy's page, another issuer
`- ApiError                      status, code, title, detail, request_id, errors, doc_url
   |- InvalidRequest             400, 422
   |- Unauthenticated            401
   |- Forbidden                  403
   |- NotFound                   404: no such record, or none of yours
   |- Conflict                   409
   |- CursorExpired              410 of the feed: what comes behind the position is not kept
   |- Stale                      412: changed since the ETag was read
   |- RateLimited                429
   |- Unavailable                503
   `- ServerError                every other 5xx
WebhookError                     of openredress_webhooks
|- ForgedWebhook                 nothing in the request can be trusted
`- UnreadableWebhook             rightly signed, but not an event this version can read
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from openredress_webhooks.problems import ForgedWebhook, UnreadableWebhook, WebhookError

__all__ = [
    "ApiError",
    "Conflict",
    "ConnectionFailed",
    "CursorExpired",
    "DeadlineExceeded",
    "Forbidden",
    "ForgedWebhook",
    "InvalidRequest",
    "NotFound",
    "OpenRedressError",
    "RateLimited",
    "ServerError",
    "Stale",
    "TransportError",
    "Unauthenticated",
    "Unavailable",
    "UnexpectedAnswer",
    "UnreadableWebhook",
    "WebhookError",
    "api_error",
]


class OpenRedressError(Exception):
    """Base of every error of the client; `retry_at` (aware, UTC) when a time to return is known."""

    retry_at: datetime | None = None


class TransportError(OpenRedressError):
    """No usable answer came; whether the server acted is unknown."""


class ConnectionFailed(TransportError):
    """The server was not reached, or its answer broke off or took longer than one try may."""


class DeadlineExceeded(TransportError):
    """The call's deadline passed, retries and the reading of the answer included."""


class UnexpectedAnswer(TransportError):
    """What answered is not the OpenRedress server that was asked for."""


class ApiError(OpenRedressError):
    """The server's problem (RFC 9457), or an error without one, when `code` is empty.

    `errors` lists the faults of single fields, each `{pointer, code, detail, read, expected}`;
    `doc_url` leads to the page about this kind of problem; `request_id` is for support.
    """

    def __init__(self, status: int, problem: Mapping[str, object], request_id: str) -> None:
        # The token endpoint answers in OAuth's words: RFC 6749, section 5.2.
        self.status = status
        self.code = str(problem.get("code") or problem.get("error") or "")
        self.title = str(problem.get("title") or "")
        self.detail = str(problem.get("detail") or problem.get("error_description") or "")
        self.request_id = str(problem.get("request_id") or request_id)
        self.doc_url = str(problem.get("type") or "")
        faults = problem.get("errors")
        faults = faults if isinstance(faults, list) else []
        self.errors: list[dict[str, object]] = [each for each in faults if isinstance(each, dict)]
        places = ", ".join(f"{fault.get('pointer')} {fault.get('code')}" for fault in self.errors)
        words = (self.code or f"HTTP {status}", self.detail or self.title)
        told = ": ".join(word for word in words if word)
        super().__init__(f"{told} [{places}]" if places else told)


class InvalidRequest(ApiError):
    """400 or 422: the request cannot be accepted as it stands; see `errors`."""


class Unauthenticated(ApiError):
    """401: the client, its key or its token is not accepted."""


class Forbidden(ApiError):
    """403: the scope or the role does not allow it."""


class NotFound(ApiError):
    """404: there is no such record, or it belongs to another organisation."""


class Conflict(ApiError):
    """409: the record's present state does not allow it."""


class CursorExpired(ApiError):
    """410 of the feed: events behind the position are gone; `oldest` (or "") is where it begins."""

    oldest: str = ""


class Stale(ApiError):
    """412: the record changed since its ETag was read; read it again."""


class RateLimited(ApiError):
    """429: too many requests; come back at `retry_at`."""


class Unavailable(ApiError):
    """503: the server is overloaded or under maintenance; come back at `retry_at`."""


class ServerError(ApiError):
    """5xx: the fault lies on the server's side; give `request_id` to support."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: InvalidRequest,
    429: RateLimited,
    503: Unavailable,
}
_BY_CODE: dict[str, type[ApiError]] = {"cursor_expired": CursorExpired}
_FIRST_SERVER_ERROR = 500


def api_error(status: int, problem: Mapping[str, object], request_id: str) -> ApiError:
    """Return the error of the class that belongs to an answer's code or status."""
    kind = ServerError if status >= _FIRST_SERVER_ERROR else ApiError
    kind = _BY_CODE.get(str(problem.get("code")), _BY_STATUS.get(status, kind))
    return kind(status, problem, request_id)
