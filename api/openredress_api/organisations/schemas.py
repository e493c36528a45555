"""The wire shapes of organisations, sites and relations."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Instant,
    Text,
    WireSchema,
    refuse,
)
from openredress_api.foundation.keys import ExternalKey
from openredress_api.vocabulary import TAXONOMIES, BadOsId, os_id

COUNTRY = TAXONOMIES["country"].codes
_ZONES = frozenset(available_timezones())  # walks many folders: once, not per value


class OsId(Field):
    """An Open Supply Hub id; its check character is verified, spaces and hyphens are dropped."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """15 characters."""
        super().__init__(
            openapi={"type": "string", "pattern": "^[A-Z]{2}[0-9]{7}[0-9A-Z]{6}$"}, **options
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        try:
            return os_id(value)
        except (BadOsId, TypeError, AttributeError):
            raise refuse("not_an_os_id") from None


class TimeZone(Field):
    """An IANA time zone such as Asia/Yangon."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """A name of the tz database."""
        super().__init__(openapi={"type": "string", "example": "Asia/Yangon"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        if not isinstance(value, str) or value not in _ZONES:
            raise refuse("not_a_time_zone")
        return value


class Me(WireSchema):
    """Who the token belongs to."""

    organisation = Identifier("org", attribute="organisation_id")
    organisation_type = Text()
    client = Identifier("cli", attribute="client_id")
    scopes = Field(openapi={"type": "array", "items": {"type": "string"}})
    is_sandbox = Flag()
    now = Instant(description="the organisation's clock; differs from real time in a sandbox")


class OrganisationView(WireSchema):
    """An organisation as the institute sees it."""

    id = Identifier("org", attribute="organisation_id")
    type = Text()
    name = Text()
    country = Text()
    is_sandbox = Flag()
    suspended_at = Instant(allow_none=True)
    created_at = Instant()


class SiteBody(WireSchema):
    """A site as its supplier describes it."""

    name = Text(required=True)
    country = Choice(COUNTRY, required=True)
    city = Text(allow_none=True, load_default=None)
    time_zone = TimeZone(required=True)
    os_id = OsId(allow_none=True, load_default=None)


class SiteRow(ExternalKey, SiteBody):
    """A site as one row of a file: what identifies it, and what is told of it."""


class SiteView(SiteBody):
    """A stored site."""

    id = Identifier("site")
    organisation = Identifier("org", attribute="organisation_id")
    external_id = Text()
    source_system = Text()
    updated_at = Instant()


class RelationBody(WireSchema):
    """A relation between a partner (brand or agency) and a site, as one side states it."""

    site = Identifier("site", required=True)
    partner = Identifier("org", required=True, description="the brand or agency")
    tier = Count(at_least=1, at_most=10, load_default=1)
    valid_from = Day(required=True)
    valid_to = Day(allow_none=True, load_default=None)


class RelationView(WireSchema):
    """A stated relation; invisible to metrics until `confirmed_at` is there."""

    id = Identifier("rel")
    site = Identifier("site", attribute="site_id")
    supplier = Identifier("org", attribute="supplier_id")
    partner = Identifier("org", attribute="partner_id")
    tier = Count()
    valid_from = Day()
    valid_to = Day(allow_none=True)
    stated_by = Identifier("org", attribute="organisation_id")
    confirmed_by = Identifier("org", allow_none=True)
    confirmed_at = Instant(allow_none=True)
