"""What the rooms above may ask of cases, within one transaction of the institute."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from openredress_api import cases
from openredress_api.foundation import identifiers
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import StateTransitionNotAllowed
from tests.factories.cases import case, consent
from tests.factories.parties import World


@contextmanager
def institute(world: World) -> Iterator[Transaction]:
    """A transaction of the institute; nothing of it is kept."""
    database = world.app.extensions["openredress"]
    digest = hashlib.sha256(world.institute.token.encode()).hexdigest()
    with database.transaction(digest) as opened:
        yield opened


@pytest.fixture
def case_id(world: World) -> UUID:
    """A received case."""
    made = case(world, world.site(world.party("supplier")))
    return identifiers.decode("case", made["id"])


def test_consent_is_required(world: World, case_id: UUID) -> None:
    """Without a grant nothing that needs one happens."""
    with institute(world) as transaction, pytest.raises(cases.ConsentMissing):
        cases.require_consent(transaction, case_id, "share_agency")


def test_consent_ends(world: World, case_id: UUID) -> None:
    """A grant counts to its expiry, and not after (R1)."""
    with institute(world) as transaction:
        ends = transaction.context.now + timedelta(days=30)
    wire = identifiers.encode("case", case_id)
    consent(world, wire, "share_agency", expires_at=ends.isoformat())
    with institute(world) as transaction:
        cases.require_consent(transaction, case_id, "share_agency")
        states = [
            cases.consent_state(transaction, case_id, "share_agency", at)
            for at in (transaction.context.now, ends)
        ]
    assert states == ["granted", "refused"]


def test_a_withdrawal_counts_for_calls_that_began_before_it(world: World, case_id: UUID) -> None:
    """R1: whoever waited for the case knows what was said meanwhile."""
    wire = identifiers.encode("case", case_id)
    consent(world, wire, "share_agency")
    with institute(world) as transaction:
        consent(world, wire, "share_agency", state="withdrawn")
        with pytest.raises(cases.ConsentMissing):
            cases.require_consent(transaction, case_id, "share_agency")


def test_a_validation_closes_an_investigated_case(world: World, case_id: UUID) -> None:
    """Missing steps of remedy are written; once closed so, a second closing changes nothing."""
    with institute(world) as transaction, pytest.raises(StateTransitionNotAllowed):
        cases.close_as_validated(transaction, case_id)
    wire = identifiers.encode("case", case_id)
    for version, status in enumerate(("acknowledged", "triaged", "in_investigation"), 1):
        world.institute.post(
            f"/v1/cases/{wire}/status-changes",
            {"to": status},
            If_Match=f'"v{version}-institute"',
        )
    with institute(world) as transaction:
        closed = cases.close_as_validated(transaction, case_id)
        assert (closed.status, closed.version) == ("closed_validated", 7)
        assert cases.close_as_validated(transaction, case_id).version == 7


def test_what_higher_rooms_ask_of_a_case(world: World, case_id: UUID) -> None:
    """Its categories, and whether it is sensitive."""
    with institute(world) as transaction:
        found = cases.get_case(transaction, case_id)
        assert cases.categories_of(transaction, case_id) == ("hours.excessive", "wages.withheld")
        assert not cases.is_sensitive(transaction, found)
