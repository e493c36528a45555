"""Severity has reasons and a history; observations raise it, a second person lowers it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.factories.cases import OBSERVATION, case, consent
from tests.factories.parties import Party, World

RAISING = {
    "s1_critical": ["risk_to_life"],
    "s2_severe": ["many_workers", "hard_to_undo"],
}
LOWERED = {"severity": "s3_serious", "reasons": ["breach_of_law", "facts_corrected"]}


@pytest.fixture(scope="module")
def site(world: World) -> str:
    """A site of some supplier."""
    return world.site(world.party("supplier"))


@pytest.fixture(scope="module")
def second(world: World) -> Party:
    """Another person of the institute."""
    return world.colleague(world.institute.organisation_id, "institute")


@pytest.fixture
def made(world: World, site: str) -> str:
    """A serious case."""
    return str(case(world, site)["id"])


def grade(party: Party, case_id: str, severity: str, *reasons: str) -> Any:
    """Ask for another severity."""
    body = {"severity": severity, "reasons": list(reasons) or RAISING[severity]}
    return party.post(f"/v1/cases/{case_id}/severity", body)


def observe(world: World, case_id: str, indicator: str, **said: Any) -> Any:
    """Record one indicator."""
    body = OBSERVATION | {"indicator": indicator} | said
    return world.institute.post(f"/v1/cases/{case_id}/observations", body)


def shown(world: World, case_id: str) -> Any:
    """The case as the institute reads it."""
    return world.institute.get(f"/v1/cases/{case_id}").json


def history(world: World, case_id: str) -> list[tuple[str, str]]:
    """Severity and cause of each entry."""
    found = world.institute.get(f"/v1/cases/{case_id}/severity-changes").json["data"]
    assert [entry["n"] for entry in found] == [*range(1, len(found) + 1)]
    return [(entry["severity"], entry["cause"]) for entry in found]


def tasks(world: World, kind: str, case_id: str) -> list[Any]:
    """The open tasks of a kind about a case."""
    found = world.institute.get(f"/v1/tasks?kind={kind}&state=open&limit=500").json["data"]
    return [task for task in found if task["subject"] == case_id]


def test_a_severity_has_reasons_and_a_history(world: World, made: str) -> None:
    """A raised case shows its reasons; each entry keeps severity, reasons, cause and person."""
    raised = grade(world.institute, made, "s2_severe")
    assert (raised.status_code, raised.json["severity"]) == (200, "s2_severe")
    assert raised.json["severity_reasons"] == RAISING["s2_severe"]
    assert history(world, made) == [("s3_serious", "opened"), ("s2_severe", "decided")]
    again = grade(world.institute, made, "s2_severe")
    assert (again.status_code, again.json["code"]) == (409, "severity_unchanged")


@pytest.mark.parametrize(
    ("severity", "reasons", "fault"),
    [
        ("s2_severe", ["risk_to_life", "many_workers"], "argues_against"),
        ("s2_severe", ["breach_of_law"], "needs_reason"),
        ("s2_severe", ["many_workers", "harm_ended"], "argues_against"),
        ("s2_severe", ["many_workers", "many_workers"], "repeated"),
        ("s2_severe", ["indicators_observed"], "not_in_list"),
        ("s2_severe", [], "list_length"),
        ("s4_minor", ["service_or_discomfort"], "needs_reason"),
    ],
)
def test_reasons_argue_for_their_severity(
    world: World, made: str, severity: str, reasons: list[str], fault: str
) -> None:
    """A reason of a graver test, of the other direction, or of the system's own is refused."""
    body = {"severity": severity, "reasons": reasons}
    answer = world.institute.post(f"/v1/cases/{made}/severity", body)
    assert answer.status_code == 422
    assert fault in {error["code"] for error in answer.json["errors"]}
    assert shown(world, made)["severity"] == "s3_serious"


def test_a_second_person_lowers(world: World, second: Party, made: str) -> None:
    """Whoever raised a case to s1 or s2 cannot lower it, nor in steps; another person can."""
    grade(world.institute, made, "s1_critical")
    path = f"/v1/cases/{made}/severity"
    alone = world.institute.post(path, LOWERED)
    assert (alone.status_code, alone.json["code"]) == (403, "not_permitted")
    assert grade(second, made, "s2_severe", "many_workers", "made_safe").status_code == 200
    alone = world.institute.post(path, LOWERED)
    assert (alone.status_code, alone.json["code"]) == (403, "not_permitted")
    assert second.post(path, LOWERED).json["severity"] == "s3_serious"
    # Below s2 one person is enough.
    minor = grade(world.institute, made, "s4_minor", "service_or_discomfort", "harm_ended")
    assert minor.status_code == 200


def test_whoever_opens_a_grave_case_does_not_lower_it(
    world: World, second: Party, site: str
) -> None:
    """Opening a case as s2 counts as raising it."""
    opened = case(world, site, severity="s2_severe")["id"]
    path = f"/v1/cases/{opened}/severity"
    assert world.institute.post(path, LOWERED).status_code == 403
    assert second.post(path, LOWERED).status_code == 200


def test_grave_cases_make_work_by_their_clock(world: World, site: str, made: str) -> None:
    """s1 and s2 raise a task each, due by the first action's clock, also when a case opens so."""
    grade(world.institute, made, "s2_severe")
    assert len(tasks(world, "act_on_severe_case", made)) == 1
    grade(world.institute, made, "s1_critical")
    (task,) = tasks(world, "act_on_critical_case", made)
    assert (task["severity"], task["state"]) == ("s1_critical", "open")
    opened = case(world, site, severity="s1_critical")["id"]
    assert len(tasks(world, "act_on_critical_case", opened)) == 1
    mild = case(world, site)["id"]
    assert not tasks(world, "act_on_severe_case", mild)


@pytest.mark.parametrize(
    ("observed", "severity"),
    [
        ([("document_retention", False)], "s2_severe"),
        ([("debt_bondage", True)], "s1_critical"),
        ([("isolation", True), ("deception", True)], "s3_serious"),
        ([("isolation", False), ("deception", False), ("excessive_overtime", True)], "s2_severe"),
        ([("isolation", False)] * 3, "s3_serious"),
        ([("document_retention", True), ("document_retention", False)], "s1_critical"),
    ],
)
def test_observations_raise_a_severity(
    world: World, made: str, observed: list[tuple[str, bool]], severity: str
) -> None:
    """One of four indicators, or three different ones, raise; only a person lowers again."""
    for indicator, current in observed:
        assert observe(world, made, indicator, current_harm=current).status_code == 201
    case_now = shown(world, made)
    assert case_now["severity"] == severity
    assert case_now["indicators"] == sorted({indicator for indicator, _ in observed})
    if severity != "s3_serious":
        assert case_now["severity_reasons"] == ["indicators_observed"]
        assert history(world, made)[-1] == (severity, "observed")


def test_what_was_observed_is_not_undone_in_silence(world: World, second: Party, made: str) -> None:
    """While an observation stands nobody lowers below it; once void, another person may."""
    seen = observe(world, made, "document_retention").json["id"]
    path = f"/v1/cases/{made}/severity"
    standing = second.post(path, LOWERED)
    assert (standing.status_code, standing.json["code"]) == (409, "observations_stand")
    void = f"/v1/observations/{seen}/void"
    voided = world.institute.post(void, {"reason": "entered_by_mistake"})
    assert (voided.status_code, voided.json["void_reason"]) == (200, "entered_by_mistake")
    assert shown(world, made)["severity"] == "s2_severe"
    assert shown(world, made)["indicators"] == []
    again = world.institute.post(void, {"reason": "entered_by_mistake"})
    assert (again.status_code, again.json["code"]) == (409, "observation_voided")
    assert world.institute.post(path, LOWERED).status_code == 403
    assert second.post(path, LOWERED).status_code == 200
    listed = world.institute.get(f"/v1/cases/{made}/observations").json["data"]
    assert [one["id"] for one in listed] == [seen]


def test_harm_that_ended_lets_s1_end(world: World, second: Party, made: str) -> None:
    """The latest observation of an indicator counts: without current harm s2 is the least."""
    observe(world, made, "restriction_of_movement", current_harm=True)
    lower = ("many_workers", "harm_ended")
    assert grade(second, made, "s2_severe", *lower).json["code"] == "observations_stand"
    observe(world, made, "restriction_of_movement", current_harm=False)
    assert grade(second, made, "s2_severe", *lower).status_code == 200


def test_months_to_come_and_labels_of_sites_are_refused(world: World, made: str) -> None:
    """An observation is of a month that began, and of a case: no field names a site."""
    early = observe(world, made, "isolation", observed_at="2027-08")
    assert early.json["errors"][0]["code"] == "in_the_future"
    label = observe(world, made, "isolation", site="site_" + "0" * 26)
    assert label.json["code"] == "unknown_field"


def test_a_cso_sees_what_its_help_needs(world: World, made: str) -> None:
    """An assigned CSO reads severity, reasons and indicators; no history and no single month."""
    cso = world.party("cso")
    consent(world, made, "share_cso")
    world.institute.post(f"/v1/cases/{made}/assignments", {"organisation": cso.id})
    observe(world, made, "debt_bondage")
    read = cso.get(f"/v1/cases/{made}").json
    assert (read["severity"], read["severity_reasons"]) == ("s2_severe", ["indicators_observed"])
    assert read["indicators"] == ["debt_bondage"]
    assert not {"contacts", "merged_into", "received_at"} & set(read)
    for part in ("observations", "severity-changes"):
        assert cso.get(f"/v1/cases/{made}/{part}").status_code == 403


def test_r18_reads_of_history_are_logged(world: World, made: str) -> None:
    """R18: reading what was observed, and how grave a case was held to be, leaves an entry."""
    for part in ("observations", "severity-changes"):
        world.institute.get(f"/v1/cases/{made}/{part}")
    with world.installation.as_owner() as connection:
        found = connection.scalars(
            text("SELECT operation FROM audit WHERE content LIKE :id"), {"id": f"%{made}%"}
        ).all()
    assert {"list_observations", "list_case_severity_changes"} <= {*found}
