"""The words of cells in every language that words/ has a file for, one table per use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openredress_api.imports.mapping.texts import folded, key
from openredress_api.vocabulary import TAXONOMIES

_FILES = sorted((Path(__file__).parent / "words").glob("*.json"))
_LANGUAGES: list[dict[str, Any]] = [json.loads(file.read_text(encoding="utf-8")) for file in _FILES]


def spelt(text: str) -> str:
    """How a word stands in these tables: by its key, or as it is where it is all signs."""
    return key(text) or folded(text).strip().casefold()


def says_nothing(text: str) -> bool:
    """Whether a text is a word for nothing, such as a dash."""
    return len(text) <= _LONGEST_MISSING and folded(text).casefold() in MISSING


def _all(part: str) -> frozenset[str]:
    return frozenset(spelt(word) for one in _LANGUAGES for word in one[part])


def _numbered(part: str) -> dict[str, int]:
    return {
        spelt(word): number
        for one in _LANGUAGES
        for number, spellings in enumerate(one[part], start=1)
        for word in spellings
    }


def _codes() -> dict[str, dict[str, tuple[str, ...]]]:
    """For each code list the words for its codes; `$` is a word for several."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for taxonomy, code, words in _of_code_lists():
        table = found.setdefault(taxonomy, {})
        for word in map(spelt, words):
            table[word] = tuple(dict.fromkeys((*table.get(word, ()), code)))
    return found


def _of_code_lists() -> Iterator[tuple[str, str, list[str]]]:
    for one in _LANGUAGES:
        for taxonomy, codes in one["codes"].items():
            for code, words in codes.items():
                yield taxonomy, code, words


YES, NO = _all("yes"), _all("no")
FLAGS: Mapping[str, bool] = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
# Compared as typed: `-` has no letters.
MISSING = frozenset(folded(word).casefold() for one in _LANGUAGES for word in one["missing"])
_LONGEST_MISSING = max(map(len, MISSING))
MONTHS: Mapping[str, int] = _numbered("months")
BIKRAM_MONTHS: Mapping[str, int] = _numbered("bikram_months")
BESIDE_DATES, BESIDE_TIMES = _all("beside_dates"), _all("beside_times")
BESIDE_HEADINGS = _all("beside_headings")
AM, PM = _all("am"), _all("pm")
CODES: Mapping[str, Mapping[str, tuple[str, ...]]] = _codes()
# Beside an amount, its currency: code, name or sign.
CURRENCIES: Mapping[str, tuple[str, ...]] = {
    **{spelt(code): (code,) for code in TAXONOMIES["currency"].codes},
    **CODES["currency"],
}
