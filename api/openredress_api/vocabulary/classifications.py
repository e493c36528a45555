"""Occupations by ISCO-08 and sectors by ISIC Rev. 4, and what a wrong code may have meant."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import resources

from openredress_api.vocabulary.codes import Code, CodeList, code, code_list_of

_WORD, _DIGIT = re.compile(r"[a-z]{3,}"), re.compile(r"[0-9]")
# Words of one stem mean one thing: sewing and sew do not meet, carpenter and carpentry do.
_STEM = 5
_FEW = 3
_DIGITS = 4
# Nobody writes a job or a trade in more words; looking takes time with each.
_MOST_WORDS = 12


def _titles(name: str) -> Iterator[Code]:
    text = resources.files(__package__).joinpath(f"{name}.json").read_text("utf-8")
    yield from (code(word, title) for word, title in json.loads(text).items())


ISCO_08 = code_list_of(
    "isco_08",
    _titles("isco_08"),
    description="Occupations: the 436 unit groups, with their titles in English.",
    source="International Labour Organization, ISCO-08",
)
ISIC_4 = code_list_of(
    "isic_4",
    _titles("isic_4"),
    description=(
        "Sectors of the economy: sections (one letter), divisions, groups and classes (two, three "
        "and four digits), with their titles in English."
    ),
    source="United Nations Statistics Division, ISIC Rev. 4",
)


def _stems(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())[:_MOST_WORDS]
    return {word.removesuffix("s")[:_STEM] for word in words}


def _by_stem(codes: CodeList) -> Mapping[str, list[Code]]:
    found = defaultdict(list)
    for each in codes.codes.values():
        for stem in _stems(each.meaning):
            found[stem].append(each)
    return found


_BY_STEM = {codes.name: _by_stem(codes) for codes in (ISCO_08, ISIC_4)}


def likely(codes: CodeList, text: str) -> list[Code]:
    """At most three codes of a classification that `text` may have meant, the likeliest first.

    A number is compared from its first digit, words by those they share with a title, rare ones
    counting more. Takes microseconds, so that each row of a file can be told.
    """
    digits = "".join(_DIGIT.findall(text))[:_DIGITS]
    # A spreadsheet that takes a code for a number drops its zeros.
    whole = (digits.zfill(length) for length in range(len(digits), _DIGITS + 1))
    if found := [codes.codes[word] for word in whole if word in codes.codes]:
        return found
    for length in range(len(digits), 1, -1):
        if found := [
            each for word, each in codes.codes.items() if word.startswith(digits[:length])
        ]:
            return found[:_FEW]
    shared: dict[str, float] = defaultdict(float)
    for stem in _stems(text):
        having = _BY_STEM[codes.name].get(stem, [])
        for each in having:
            shared[each.code] += math.log(len(codes.codes) / len(having))
    least = max(shared.values(), default=0) / 2
    near = (word for word, much in shared.items() if much >= least)
    # Of those that share as much, the title that says least besides.
    best = sorted(near, key=lambda word: (-shared[word], len(codes.codes[word].meaning), word))
    return [codes.codes[word] for word in best[:_FEW]]
