"""What headings are called in every language that synonyms/ has a file for, by kind of record.

A file says {kind, or * for every kind: {field: [headings]}}. A field with `?` behind it holds
headings that often mean it and sometimes do not: they are proposed, and never taken by themselves.
`#` stands for the number of an entry of a list. `never` are headings that are about a person, or
of no use here; `personal` are words that such headings have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from openredress_api.imports.mapping.texts import key

_HERE = Path(__file__).parent
# What the templates call each field, in the same shape as {field: heading}.
_LABELS = _HERE.parent / "sheets" / "labels"
_FILES: list[dict[str, Any]] = [
    json.loads(file.read_text(encoding="utf-8"))
    for file in sorted((_HERE / "synonyms").glob("*.json"))
]
NEVER = frozenset(key(heading) for one in _FILES for heading in one["never"])
_WORDS = frozenset(word for one in _FILES for word in one["personal"] if word.isascii())
_PIECES = tuple(key(word) for one in _FILES for word in one["personal"] if not word.isascii())


@dataclass(frozen=True)
class Synonyms:
    """The headings of one kind of record, each by its key."""

    fields: frozenset[str]
    names: Mapping[str, str]
    sure: Mapping[str, str]
    asked: Mapping[str, str]
    numbered: Mapping[str, str]
    numbered_asked: Mapping[str, str]

    @property
    def near(self) -> Mapping[str, str]:
        """All of them whose field is known without a number."""
        return {**self.asked, **self.sure, **self.names}

    def refuses(self, heading: str) -> bool:
        """Whether a heading is one that is never taken, and of no field of this kind."""
        plain = key(heading)
        return plain in NEVER and not (
            plain in self.names or plain in self.sure or plain in self.asked
        )

    def is_personal(self, plain: str, latin_words: frozenset[str]) -> bool:
        """Whether a heading has a word that headings about a person have."""
        return bool(_WORDS & latin_words) or any(piece in plain for piece in _PIECES)


@lru_cache(maxsize=64)
def of_kind(kind: str, fields: frozenset[str]) -> Synonyms:
    """The headings of a kind whose records have these fields; one of two fields is of none."""
    tables: dict[str, dict[str, str]] = {"sure": {}, "asked": {}, "#": {}, "#?": {}}
    for section in ("*", kind):
        for one in _FILES:
            for name, headings in one.get(section, {}).items():
                _add(tables, name, headings, fields)
    for plain in tables["sure"]:
        tables["asked"].pop(plain, None)
    names = {key(field): field for field in sorted(fields)}
    for label, field in _labels(fields):
        if (plain := key(label)) not in tables["asked"]:
            names.setdefault(plain, field)
    return Synonyms(fields, names, tables["sure"], tables["asked"], tables["#"], tables["#?"])


def _add(
    tables: dict[str, dict[str, str]],
    name: str,
    headings: list[str],
    fields: frozenset[str],
) -> None:
    """Enter the headings of one field, if the kind has it."""
    field = name.removesuffix("?")
    if "#" in field:
        if field.replace("#", "1") in fields:
            table = tables["#?" if name.endswith("?") else "#"]
            for heading in headings:
                table["#".join(map(key, heading.split("#")))] = field
                table.setdefault(key(heading), field)
    elif field in fields:
        table = tables["asked" if name.endswith("?") else "sure"]
        table.update(dict.fromkeys(map(key, headings), field))


def _labels(fields: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What our own sheets call each field in each language: the words of its parts in a row."""
    for file in sorted(_LABELS.glob("*.json")):
        words = json.loads(file.read_text(encoding="utf-8"))["fields"]
        for field in sorted(fields):
            parts = [part if part.isdigit() else words.get(part, "") for part in field.split(".")]
            if all(parts):
                yield " ".join(parts), field
