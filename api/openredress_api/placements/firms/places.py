"""Where two firms are, one beside the other: the nearer, the less their names must say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from openredress_api.placements.firms.words import folded, slip, word_set, words_in

# Half the towns of the world are called Saint, City or New something.
_NO_TOWN = word_set("""
    ave cd centro city ciudad col colonia del el las los new north east south west port road san
    santa saint street town
""")


@dataclass(frozen=True)
class Nearness:
    """What the places of two firms say."""

    code: str
    difference: float  # how much words count that stand in one name alone
    needed: float  # how much the words must tell that stand in both
    alike: float  # the score of two names with the same letters
    alike_of_trade: float  # and if nothing but words of the trade is in them


SAME_TOWN = Nearness("same_town", 0.4, 0.5, 1.0, 1.0)
SAME_COUNTRY = Nearness("same_country", 1.0, 1.0, 0.95, 0.8)
PLACE_UNKNOWN = Nearness("place_unknown", 1.0, 1.0, 0.95, 0.8)
# An agency has offices in several countries, so this is no proof that there are two.
OTHER_COUNTRY = Nearness("other_country", 2.0, 1.2, 0.9, 0.6)


@dataclass(frozen=True)
class Places:
    """The towns of a firm, in the words that tell them, and its country, in letters alone."""

    towns: frozenset[str]
    country: str

    def near(self, other: Places) -> Nearness:
        """How near two firms are; towns of one name stand in many countries."""
        town = not self.towns.isdisjoint(other.towns) or any(
            slip(one, two) for one, two in product(self.towns, other.towns)
        )
        known = bool(self.country and other.country)
        if known and self.country != other.country:
            return SAME_COUNTRY if town else OTHER_COUNTRY
        if town:
            return SAME_TOWN
        return SAME_COUNTRY if known else PLACE_UNKNOWN


def places(towns: Iterable[str], country: str) -> Places:
    """Read the places of a firm as somebody wrote them."""
    return Places(frozenset().union(*map(_town_words, towns)), "".join(words_in(folded(country))))


def _town_words(town: str) -> set[str]:
    """The words that tell a town: Ciudad Juarez and Cd. Juarez are one."""
    words = (word for word in word_set(town) if len(word) > 2)  # noqa: PLR2004 - St, PO
    return {word for word in words if word not in _NO_TOWN and not word.isdigit()}
