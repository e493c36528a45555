"""The life of a referral: who may take it where, in rules.py and in the database alike."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation.lifecycle import Party, path
from openredress_api.referrals import rules
from openredress_api.referrals.tables import Referral, ReferralStatusChange
from openredress_api.vocabulary import TAXONOMIES
from tests.factories.cases import referral
from tests.factories.parties import World

STATUSES = tuple(TAXONOMIES["referral_status"].codes)
# What the recipient can call, with a body that is right for each.
CALLS = {
    "accept": None,
    "decline": {"reason": "duplicate"},
    "start": None,
    "respond": {"outcomes": ["apology"]},
    "return": None,
    "complete": None,
    "close": None,
    "revoke": {"reason": "duplicate"},
    "release": None,
    "confirm-deletion": None,
}


def reached(parties: set[Party], wishes: list[str]) -> set[str]:
    """The statuses passed when `parties` wish for one status after the other."""
    status, passed = "offered", {"offered"}
    for wish in wishes:
        if any(
            (step.source, step.target) == (status, wish) and step.party in parties
            for step in rules.LIFECYCLE
        ):
            status = wish
        passed.add(status)
    return passed


@given(st.lists(st.sampled_from(STATUSES), max_size=40))
def test_no_wishes_of_a_recipient_reach_an_end_that_is_the_senders(wishes: list[str]) -> None:
    """Completed, closed, revoked, delivered and expired are never reached by a recipient alone."""
    ends = {"completed", "closed", "revoked", "returned", "delivered", "expired"}
    assert not reached({"recipient"}, wishes) & ends


@given(st.lists(st.sampled_from(STATUSES), max_size=40))
def test_no_wishes_of_a_sender_answer_for_the_recipient(wishes: list[str]) -> None:
    """All a sender can do alone to an offer is to take it back."""
    assert reached({"sender"}, wishes) <= {"offered", "revoked"}


def test_every_status_has_a_way_and_ends_have_none_out() -> None:
    """Both parties together reach every status; the ended ones of the vocabulary stay ended."""
    everybody: set[Party] = {"sender", "recipient", "system"}
    for status in set(STATUSES) - {"draft"}:
        assert path(rules.LIFECYCLE, "draft", status, everybody), status
    for code, each in TAXONOMIES["referral_status"].codes.items():
        if not each.attributes["open"]:
            assert not [step for step in rules.LIFECYCLE if step.source == code]


def test_the_database_has_the_same_lifecycle(world: World) -> None:
    """The stored steps are those of rules.py."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT from_status, to_status, party FROM gate.transition WHERE kind = 'referral'"
            )
        )
        stored = {tuple(row) for row in rows}
    assert stored == {(step.source, step.target, step.party) for step in rules.LIFECYCLE}


def test_no_calls_of_a_recipient_end_a_referral(world: World) -> None:
    """Every call of a recipient in every order of two rounds: the sender's ends are not reached."""
    receiver = world.party("supplier")
    for first in CALLS:
        made = referral(world, receiver)
        seen = set()
        for verb in (first, *CALLS, *CALLS):
            receiver.post(f"/v1/referrals/{made['id']}/{verb}", CALLS[verb])
            seen.add(world.institute.get(f"/v1/referrals/{made['id']}").json["status"])
        assert not seen & {"completed", "closed", "revoked", "returned"}


@pytest.mark.parametrize(
    "lie",
    [
        {"to_status": "accepted"},
        {"version": 7},
        {"recipient_id": "stranger"},
        {"organisation_id": "stranger"},
    ],
)
def test_a_step_nobody_took_cannot_be_told(world: World, lie: dict[str, Any]) -> None:
    """The trail takes a step only as the referral now stands, and between its two parties."""
    receiver, stranger = world.party("supplier"), world.party("supplier")
    referral(world, receiver)
    teller = stranger if "organisation_id" in lie else receiver
    lie |= {name: stranger.organisation_id for name, said in lie.items() if said == "stranger"}
    database = world.app.extensions["openredress"]

    def tell(said: dict[str, Any]) -> None:
        digest = hashlib.sha256(teller.token.encode()).hexdigest()
        with database.transaction(digest) as transaction:
            transaction.session.execute(insert(ReferralStatusChange).values(said))

    with world.installation.as_owner() as connection:
        row = connection.execute(
            select(Referral.__table__).where(Referral.recipient_id == receiver.organisation_id)
        ).one()
    truth = {
        "organisation_id": receiver.organisation_id,
        "recipient_id": row.organisation_id,
        "sender_id": row.organisation_id,
        "referral_id": row.id,
        "version": row.version,
        "to_status": "offered",
        "changed_at": row.updated_at,
    }
    with pytest.raises(ProgrammingError, match="row-level security"):
        tell(truth | lie)
    if teller is receiver:
        tell(truth)
