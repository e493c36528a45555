"""What the delivery worker does to referrals: it notes arrivals and ends what nobody answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation import identifiers
from openredress_api.organisations import set_sandbox_clock
from openredress_webhooks.events import Event
from tests.factories.cases import case, consent, offer, referral, send
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def worker(world: World) -> Iterator[callable]:
    """A caller of one definer function in the worker's role; it returns what the function does."""
    engine = create_engine(world.installation.role_url("delivery"))

    def call(function: str) -> int:
        with engine.begin() as connection:
            found = connection.execute(text(f"SELECT gate.{function}()")).scalar_one()
            context = connection.execute(text("SELECT gate.context()")).scalar()
            assert context is None, "the worker must be left without anybody's context"
            return int(found)

    yield call
    engine.dispose()


def events(world: World, party: Party, kind: str) -> list[Event]:
    """The events of one type in a party's feed."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT webhook_id, body FROM event WHERE organisation_id = :o AND type = :t "
                "ORDER BY occurred_at"
            ),
            {"o": party.organisation_id, "t": kind},
        ).all()
    found = [Event.parse(row.body) for row in rows]
    assert [event.id for event in found] == [row.webhook_id for row in rows]
    return found


def deliver(world: World, receiver: Party, state: str) -> None:
    """Store one delivery, in `state`, of every event of the receiver."""
    with world.installation.as_owner() as connection:
        endpoint = {"o": receiver.organisation_id, "id": uuid.uuid4()}
        connection.execute(
            text(
                "INSERT INTO webhook_endpoint (organisation_id, id, url, event_patterns, "
                "fanned_position) VALUES (:o, :id, 'https://receiver.example', '{*}', 0)"
            ),
            endpoint,
        )
        connection.execute(
            text(
                "INSERT INTO delivery (organisation_id, id, event_id, endpoint_id, state, due_at) "
                "SELECT organisation_id, gen_random_uuid(), id, :id, :state, now() FROM event "
                "WHERE organisation_id = :o"
            ),
            endpoint | {"state": state},
        )


def status(world: World, made: dict) -> str:
    """The status the institute reads."""
    return str(world.institute.get(f"/v1/referrals/{made['id']}").json["status"])


def test_delivered_is_what_the_receivers_system_took(world: World, worker) -> None:
    """A succeeded delivery of the offer makes it delivered, once; a failed one does not."""
    lucky, unlucky = world.party("supplier"), world.party("supplier")
    taken, lost = referral(world, lucky), referral(world, unlucky)
    assert worker("mark_delivered_referrals") == 0
    deliver(world, lucky, "succeeded")
    deliver(world, unlucky, "failed")
    assert worker("mark_delivered_referrals") == 1
    assert worker("mark_delivered_referrals") == 0
    assert (status(world, taken), status(world, lost)) == ("delivered", "offered")
    told = events(world, world.institute, "referral.updated")[-1]
    assert (told.subject, told.subject_seq, told.data["status"]) == (taken["id"], 4, "delivered")
    read = lucky.get(f"/v1/referrals/{taken['id']}")
    assert (read.status_code, read.json["status"]) == (200, "opened")


def test_an_opened_offer_is_not_called_delivered_later(world: World, worker) -> None:
    """Whoever read it before the webhook arrived stays at opened."""
    receiver = world.party("supplier")
    made = referral(world, receiver)
    receiver.get(f"/v1/referrals/{made['id']}")
    deliver(world, receiver, "succeeded")
    assert worker("mark_delivered_referrals") == 0
    assert status(world, made) == "opened"


def test_an_offer_expires_a_month_after_it_was_due(world: World, worker) -> None:
    """On the sender's clock, unanswered ones only; both parties are told, the trail shows it."""
    receiver = world.party("supplier")
    silent, taken = referral(world, receiver), referral(world, receiver)
    receiver.post(f"/v1/referrals/{taken['id']}/accept")
    assert worker("expire_referrals") == 0
    with world.installation.as_owner() as connection:
        set_sandbox_clock(connection, [world.institute.organisation_id], timedelta(days=45))
    try:
        assert worker("expire_referrals") >= 1
        assert worker("expire_referrals") == 0
    finally:
        with world.installation.as_owner() as connection:
            set_sandbox_clock(connection, [world.institute.organisation_id], timedelta(0))
    assert (status(world, silent), status(world, taken)) == ("expired", "accepted")
    assert [one.subject for one in events(world, receiver, "referral.expired")] == [silent["id"]]
    subjects = [one.subject for one in events(world, world.institute, "referral.updated")]
    assert silent["id"] in subjects
    late = receiver.post(f"/v1/referrals/{silent['id']}/accept")
    assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")
    with world.installation.as_owner() as connection:
        trail = connection.execute(
            text(
                "SELECT version, to_status FROM referral_status_change WHERE referral_id = :r "
                "ORDER BY version"
            ),
            {"r": identifiers.decode("ref", silent["id"])},
        ).all()
    way = ["draft", "consent_checked", "offered", "expired"]
    assert [tuple(row) for row in trail] == list(enumerate(way, 1))


def test_events_made_in_the_database_are_those_of_the_server(world: World) -> None:
    """What SQL writes can be rendered by the server, with the same link as the offer."""
    made = [
        *events(world, world.institute, "referral.updated"),
        *(
            event
            for party in _suppliers(world)
            for event in events(world, party, "referral.expired")
        ),
    ]
    assert made
    for event in made:
        event.render()
        assert event.links["self"].endswith(f"/v1/referrals/{event.subject}")


def _suppliers(world: World) -> list[Party]:
    with world.installation.as_owner() as connection:
        rows = connection.execute(text("SELECT organisation_id FROM organisation")).all()
    return [
        Party(row.organisation_id, "supplier", uuid.uuid4(), None, "", world.app.test_client())
        for row in rows
    ]


def test_an_authority_is_told_nothing(world: World, worker) -> None:
    """An authority has no feed: neither the offer nor its end makes an event there."""
    authority = world.party("government", scopes=("events:read",))
    made = case(world, world.site(world.party("supplier")))["id"]
    consent(world, made, "share_authority")
    sent = send(world, offer(made, authority)).json
    with world.installation.as_owner() as connection:
        connection.execute(
            text("UPDATE referral SET due_at = now() - interval '31 days' WHERE id = :r"),
            {"r": identifiers.decode("ref", sent["id"])},
        )
        before = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
    assert worker("expire_referrals") == 1
    assert status(world, sent) == "expired"
    with world.installation.as_owner() as connection:
        count = text("SELECT count(*) FROM event WHERE organisation_id = :o")
        told = connection.execute(count, {"o": authority.organisation_id}).scalar_one()
        after = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
    assert (told, after - before) == (0, 1)


def test_ids_written_by_the_database_are_ids(world: World) -> None:
    """gate.wire_id writes what identifiers.encode writes."""
    ids = [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), *(uuid.uuid4() for _ in range(50))]
    with world.installation.as_owner() as connection:
        for one in ids:
            written = connection.execute(text("SELECT gate.wire_id('ref', :id)"), {"id": one})
            assert written.scalar_one() == identifiers.encode("ref", one)


def test_the_application_cannot_play_the_worker(world: World) -> None:
    """Delivery and expiry are not to be had for the role that serves requests."""
    engine = create_engine(world.installation.role_url("app"))
    for function in ("mark_delivered_referrals()", "expire_referrals()", "now_of(NULL)"):
        with engine.begin() as connection, pytest.raises(ProgrammingError, match="permission"):
            connection.execute(text(f"SELECT gate.{function}"))
    engine.dispose()
