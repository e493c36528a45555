"""The short way of our schemas takes and gives exactly what marshmallow's own way does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from openredress_api.app import ENDPOINTS
from openredress_api.grievances.schemas import GrievanceBody, GrievanceView
from openredress_api.placements.schemas import PlacementBody

INSTANTS = st.sampled_from(
    ["2026-03-01T08:15:00+07:00", "2569-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "today"]
)
ODD = st.sampled_from([None, 0, -1, 2.5, True, "", "x\x00", "\ud800", [], {}, 10**400])
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "site": st.just("site_" + "0" * 26),
    "category": st.sampled_from(["wages.withheld", "wages"]),
    "channel": st.sampled_from(["hotline_call", "call"]),
    "received_at": INSTANTS,
    "workers_affected": st.integers(-1, 3),
    "agreed_remedy": st.sampled_from([{"amount": "1.5", "currency": "THB"}, {"amount": "1.5"}]),
    "is_test": st.booleans(),
    "fee_lines": st.just([]),
    "worker_pseudonym": st.just("W-0001"),
    "origin": st.just("MM"),
    "destination": st.just("TH"),
}
BODIES = st.fixed_dictionaries({}, optional={name: one | ODD for name, one in RIGHT.items()})


def _verdict(load: Any, data: object) -> object:
    """What is loaded, or every fault by its place."""
    try:
        return load(data)
    except ValidationError as fault:
        return fault.messages


@pytest.mark.parametrize("kind", [GrievanceBody, PlacementBody])
@given(data=BODIES)
def test_both_ways_load_the_same(kind: type[Schema], data: dict[str, Any]) -> None:
    """Same values for a good body, same faults for a bad one."""
    schema = kind()
    assert _verdict(schema.load, data) == _verdict(lambda each: Schema.load(schema, each), data)


@given(data=BODIES)
def test_both_ways_dump_the_same(data: dict[str, Any]) -> None:
    """A loaded record with whatever members is shown in the same way."""
    taken = _verdict(GrievanceBody().load, {"channel": "sms", "category": "osh.ppe", **data})
    if "site_id" in taken:  # type: ignore[operator] # a mapping in either case
        view = GrievanceView()
        assert view.dump(taken) == Schema.dump(view, taken)


def test_no_schema_needs_what_the_short_way_leaves_out() -> None:
    """No field has validators or a default of its own to dump, and no schema has hooks."""
    found = [one.operation.takes for one in ENDPOINTS if one.operation.takes]
    found += [each for one in ENDPOINTS for each in one.operation.gives.values() if each]
    assert len(found) > 50
    for schema in found:
        assert not any(schema._hooks.values()), schema
        for name, field in schema.fields.items():
            assert not field.validators, (schema, name)
            assert field._CHECK_ATTRIBUTE, (schema, name)
            assert not isinstance(field.dump_default, str | int), (schema, name)
