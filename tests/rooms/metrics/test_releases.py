"""A quarter's release from draft to publication, and what each party reads of it meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.factories.figures import PERIOD
from tests.factories.parties import Party, World
from tests.rooms.metrics.plain import EXPECTED, Town, town

EARLIER = "2024-Q4"
VERIFIED = ["M08", "M09", "M20", "M30"]
STEPS = ("preview", "approve", "publish")


@pytest.fixture(scope="module")
def made(world: World) -> Town:
    """A town with its records."""
    return town(world)


def drafted(made: Town, period: str) -> str:
    """The path of a release that the first releaser drafts."""
    answer = made.first.post("/v1/metric-releases", {"period": period})
    assert (answer.status_code, answer.json["status"]) == (201, "draft"), answer.json
    return str(answer.headers["Location"])


@pytest.fixture(scope="module")
def draft(made: Town) -> str:
    """A release that stays a draft."""
    return drafted(made, EARLIER)


@pytest.fixture(scope="module")
def published(made: Town) -> str:
    """A release after its preview, approved by a second person."""
    release = drafted(made, PERIOD)
    for party, step in ((made.first, "preview"), (made.second, "approve")):
        answer = party.post(f"{release}/{step}")
        assert answer.status_code == 200, answer.json
    early = made.first.post(f"{release}/publish")
    assert code_of(early) == (409, "preview_not_over")
    assert made.brand.get(path_of(made, release, made.brand)).status_code == 404
    made.clock(15)
    answer = made.first.post(f"{release}/publish")
    assert (answer.status_code, answer.json["status"]) == (200, "published"), answer.json
    return release


@pytest.fixture(scope="module")
def report(made: Town, published: str) -> str:
    """The path of the brand's published report, as the institute knows it."""
    return path_of(made, published, made.brand)


def path_of(made: Town, release: str, audience: Party) -> str:
    """Where the report for `audience` in a release lies."""
    listed = made.first.get("/v1/metric-reports").json["data"]
    (found,) = (
        one for one in listed if one["audience"] == audience.id and release.endswith(one["release"])
    )
    return f"/v1/metric-reports/{found['id']}"


def code_of(answer: Any) -> tuple[int, str]:
    """Status and problem code."""
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize("period", ["2025-Q5", "2025", "q", "9999-Q4"])
def test_only_quarters_are_released(made: Town, period: str) -> None:
    """A period that is no quarter is refused by name."""
    answer = made.first.post("/v1/metric-releases", {"period": period})
    assert code_of(answer) == (422, "validation_failed")
    assert answer.json["errors"][0]["pointer"] == "/period"


def test_an_open_quarter_is_not_released(made: Town) -> None:
    """Before the cut-off there is nothing to release."""
    answer = made.first.post("/v1/metric-releases", {"period": "2090-Q1"})
    assert code_of(answer) == (409, "period_not_closed")
    assert "2090-05-01" in answer.json["detail"]


@pytest.mark.usefixtures("draft")
def test_a_quarter_is_counted_once(made: Town) -> None:
    """A second draft of the same quarter is refused, whoever asks."""
    for party in (made.first, made.second):
        answer = party.post("/v1/metric-releases", {"period": EARLIER})
        assert code_of(answer) == (409, "release_exists")


def test_a_draft_is_read_by_the_institute_alone(made: Town, draft: str) -> None:
    """Before publication the brand finds neither its report nor a figure in it."""
    path = path_of(made, draft, made.brand)
    assert made.first.get(path).status_code == 200
    assert code_of(made.brand.get(path)) == (404, "not_found")
    listed = made.brand.get("/v1/metric-reports").json["data"]
    assert EARLIER not in [one["period"] for one in listed]
    assert made.brand.get(f"/v1/metrics/M08?period={EARLIER}").json["data"] == []


@pytest.mark.parametrize("table", ["metric_report", "metric_cell"])
def test_the_database_itself_hides_a_draft(
    made: Town, draft: str, report: str, at_work: Any, table: str
) -> None:
    """A brand's own statement finds nothing of a draft, and what is published to it alone."""
    assert draft != report
    with at_work(made.brand) as transaction:
        found = transaction.session.execute(
            text(f"SELECT DISTINCT period, recipient_id FROM {table}")  # noqa: S608 - our own table
        )
        assert found.all() == [(PERIOD, made.brand.organisation_id)]


def test_the_cut_off_is_told(made: Town, draft: str) -> None:
    """A release says until when records counted."""
    assert made.second.get(draft).json["cut_off_at"] == "2025-01-31T12:00:00Z"


def test_steps_in_their_order(made: Town, draft: str) -> None:
    """A draft is neither approved nor published."""
    for step in ("approve", "publish"):
        answer = made.second.post(f"{draft}/{step}")
        assert code_of(answer) == (409, "state_transition_not_allowed")


def test_the_drafter_does_not_approve(made: Town, draft: str) -> None:
    """Approval is a second person's, with whichever client the first one comes."""
    assert code_of(made.first.post(f"{draft}/approve")) == (403, "second_person_needed")


@pytest.mark.parametrize("step", STEPS)
def test_releasing_is_a_duty(made: Town, draft: str, step: str) -> None:
    """Colleagues without the duty releaser take no step and draft nothing."""
    case_worker = made.world.institute
    assert code_of(case_worker.post(f"{draft}/{step}")) == (403, "not_permitted")
    answer = case_worker.post("/v1/metric-releases", {"period": EARLIER})
    assert code_of(answer) == (403, "not_permitted")


@pytest.mark.parametrize("kind", ["supplier", "brand"])
def test_releases_are_the_institutes(made: Town, draft: str, kind: str) -> None:
    """A supplier or a brand neither reads releases nor moves them."""
    party: Party = getattr(made, kind)
    answers = [party.get(draft), party.get("/v1/metric-releases")]
    answers += [party.post(f"{draft}/{step}") for step in STEPS]
    answers.append(party.post("/v1/metric-releases", {"period": EARLIER}))
    assert {code_of(answer) for answer in answers} == {(403, "insufficient_scope")}


def test_the_brand_reads_its_report(made: Town, report: str) -> None:
    """After publication each verified figure is there with its parts, and no other figure."""
    seen = made.brand.get(report)
    assert seen.status_code == 200, seen.json
    figures = {one["metric"]: one for one in seen.json["figures"]}
    assert list(figures) == VERIFIED
    for metric in VERIFIED:
        one = figures[metric]
        assert (one["value"], one["numerator"], one["denominator"]) == EXPECTED[metric]
        assert (one["provenance"], one["coverage_band"]) == ("verified", ">=80")
        assert (one["reason"], one["rule"]) == (None, None)
    assert figures["M20"]["unit"] == "workers_counted_per_case"


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("metric", "provenance"), [("M05", "supplier_reported"), ("M29", "mixed")])
def test_what_is_not_verified_is_asked_for(made: Town, metric: str, provenance: str) -> None:
    """Other provenances come only by name."""
    path = f"/v1/metrics/{metric}"
    assert made.brand.get(path).json["data"] == []
    assert made.brand.get(f"{path}?include=agency_reported").json["data"] == []
    (one,) = made.brand.get(f"{path}?include={provenance}&period={PERIOD}").json["data"]
    assert (one["value"], one["numerator"], one["denominator"]) == EXPECTED[metric]
    assert one["provenance"] == provenance
    assert made.brand.get(f"{path}?include={provenance}&period={EARLIER}").json["data"] == []


@pytest.mark.parametrize("query", ["include=everything", "period=2025-Q5", "period=2025"])
def test_filters_are_refused_not_ignored(made: Town, query: str) -> None:
    """An unknown provenance or period is a fault, not an empty list."""
    assert code_of(made.brand.get(f"/v1/metrics/M08?{query}")) == (422, "validation_failed")


def test_an_unknown_metric_is_not_found(made: Town) -> None:
    """Only what the catalogue defines has an address."""
    assert code_of(made.brand.get("/v1/metrics/M99")) == (404, "not_found")


def test_nobody_else_reads_the_report(made: Town, report: str) -> None:
    """Neither another brand nor the supplier whose records were counted."""
    for party in (made.other_brand, made.supplier):
        assert code_of(party.get(report)) == (404, "not_found")
        listed = party.get("/v1/metric-reports").json["data"]
        assert made.brand.id not in [one["audience"] for one in listed]
    assert made.supplier.get("/v1/metric-reports").json["data"] == []
    everything = "include=supplier_reported,mixed,agency_reported"
    for metric in EXPECTED:
        assert made.supplier.get(f"/v1/metrics/{metric}?{everything}").json["data"] == []


def test_nothing_happened_is_said_so(made: Town, published: str) -> None:
    """A brand without records reads null with no_exposure, parts 0, and no rule."""
    figures = made.other_brand.get(path_of(made, published, made.other_brand)).json["figures"]
    assert [one["metric"] for one in figures] == VERIFIED
    for one in figures:
        assert (one["value"], one["reason"], one["rule"]) == (None, "no_exposure", None)
        assert (one["numerator"], one["denominator"], one["coverage_band"]) == (0, 0, None)


def test_each_party_hears_of_its_own_report(made: Town, report: str) -> None:
    """One event per brand, naming its report and the period; nobody else hears of it."""
    with made.world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT organisation_id, convert_from(body, 'UTF8')::jsonb AS body FROM event "
                "WHERE type = 'metrics.published'"
            )
        ).all()
    told = {row.organisation_id: row.body for row in rows}
    assert len(rows) == len(told) == 2
    assert set(told) == {made.brand.organisation_id, made.other_brand.organisation_id}
    mine = told[made.brand.organisation_id]
    assert report.endswith(mine["subject"])
    assert mine["data"]["period"] == PERIOD
    assert mine["links"]["self"].endswith(report)


@pytest.mark.parametrize("step", STEPS)
def test_a_published_release_takes_no_step(made: Town, published: str, step: str) -> None:
    """Once published, no step is possible any more."""
    answer = made.second.post(f"{published}/{step}")
    assert code_of(answer) == (409, "state_transition_not_allowed")
    assert made.first.get(published).json["status"] == "published"


def test_definitions_are_public(made: Town) -> None:
    """Anybody reads what each metric counts, without a token."""
    answer = made.brand.http.get("/v1/metrics/definitions")
    assert [one["code"] for one in answer.json["data"]] == list(EXPECTED)
