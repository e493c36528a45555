"""What was published stays: whatever records become, and whoever tries to write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation.installation import ROLES
from tests.factories.figures import PERIOD
from tests.factories.parties import Party, World
from tests.rooms.metrics.plain import CLOSED, RECEIVED, Town, closed_case, town

CELL = (
    "INSERT INTO metric_cell (organisation_id, report_id, recipient_id, release_id, period, "
    "metric, definition_version, unit, provenance, value) SELECT organisation_id, id, "
    "recipient_id, release_id, period, 'M99', 1, 'ratio', 'verified', 1 FROM metric_report LIMIT 1"
)
REPORT = (
    "INSERT INTO metric_report (organisation_id, id, recipient_id, release_id, period, created_at) "
    "SELECT organisation_id, gen_random_uuid(), organisation_id, id, period, now() "
    "FROM metric_release"
)
REFUSED = {
    "a cell's value": "UPDATE metric_cell SET value = 1",
    "a cell": "DELETE FROM metric_cell",
    "a report's audience": "UPDATE metric_report SET recipient_id = organisation_id",
    "a report": "DELETE FROM metric_report",
    "a release": "DELETE FROM metric_release",
    "a release's period": "UPDATE metric_release SET period = '2024-Q4'",
    "a release's cut-off": "UPDATE metric_release SET cut_off_at = now()",
    "a release's drafter": "UPDATE metric_release SET drafted_by = gen_random_uuid()",
    "a later cell": CELL,
    "a later report": REPORT,
}

FORGED = {
    "release": "INSERT INTO metric_release (organisation_id, id, period, cut_off_at, status, "
    "drafted_by, drafted_at, updated_at) VALUES (:me, gen_random_uuid(), '2025-Q1', now(), "
    "'draft', gen_random_uuid(), now(), now())",
    "report": "INSERT INTO metric_report (organisation_id, id, recipient_id, release_id, period, "
    "created_at) VALUES (:me, gen_random_uuid(), :brand, gen_random_uuid(), '2025-Q1', now())",
    "cell": "INSERT INTO metric_cell (organisation_id, report_id, recipient_id, release_id, "
    "period, metric, definition_version, unit, provenance, value) VALUES (:me, gen_random_uuid(), "
    ":brand, gen_random_uuid(), '2025-Q1', 'M08', 1, 'ratio', 'verified', 1)",
}


@pytest.fixture(scope="module")
def published(world: World) -> Town:
    """A town whose quarter is published."""
    made = town(world)
    path = made.first.post("/v1/metric-releases", {"period": PERIOD}).headers["Location"]
    made.first.post(f"{path}/preview")
    made.second.post(f"{path}/approve")
    made.clock(15)
    assert made.first.post(f"{path}/publish").status_code == 200
    return made


def test_later_records_change_nothing(published: Town) -> None:
    """New cases, withdrawn consents and changed registers leave each released cell as it is."""
    before = published.brand.get("/v1/metric-reports").json["data"]
    case = closed_case(published.rows, published.site, 19)
    published.rows.consent(case, 2, "withdrawn", CLOSED)
    published.write()
    with published.world.installation.as_owner() as connection:
        connection.execute(text("UPDATE case_record SET is_test = true"))
        connection.execute(text("UPDATE grievance SET received_at = :at"), {"at": RECEIVED})
        connection.execute(text("UPDATE headcount SET total = 3"))
    published.clock(400)
    assert published.brand.get("/v1/metric-reports").json["data"] == before
    assert before[0]["figures"][0]["value"] == "0.60"


@pytest.mark.parametrize("what", REFUSED)
def test_the_institute_itself_changes_nothing(
    published: Town, at_work: Callable, what: str
) -> None:
    """Even with the institute's own rights the database refuses the statement."""
    with (
        at_work(published.world.institute) as transaction,
        pytest.raises(ProgrammingError) as refused,
    ):
        transaction.session.execute(text(REFUSED[what]))
    assert "permission denied" in str(refused.value) or "row-level security" in str(refused.value)


def test_a_published_release_is_out_of_reach(published: Town, at_work: Callable) -> None:
    """Taking a publication back touches no row."""
    with at_work(published.world.institute) as transaction:
        found = transaction.session.execute(
            text("UPDATE metric_release SET status = 'draft', version = version + 1 RETURNING id")
        )
        assert found.all() == []


def test_no_role_but_the_owner_may_change_a_cell(published: Town) -> None:
    """UPDATE, DELETE and TRUNCATE on cells and reports are granted to none of our roles."""
    with published.world.installation.as_owner() as connection:
        for role in set(ROLES) - {"owner"}:
            for table in ("metric_cell", "metric_report"):
                for right in ("UPDATE", "DELETE", "TRUNCATE"):
                    may = connection.scalar(
                        text("SELECT has_table_privilege(:role, :table, :right)"),
                        {"role": f"openredress_{role}", "table": table, "right": right},
                    )
                    assert not may, (role, table, right)


@pytest.mark.parametrize("table", FORGED)
@pytest.mark.parametrize("kind", ["supplier", "brand"])
def test_nobody_else_writes_figures(
    published: Town, at_work: Callable, kind: str, table: str
) -> None:
    """A supplier or brand stores no release of its own, nor anything that a brand would read."""
    party: Party = getattr(published, kind)
    given = {"me": party.organisation_id, "brand": published.brand.organisation_id}
    with at_work(party) as transaction, pytest.raises(ProgrammingError, match="row-level security"):
        transaction.session.execute(text(FORGED[table]), given)


def test_a_cell_names_its_reports_audience(published: Town) -> None:
    """Not even the owner can store a cell for somebody whom its report does not address."""
    wrong = CELL.replace(
        "recipient_id, release_id, period, 'M99'", "organisation_id, release_id, period, 'M99'"
    )
    assert wrong != CELL
    with (
        pytest.raises(Exception, match="violates foreign key"),
        published.world.installation.as_owner() as connection,
    ):
        connection.execute(text(wrong))


def test_the_clock_of_a_preview_cannot_be_skipped(published: Town) -> None:
    """A release without the moment of its preview cannot be stored as approved or published."""
    with (
        pytest.raises(Exception, match="violates check constraint"),
        published.world.installation.as_owner() as connection,
    ):
        connection.execute(text("UPDATE metric_release SET preview_at = NULL"))
