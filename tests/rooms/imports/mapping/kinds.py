"""Kinds of records and header rows, as the tests of this folder use them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openredress_api.foundation.identifiers import encode
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.mapping import Plan, plan
from openredress_api.imports.mapping.fields import fields_of
from openredress_api.imports.mapping.headings import Column, propose
from openredress_api.imports.reading import Header

ROWS = Path(__file__).parents[3] / "intake" / "header_rows.json"
HELD_OUT = Path(__file__).parent / "held_out_rows.json"


class Place(NamedTuple):
    """A site, as far as the reading of cells knows one."""

    id: uuid.UUID
    time_zone: str


MILL = Place(uuid.UUID("019c0000-0000-7000-8000-000000000001"), "Asia/Bangkok")
MILL_ID = encode("site", MILL.id)
SITES = {name: [MILL] for name in ("F-1", "CN2021250D1DTN7", MILL_ID)}


class Expected(NamedTuple):
    """One heading of a header row: what it should be taken for, and what was made of it."""

    where: str
    column: Column
    field: str | None
    is_personal: bool

    @property
    def is_right(self) -> bool:
        """Whether it was taken for, or proposed as, what it is; `wage_amount` is `wage.amount`."""
        found = self.column.field and self.column.field.replace(".", "_")
        return found == (self.field and self.field.replace(".", "_"))


def fields(kind: str) -> set[str]:
    """The dotted names of a kind's fields, and what the header rows ask of sites beside them."""
    return {*fields_of(INTAKES[kind].schema), *({"sector_code"} if kind == "site" else ())}


def columns(kind: str, *headings: str, **more: Any) -> list[Column]:
    """What is proposed for the headings of one sheet."""
    return propose(kind, headings, fields(kind), **more)


def looked_at(file: Path) -> Iterator[Expected]:
    """Every heading of a file of header rows, beside what was made of it."""
    for row in json.loads(file.read_text(encoding="utf-8"))["rows"]:
        told = [_told(heading) for heading in row["headings"]]
        found = columns(row["kind"], *(text for text, _, _ in told))
        for column, (text, field, personal) in zip(found, told, strict=True):
            where = f"{row['system']} ({row['language']}, {row['kind']}): {text!r}"
            yield Expected(where, column, None if field == "none" else field, personal)


def _told(heading: Any) -> tuple[str, str, bool]:
    if isinstance(heading, list):
        return heading[0], heading[1], len(heading) > 2
    return heading["text"], heading["expected"], heading.get("personal", False)


def planned(kind: str, headings: Sequence[str], rows: Sequence[Sequence[str]], **said: Any) -> Plan:
    """The plan of one sheet with a mapping of these parts."""
    mapping = {"columns": {}, "values": {}, "constants": {}, "dates": {}, **said}
    return plan(INTAKES[kind], Header(tuple(headings), 1), rows, mapping, SITES)


def codes(made: Plan) -> list[tuple[str, str]]:
    """What a plan asks, as pairs of field and code."""
    return [(one["field"], one["code"]) for one in made.questions]
