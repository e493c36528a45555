"""What nobody goes on with: uploads that broke off and links that ended are erased in time."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from openredress_api.cli.running import do_chores
from openredress_api.foundation.identifiers import decode
from tests.factories.evidence import BASE, NOTE, announced, handed_in, link, send
from tests.factories.parties import Party, World


def chores(world: World) -> None:
    """One round of the chores."""
    do_chores(world.installation, world.app.extensions["openredress"])


def aged(world: World, statement: str, **values: object) -> None:
    """Make something older."""
    with world.installation.as_owner() as connection:
        assert connection.execute(text(statement), values).rowcount == 1


def parts(world: World) -> int:
    """How many parts of files are stored."""
    with world.installation.as_owner() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM content_part")))


@pytest.mark.parametrize(("hours", "status"), [(7 * 24 - 1, 200), (7 * 24 + 1, 404)])
def test_an_upload_that_broke_off(world: World, supplier: Party, hours: int, status: int) -> None:
    """It waits seven days; then record and octets are erased, and those that are whole stay."""
    whole = handed_in(supplier)
    broken = announced(supplier, NOTE * 2, "text/plain")
    assert send(supplier, broken, NOTE).status_code == 200
    for one in (whole, broken):
        age = "UPDATE evidence SET updated_at = now() - make_interval(hours => :h) WHERE id = :id"
        aged(world, age, h=hours, id=decode("evd", one))
    stored = parts(world)
    chores(world)
    assert supplier.get(f"{BASE}/{whole}/original").data == NOTE
    assert supplier.get(f"{BASE}/{broken}").status_code == status
    assert stored - parts(world) == (status == 404)


def test_an_upload_ages_by_its_owner_s_clock(world: World) -> None:
    """In the sandbox a week passes as soon as the organisation's clock says so."""
    party = world.party("supplier")
    broken = announced(party, NOTE, "text/plain")
    turn = "UPDATE organisation SET clock_offset = interval '8 days' WHERE organisation_id = :me"
    aged(world, turn, me=party.organisation_id)
    later = announced(party, NOTE, "text/plain")
    chores(world)
    assert party.get(f"{BASE}/{broken}").status_code == 404
    assert party.get(f"{BASE}/{later}").status_code == 200


@pytest.mark.parametrize(("hours", "status"), [(23, 410), (25, 404)])
def test_a_link_that_ended(world: World, supplier: Party, hours: int, status: int) -> None:
    """For a day it says that it has ended; then it is as if it had never been."""
    path = link(supplier, handed_in(supplier))
    age = """UPDATE evidence_link SET expires_at = now() - make_interval(hours => :h)
        WHERE token_hash = sha256(:token)"""
    aged(world, age, h=hours, token=path.rpartition("/")[2].encode())
    chores(world)
    assert world.app.test_client().get(path).status_code == status
