"""A kind of record as the columns of a sheet, derived from its schema."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from marshmallow import Schema, fields

from openredress_api.foundation import identifiers
from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Day,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Month,
    Nested,
    Pseudonym,
    Text,
)
from openredress_api.imports.sheets.wording import words
from openredress_api.vocabulary import TAXONOMIES

Type = Literal["text", "code", "count", "amount", "day", "month", "instant", "flag", "identifier"]
# A sheet has places for so many entries of a list; NDJSON takes more.
ENTRIES = 3
# Whoever sends a file says it once for all of its rows.
SAID_OF_THE_FILE = "source_system"
LONGEST = 500
_TYPES: tuple[tuple[type, Type], ...] = (
    (Choice, "code"),
    (Identifier, "identifier"),
    (Count, "count"),
    (Amount, "amount"),
    (Day, "day"),
    (Month, "month"),
    (Instant, "instant"),
    (Flag, "flag"),
)
_EXAMPLES = {
    "count": "12",
    "amount": "1520.50",
    "day": "2026-03-01",
    "month": "2026-03",
    "instant": "2026-03-01 08:15",
    "flag": "true",
}
# What a text is like that has no pattern of its own.
_TEXTS = {
    "source_system": "hr-system",
    "name": "Mill 2",
    "city": "Dhaka",
    "time_zone": "Asia/Yangon",
    "os_id": "CN2021250D1DTN7",
    "job_title": "Sewing machine operator",
    "title": "Sewing machine operator",
    "occupation_code": "8153",
    "sector_code": "1410",
    "employer_name": "Golden Needle Garments Ltd.",
    "related_employer_name": "Golden Needle Garments Ltd.",
    "organisation_name": "Himal Overseas Pvt. Ltd.",
    "subject_name": "Himal Overseas Pvt. Ltd.",
    "agent_name": "Himal Overseas Pvt. Ltd.",
    "licence_no": "LIC-1024/068",
    "register": "List of licensed agencies",
    "authority": "Department of Foreign Employment",
    "document_sha256": "0f" * 32,
    "language": "my",
    "languages": "my",
}
_TEXT = "A-2041"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet.

    Attributes:
        name: the field's path, such as agreed_remedy.amount or fee_lines.1.amount.
        codes: what each code means, in English.
    """

    name: str
    type: Type
    is_required: bool
    example: str
    codes: Mapping[str, str] = field(default_factory=dict)
    at_least: int = 0
    at_most: int = LONGEST

    def heading(self, language: str) -> str:
        """The column's name in words: those of its parts, with the number of an entry."""
        known = words(language).fields
        parts = [part if part.isdigit() else known[part] for part in self.name.split(".")]
        return " – ".join(parts)  # noqa: RUF001 - typographic on purpose


@dataclass(frozen=True)
class Described:
    """A kind of record as a sheet shows it, the columns that are needed first."""

    name: str
    columns: tuple[Column, ...]


def described(name: str, schema: Schema) -> Described:
    """The columns of what `schema` loads; what has no place in a cell is left out."""
    columns = [
        one for one in _columns(schema, "", is_required=True) if one.name != SAID_OF_THE_FILE
    ]
    # What is needed first, and of that the name of the row.
    columns.sort(key=lambda one: (not one.is_required, one.name != "external_id"))
    return Described(name, tuple(columns))


def _columns(schema: Schema, path: str, *, is_required: bool) -> Iterator[Column]:
    for name, one in schema.load_fields.items():
        place = f"{path}{one.data_key or name}"
        yield from _of_field(one, place, is_required=is_required and one.required)


def _of_field(one: fields.Field[Any], place: str, *, is_required: bool) -> Iterator[Column]:
    if isinstance(one, Items):
        for number in range(1, min(ENTRIES, one.at_most) + 1):
            needs_first = is_required and number <= one.at_least
            yield from _of_field(one.inner, f"{place}.{number}", is_required=needs_first)
    elif isinstance(one, Nested):
        yield from _columns(one.schema, f"{place}.", is_required=is_required)
    elif isinstance(one, Field) and one.metadata["openapi"].get("type") not in ("object", "array"):
        yield _column(one, place, is_required=is_required)


def _column(one: Field, place: str, *, is_required: bool) -> Column:
    kind: Type = next((kind for known, kind in _TYPES if isinstance(one, known)), "text")
    shape = one.metadata["openapi"]
    return Column(
        name=place,
        type=kind,
        is_required=is_required,
        example=_example(one, kind, place),
        codes=_meanings(one.codes) if isinstance(one, Choice) else {},
        at_least=one.at_least if isinstance(one, Text | Count) else 0,
        at_most=one.at_most if isinstance(one, Text | Count) else shape.get("maxLength", LONGEST),
    )


def _example(one: Field, kind: Type, place: str) -> str:
    if isinstance(one, Choice):
        return one.codes[0]
    if isinstance(one, Identifier):
        return identifiers.encode(
            one.prefix, uuid.UUID(int=0x019C_0000_0000_7000_8000_0000_0000_0000)
        )
    if isinstance(one, Pseudonym):
        return "W-2041"
    if kind == "count" and place.endswith((".seq", ".paid_to_hop")):
        return "1"
    name = next(part for part in reversed(place.split(".")) if not part.isdigit())
    said = one.metadata["openapi"].get("example") or _TEXTS.get(name, _TEXT)
    return str(_EXAMPLES.get(kind, said))


def _meanings(codes: tuple[str, ...]) -> dict[str, str]:
    """What codes mean by the first list that has all of them; a code of no list tells itself."""
    holders = (one.codes for one in TAXONOMIES.values())
    found = next((known for known in holders if set(codes) <= known.keys()), {})
    return {code: found[code].meaning if code in found else code for code in codes}
