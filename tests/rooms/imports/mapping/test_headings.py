"""Headings of any system find their fields, and none is taken for a field silently and wrongly."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.mapping import synonyms
from openredress_api.imports.mapping.texts import key
from tests.rooms.imports.mapping.kinds import (
    HELD_OUT,
    ROWS,
    columns,
    fields,
    looked_at,
)

SYNONYMS = sorted((Path(synonyms.__file__).parent / "synonyms").glob("*.json"))
LANGUAGES = {"en", "th", "my", "km", "ne", "es"}


def _say(*lines: str) -> None:
    print(*lines, sep="\n")  # noqa: T201 - the figures are what is proved; pytest -s shows them


@pytest.mark.parametrize(("file", "least"), [(ROWS, 0.95), (HELD_OUT, 0.95)], ids=["50", "own"])
def test_header_rows(file, least) -> None:
    """At least 95 % of the headings of each file are mapped, and none wrongly by itself."""
    seen = list(looked_at(file))
    right = [one for one in seen if one.is_right]
    taken = [one for one in right if one.column.applies]
    proposed = [one for one in right if one.field and not one.column.applies]
    share = f"{len(right)} of {len(seen)} headings mapped ({len(right) / len(seen):.1%})"
    _say(file.name, share, f"{len(taken)} fields taken, {len(proposed)} proposed", "the others:")
    _say(*(f"  {one.where} -> {one.column.field}" for one in seen if not one.is_right))
    assert not [one.where for one in seen if one.column.applies and not one.is_right]
    assert len(right) >= least * len(seen)


@pytest.mark.parametrize("file", [ROWS, HELD_OUT], ids=["50", "own"])
def test_what_is_personal(file) -> None:
    """No heading that carries data about a person is ever taken, and hardly one is proposed."""
    personal = [one for one in looked_at(file) if one.is_personal]
    assert not [one.where for one in personal if one.column.applies]
    assert not [one.where for one in personal if one.column.field]


def test_case_signs_and_digits() -> None:
    """Case, spaces, punctuation, accents and the script of digits make no other heading."""
    for heading in (
        "Date received",
        "DATE_RECEIVED",
        "dateReceived",
        " date-received: ",
        "Date　received",
    ):
        [column] = columns("grievance", heading)
        assert (column.field, column.applies) == ("received_at", True), heading
    assert columns("grievance", "Última Actualización")[0].field == "source_updated_at"
    assert columns("placement", "Fee २ amount")[0].field == "fee_lines.2.amount"


def test_remarks_and_second_languages() -> None:
    """A unit or a second language beside a heading changes nothing; anything else is asked."""
    taken = columns("grievance", "สถานะ (Status)", "Compensation (THB)", "Date closed (dd/mm/yyyy)")
    assert [(one.field, one.applies) for one in taken] == [
        ("status", True),
        ("agreed_remedy.amount", True),
        ("closed_at", True),
    ]
    [asked] = columns("grievance", "Status (as told by the manager)")
    assert (asked.field, asked.applies) == ("status", False)
    assert columns("grievance", "ID (passport)")[0].field is None


def test_two_columns_for_one_field() -> None:
    """Of two headings for one field neither is taken; a surer one leaves no doubt."""
    both = columns("grievance", "Complaint date", "Date received")
    assert [(one.field, one.applies) for one in both] == [("received_at", False)] * 2
    surer = columns("grievance", "Created on", "Date received")
    assert [(one.field, one.applies) for one in surer] == [(None, False), ("received_at", True)]
    same = columns("grievance", "Status", "Status")
    assert not any(one.applies for one in same)


def test_nearness_only_proposes() -> None:
    """A misspelt heading is proposed with its likeness, and taken only when it is confirmed."""
    [near] = columns("grievance", "Dates received")
    assert (near.field, near.how, near.applies) == ("received_at", "nearest", False)
    assert near.score is not None
    assert 0.86 <= near.score < 1
    [given] = columns("grievance", "Dates received", saved={"dates received": "received_at"})
    assert (given.field, given.how, given.applies) == ("received_at", "given", True)


def test_the_sender_decides() -> None:
    """What the sender says of a heading counts: a field, or that it is not taken."""
    found = columns("grievance", "Status", "State", saved={"Status": None, "State": "status"})
    assert [(one.field, one.how) for one in found] == [(None, "given"), ("status", "given")]
    [constant] = columns("grievance", "Status", constants=["status"])
    assert constant.field is None


def test_our_own_sheets() -> None:
    """A template is read by the field names it carries, and without them by its headings."""
    [named] = columns("grievance", "anything", template=("severity",))
    assert (named.field, named.how) == ("severity", "exact")
    for language in LANGUAGES:
        labels = synonyms._LABELS / f"{language}.json"
        words = json.loads(labels.read_text(encoding="utf-8"))["fields"]
        heading = f"{words['agreed_remedy']} – {words['currency']}"  # noqa: RUF001 - as templates have it
        [found] = columns("grievance", f"{heading} ●")
        assert (found.field, found.applies) == ("agreed_remedy.currency", True), language


def test_zawgyi_headings() -> None:
    """A heading typed for the Zawgyi font is left alone, whatever it looks like."""
    [column] = columns("grievance", "ေန႔စြဲ")
    assert column.field is None


@pytest.mark.parametrize("file", SYNONYMS, ids=[file.stem for file in SYNONYMS])
def test_a_file_of_synonyms(file) -> None:
    """A heading stands for one field of a kind only, in one file, and every field exists."""
    said = json.loads(file.read_text(encoding="utf-8"))
    for kind, known in ((kind, fields(kind)) for kind in INTAKES):
        own = {**said.get("*", {}), **said.get(kind, {})}
        sure = [
            (key(heading), name)
            for name, headings in own.items()
            for heading in headings
            if not name.endswith("?") and name.replace("#", "1") in known
        ]
        twice = [
            plain for plain, count in Counter(plain for plain, _ in set(sure)).items() if count > 1
        ]
        assert not twice, kind
        names = {name.removesuffix("?").replace("#", "1") for name in said.get(kind, {})}
        assert names <= known, kind
    assert all(key(heading) or not heading.strip("#. ") for heading in said["never"])


def test_all_languages_are_there() -> None:
    """Each of the six languages has headings for the main kinds, many of them not from the rows."""
    known = {key(one.column.heading) for one in looked_at(ROWS)}
    for file in SYNONYMS:
        said = json.loads(file.read_text(encoding="utf-8"))
        all_of_it = {
            key(heading)
            for kind, names in said.items()
            if isinstance(names, dict)
            for headings in names.values()
            for heading in headings
        }
        _say(f"{file.stem}: {len(all_of_it)} synonyms, {len(all_of_it - known)} not in the rows")
        assert len(all_of_it - known) > 0.9 * len(all_of_it)
    assert {file.stem for file in SYNONYMS} >= LANGUAGES
