"""The compiled way of our schemas takes nothing that marshmallow refuses, and gives the same."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import EXCLUDE, Schema, ValidationError, post_load, validate

from openredress_api.app import ENDPOINTS
from openredress_api.foundation import compiled, identifiers
from openredress_api.foundation import fields as ours
from openredress_api.foundation.compiled import SLOW, Slow, load_of
from openredress_api.foundation.fields import times
from openredress_api.workforce.schemas import HeadcountBody
from tests.foundation.forms import NASTY
from tests.foundation.forms import ODD as ODD_FORMS
from tests.foundation.records import KINDS, Generator

# Every day, and with the slow ones; more where an odd form has not come yet.
RECORDS = (5_000, pytest.param(100_000, marks=pytest.mark.slow))
MOST = 100_000
RIGHT_RECORDS = 2_000
SHARE = 0.3


def _refusal(messages: Any) -> Any:
    """Messages with the parameters of each fault, which a comparison of texts would not see."""
    if isinstance(messages, dict):
        return {place: _refusal(inner) for place, inner in messages.items()}
    if isinstance(messages, list):
        return [_refusal(inner) for inner in messages]
    params = getattr(messages, "params", {})  # marshmallow's own messages are plain texts
    return str(messages), {name: repr(value) for name, value in params.items()}


def _verdict(load: Any, record: Any) -> tuple[str, Any]:
    """What is loaded, written out with its types; or every fault by its place."""
    try:
        return "taken", repr(load(record))
    except ValidationError as fault:
        return "refused", _refusal(fault.normalized_messages())


def _alike(schema: ours.WireSchema, record: Any) -> str:
    """The verdict of marshmallow's own way, after ours was seen to give the same."""
    expected = _verdict(partial(Schema.load, schema), record)
    try:
        found = repr(schema._compiled(record)) if type(record) is dict else None
    except SLOW:
        found = None
    if found is not None:
        assert ("taken", found) == expected, record
        return "taken"
    assert _verdict(schema.load, record) == expected, record
    return "refused" if expected[0] == "refused" else "slow"


@pytest.mark.parametrize("records", RECORDS)
@pytest.mark.parametrize("kind", KINDS)
def test_both_ways_judge_alike(kind: type[ours.WireSchema], records: int) -> None:
    """Many records, each odd form of each field among them: same values, or same faults."""
    schema, generator = kind(), Generator(kind(), seed=3)
    verdicts: Counter[str] = Counter()
    while (generator.unseen or verdicts.total() < records) and verdicts.total() < MOST:
        verdicts[_alike(schema, generator.one())] += 1
    assert not generator.unseen
    assert verdicts["refused"] >= SHARE * records
    assert verdicts["taken"] >= SHARE * records
    # Right, but no form that JSON can bring: a tuple for a list.
    assert verdicts["slow"] <= records / 1000


@pytest.mark.parametrize("kind", KINDS)
def test_right_records_go_the_fast_way(kind: type[ours.WireSchema]) -> None:
    """Nothing that is right in a plain way is left to marshmallow."""
    load, generator = load_of(kind()), Generator(kind(), seed=4)
    assert all(load(generator.right()) for _ in range(RIGHT_RECORDS))


def test_every_body_has_a_compiled_way() -> None:
    """No schema or field class of ours is left to marshmallow, nor out of the proof above."""
    read = [one.operation.takes for one in ENDPOINTS] + [one.operation.query for one in ENDPOINTS]
    schemas = [schema for schema in read if schema is not None]
    assert len(schemas) > 30
    assert not [schema for schema in schemas if load_of(schema) is compiled._never]
    readers = [
        each for each in vars(ours).values() if "_deserialize" in getattr(each, "__dict__", {})
    ]
    assert len(readers) > 10
    assert not [each for each in readers if "fast" not in vars(each)]
    assert not [each for each in readers if each.__name__ not in ODD_FORMS]


class _Shout(ours.Text):
    """A field class elsewhere that reads in its own way and does not say a fast form."""

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> str:
        return super()._deserialize(value, *rest, **options).upper()


class _Odd(ours.WireSchema):
    """Whatever marshmallow lets a field be."""

    shout = _Shout()
    kept = ours.Text(attribute="held", data_key="Kept-As")
    bare = ours.Field(openapi={})
    few = ours.Count(validate=validate.Range(max=3))
    short = ours.Text(post_load=str.strip, allow_none=True)
    early = ours.Text(pre_load=str.strip)
    made = ours.Items(ours.Items(ours.Count(allow_none=True)), load_default=list)
    rows = ours.Nested(HeadcountBody, many=True)
    loose = ours.Nested(HeadcountBody, unknown=EXCLUDE)
    shown = ours.Text(dump_only=True)


ROW = {"total": 3, "source": "payroll"}
ODD = {
    "shout": [None, "a", 7],
    "Kept-As": [None, "a", ""],
    "kept": ["a"],
    "held": ["a"],
    "bare": [None, [1]],
    "few": [None, 3, 4],
    "short": [None, " a ", ""],
    "early": [" a ", " "],
    "made": [None, [], [[1, None], []], [1], [None], [["a"]]],
    "rows": [None, [], [ROW], ROW, [{**ROW, "more": 1}], [{}]],
    "loose": [None, ROW, {**ROW, "more": 1}, {}],
    "shown": ["a"],
}


@pytest.mark.parametrize("name", ODD)
def test_what_a_field_has_beside_its_form_counts(name: str) -> None:
    """Validators, other names, own readings, lists in lists: all as marshmallow has it."""
    assert "slow" not in {_alike(_Odd(), {name: value}) for value in ODD[name]}


def test_a_schema_with_more_than_fields_is_left_to_marshmallow() -> None:
    """Hooks, lists of records, partial records, other ways with unknown members, dotted names."""

    class _Hooked(HeadcountBody):
        @post_load
        def more(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return {**data, "more": True}

    class _Dotted(HeadcountBody):
        total = ours.Count(attribute="a.b", required=True)

    assert _Hooked().load(ROW)["more"]
    assert _Dotted().load(ROW)["a"] == {"b": 3}
    options: list[dict[str, Any]] = [{"many": True}, {"partial": True}, {"unknown": EXCLUDE}]
    for schema in (_Hooked(), _Dotted(), *(HeadcountBody(**each) for each in options)):
        with pytest.raises(Slow):
            load_of(schema)(ROW)
        for record in (ROW, {}, {**ROW, "more": 1}):
            assert _verdict(schema.load, record) == _verdict(partial(Schema.load, schema), record)


class _Corners(ours.WireSchema):
    """The classes whose reading is finest."""

    text = ours.Text(at_most=12)
    instant = ours.Instant()
    amount = ours.Amount()


def _near(pattern: str) -> st.SearchStrategy[str]:
    """Texts of a pattern, half of them with one piece replaced."""
    nasty = st.sampled_from((*NASTY, "")) | st.characters()
    return st.builds(
        lambda text, place, size, more: text[:place] + more + text[place + size :],
        st.from_regex(pattern, fullmatch=True),
        st.integers(0, 30),
        st.integers(0, 2),
        st.just("") | nasty,
    )


@given(st.text(max_size=14) | st.text(st.sampled_from(NASTY), max_size=14))
def test_any_text_is_judged_alike(text: str) -> None:
    """Whatever Unicode holds."""
    _alike(_Corners(), {"text": text})


@given(
    _near(
        r"(19|20|25)[0-9]{2}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
    )
)
def test_anything_near_an_instant_is_judged_alike(text: str) -> None:
    """Right ones, and those with a wrong piece."""
    _alike(_Corners(), {"instant": text})


@given(_near(r"[+-]?[0-9]{0,16}(\.[0-9]{0,4})?(e[0-9])?"))
def test_anything_near_an_amount_is_judged_alike(text: str) -> None:
    """Right ones, and those with a wrong piece."""
    _alike(_Corners(), {"amount": text})


@given(_near(r"site_[0-7][0-9a-hjkmnp-tv-z]{25}"))
def test_ids_are_read_letter_by_letter(text: str) -> None:
    """Only what `encode` writes is read, and as the same UUID."""
    try:
        read = identifiers.decode("site", text)
    except identifiers.BadIdentifier:
        assert not re.fullmatch("site_[0-7][0-9a-hjkmnp-tv-z]{25}", text)
    else:
        assert identifiers.encode("site", read) == text


@given(st.integers(0, 100 * 365 * times.SECONDS_OF_A_DAY))
def test_the_window_moves_at_midnight(second: int) -> None:
    """The last year of a day is that of 366 days from any of its moments."""
    now = datetime.fromtimestamp(second, UTC)
    assert times._latest(second // times.SECONDS_OF_A_DAY) == (now + timedelta(days=366)).year
