"""What a supplier changes for good, what the institute finds, and whether harm recurs (row 7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from openredress_api.improvements import rules
from tests.factories import cases, evidence, remediation
from tests.factories.parties import Party, World
from tests.factories.remediation import Asked

PATH = "/v1/systemic-actions"
VERDICT = {"verdict": "verified", "method": "committee_meeting"}


@pytest.fixture
def asked(world: World) -> Asked:
    """A request that led to a change."""
    return remediation.asked(world)


def body(asked: Asked, **fields: Any) -> dict[str, Any]:
    """What was changed."""
    made = {"site": asked.site, "kind": "policy_changed", "categories": ["wages.withheld"]}
    return made | {"effective_on": "2026-06-01", "requests": [asked.id]} | fields


def stated(asked: Asked, **fields: Any) -> Any:
    """The supplier's word."""
    return asked.supplier.post(PATH, body(asked, **fields))


def test_a_claim_and_a_finding_are_two_parties_words(world: World, asked: Asked) -> None:
    """The supplier states, the institute finds; nothing is verified by the statement (row 7)."""
    made = stated(asked, evidence=[evidence.handed_in(asked.supplier)])
    assert (made.status_code, made.json["verdict"]) == (201, None), made.json
    path = made.headers["Location"]
    for verdict in ("not_verified", "verified"):
        found = world.institute.post(f"{path}/verdicts", VERDICT | {"verdict": verdict})
        assert found.json["verdict"]["verdict"] == verdict
    assert asked.supplier.get(path).json["verdict"]["verdict"] == "verified"
    assert asked.supplier.post(f"{path}/verdicts", VERDICT).status_code == 403


def test_recurrence_counts_the_same_harm_at_the_same_site(world: World, asked: Asked) -> None:
    """Cases before and after, within 180 days, of these categories; for the institute alone.

    row 7.
    """
    path = stated(asked, effective_on="2026-06-01").headers["Location"]
    before = world.institute.get(f"{path}/recurrence").json
    for received, category in (
        ("2026-05-01T08:00:00+07:00", "wages.withheld"),
        ("2026-06-15T08:00:00+07:00", "wages.withheld"),
        ("2026-06-16T08:00:00+07:00", "wages.withheld"),
        ("2026-06-17T08:00:00+07:00", "osh.ppe"),
        ("2025-06-17T08:00:00+07:00", "wages.withheld"),
    ):
        cases.case(world, asked.site, received_at=received, categories=[category])
    after = world.institute.get(f"{path}/recurrence").json
    assert after["cases_before"] - before["cases_before"] == 1
    assert after["cases_after"] - before["cases_after"] == 2
    assert asked.supplier.get(f"{path}/recurrence").status_code == 403


def test_windows_are_half_open_and_end() -> None:
    """The day of the action counts as after it; 180 days later the count is complete."""
    day = date(2026, 6, 1)
    earlier, later, is_complete = rules.windows(day, day)
    assert earlier == (day - timedelta(days=180), day)
    assert later == (day, day + timedelta(days=180))
    assert not is_complete
    assert rules.windows(day, day + timedelta(days=180))[2]


def test_what_is_anothers_is_refused_in_its_place(world: World, asked: Asked) -> None:
    """Site, request and file must be one's own; each fault names where."""
    other = remediation.asked(world)
    foreign = evidence.handed_in(other.supplier)
    refused = stated(asked, site=other.site, requests=[other.id], evidence=[foreign])
    found = {(one["pointer"], one["code"]) for one in refused.json["errors"]}
    assert found == {
        ("/site", "not_your_site"),
        ("/evidence/0", "not_evidence"),
        ("/requests/0", "not_received"),
    }


def test_strangers_see_nothing(world: World, asked: Asked) -> None:
    """Another supplier is answered as for an absent id."""
    path = stated(asked).headers["Location"]
    stranger: Party = world.party("supplier")
    assert stranger.get(path).status_code == 404
    assert stranger.get(PATH).json["data"] == []
    listed = world.institute.get(f"{PATH}?site={asked.site}").json["data"]
    assert [one["stated_by"] for one in listed] == [asked.supplier.id]
