"""The wire shapes of headcounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError

from openredress_api.foundation.fields import (
    Choice,
    Count,
    Field,
    Flag,
    Identifier,
    Instant,
    Month,
    WireSchema,
    refuse,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.vocabulary import TAXONOMIES, CodeList, nearest
from openredress_api.workforce.rules import SEGMENTS, SOURCES, is_dangerous

_FEW = 8
_MOST_NAMES = 50


class Segments(Field):
    """Numbers of workers by segment and value: {"sex": {"female": 120, "male": 80}}."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """The segments of the list `worker_segment`, each with the values of its own list."""
        parts = {
            name: {
                "type": "object",
                "propertyNames": {"enum": list(values.codes)},
                "additionalProperties": {"type": "integer", "minimum": 0},
            }
            for name, values in SEGMENTS.items()
        }
        openapi = {"type": "object", "properties": parts, "additionalProperties": False}
        super().__init__(openapi=openapi, **options)
        self._number = Count()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - any JSON
        _each(value, self._parts, at_most=_MOST_NAMES)
        return value

    def _parts(self, name: str, parts: Any) -> None:  # noqa: ANN401 - any JSON
        if name not in SEGMENTS and is_dangerous(name):
            raise refuse("segment_not_allowed", allowed=", ".join(SEGMENTS))
        _known(TAXONOMIES["worker_segment"], name)
        values = SEGMENTS[name]

        def part(code: str, number: Any) -> None:  # noqa: ANN401 - any JSON
            _known(values, code)
            self._number.deserialize(number)

        _each(parts, part, at_most=len(values.codes))


def _each(members: Any, look: Callable[[str, Any], None], *, at_most: int) -> None:  # noqa: ANN401 - any JSON
    """Look at each member of an object; one ValidationError names all that are wrong."""
    if not isinstance(members, dict):
        raise refuse("not_an_object")
    # So many cannot be right, and each wrong one costs a search for the nearest.
    if len(members) > at_most:
        raise refuse("list_length", at_least=0, at_most=at_most)
    faults: dict[str, Any] = {}
    for name, value in members.items():
        try:
            look(name, value)
        except ValidationError as fault:
            faults[name] = fault.messages
    if faults:
        raise ValidationError(faults)


def _known(values: CodeList, read: str) -> None:
    if read not in values.codes:
        few = ", ".join(list(values.codes)[:_FEW])
        raise refuse("not_in_list", nearest=nearest(values, read) or few)


class UpsertQuery(WireSchema):
    """Which headcount: one per site and month."""

    site = Identifier("site", attribute="site_id", required=True)
    month = Month(required=True)


class ListQuery(PageQuery):
    """What to list, in the order of the last change; `limit` above 500 is clamped."""

    updated_since = Instant(description="changed here at or after this time")
    site = Identifier("site")


class HeadcountBody(WireSchema):
    """All workers at the month's end, those of agencies and temporary ones included."""

    total = Count(required=True)
    agency_workers = Count(
        allow_none=True, load_default=None, description="of the total; null is unknown, not zero"
    )
    segments = Segments(
        allow_none=True,
        load_default=None,
        description="of the total; whoever did not say is in no part, so parts may add up to less",
    )
    source = Choice(SOURCES, required=True, description="where the number comes from")
    is_synthetic = Flag(load_default=False, description="made up for a trial")


class HeadcountRow(UpsertQuery, HeadcountBody):
    """A headcount as one row of a file."""


class HeadcountView(HeadcountBody):
    """A stored headcount."""

    id = Identifier("hc")
    organisation = Identifier("org", attribute="organisation_id")
    site = Identifier("site", attribute="site_id")
    month = Month()
    band = Choice(TAXONOMIES["headcount_band"].codes, description="what outsiders see of the total")
    created_at = Instant()
    updated_at = Instant()
