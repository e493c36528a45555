"""Words of firms' names: how they are folded, how much each tells, and which are slips."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

Words = tuple[str, ...]

# Accents of Latin, Greek and Cyrillic. The vowel signs of Thai, Burmese, Khmer and Devanagari are
# marks as well, but without them a word is another word: they stay.
_ACCENTS = re.compile("[\u0300-\u036f]")
_DOTTED = re.compile(r"\b(\w)\.(?=\w\b)")  # S.A. is the word SA
_APOSTROPHES = re.compile("['\u2018\u2019`\u00b4]")
_ONE_FORM = {
    "assn": "association",
    "assoc": "associate",
    "bros": "brother",
    "centre": "center",
    "govt": "government",
    "int": "international",
    "internacional": "international",
    "intl": "international",
    "labour": "labor",
    "mgmt": "management",
    "mgt": "management",
    "svc": "service",
    "svcs": "service",
}


def folded(text: str) -> str:
    """Small letters without accents and apostrophes; S.A. as SA, & as a word."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    seen = "".join(each for each in bare if unicodedata.category(each) != "Cf")
    return _DOTTED.sub(r"\1", _APOSTROPHES.sub("", seen)).replace("&", " and ")


def words_in(text: str) -> list[str]:
    """The words of a folded text: letters and digits with the marks on them."""
    kept = (each if unicodedata.category(each)[0] in "LNM" else " " for each in text)
    return "".join(kept).split()


def canonical(word: str) -> str:
    """One form for a word, its plural, its abbreviation and its British spelling."""
    known = _ONE_FORM.get(word, word)
    plural = re.fullmatch(r"(\w{3,}[^\Ws])s", known)
    return _ONE_FORM.get(plural[1], plural[1]) if plural else known


def word_set(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    return frozenset(words_in(folded(text)))


# What agencies and their helpers are called, what they sell (H-2A and H-2B are visa classes), and
# what firms of any trade are called: no word here tells one firm from another. They stand in the
# form that canonical() gives.
TRADE = word_set("""
    abroad agency agencia agent application attorney career consult consultancy consultant
    consulting employee employer employment foreign h1b h2 h2a h2b hiring human immigration job
    labor law lawyer manpower migration outsourcing oversea personnel placement processing program
    recruiter recruiting recruitment resource staff staffing travel visa work worker workforce
    associate association business center company connection corporate department enterprise esq
    expert farm firm foundation general government group industry management ministry network
    office organization partner professional representation service servicio solution support
    system trading union
    america american asia asian europe european global international national usa us world
    worldwide east north south west new
""")
LINKS = word_set("""
    a an at by da das de del der di do dos du e el en et for from in la las le los of on para por
    the to und with y
""")
_OF_TRADE, _OF_A_LINK, _OF_A_PLACE = 0.15, 0.02, 0.3
TELLING = 0.55  # a word that tells this much is a reason to ask
# A list is a sample of many more names: that two of three share a word does not make it common.
_UNSEEN = 1000


class Rarity:
    """How much a word tells of a firm, from the names at hand: the seldomer it is, the more."""

    def __init__(self, names: Iterable[Words] = (), places: Iterable[str] = ()) -> None:
        """`places` are the words of the towns and countries at hand."""
        at_places = frozenset(places)
        # A firm that is spelt many ways must not make its own name common, so names count once
        # that differ in words of the trade alone.
        cores = {frozenset(name) - TRADE - LINKS - at_places for name in names}
        size = math.log(len(cores) + _UNSEEN)
        self._tells = {
            word: (1 - math.log(times) / size) ** 2 * _by_length(word)
            for word, times in Counter(word for core in cores for word in core).items()
        }
        self._tells |= dict.fromkeys(at_places, _OF_A_PLACE)
        self._tells |= dict.fromkeys(TRADE, _OF_TRADE) | dict.fromkeys(LINKS, _OF_A_LINK)

    def of(self, word: str) -> float:
        """From 0, tells nothing, to 1."""
        return self._tells.get(word) or _by_length(word)


def _by_length(word: str) -> float:
    """Initials of two or three letters are alike by chance."""
    return min(1.0, len(word) / 4)


def slip(left: str, right: str) -> bool:
    """Whether one slip parts two words: a letter more or less, two changed about, one another.

    Short words stand near many others, the first letter is seldom mistyped, a digit is no slip,
    and names with another letter in one place are often other names (Hansen, Hanson) unless long.
    """
    shorter = min(len(left), len(right))
    if shorter < 5 or left[0] != right[0]:  # noqa: PLR2004 - short words stand near many others
        return False
    start = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    one, other = left[start:], right[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if any(map(str.isdigit, one + other)):
        return False
    sizes = sorted((len(one), len(other)))
    return (
        sizes == [0, 1]
        or (sizes == [2, 2] and one == other[::-1])
        or (sizes == [1, 1] and shorter >= 7)  # noqa: PLR2004 - long enough, as said above
    )
