"""What several bodies of this room are made of."""

from __future__ import annotations

import re
from typing import Any

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Items,
    WireSchema,
    refuse,
)
from openredress_api.foundation.languages import Language
from openredress_api.mechanisms.rules import WEEKDAYS

LONGEST_DAYS = 3650
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
# No user and no password: neither belongs in an address that anybody may open.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[!-?A-~]*)?", re.ASCII)
_LONGEST_ADDRESS = 300


class TimeOfDay(Field):
    """A time of day HH:MM, as clocks at the site show it; 24:00 is the day's end."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """00:00 to 24:00."""
        super().__init__(
            openapi={"type": "string", "pattern": f"^({_TIME.pattern})$", "example": "08:30"},
            **options,
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise refuse("not_a_time_of_day")
        return value


class WebAddress(Field):
    """The address of a public page."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """At most 300 characters."""
        openapi = {"type": "string", "format": "uri", "maxLength": _LONGEST_ADDRESS}
        super().__init__(openapi=openapi, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        good = isinstance(value, str) and len(value) <= _LONGEST_ADDRESS
        if not good or not _ADDRESS.fullmatch(value):
            raise refuse("not_a_web_address")
        return str(value)


def flag(description: str) -> Flag:
    """true, false, or null where nobody knows."""
    return Flag(
        allow_none=True, load_default=None, description=f"{description}; null is unknown, not no"
    )


def day(description: str) -> Day:
    """A day that may be unknown."""
    return Day(allow_none=True, load_default=None, description=description)


def count(description: str, **bounds: int) -> Count:
    """A number that may be unknown."""
    return Count(allow_none=True, load_default=None, description=description, **bounds)


def languages() -> Items:
    """Language tags, or null where nobody knows."""
    return Items(Language(), at_least=1, allow_none=True, load_default=None)


def sites() -> Items:
    """The sites that a record is about."""
    return Items(
        Identifier("site"),
        at_most=1000,
        load_default=list,
        attribute="site_ids",
        description="empty where all_sites is true",
    )


def all_sites() -> Flag:
    """Whether a record is about every site there is."""
    return Flag(
        load_default=False,
        description="all sites of the supplier, later ones too; the institute's: of everybody",
    )


class OpeningHours(WireSchema):
    """When a mechanism promises to answer, by the clock of each site."""

    weekday = Choice(WEEKDAYS, required=True)
    from_ = TimeOfDay(data_key="from", attribute="from", required=True)
    to = TimeOfDay(required=True)


class TimeFrames(WireSchema):
    """The days that a mechanism publishes, counted from the day received."""

    acknowledge_days = count("until the worker gets an answer", at_most=LONGEST_DAYS)
    first_action_days = count("until somebody acts", at_most=LONGEST_DAYS)
    close_days = count("until the end", at_most=LONGEST_DAYS)
