"""The words of our sheets by language: one JSON file each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "labels"


@dataclass(frozen=True)
class Words:
    """The words of one language; `reviewed` says whether a native speaker has read them."""

    reviewed: str
    required: str
    optional: str
    how_to_title: str
    example: str
    how_to: list[str]
    correct: list[str]
    cut: str
    columns: list[str]
    weights: dict[str, str]
    types: dict[str, str]
    fields: dict[str, str]


@cache
def words(language: str) -> Words:
    """The words of a language of the message files."""
    return Words(**json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")))
