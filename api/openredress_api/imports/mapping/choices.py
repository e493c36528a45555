"""Cells that name a code: by the code, its meaning, or a word that cannot mean another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches

from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import lexicon
from openredress_api.vocabulary import TAXONOMIES, Code, CodeList

_ALIKE = 0.7
_FEW = 8
# To compare takes milliseconds: hints for more misspellings than these would hold up a file.
_MOST_HINTS, _MOST_WORDS = 200, 5_000
_LONGEST = 200
_YES_NO = frozenset(("yes", "no"))


class Nearest:
    """Hints for the cells of one column: the word most like what was read, while there are few."""

    def __init__(self, words: Collection[str]) -> None:
        """`words` are what could have been meant."""
        self._words = words
        self._left = _MOST_HINTS if len(words) <= _MOST_WORDS else 0

    def __call__(self, read: str) -> list[str]:
        """The nearest word, if one is near."""
        self._left -= 1
        return get_close_matches(read, self._words, 1, _ALIKE) if self._left >= 0 else []


def list_of(codes: tuple[str, ...]) -> CodeList | None:
    """The code list that a field's codes are from: the same, else the first that has them all."""
    holding = [each for each in TAXONOMIES.values() if set(codes) <= set(each.codes)]
    same = [each for each in holding if len(each.codes) == len(codes)]
    return next(iter(same or holding), None)


def chooser(codes: tuple[str, ...]) -> Callable[[str], str | Fault | None]:
    """The function that reads one of `codes` from a cell, or names the nearest.

    `NA` is Namibia's code, `n/a` is none.
    """
    spelt = spellings(codes)
    exact = frozenset(codes)
    # `physical` alone is the end of a code, and no word for it: good for a hint.
    hints = {lexicon.spelt(code.rpartition(".")[2]): (code,) for code in codes} | {**spelt}
    nearest = Nearest(hints)

    def choose(text: str) -> str | Fault | None:
        if text in exact:
            return text
        if lexicon.says_nothing(text):
            return None
        word = lexicon.spelt(text[:_LONGEST])
        meant = spelt.get(word, ())
        if len(meant) == 1:
            return meant[0]
        if meant:
            return Fault("code_unclear", codes=", ".join(meant))
        near = nearest(word)
        return Fault("not_in_list", nearest=", ".join(hints[near[0]] if near else codes[:_FEW]))

    return choose


def spellings(codes: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Every word for some of `codes`, with those that it can mean.

    `MY` is Malaysia, but `my` is also Vietnamese for the United States, typed without accents.
    """
    found: dict[str, tuple[str, ...]] = {}
    for code, words in _words(codes):
        for word in map(lexicon.spelt, words):
            found[word] = tuple(dict.fromkeys((*found.get(word, ()), code)))
    return found


def _words(codes: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    yield from ((code, [code]) for code in codes)
    taxonomy = list_of(codes)
    if taxonomy:
        yield from ((code, _of_list(taxonomy.codes[code])) for code in codes)
        for word, meant in lexicon.CODES.get(taxonomy.name, {}).items():
            yield from ((code, [word]) for code in meant if code in codes)
    if set(codes) >= _YES_NO:
        yield "yes", sorted(lexicon.YES)
        yield "no", sorted(lexicon.NO)


def _of_list(code: Code) -> list[str]:
    known_as = code.attributes.get("also_known_as")
    return [code.meaning, *([known_as] if isinstance(known_as, str) else [])]
