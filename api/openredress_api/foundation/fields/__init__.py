"""Field classes of the wire: a base schema and fields that close marshmallow's open doors.

Each field carries its own JSON Schema in `metadata["openapi"]`, raises `Fault` codes whose texts
stand in the message files, and says in `fast` the lines by which the compiled way takes its values.

May import: foundation's identifiers, clock, problems and compiled; marshmallow; personal_data.
Must never hold: what one room alone knows.
"""

from openredress_api.foundation.fields.base import Field, WireSchema, refuse
from openredress_api.foundation.fields.codes import Choice, Flag, Identifier
from openredress_api.foundation.fields.digests import Sha256
from openredress_api.foundation.fields.nesting import Items, Nested
from openredress_api.foundation.fields.numbers import MAX_COUNT, Amount, Count, plain
from openredress_api.foundation.fields.text import CONTROL, Personal, Pseudonym, Text
from openredress_api.foundation.fields.times import (
    BUDDHIST_OFFSET,
    FIRST_YEAR,
    Day,
    Instant,
    Month,
    refuse_year,
)

__all__ = [
    "BUDDHIST_OFFSET",
    "CONTROL",
    "FIRST_YEAR",
    "MAX_COUNT",
    "Amount",
    "Choice",
    "Count",
    "Day",
    "Field",
    "Flag",
    "Identifier",
    "Instant",
    "Items",
    "Month",
    "Nested",
    "Personal",
    "Pseudonym",
    "Sha256",
    "Text",
    "WireSchema",
    "plain",
    "refuse",
    "refuse_year",
]
