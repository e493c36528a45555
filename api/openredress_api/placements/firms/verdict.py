"""Whether two spellings are proposed as one firm, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import fsum

from openredress_api.placements.firms.places import SAME_TOWN, Nearness
from openredress_api.placements.firms.spelling import Spelling
from openredress_api.placements.firms.words import (
    LINKS,
    TELLING,
    TRADE,
    Rarity,
    Words,
    slip,
    word_set,
)

PROPOSED = 0.7
REASONS = {
    "same_letters": "the names differ in case, accents, spaces, plurals or legal form alone",
    "rare_word": "they share a word that few firms have in their names",
    "common_words": "they share words that many firms have in their names",
    "typing_slip": "a word of one is a word of the other with one slip",
    "other_number": "each has a number that the other has not",
    "other_name": "it is another name that one of them gives: trading as, a slash, brackets",
    "short_form": "one is how the other begins, before a comma or a dash",
    "acronym": "one is made of the first letters of the other",
    "no_firm_named": "one of them is a note such as n/a, not a name",
    "same_town": "they are in one town",
    "same_country": "they are in one country",
    "other_country": "they are in two countries",
    "place_unknown": "the country of one is not given",
}
# A name told beside another, the head of a name and an acronym say less than the whole name.
_BESIDE, _HEAD, _ACRONYM = 0.95, 0.9, 0.75
_OF_A_SLIP = 0.85  # of what a word tells, if it is mistyped
_OF_COMMON_WORDS = 0.5  # Golf and Country Club: many common words together are still common
_OF_OTHER_BEGINNINGS = 2  # times the difference: firms are known by how their names begin
_OF_OTHER_NUMBERS = 0.5  # Farm 1 and Farm 2 are two
_ROMAN = word_set("ii iii iv vi vii viii")


@dataclass(frozen=True)
class Verdict:
    """How likely two spellings are one firm, from 0 to 1, and codes of REASONS."""

    score: float
    reasons: tuple[str, ...]

    @property
    def proposed(self) -> bool:
        """Whether people are to be asked."""
        return self.score >= PROPOSED


def judged(left: Spelling, right: Spelling, nearness: Nearness, rarity: Rarity) -> Verdict:
    """The likeliest way in which two spellings could be one firm, whichever comes first."""
    if not left.words or not right.words:
        return Verdict(0.0, ("no_firm_named",))
    first, second = sorted((left, right))
    best = max(_ways(first, second, nearness, rarity), key=lambda way: way.score)
    return Verdict(round(best.score, 3), (*best.reasons, nearness.code))


def letters(name: Words) -> str:
    """A name's letters, whatever stands between them."""
    return "".join(name)


def acronyms(name: Words) -> Iterator[str]:
    """First letters of three words or more; one of the words may give two: Nepal as NE."""
    starts = [word for word in name if word not in LINKS]
    if 3 <= len(starts) <= 8:  # noqa: PLR2004 - two letters stand for too many firms
        initials = "".join(word[0] for word in starts)
        yield initials
        for place, word in enumerate(starts, 1):
            yield initials[:place] + word[1:2] + initials[place:]


def _ways(left: Spelling, right: Spelling, nearness: Nearness, rarity: Rarity) -> Iterator[Verdict]:
    whole, *beside = product(left.names(), right.names())
    yield _compared(*whole, nearness, rarity)
    for pair in beside:
        way = _compared(*pair, nearness, rarity)
        whole_name = "same_letters" in way.reasons and not set(pair).isdisjoint(whole)
        # Brackets often hold a place or a branch, which is no name.
        if whole_name or all(_tells(name, rarity) for name in pair):
            yield Verdict(_BESIDE * way.score, (*way.reasons, "other_name"))
    for head, name in (left.head, right.words), (right.head, left.words):
        if head and letters(head) == letters(name):
            yield Verdict(_HEAD * _alike(head, name, nearness, rarity), ("short_form",))
    # A few letters stand for many firms, so a town must speak for it too.
    if nearness is SAME_TOWN and (
        _is_acronym(left.words, right.words) or _is_acronym(right.words, left.words)
    ):
        yield Verdict(_ACRONYM, ("acronym",))


def _is_acronym(short: Words, name: Words) -> bool:
    return len(short) == 1 and len(short[0]) > 3 and short[0] in acronyms(name)  # noqa: PLR2004 - as above


def _compared(left: Words, right: Words, nearness: Nearness, rarity: Rarity) -> Verdict:
    """Two names by what their shared words tell, against what their other words tell."""
    if letters(left) == letters(right):
        return Verdict(_alike(left, right, nearness, rarity), ("same_letters",))
    one, two = _with_joined(left, right), _with_joined(right, left)
    shared, ones, twos = set(one) & set(two), set(one) - set(two), set(two) - set(one)
    slips = list(_slips(ones, twos))
    for mistyped, meant in slips:
        ones.remove(mistyped)
        twos.remove(meant)
    of_slips = fsum(min(map(rarity.of, pair)) for pair in slips)
    told = _told(shared, rarity) + _OF_A_SLIP * of_slips
    differs = (_told(ones, rarity) + _told(twos, rarity)) / 2 + (1 - _OF_A_SLIP) * of_slips
    if _first(one) in ones and _first(two) in twos:
        differs *= _OF_OTHER_BEGINNINGS
    if not _tells(shared.union(*slips), rarity):
        told *= _OF_COMMON_WORDS
    score = min(1.0, told / nearness.needed) * told / (told + nearness.difference * differs or 1.0)
    reasons = ["rare_word" if _tells(shared, rarity) else "common_words"] if shared else []
    if slips:
        reasons.append("typing_slip")
    if _numbered(ones) and _numbered(twos):
        return Verdict(_OF_OTHER_NUMBERS * score, (*reasons, "other_number"))
    return Verdict(score, tuple(reasons))


def _alike(left: Words, right: Words, nearness: Nearness, rarity: Rarity) -> float:
    """The score of two names with the same letters; they may part them otherwise."""
    own = (letters(tuple(word for word in name if word not in TRADE)) for name in (left, right))
    return nearness.alike if _tells(own, rarity) else nearness.alike_of_trade


def _first(name: Words) -> str:
    """The first word of a name that is its own."""
    return next((word for word in name if word not in TRADE | LINKS), "")


def _told(words: Iterable[str], rarity: Rarity) -> float:
    return fsum(map(rarity.of, words))


def _tells(words: Iterable[str], rarity: Rarity) -> bool:
    return any(rarity.of(word) >= TELLING for word in words)


def _numbered(words: set[str]) -> bool:
    return any(word.isdigit() or word in _ROMAN for word in words)


def _with_joined(name: Words, other: Words) -> Words:
    """A name in which two or three words in a row are one if the other writes them as one."""
    whole = letters(name)
    asked = {word for word in other if word not in name and word in whole}
    if not asked:
        return name
    joined: list[str] = []
    start = 0
    while start < len(name):
        ends = (start + 3, start + 2)
        end = next((end for end in ends if letters(name[start:end]) in asked), start + 1)
        joined.append(letters(name[start:end]))
        start = end
    return tuple(joined)


def _slips(ones: set[str], twos: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of words one slip apart, each word in one pair at most."""
    free = sorted(twos)
    for one in sorted(ones):
        meant = next((two for two in free if slip(one, two)), None)
        if meant is not None:
            free.remove(meant)
            yield one, meant
