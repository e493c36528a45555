"""Errors as plain Python: each problem class is an answer; answers.py renders it (RFC 9457)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from openredress_webhooks import personal_data


class Fault(str):
    """One fault of an input field: a message code with parameters, rendered per language.

    It is a str because marshmallow passes messages through `str.format`; its text is the code.
    """

    __slots__ = ("params",)
    params: dict[str, object]

    def __new__(cls, code: str, **params: object) -> Self:
        """`code` is a key of the message files; `params` fill its placeholders."""
        fault = super().__new__(cls, code)
        fault.params = params
        return fault

    def format(self, *_args: object, **params: object) -> Fault:
        """Keep code and parameters where marshmallow would make plain text."""
        return Fault(str(self), **{**self.params, **params})


# What was read is personal, or may be a secret: it is told to nobody again, not even to its sender.
KEPT_BACK = frozenset(
    {
        "personal_data_detected",
        "real_in_sandbox",
        "not_personal_text",
        "not_a_phone",
        "pseudonym_is_a_name",
        "pseudonym_is_a_number",
        "not_a_receipt_code",
        "not_a_credential",
        "not_headers",
        "not_a_header_name",
        "header_is_reserved",
        "header_twice",
    }
)
# Of a name, to look for personal data in: longer ones are shown to nobody but their sender.
_SEARCHED = 1_000


@dataclass(frozen=True, slots=True)
class FieldError:
    """Where a fault stands (JSON pointer, or `?name` for a query parameter) and what was read."""

    pointer: str
    fault: Fault
    read: object = None

    def __post_init__(self) -> None:
        """Forget what must not be told."""
        if self.fault in KEPT_BACK:
            object.__setattr__(self, "read", None)
        # A member that we do not know has whatever name a stranger gave it.
        place = "/".join(map(_told, self.pointer.split("/")))
        object.__setattr__(self, "pointer", place)


def _told(name: str) -> str:
    """A part of a pointer, or that it is kept back."""
    spelt = name[:_SEARCHED].replace("~1", "/")
    return f"{name[: name.startswith('?')]}[removed]" if personal_data.found(spelt) else name


class Problem(Exception):
    """The base of every answer that is an error; the docstring is the default detail."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    # Whether what was done up to the refusal is stored all the same.
    keeps: ClassVar[bool] = False

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`detail` replaces the docstring; `errors` name places in the input."""
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(detail or self.default_detail())

    @classmethod
    def default_detail(cls) -> str:
        """The class's docstring as one line."""
        return " ".join(inspect.cleandoc(cls.__doc__ or cls.title).split())


class InvalidJson(Problem):
    """The body is not one JSON document in UTF-8."""

    status, code, title = 400, "invalid_json", "Invalid JSON"


class UnsupportedMediaType(Problem):
    """The body must be sent with Content-Type: application/json."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class ValidationFailed(Problem):
    """Some fields cannot be accepted; `errors` names each with an example of right."""

    status, code, title = 422, "validation_failed", "Validation failed"


class UnknownField(ValidationFailed):
    """The request names fields this operation does not know; nothing was stored."""

    code, title = "unknown_field", "Unknown field"


class PersonalDataDetected(ValidationFailed):
    """A text seems to hold a phone, e-mail address or document number; leave it out and repeat."""

    code, title = "personal_data_detected", "Personal data detected"


class PayloadTooLarge(Problem):
    """The body is larger than this operation takes (1 MiB)."""

    status, code, title = 413, "payload_too_large", "Payload too large"


class DigestMissing(Problem):
    """Send Content-Digest with the SHA-256 of the octets, for example `sha-256=:…:` (RFC 9530)."""

    status, code, title = 400, "digest_missing", "Content-Digest missing or malformed"


class DigestMismatch(Problem):
    """The octets that arrived are not those the digest was made of; nothing was stored."""

    status, code, title = 422, "digest_mismatch", "Digest mismatch"


class NotFound(Problem):
    """There is no such record for this organisation."""

    status, code, title = 404, "not_found", "Not found"


class Gone(Problem):
    """The record existed and is no longer available."""

    status, code, title = 410, "gone", "Gone"


class MethodNotAllowed(Problem):
    """The path exists but not with this method; see the Allow header."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class Unauthenticated(Problem):
    """A valid access token is needed in the Authorization header."""

    status, code, title = 401, "token_missing", "Authentication required"


class TokenUnknown(Unauthenticated):
    """The access token is not known here; ask the token endpoint for a new one."""

    code, title = "token_invalid", "Token invalid"


class TokenExpired(Unauthenticated):
    """The access token is past its 600 seconds; ask the token endpoint for a new one."""

    code, title = "token_expired", "Token expired"


class TokenRevoked(Unauthenticated):
    """The access token was revoked, or its client or organisation is suspended."""

    code, title = "token_revoked", "Token revoked"


class InsufficientScope(Problem):
    """The access token does not carry the scope this operation needs."""

    status, code, title = 403, "insufficient_scope", "Insufficient scope"


class NotPermitted(Problem):
    """This organisation or person may not do this, whatever the scope."""

    status, code, title = 403, "not_permitted", "Not permitted"


class SecondPersonNeeded(NotPermitted):
    """Who wrote it cannot let it go out; another person with the duty has to."""

    code, title = "second_person_needed", "Second person needed"


class Conflict(Problem):
    """The record's present state does not allow this."""

    status, code, title = 409, "conflict", "Conflict"


class StateTransitionNotAllowed(Conflict):
    """The lifecycle has no such step from the present status for this party."""

    code, title = "state_transition_not_allowed", "State transition not allowed"


class DuplicateExternalId(Conflict):
    """Another record of this organisation already carries that identifier."""

    code, title = "duplicate_external_id", "Duplicate identifier"


class PreconditionRequired(Problem):
    """Send If-Match with the ETag you last read."""

    status, code, title = 428, "precondition_required", "Precondition required"


class PreconditionFailed(Problem):
    """The record changed since the ETag you sent; read it again."""

    status, code, title = 412, "precondition_failed", "Precondition failed"


class IdempotencyKeyMissing(Problem):
    """This operation needs an Idempotency-Key header: 1-255 visible ASCII characters."""

    status, code, title = 400, "idempotency_key_missing", "Idempotency-Key missing or malformed"


class IdempotencyKeyReused(Problem):
    """This Idempotency-Key was used with another body; keys are remembered for 72 hours."""

    status, code, title = 422, "idempotency_key_reused", "Idempotency-Key reused"


class IdempotencyInProgress(Problem):
    """A request with this Idempotency-Key is still running; try again shortly."""

    status, code, title = 409, "idempotency_in_progress", "Request in progress"


class CursorInvalid(ValidationFailed):
    """The cursor was not made by this list with these filters; start again without it."""

    code, title = "cursor_invalid", "Cursor invalid"


class Overloaded(Problem):
    """All database places of this process are taken; try again shortly."""

    status, code, title = 503, "overloaded", "Overloaded"


class DatabaseUnavailable(Problem):
    """The database cannot be reached; repeat with the same Idempotency-Key or external id."""

    status, code, title = 503, "database_unavailable", "Database unavailable"


class InternalFault(Problem):
    """Something failed on our side; nothing was stored. Give the request id to support."""

    status, code, title = 500, "internal", "Internal error"


def all_problems(base: type[Problem] = Problem) -> list[type[Problem]]:
    """Every problem class below `base`, parents first: the catalogue for documents and tests."""
    found: list[type[Problem]] = []
    for child in base.__subclasses__():
        found += [child, *all_problems(child)]
    return found
