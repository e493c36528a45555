"""Whose figures a release holds: sandbox apart from live, none of sites that brands share."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.metrics.definitions import CATALOGUE
from tests.factories.figures import PERIOD
from tests.factories.parties import World
from tests.rooms.metrics.conftest import SET
from tests.rooms.metrics.plain import Town, town

EARLIER = "2024-Q4"


@pytest.fixture(scope="module")
def reports(world: World) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By release and audience the cells: one release by a sandbox institute, one by a live one."""
    made = town(world)
    kinds = (True, True, True, False)
    sharing, alone, former, live = (world.party("brand", is_sandbox=kind) for kind in kinds)
    for brand, site in ((sharing, made.site), (live, made.site)):
        made.rows.relation(brand.organisation_id, site)
    elsewhere = made.rows.site(made.supplier.organisation_id, "Asia/Bangkok")
    made.rows.relation(alone.organisation_id, elsewhere)
    over = {"valid_from": date(2023, 1, 1), "valid_to": date(2024, 9, 30)}
    made.rows.relation(former.organisation_id, elsewhere, **over)
    live_supplier = world.party("supplier", is_sandbox=False)
    own = made.rows.site(live_supplier.organisation_id, "Asia/Bangkok")
    for brand in (live, alone):
        made.rows.relation(brand.organisation_id, own)
    made.write()
    names = {"brand": made.brand, "sharing": sharing, "alone": alone, "live": live}
    names["former"] = former
    found = {"sandbox": cells(made, PERIOD, names)}
    with world.installation.as_owner() as connection:
        connection.execute(text(SET), {"sandbox": False})
    return found | {"live": cells(made, EARLIER, names)}


def cells(made: Town, period: str, names: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Draft a quarter; every cell by the name of its audience."""
    assert made.first.post("/v1/metric-releases", {"period": period}).status_code == 201
    whose = {party.organisation_id: name for name, party in names.items()}
    found: dict[str, list[dict[str, Any]]] = {}
    with made.world.installation.as_owner() as connection:
        rows = connection.execute(
            text("SELECT * FROM metric_cell WHERE period = :period"), {"period": period}
        )
        for row in rows.mappings():
            if row["recipient_id"] in whose:
                found.setdefault(whose[row["recipient_id"]], []).append(dict(row))
    return found


def test_a_sandbox_institute_reports_to_no_live_brand(reports) -> None:
    """Its clock can be moved and its cases are made up: a live brand gets no report."""
    assert set(reports["sandbox"]) == {"brand", "sharing", "alone"}
    assert set(reports["live"]) == {"brand", "sharing", "alone", "live"}


def test_brands_that_share_a_site_get_no_figures(reports) -> None:
    """Each of their cells is null with overlapping_scope, without parts."""
    for release in reports.values():
        for brand in ("brand", "sharing"):
            assert len(release[brand]) == len(CATALOGUE)
            for one in release[brand]:
                assert (one["reason"], one["rule"]) == ("overlapping_scope", "R12.joint_scopes")
                parts = (one["value"], one["numerator"], one["denominator"], one["coverage_band"])
                assert parts == (None,) * 4


def test_a_relation_that_is_over_counts_for_nobody(reports) -> None:
    """A brand that left before the quarter gets no report and shares no site any more."""
    for release in reports.values():
        assert "former" not in release
        assert {one["reason"] for one in release["alone"]} == {"no_exposure"}


def test_a_relation_between_sandbox_and_live_is_none(reports) -> None:
    """It shares no site with anybody: the figures of both sides stand."""
    for release, brand in (("sandbox", "alone"), ("live", "alone"), ("live", "live")):
        assert {one["reason"] for one in reports[release][brand]} == {"no_exposure"}


def test_every_brand_has_every_metric(reports) -> None:
    """A report holds one cell per metric of the catalogue, with its unit, version, provenance."""
    for release in reports.values():
        for held in release.values():
            assert {one["metric"] for one in held} == set(CATALOGUE)
            for one in held:
                definition = CATALOGUE[one["metric"]]
                assert (one["unit"], one["provenance"], one["definition_version"]) == (
                    definition.unit,
                    definition.provenance,
                    definition.version,
                )
