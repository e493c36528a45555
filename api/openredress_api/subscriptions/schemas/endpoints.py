"""The wire shapes of endpoints, their keys and what was done to them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Text,
    WireSchema,
    refuse,
)
from openredress_api.foundation.problems import Fault
from openredress_api.subscriptions import rules

_URL = "https, port 443 or 8443"
_PATTERN = "a type, `prefix.*` or `*`"
_ORDERED = "per record one after the other, each when the one before it has arrived"
_RATE = "at most so many attempts a minute; null: no limit but `max_in_flight`"
_HEADERS = "sent with every delivery; never shown again, only their names"
_OAUTH = "ask this server for a token for each delivery (client credentials)"


class Credential(Field):
    """A secret, or what stands beside one: kept back even from the answer that refuses it."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """1 to 1,000 printable ASCII characters, no space around."""
        super().__init__(openapi={"type": "string", "minLength": 1, "maxLength": 1000}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        if not rules.is_credential(value):
            raise refuse("not_a_credential")
        return str(value)


class Headers(Field):
    """Static headers of an endpoint's deliveries: names and their values."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """At most 10; names as in RFC 9110, in any case, once each."""
        shape = {
            "type": "object",
            "maxProperties": rules.MOST_HEADERS,
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 1000},
        }
        super().__init__(openapi=shape, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
        if not isinstance(value, dict) or len(value) > rules.MOST_HEADERS:
            raise refuse("not_headers", at_most=rules.MOST_HEADERS)
        faults: dict[str, list[Fault]] = {}
        earlier: set[str] = set()
        for name, said in value.items():
            code = rules.header_fault(name, earlier)
            if code is None and not rules.is_credential(said):
                code = "not_a_credential"
            if code is not None:
                faults[name] = [Fault(code)]
            earlier.add(name.lower())
        if faults:
            raise ValidationError(faults)
        return value


class OAuthBody(WireSchema):
    """Client credentials of ours at the receiver's authorisation server."""

    token_url = Text(at_most=2000, reference=True, required=True, description=_URL)
    client_id = Credential(required=True)
    client_secret = Credential(required=True, description="never shown again")
    scope = Credential(load_default=None, allow_none=True)


class EndpointBody(WireSchema):
    """A receiver: an https address and the event types it wants."""

    url = Text(at_most=2000, reference=True, required=True, description=_URL)
    description = Text(at_most=200, load_default="", at_least=0)
    event_patterns = Items(Text(at_most=60, description=_PATTERN), at_least=1, required=True)
    signature = Choice(
        ("hmac", "ed25519"), load_default="hmac", description="v1 (shared secret) or v1a"
    )
    max_in_flight = Count(at_least=1, at_most=64, load_default=4)
    rate_per_min = Count(
        at_least=1, at_most=60000, load_default=None, allow_none=True, description=_RATE
    )
    ordered = Flag(load_default=False, description=_ORDERED)
    headers = Headers(load_default=dict, description=_HEADERS)
    oauth = Nested(OAuthBody, load_default=None, allow_none=True, description=_OAUTH)


class EndpointChange(WireSchema):
    """What is to be otherwise; what is left out stays as it is."""

    url = Text(
        at_most=2000, reference=True, description=f"{_URL}; a new address has to prove itself anew"
    )
    description = Text(at_most=200, at_least=0)
    event_patterns = Items(Text(at_most=60, description=_PATTERN), at_least=1)
    max_in_flight = Count(at_least=1, at_most=64)
    rate_per_min = Count(at_least=1, at_most=60000, allow_none=True, description=_RATE)
    ordered = Flag(description=f"{_ORDERED}; of events from now on")
    headers = Headers(description=f"{_HEADERS}; all of them, in the place of those before")
    oauth = Nested(OAuthBody, allow_none=True, description=f"{_OAUTH}; null ends it")


class OAuthView(WireSchema):
    """Where tokens for a receiver are fetched; without the secret."""

    token_url = Text()
    client_id = Text()
    scope = Text(allow_none=True)


class EndpointView(WireSchema):
    """A stored endpoint; its secrets are never shown again."""

    id = Identifier("whe")
    url = Text()
    description = Text(at_least=0)
    event_patterns = Items(Text())
    state = Choice(rules.ENDPOINT_STATES)
    state_reason = Text(allow_none=True)
    state_since = Instant()
    max_in_flight = Count()
    rate_per_min = Count(allow_none=True)
    ordered = Flag()
    header_names = Items(Text())
    oauth = Nested(OAuthView, allow_none=True)
    failing_since = Instant(allow_none=True, description="first failure since the last success")
    will_disable_at = Instant(
        allow_none=True,
        description="at the earliest: 20 attempts on 3 days must have failed by then, too",
    )
    breaker_open_until = Instant(
        allow_none=True, description="until the next probe of a receiver that cannot be reached"
    )
    created_at = Instant()


class EndpointCreated(EndpointView):
    """A new endpoint with the key that verifies its deliveries, shown once."""

    secret = Text(description="`whsec_…`, or `whpk_…` for ed25519; shown this once")


class ResumeBody(WireSchema):
    """Which of the events that came meanwhile are sent: all, none, or those since a moment."""

    events = Choice(("all", "none", "since"), load_default="all")
    since = Instant(load_default=None, allow_none=True, description="with `since` only")


class RotationBody(WireSchema):
    """How long both keys sign: 0 ends the old key now, as after a compromise."""

    overlap_hours = Count(at_most=168, load_default=24)


class Rotated(WireSchema):
    """The new key, shown once, and when the old one ends."""

    secret = Text(description="shown this once")
    old_key_ends_at = Instant()


class Revoked(WireSchema):
    """What signs from now on."""

    secret = Text(
        allow_none=True,
        description="a new key where there was but one, shown this once; null: the newest goes on",
    )


class KeyView(WireSchema):
    """A key of an endpoint: when it signs, never the secret."""

    id = Identifier("whk")
    kind = Choice(("hmac", "ed25519"))
    created_at = Instant()
    not_after = Instant(allow_none=True)
    revoked_at = Instant(allow_none=True)
    public_key = Text(
        allow_none=True, attribute="public_text", description="`whpk_…` of an ed25519 key"
    )


class LogView(WireSchema):
    """A state that an endpoint came into, or what was done to it."""

    id = Identifier("elg")
    at = Instant()
    what = Text()
    detail = Text(allow_none=True)
    client = Identifier(
        "cli", attribute="client_id", allow_none=True, description="who did it; null: the server"
    )
