"""Texts of faults by language: one JSON file each, keyed by fault code.

May import foundation.problems only.
Must never hold a text that is not also in en.json, nor a number a program reads.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from openredress_api.foundation.problems import Fault

LANGUAGES = ("en", "th", "my", "km", "ne", "es")
FOLDER = Path(__file__).parent


@cache
def texts(language: str) -> dict[str, str]:
    """The messages of one language by fault code."""
    found = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    messages: dict[str, str] = found["messages"]
    return messages


def say(fault: Fault, language: str) -> str:
    """The text of `fault`, its parameters filled in."""
    return texts(language)[str(fault)].format(**fault.params)


def choose(accepted: list[str]) -> str:
    """The first of the caller's languages that we speak; English otherwise."""
    for wish in accepted:
        base = wish.split("-")[0].lower()
        if base in LANGUAGES:
            return base
    return "en"
