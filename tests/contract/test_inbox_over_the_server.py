"""An inbox over the real server: its feed, its tombstones, its manifests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from openredress import Client, Inbox
from openredress.inbox import Context
from openredress.webhooks import Event
from openredress_webhooks.events import EVENT_TYPES
from tests.contract.test_sdk_over_the_server import Loop, client_of
from tests.factories.parties import World


@dataclass
class Desk:
    """A supplier's inbox that pulls, and what its handler saw."""

    world: World
    client: Client
    folder: Path
    seen: list[Event] = field(default_factory=list)
    complete: list[bool | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.folder / "inbox.db", client=self.client)
        self.inbox.on("*")(self._note)

    def _note(self, event: Event, context: Context) -> None:
        assert not context.is_late
        self.seen.append(event)
        if event.type == "manifest.daily":
            self.complete.append(context.is_complete)

    def a_day_passes(self) -> None:
        """Endpoints are proven and a day old, and the worker closes the day."""
        with self.world.installation.as_owner() as connection:
            connection.execute(
                text(
                    "UPDATE webhook_endpoint SET state = 'active', "
                    "created_at = created_at - interval '1 day'"
                )
            )
            connection.execute(text("SELECT gate.make_manifests()"))


@pytest.fixture
def loop(world: World) -> Loop:
    """An institute, a supplier and a brand."""
    supplier, brand = world.party("supplier"), world.party("brand")
    clients = (client_of(world, party) for party in (world.institute, supplier, brand))
    return Loop(*clients, supplier.id, brand.id, world)


@pytest.fixture
def desk(world: World, loop: Loop, tmp_path: Path) -> Desk:
    """The supplier's desk."""
    return Desk(world, loop.supplier, tmp_path)


def test_what_happens_is_pulled(loop: Loop, desk: Desk) -> None:
    """Each event of the feed reaches the handler once, and its detail is read where it points."""
    first, second = loop.offered(), loop.offered()
    desk.inbox.catch_up()
    desk.inbox.catch_up()
    assert [event.subject for event in desk.seen] == [first, second]
    assert loop.supplier.referrals.get(desk.seen[0].subject).status == "opened"


def test_every_type_is_borne(loop: Loop, desk: Desk) -> None:
    """A synthetic event of each type that a supplier may get is dealt with."""
    types = [name for name, kind in EVENT_TYPES.items() if "supplier" in kind.recipients]
    for name in types:
        loop.supplier.sandbox_events.trigger(name)
    desk.inbox.catch_up()
    assert {event.type for event in desk.seen} == set(types) - {"endpoint.verify"}
    assert desk.inbox.waiting() == []


def test_withdrawn_content_comes_as_a_tombstone(loop: Loop, desk: Desk) -> None:
    """An event whose worker took back consent before it was pulled comes without its content."""
    case = loop.case(loop.site())
    offered = loop.offered(case.id)
    loop.institute.cases.record_consent(
        case.id,
        scope="share_deidentified_employer",
        state="withdrawn",
        method="spoken",
        language="my",
    )
    desk.inbox.catch_up()
    told = {event.type: event for event in desk.seen if event.subject == offered}
    assert set(told) == {"referral.offered", "referral.revoked"}
    assert (told["referral.offered"].tombstone, told["referral.offered"].data) == (True, {})


def test_a_manifest_holds(loop: Loop, desk: Desk) -> None:
    """What the server counted is what the feed holds, by the endpoint's own patterns."""
    loop.supplier.webhook_endpoints.create(
        "https://hooks.example.com/openredress", event_patterns=["referral.*", "manifest.*"]
    )
    loop.offered()
    site = loop.site()
    loop.asked(loop.case(site).id, site)
    desk.inbox.catch_up()
    desk.a_day_passes()
    desk.inbox.catch_up()
    (manifest,) = (event for event in desk.seen if event.type == "manifest.daily")
    assert manifest.data["count"] == 1
    assert desk.complete == [True]
