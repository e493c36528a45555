"""Draw 100 pairs of firm names to label by hand: `python tests/intake/draw_firm_pairs.py`.

The first line printed holds the seed, each other line one pair. firm_pairs.json holds the labels.
They were written before a matcher was, and nothing here knows how a matcher decides.
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
from collections import Counter
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

SEED = 202202  # the file is the second quarter of 2022
SOURCE = "oflc_h2b_appendix_c_fy2022q2_orgs.csv"
FOLDER = Path(__file__).parents[3] / "shared" / "realdata"
SHARED = "below 0.7, rare word or beginning shared"
# How many pairs of each stratum. Nearly all above 0.85 are one firm and nearly all below 0.7 are
# two, so the doubtful ones are drawn most, and first.
QUOTAS = {
    SHARED: 26,
    "0.7-0.85": 22,
    "0.5-0.7": 24,
    "0.85-0.95": 12,
    "0.95-1": 10,
    "letter case only": 6,
}
# Lines where a "firm" is first a person's own name or a self-employed person: no firm to compare.
PERSONS = {
    51,
    63,
    606,
    849,
    871,
    4403,
    4689,
    4854,
    4978,
    5029,
    6445,
    6665,
    6825,
    7033,
    8435,
    9652,
    10754,
    13316,
}
OFTEN = 2  # pairs a spelling may stand in, never two of one stratum: no firm is to fill the list
RARE = 6  # spellings a word may stand in and still tell firms apart
LETTERS = 4  # of a rare word, at least, and of a shared beginning


class Firm(NamedTuple):
    """A firm as one line of the file writes it: the first line with this name and this place."""

    line: int
    name: str
    city: str
    country: str


def firms() -> dict[str, list[Firm]]:
    """Each spelling of a firm's name with the places it is given, in the order of the file."""
    found: dict[str, dict[tuple[str, str], Firm]] = {}
    with (FOLDER / SOURCE).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            name, city, country = (
                row[f"RECRUITER_EMPLOYER_{column}"].strip()
                for column in ("NAME", "CITY", "COUNTRY")
            )
            firm = Firm(rows.line_num, name, city, country)
            found.setdefault(name, {}).setdefault((city, country), firm)
    spellings = {name: list(places.values()) for name, places in found.items()}
    return {name: at for name, at in spellings.items() if at[0].line not in PERSONS}


def words(name: str) -> set[str]:
    """The words of a name, in small letters, that are long enough to say something."""
    return {word for word in re.findall(r"\w+", name.casefold()) if len(word) >= LETTERS}


def beginning(name: str) -> str:
    """The first letters of a name, whatever stands between them."""
    return re.sub(r"\W", "", name.casefold())[:LETTERS]


def stratum(left: str, right: str, rare: set[str]) -> str:
    """The stratum of two spellings, by the similarity of their letters."""
    ratio = SequenceMatcher(None, left.casefold(), right.casefold()).ratio()
    if ratio < 0.7 and (beginning(left) == beginning(right) or words(left) & words(right) & rare):
        return SHARED
    steps = (0.5, "below 0.5"), (0.7, "0.5-0.7"), (0.85, "0.7-0.85"), (0.95, "0.85-0.95")
    return next(
        (called for end, called in steps if ratio < end),
        "0.95-1" if ratio < 1 else "letter case only",
    )


def once_each(pairs: list[tuple[str, str]], quota: int) -> list[tuple[str, str]]:
    """The first pairs, as many as the quota says, in which no spelling stands twice."""
    taken: dict[str, str] = {}
    for left, right in pairs:
        if len(taken) < 2 * quota and not {left, right} & taken.keys():
            taken |= {left: right, right: left}
    return [(left, right) for left, right in pairs if taken.get(left) == right]


def drawn() -> list[tuple[str, Firm, Firm]]:
    """The pairs: as many of each stratum as its quota says, each spelling at one of its places."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable draw, no secret
    spellings = firms()
    counted = Counter(word for name in spellings for word in words(name))
    rare = {word for word, times in counted.items() if times <= RARE}
    pools: dict[str, list[tuple[str, str]]] = {}
    for left, right in combinations(spellings, 2):
        pools.setdefault(stratum(left, right, rare), []).append((left, right))
    used: Counter[str] = Counter()
    pairs = []
    for called, quota in QUOTAS.items():
        free = [names for names in pools[called] if all(used[name] < OFTEN for name in names)]
        chance.shuffle(free)
        for names in once_each(free, quota):
            used.update(names)
            left_firm, right_firm = (chance.choice(spellings[name]) for name in names)
            pairs.append((called, left_firm, right_firm))
    return pairs


def main() -> None:
    """Print the seed, then the pairs as JSON lines."""
    sys.stdout.write(json.dumps({"seed": SEED, "source": SOURCE}) + "\n")
    for called, left, right in drawn():
        pair = {"left": left._asdict(), "right": right._asdict(), "stratum": called}
        sys.stdout.write(json.dumps(pair, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
