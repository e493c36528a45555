"""Ready mappings of foreign systems: a file in ready/ is a mapping by its name.

Each holds what a sender would say of such a sheet: columns, values, constants, dates, time_zone.
It may name the headings of several versions of the system: what a sheet does not have says
nothing. Of a field that the sender speaks of himself, it says nothing either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openredress_api.imports.mapping.templates import Template
from openredress_api.imports.mapping.texts import key

_FOLDER = Path(__file__).parent / "ready"
READY = tuple(sorted(file.stem for file in _FOLDER.glob("*.json")))
Said = Mapping[str, Any]


def chosen(mapping: Said | None, headings: Sequence[str]) -> dict[str, Any]:
    """What a sender says of a sheet, upon the ready mapping that he names; nothing is left out."""
    own = mapping or {}
    ready = _ready(own, headings)
    dates, own_dates = ready.get("dates") or {}, own.get("dates") or {}
    return {
        "columns": {**ready.get("columns", {}), **own.get("columns", {})},
        "constants": {**ready.get("constants", {}), **own.get("constants", {})},
        "values": _values(ready, own),
        "order": own_dates.get("order") or dates.get("order"),
        "era": own_dates.get("era") or dates.get("era"),
        "time_zone": own.get("time_zone") or ready.get("time_zone"),
    }


def _ready(own: Said, headings: Sequence[str]) -> Said:
    """The ready mapping without what the sender says himself, and what the sheet has not."""
    if not own.get("name"):
        return {}
    ready = json.loads((_FOLDER / f"{own['name']}.json").read_text(encoding="utf-8"))
    values = _values(ready, own)
    taken = {*own.get("columns", {}).values(), *own.get("constants", {})}
    told = {key(heading) for heading in own.get("columns", {})}
    return {
        **ready,
        "columns": {
            heading: None if field in taken else field
            for heading, field in ready.get("columns", {}).items()
            if key(heading) not in told
        },
        "constants": {
            field: text
            for field, text in ready.get("constants", {}).items()
            if field not in taken
            and ("" in values.get(field, {}) or not Template(text, headings).missing)
        },
    }


def _values(ready: Said, own: Said) -> dict[str, dict[str, str]]:
    """The words for values of both, by field."""
    both = (ready.get("values", {}), own.get("values", {}))
    return {
        field: {**both[0].get(field, {}), **both[1].get(field, {})} for one in both for field in one
    }
