"""Firms spelt several ways are proposed as one, never merged."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.placements.firms import (
    PROPOSED,
    REASONS,
    Firm,
    grouping,
    proposals,
    rarity_of,
    same_firm,
)
from tests.intake import draw_firm_pairs

LABELLED = json.loads(
    Path(draw_firm_pairs.__file__).with_name("firm_pairs.json").read_text(encoding="utf-8")
)
REAL = draw_firm_pairs.FOLDER / draw_firm_pairs.SOURCE
needs_the_file = pytest.mark.skipif(
    not REAL.exists(), reason=f"{REAL.name} is not in ../shared/realdata"
)
COLUMNS = ("NAME", "CITY", "COUNTRY")


def firm(entry: dict[str, str]) -> Firm:
    """One side of a labelled pair."""
    return Firm(entry["name"], entry["city"], entry["country"])


PAIRS = [(firm(pair["left"]), firm(pair["right"]), pair["same"]) for pair in LABELLED["pairs"]]
ALL_LABELLED = [one for left, right, _ in PAIRS for one in (left, right)]


def listed() -> list[Firm]:
    """Every recruiter that the real file lists, as often as it lists it."""
    with REAL.open(encoding="utf-8", newline="") as file:
        return [
            Firm(*(row[f"RECRUITER_EMPLOYER_{column}"].strip() for column in COLUMNS))
            for row in csv.DictReader(file)
        ]


def measured(alike: Callable[[Firm, Firm], bool]) -> tuple[float, float]:
    """Precision and recall on the labelled pairs."""
    found = [same for left, right, same in PAIRS if alike(left, right)]
    return sum(found) / len(found), sum(found) / sum(same for *_, same in PAIRS)


@needs_the_file
def test_the_pairs_are_the_draw_of_their_seed() -> None:
    """The labelled pairs are those that the printed seed draws from the real file, every one."""
    drawn = [
        {"left": left._asdict(), "right": right._asdict(), "stratum": stratum}
        for stratum, left, right in draw_firm_pairs.drawn()
    ]
    unlabelled = [
        {key: pair[key] for key in ("left", "right", "stratum")} for pair in LABELLED["pairs"]
    ]
    assert LABELLED["seed"] == draw_firm_pairs.SEED
    assert unlabelled == drawn


@pytest.mark.parametrize("among", [(), ALL_LABELLED], ids=["no list", "the pairs' own names"])
def test_labelled_pairs_are_told_apart(among: list[Firm]) -> None:
    """Of 100 labelled pairs, 95 % of those proposed are one firm, and 80 % of those are found."""
    rarity = rarity_of(among)
    precision, recall = measured(lambda left, right: same_firm(left, right, rarity).proposed)
    assert precision >= 0.95
    assert recall >= 0.8


@needs_the_file
def test_groups_of_the_real_list_hold_the_labelled_pairs() -> None:
    """Among all the real recruiters, without comparing all, the same bounds hold for the groups."""
    group = {one: at for at, asked in enumerate(proposals(listed())) for one in asked.firms}

    def together(left: Firm, right: Firm) -> bool:
        return group.get(left, left) == group.get(right, right)

    precision, recall = measured(together)
    assert precision >= 0.95
    assert recall >= 0.8


ALIKE = [
    ("Río Claro Reclutamiento, S. de R.L. de C.V.", "RIO CLARO RECLUTAMIENTO", "same_letters"),
    ("Tern & Kite Labour Centre Ltd.", "TERN AND KITE LABOR CENTER", "same_letters"),
    ("T & K Placements", "T&K Placement", "same_letters"),
    ("P.T. Melati Putih", "Melati Putih", "same_letters"),
    ("บริษัทดอกปีบ จัดหางาน จำกัด", "ดอกปีบจัดหางาน", "same_letters"),
    ("Bluewing Staffing", "Blue Wing Recruiters", "rare_word"),
    ("Heronfield Staffing Services", "Heronfield Staffing Solutions", "rare_word"),
    ("Heronfield Services", "Heronfeild Services", "typing_slip"),
    ("Osprey Lane LLC dba Marsh Gate Jobs", "Marsh Gate Jobs Inc.", "other_name"),
    ("Osprey Lane / Marsh Gate Jobs", "Marsh Gate Jobs (marshgate.com)", "other_name"),
    ("Q-Tern, Quiet Tern Manpower Co", "q tern", "short_form"),
    ("HOTL", "Heron Overseas Travel and Labour", "acronym"),
]


@pytest.mark.parametrize(("left", "right", "reason"), ALIKE)
def test_each_rule_finds_what_it_is_for(left: str, right: str, reason: str) -> None:
    """Two spellings of a firm in one town are proposed, and the reason is given as a code."""
    verdict = same_firm(Firm(left, "Cd. Juarez", "MX"), Firm(right, "Ciudad Juárez", "MX"))
    assert verdict.proposed
    assert verdict.reasons[-1] == "same_town"
    assert reason in verdict.reasons


APART = [
    ("Heron Employment Agency", "Tern Employment Agency", "words of the trade alone"),
    ("Osprey Farm 1", "Osprey Farm 2", "two numbers"),
    ("Curlew Heronfield", "Fulmar Heronfield", "names that begin otherwise"),
    ("Osprey Farm II LLC", "Osprey Farm III LLC", "two Roman numbers"),
    ("TK Labor", "KT Labor", "two letters changed about"),
    ("Heron Garments (Pty) Ltd", "Tern Shoes (Pty) Ltd", "a legal form in brackets"),
    ("HTL", "Heron Travel Labour", "three letters are alike by chance"),
]


@pytest.mark.parametrize(("left", "right", "why"), APART)
def test_what_many_firms_share_is_no_reason(left: str, right: str, why: str) -> None:
    """Words of the trade, numbers, forms and a few initials make no firm of two in one town."""
    verdict = same_firm(Firm(left, "Nuwakot", "NP"), Firm(right, "Nuwakot", "NP"))
    assert not verdict.proposed, (why, verdict)


def test_the_place_decides_what_names_alone_do_not() -> None:
    """A name of trade words and a name one slip away are asked about at home, not from afar."""
    for left, right in (
        ("Overseas Work Agency", "Overseas Work, Agency Ltd"),
        ("Heronfield Labour", "Heronfeild"),
    ):
        home = same_firm(Firm(left, "Nuwakot", "NP"), Firm(right, "Nuwakot", "NP"))
        afar = same_firm(Firm(left, "Nuwakot", "NP"), Firm(right, "Doha", "QA"))
        assert home.proposed
        assert not afar.proposed
        assert home.reasons[-1] == "same_town"
        assert afar.reasons[-1] == "other_country"


NOTES = [
    *("", " ", "-", "0", "n/a", "N/A", "N.A.", "na", "None", "none yet", "TBD", "unknown"),
    *("Unknown agents", "See attached Appendix C", "see attached for more", "As attached"),
    *("To be determined", "Not applicable", "not yet known", "same as above", "No aplica"),
]


@pytest.mark.parametrize("note", NOTES)
def test_a_note_is_no_firm(note: str) -> None:
    """A note that stands where a name should is like nothing, not even like itself."""
    written = [Firm(note, "Doha", "QA"), Firm(note.upper(), "Doha", "QA")]
    for other in (*written, Firm("Natal Labour", "Doha", "QA")):
        verdict = same_firm(written[0], other)
        assert (verdict.score, verdict.reasons) == (0.0, ("no_firm_named",))
    assert proposals([*written, Firm(f"{note}.", "Doha", "QA")]) == []


NAMES = st.one_of(
    st.sampled_from([one.name for one in ALL_LABELLED]),
    st.sampled_from([name for left, right, _ in (*ALIKE, *APART) for name in (left, right)]),
    st.text(max_size=30),
)
FIRMS = st.builds(
    Firm, NAMES, st.sampled_from(["", "Doha", "Nuwakot"]), st.sampled_from(["", "NP"])
)


@given(FIRMS, FIRMS)
def test_neither_side_comes_first(left: Firm, right: Firm) -> None:
    """Whichever firm is named first, score and reasons are the same, and each reason is known."""
    verdict = same_firm(left, right)
    assert verdict == same_firm(right, left)
    assert 0 <= verdict.score <= 1
    assert set(verdict.reasons) <= REASONS.keys()


WORDS = st.lists(st.text("abcdeilmnorstuéñüç", min_size=5, max_size=9), min_size=1, max_size=4)


@given(WORDS, st.randoms(use_true_random=False))
def test_case_and_punctuation_make_no_other_firm(words: list[str], chance: random.Random) -> None:
    """A name is like itself in other letters' case, other punctuation and another legal form."""
    plain = Firm(" ".join(words), "Doha", "QA")
    between = [chance.choice([" ", "  ", "-", ". ", " & "]) for _ in words]
    other = "".join(
        chance.choice([word, word.upper(), word.title()]) + gap
        for word, gap in zip(words, between, strict=True)
    )
    verdict = same_firm(
        plain, Firm(other + chance.choice(["", "Inc.", "S.A.", "(Pvt) Ltd"]), "DOHA", "qa")
    )
    assert verdict.score >= 0.95
    assert "same_letters" in verdict.reasons


def test_a_proposal_changes_nothing() -> None:
    """Each record comes back as it was sent, in one proposal at most, and one spelling is none."""
    one, two = Firm("Heronfield Staffing", "Doha", "QA"), Firm("HERONFIELD", "Nuwakot", "NP")
    alone = [Firm("Osprey Lane", town, "NP") for town in ("Nuwakot", "Ilam")]
    sent = [one, *alone, two, one]
    (asked,) = proposals(sent)
    assert sent == [one, *alone, two, one]
    assert sorted(asked.firms) == sorted([one, two])
    assert PROPOSED <= asked.score <= 1
    assert asked.reasons == ("other_country", "rare_word")


def test_likeness_is_not_handed_on() -> None:
    """Each spelling of a proposal is like its first: a chain of trading names is no one firm."""
    names = (
        *("Heronfield", "Heronfield dba Ospreylane", "Ospreylane"),
        *("Ospreylane dba Curlewgate", "Curlewgate"),
    )
    chain = [Firm(name, "Doha", "QA") for name in names]
    assert all(same_firm(*pair).proposed for pair in pairwise(chain))
    (asked,) = proposals(chain)
    first, *others = asked.firms
    assert all(same_firm(first, other).proposed for other in others)
    assert not {chain[0], chain[-1]} <= {*asked.firms}


def made_up(size: int) -> Iterable[Firm]:
    """Names as alike as lists are: few words of the trade, and each other word in twenty names."""
    chance = random.Random(size)  # noqa: S311 - a repeatable list, no secret
    rare = ["".join(chance.choices("abdeiklmnorstu", k=7)) for _ in range(size // 10)]
    trade = ["Labour", "Services", "Recruiting", "International"]
    for _ in range(size):
        words = (*chance.choices(rare, k=2), chance.choice(trade), str(chance.randrange(10**6)))
        yield Firm(" ".join(words), chance.choice(["Doha", "Nuwakot"]), "QA")


def test_comparisons_grow_with_the_list_not_with_its_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five times the names are compared five times as often, at most 15 times each."""
    real, counted = grouping.judged, Counter[int]()
    for size in (1000, 5000):

        def judged(*entries: Any, size: int = size) -> Any:
            counted[size] += 1
            return real(*entries)

        monkeypatch.setattr(grouping, "judged", judged)
        proposals(made_up(size))
    assert counted[5000] <= 5.5 * counted[1000]
    assert counted[5000] <= 15 * 5000
