"""Placements, job orders and registers by the client alone, as the server answers it."""

from __future__ import annotations

from datetime import date

import pytest

from openredress import Client, errors
from tests.contract.test_sdk_over_the_server import client_of
from tests.factories.parties import World


@pytest.fixture(scope="module")
def institute(world: World) -> Client:
    """The institute's own software."""
    return client_of(world, world.institute)


def test_a_placement_and_what_the_worker_says(world: World, institute: Client) -> None:
    """An agency states a placement; the institute puts the worker's statement beside it."""
    agency = client_of(world, world.party("agency"))
    body = {"worker_pseudonym": "W-2041", "origin": "NP", "destination": "MY"}
    placed = agency.placements.upsert("P/1", source_system="ats", **body)
    again = agency.placements.upsert("P/1", source_system="ats", **body)
    assert (again.outcome, again.id) == ("unchanged", placed.id)
    assert [each.id for each in agency.placements.list()] == [placed.id]
    said = institute.placements.add_worker_statement(
        placed.id, stated_on="2026-04-01", method="call_back_all", share_in_aggregates=True
    )
    assert said.placement == placed.id
    assert [each.id for each in institute.placements.statements(placed.id)] == [said.id]
    assert institute.placements.get_statement(said.id) == said
    with pytest.raises(errors.Forbidden):
        agency.placements.get_statement(said.id)
    held = institute.placements.add_interview(
        placed.id,
        held_on="2026-04-20",
        method="in_person",
        document_in_hand="yes",
        in_debt="not_asked",
        share_in_aggregates=True,
    )
    assert [each.id for each in institute.placements.interviews(placed.id)] == [held.id]
    assert institute.placements.get_interview(held.id) == held
    voided = agency.placements.void(placed.id, "entered_twice", etag=placed.etag)
    assert (voided.id, voided.void_reason) == (placed.id, "entered_twice")


def test_a_job_order_its_recruiters_and_a_licence(world: World, institute: Client) -> None:
    """An agency's job order shows its recruiters; licence and sanction hold on their days."""
    party = world.party("agency")
    agency = client_of(world, party)
    ids = {"source_system": "ats"}
    order = agency.job_orders.upsert("JO/1", **ids, employer_name="A", destination="MY")
    assert (
        agency.job_orders.upsert("JO/1", **ids, employer_name="A", destination="MY").id == order.id
    )
    listed = agency.recruiter_listings.upsert(
        "JO/1/1", **ids, job_order_ref="JO/1", organisation_name="R", country="NP"
    )
    found = agency.recruiter_listings.list(job_order_ref="JO/1")
    assert [each.id for each in found] == [listed.id]
    assert list(agency.recruiter_listings.proposals()) == []
    (hop,) = agency.job_orders.get(order.id).agent_chain
    assert (hop.seq, hop.organisation_name) == (1, "R")
    assert order.id in [each.id for each in institute.job_orders.list()]
    about = {"subject_name": "A", "subject_organisation": party.id, "country": "NP"}
    window = {"register": "DoFE", "valid_from": "2020-01-01", "valid_until": "2020-12-31"}
    licence = agency.register_entries.upsert("L/1", **ids, kind="licence", **about, **window)
    assert agency.register_entries.get(licence.id) == licence
    institute.register_entries.upsert("D/1", **ids, kind="debarment", **about, **window)
    of_it = {"subject_organisation": party.id}
    on_a_day = institute.register_entries.list(valid_on=date(2020, 12, 31), **of_it)
    assert sorted(each.kind for each in on_a_day) == ["debarment", "licence"]
    assert list(agency.register_entries.list(valid_on="2021-01-01", **of_it)) == []
