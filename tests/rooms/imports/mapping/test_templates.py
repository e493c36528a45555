"""Texts made of columns, words for everything else, and what an amount's unit alone says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openredress_api.imports.mapping import Plan
from openredress_api.imports.mapping.templates import Template
from tests.rooms.imports.mapping.kinds import codes, planned

# So few that many pairs of them join to the same text.
CELLS = st.text("1/ ", max_size=3).map(str.strip) | st.sampled_from(("N/A", "N", "A", "Z"))
HEADINGS = ("Case", "Begin", "Wanted begin", "State", "Agent: name")


def made(text: str, *cells: str, at_most: int | None = None) -> str:
    """A text of one row."""
    return Template(text, HEADINGS, at_most).text(cells)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{Case}/{Begin}", "C-1/2026"),
        ("{ begin }", "2026"),
        ("{Begin|Wanted begin}", "2026"),
        ("{Wanted begin|Begin}", "2026"),
        ("{Unheard of|Begin}", "2026"),
        ("{State before ','}", "Alberta"),
        ("{State after ','}", "Canada"),
        ("{Case before ','}", "C-1"),
        ("{Case after ','}", ""),
        ("{Unheard of|State after ', C'}", "anada"),
        ("{Agent: name before ':'}", "LLC"),
        ("{Wanted begin}", "n/a"),
        ("always", "always"),
    ],
)
def test_places(text: str, expected: str) -> None:
    """A place is a column, the first of several that says something, or a part of its cell."""
    assert made(text, " C-1 ", "2026", "n/a", "Alberta, Canada", "LLC:Theresa") == expected


def test_a_text_of_empty_cells_is_nothing() -> None:
    """What stands between the places does not count."""
    assert made("{Case}/{Begin}", "", " ", "", "", "") == ""
    assert made("{Case}/{Begin}", "", "x", "", "", "") == "/x"


def test_a_heading_that_reads_like_a_place() -> None:
    """A column whose heading has our words or signs in it is named by it all the same."""
    headings = ("A|B", "Fee before ','", "A", "B")
    cells = ("whole", "fee", "a", "b")
    assert Template("{A|B}", headings).text(cells) == "whole"
    assert Template("{Fee before ','}", headings).text(cells) == "fee"
    assert Template("{C after ','}", headings).missing == ["C after ','"]


def test_rows_that_say_the_same_are_numbered() -> None:
    """The number goes up for equal texts only, and looking at a row does not count it."""
    template = Template("{Case}/{#}/{Begin}", HEADINGS)
    rows = [(case, "x", "", "", "") for case in ("A", "B", "A", "A", "B")]
    assert {template.sample(row) for row in rows} == {"A/1/x", "B/1/x"}
    assert [template.text(row) for row in rows] == ["A/1/x", "B/1/x", "A/2/x", "A/3/x", "B/2/x"]


def test_long_ids_end_in_a_digest() -> None:
    """An id longer than its field is cut to fit, differs where the rest differs, and is stable."""
    one, other = ("C" * 200 + end for end in "ab")
    assert made("{Case}", one, "", "", "", "") == one
    short = made("{Case}", one, "", "", "", "", at_most=120)
    assert len(short) == 120
    assert short.startswith("C" * 87 + "~")
    assert short == made("{Case}", one, "", "", "", "", at_most=120)
    assert short != made("{Case}", other, "", "", "", "", at_most=120)
    assert made("{Case}", "C" * 120, "", "", "", "", at_most=120) == "C" * 120


@pytest.mark.parametrize(
    "text",
    [
        "{Case}/{Begin}",
        "{Case}{Begin}",
        "{Case} {Begin}",
        "A{Case}//{Begin}Z",
        "{#}/{Case}/{Begin}",
    ],
)
@settings(max_examples=1_000)
@given(
    one=st.tuples(CELLS, CELLS),
    other=st.tuples(CELLS, CELLS),
)
def test_no_two_rows_share_an_id(text: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    """`1/2` and `3` make another id than `1` and `2/3`, whatever stands between them."""
    ids = [made(text, *cells, "", "", "", at_most=120) for cells in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)


def test_an_id_that_is_clear_stays_as_it_is() -> None:
    """Only where other cells could make the same text does an id end in a digest."""
    ids = [
        made("{Case}/{Begin}", case, begin, "", "", "", at_most=120)
        for case, begin in (("C-1", "2026"), ("C-1", "3/2026"), ("C/1", "2026"))
    ]
    assert ids[:2] == ["C-1/2026", "C-1/3/2026"]
    assert ids[2].startswith("C/1/2026~")
    assert made("{Case}/{Begin}/{State}", "N/A", "n/a", "", "x", "", at_most=120) == "N/A/n/a/x"
    # What is no id is taken as it is.
    assert made("{Case}/{Begin}", "C/1", "2026", "", "", "") == "C/1/2026"


def test_only_ids_are_cut() -> None:
    """An id of many columns is shortened; a name that is too long is refused as it is."""
    plan = planned(
        "job_order",
        ("Case", "Firm"),
        [],
        constants={"external_id": "{Case}/{Firm}", "employer_name": "{Firm}", "destination": "US"},
    )
    record = plan.row(["C-1", "F" * 250])[0]
    assert len(record["external_id"]) == 120
    assert record["employer_name"] == "F" * 250


def orders(**said: Any) -> Plan:
    """Job orders with codes, days and a wage."""
    headings = ("Case No", "SOC", "State", "Begin", "Wanted begin", "Rate", "Per", "Money")
    columns = {
        "Case No": "external_id",
        "SOC": "occupation_code",
        "Begin": None,
        "Rate": "wage.amount",
        "Per": "wage.period",
        "Money": "wage.currency",
    }
    rows = [["C", "", "", "", "3/4/2026", "", "", ""]]
    return planned("job_order", headings, rows, columns=columns, **said)


def test_words_for_everything_else() -> None:
    """`*` is any word that is not named, "" is a cell that says nothing, whatever it holds."""
    plan = orders(
        constants={"occupation_system": "{SOC}", "destination": "{State}"},
        values={
            "occupation_system": {"*": "soc", "8153": "isco_08"},
            "destination": {"": "US", "Alberta": "CA"},
        },
    )
    soc, isco, none = (
        plan.row(["C", code, state, "", "", "", "", ""])[0]
        for code, state in (("37-3011", "Alberta"), ("8153", ""), ("n/a", "-"))
    )
    assert (soc["occupation_system"], soc["destination"]) == ("soc", "CA")
    assert (isco["occupation_system"], isco["destination"]) == ("isco_08", "US")
    assert ("occupation_system" in none, none["destination"]) == (False, "US")
    unnamed = plan.row(["C", "", "Texas", "", "", "", "", ""])[1]
    assert [(one.pointer, one.read) for one in unnamed] == [("/destination", "Texas")]


def test_a_column_that_is_not_there() -> None:
    """A text of missing columns is asked about, unless the values say what nothing means."""
    asked = orders(constants={"destination": "{Country}"})
    assert ("destination", "no_such_column") in codes(asked)
    told = orders(constants={"destination": "{Country}"}, values={"destination": {"": "US"}})
    assert ("destination", "no_such_column") not in codes(told)
    assert told.row(["C", *[""] * 7])[0]["destination"] == "US"


def test_days_of_a_text_are_asked_about() -> None:
    """Where the order of days is open, a text of two columns is asked about as a column is."""
    text = {"starts_on": "{Begin|Wanted begin}"}
    assert ("starts_on", "date_order") in codes(orders(constants=text))
    plan = orders(constants=text, dates={"order": "mdy"})
    assert plan.row(["C", "", "", "", "3/4/2026", "", "", ""])[0]["starts_on"] == "2026-03-04"
    record, faults, _, headings = plan.row(["C", "", "", "31/31/2026", "", "", "", ""])
    assert "starts_on" not in record
    assert [(one.read, headings[one.pointer]) for one in faults] == [("31/31/2026", "Begin")]


def test_columns_of_a_text_are_told() -> None:
    """The list of columns shows for which field a column is used, also within a text."""
    plan = orders(constants={"starts_on": "{Begin|Wanted begin}"})
    told = {one["heading"]: (one["field"], one["how"]) for one in plan.columns}
    assert told["Begin"] == told["Wanted begin"] == ("starts_on", "given")


def test_a_unit_alone_is_no_amount() -> None:
    """A currency or the period of a wage is left out where no cell says how much."""
    plan = orders()
    assert "wage" not in plan.row(["C", "", "", "", "", "", "hour", "USD"])[0]
    assert plan.row(["C", "", "", "", "", "9.5", "hour", "USD"])[0]["wage"] == {
        "amount": "9.5",
        "period": "hour",
        "currency": "USD",
    }


def test_what_must_be_said_and_may_be_unknown() -> None:
    """An empty cell says null for a member that a record has to name, such as a wage's period."""
    record = orders().row(["C", "", "", "", "", "9.5", "", "USD"])[0]
    assert record["wage"] == {"amount": "9.5", "period": None, "currency": "USD"}


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("Asia/Yangon", "Asia/Yangon"),
        ("Myanmar", "Asia/Yangon"),
        ("NPL", "Asia/Kathmandu"),
        ("n/a", None),
        ("Nowhere", "Nowhere"),
    ],
)
def test_time_zones(cell: str, zone: str | None) -> None:
    """A time zone is read by its name, or as the only one of a country."""
    plan = planned("site", ("Name", "Time zone"), [], columns={"Time zone": "time_zone"})
    record, faults, _, _ = plan.row(["Mill", cell])
    assert not faults
    assert record.get("time_zone") == zone


def test_a_country_of_several_zones() -> None:
    """Nobody guesses one of several zones: the row is refused with some of them as a hint."""
    plan = planned("site", ("Name", "Time zone"), [], columns={"Time zone": "time_zone"})
    (fault,) = plan.row(["Mill", "Indonesia"])[1]
    assert str(fault.fault) == "several_time_zones"
    assert "Asia/Jakarta" in str(fault.fault.params["zones"])
