"""Spellings of firms that are proposed as one, without comparing each with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from openredress_api.placements.firms.places import Places, places
from openredress_api.placements.firms.spelling import Spelling, spelling
from openredress_api.placements.firms.verdict import Verdict, acronyms, judged, letters
from openredress_api.placements.firms.words import TELLING, Rarity, Words, canonical, word_set

# Spellings that share a key stand in the order of their letters, and each is compared with so many
# that follow. Comparisons are at most WINDOW times the keys, and a usual name has fifty at
# most: they grow with the number of names, not with its square.
WINDOW = 6
_WORDS, _LETTERS = 4, 12  # words of a name, and letters of a word, that make keys
_ANYWHERE = Rarity()


class Firm(NamedTuple):
    """A firm as one record writes it; its country by name, which stands in names of firms too."""

    name: str
    city: str
    country: str


@dataclass(frozen=True)
class Proposal:
    """A question to people: are these one firm? The score is that of its least likely spelling."""

    firms: tuple[Firm, ...]
    score: float
    reasons: tuple[str, ...]


class _Entry(NamedTuple):
    """Records that read the same in one country."""

    read: Spelling
    at: Places
    firms: Sequence[Firm]


def same_firm(left: Firm, right: Firm, rarity: Rarity = _ANYWHERE) -> Verdict:
    """How likely two records mean one firm, and why; `rarity` is that of the list at hand."""
    near = _places([left]).near(_places([right]))
    return judged(spelling(left.name), spelling(right.name), near, rarity)


def rarity_of(firms: Iterable[Firm]) -> Rarity:
    """How much each word tells among these firms."""
    return _rarity(_entries(firms))


def proposals(firms: Iterable[Firm]) -> list[Proposal]:
    """Groups of spellings that may be one firm, the likeliest first; a spelling stands in one.

    Every spelling of a group is like the group's first. Likeness is not handed on from one to the
    next: the ends of such a chain have nothing in common.
    """
    entries = _entries(firms)
    rarity = _rarity(entries)
    alike = _alike(entries, rarity)
    free = set(range(len(entries)))
    found = []
    for first in sorted(free, key=lambda at: (-len(alike[at]), at)):
        if first in free:
            members = {at: verdict for at, verdict in alike[first].items() if at in free}
            free -= {first, *members}
            group = [entries[at] for at in (first, *members)]
            found.append(_proposal(group, list(members.values()) or _within(group[0], rarity)))
    asked = (one for one in found if len({firm.name for firm in one.firms}) > 1)
    return sorted(asked, key=lambda one: (-one.score, one.firms))


def _entries(firms: Iterable[Firm]) -> list[_Entry]:
    """The records by reading and country, in the order of their letters; notes are left out."""
    read: defaultdict[tuple[Spelling, str], list[Firm]] = defaultdict(list)
    for firm in dict.fromkeys(firms):
        read[spelling(firm.name), firm.country.casefold()].append(firm)
    entries = [_Entry(name, _places(group), group) for (name, _), group in read.items()]
    named = (entry for entry in entries if entry.read.words)
    return sorted(named, key=lambda entry: (letters(entry.read.words), entry.firms))


def _places(firms: Sequence[Firm]) -> Places:
    return places((firm.city for firm in firms), firms[0].country)


def _rarity(entries: Sequence[_Entry]) -> Rarity:
    towns = {town for entry in entries for town in entry.at.towns}
    countries = {entry.firms[0].country for entry in entries}
    return Rarity(
        (entry.read.words for entry in entries),
        map(canonical, towns.union(*map(word_set, countries))),
    )


def _alike(entries: Sequence[_Entry], rarity: Rarity) -> Mapping[int, dict[int, Verdict]]:
    """For each entry, the entries that are proposed as one with it."""
    alike: defaultdict[int, dict[int, Verdict]] = defaultdict(dict)
    for left, right in sorted(set(_near_pairs(entries, rarity))):
        one, two = entries[left], entries[right]
        verdict = judged(one.read, two.read, one.at.near(two.at), rarity)
        if verdict.proposed:
            alike[left][right] = alike[right][left] = verdict
    return alike


def _within(entry: _Entry, rarity: Rarity) -> list[Verdict]:
    """The first record of an entry beside each of them: they may be in several towns."""
    first = _places(entry.firms[:1])
    nearness = {first.near(_places([firm])) for firm in entry.firms}
    return [judged(entry.read, entry.read, near, rarity) for near in nearness]


def _proposal(group: Sequence[_Entry], verdicts: Sequence[Verdict]) -> Proposal:
    return Proposal(
        tuple(firm for entry in group for firm in entry.firms),
        min(verdict.score for verdict in verdicts),
        tuple(sorted({reason for verdict in verdicts for reason in verdict.reasons})),
    )


def _near_pairs(entries: Sequence[_Entry], rarity: Rarity) -> Iterator[tuple[int, int]]:
    """Pairs of entries that share a key."""
    known = {word for entry in entries for word in entry.read.words}
    under: defaultdict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        for key in set(_keys(entry.read, rarity, known)):
            under[key].append(at)
    for found in under.values():
        for place, left in enumerate(found):
            for right in found[place + 1 : place + 1 + WINDOW]:
                yield left, right


def _keys(read: Spelling, rarity: Rarity, known: set[str]) -> Iterator[str]:
    """What two spellings of one firm have in common, whatever else they differ in."""
    for name in {*read.names(), read.head} - {()}:
        yield letters(name)
        yield from _word_keys(name, rarity)
        yield from known.intersection(map(letters, pairwise(name)))
    yield from known.intersection(acronyms(read.words))


def _word_keys(name: Words, rarity: Rarity) -> Iterator[str]:
    """The words that tell most; in a name without one that tells much, all of it is mistyped."""
    told = sorted(set(name), key=lambda word: (-rarity.of(word), word))[:_WORDS]
    yield from (word for word in told if rarity.of(word) >= TELLING / 2)
    telling = [word for word in told if rarity.of(word) >= TELLING]
    for word in telling or [letters(name)]:
        yield from _one_letter_less(word[:_LETTERS])


def _one_letter_less(word: str) -> Iterator[str]:
    """A word, and it without one of its letters: words one slip apart share one of these."""
    yield word
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
