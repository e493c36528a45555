"""The lifecycle is one set of arrows: in Python, in the database, and in the statement's ways."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from sqlalchemy import text

from openredress_api.grievances.rules import ENDED, LIFECYCLE, STATUSES, way, ways_to
from tests.factories.parties import World
from tests.factories.registers import push

REASONS = {
    "withdrawn_by_worker": {"withdrawal_reason": "fear"},
    "out_of_scope": {"out_of_scope_reason": "fringe_benefit"},
}
FIRST_STATES = [status for status in STATUSES if way(None, status)]


def test_the_database_knows_the_same_arrows(world: World) -> None:
    """gate.transition holds exactly the steps of rules.py."""
    with world.installation.as_owner() as connection:
        stored = connection.execute(
            text(
                "SELECT from_status, to_status, party FROM gate.transition WHERE kind = 'grievance'"
            )
        ).all()
    assert sorted(map(tuple, stored)) == sorted(
        (one.source, one.target, one.party) for one in LIFECYCLE
    )


def test_every_way_is_made_of_the_suppliers_arrows() -> None:
    """Each pair of neighbours on a way is a step of the sender; what ended has no way on."""
    arrows = {(one.source, one.target) for one in LIFECYCLE if one.party == "sender"}
    for present in STATUSES:
        for proposed in STATUSES:
            steps = way(present, proposed)
            assert all(pair in arrows for pair in pairwise((present, *steps)))
            assert not (steps and present in ENDED)


@pytest.mark.parametrize("present", FIRST_STATES)
def test_the_statement_decides_like_python(world: World, present: str) -> None:
    """From each status to each other a push is taken exactly where rules.py has a way."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    for number, proposed in enumerate(STATUSES):
        external_id = f"{present}-{number}"
        first = push(supplier, site, external_id, status=present, **REASONS.get(present, {}))
        assert first.status_code == 201, first.json
        then = push(
            supplier,
            site,
            external_id,
            status=proposed,
            workers_affected=1,
            **REASONS.get(proposed, {}),
        )
        possible = proposed == present or bool(way(present, proposed))
        assert then.status_code == (200 if possible else 409), (present, proposed)
        listed = supplier.get(f"/v1/grievances/{first.json['id']}/status-changes").json["data"]
        taken = tuple(row["to"] for row in listed)
        assert taken == (*way(None, present), *way(present, proposed))


def test_the_ways_name_only_what_leads_there() -> None:
    """Of two ends no one leads to the other; a status leads to itself by no step."""
    assert json.loads(ways_to("closed_validated")) == {"closed_validated": []}
    assert json.loads(ways_to("acknowledged")) == {
        "": ["received", "acknowledged"],
        "received": ["acknowledged"],
        "acknowledged": [],
    }
