"""Endpoints, what is sent to them, and consumers of the feed, by the client alone."""

from __future__ import annotations

import pytest

from openredress import Client, errors
from tests.contract.test_sdk_over_the_server import client_of
from tests.factories.parties import World


@pytest.fixture
def supplier(world: World) -> Client:
    """A supplier's software."""
    return client_of(world, world.party("supplier"))


def test_an_endpoint_lives_and_ends(supplier: Client) -> None:
    """An endpoint is made, changed, paused, resumed, gets new secrets, and is gone at last."""
    ours = supplier.webhook_endpoints
    made = ours.create("https://hooks.example.org/in", event_patterns=["referral.*"])
    assert (made.secret[:6], made.state) == ("whsec_", "pending_verification")
    assert [each.id for each in ours.list()] == [made.id]
    assert ours.update(made.id, etag=made.etag, rate_per_min=60).rate_per_min == 60
    with pytest.raises(errors.Stale):
        ours.update(made.id, etag=made.etag, rate_per_min=None)
    assert ours.pause(made.id).state == "paused"
    assert ours.resume(made.id, events="none").state == "pending_verification"
    assert ours.rotate_secret(made.id, overlap_hours=1).secret != made.secret
    assert ours.revoke_secret(made.id).secret is None
    assert [key.revoked_at is None for key in ours.keys(made.id)] == [True, False]
    assert {"edited", "secret_rotated", "paused"} <= {each.what for each in ours.log(made.id)}
    ours.delete(made.id, etag=ours.get(made.id).etag)
    with pytest.raises(errors.NotFound):
        ours.get(made.id)


def test_what_was_sent_is_seen_and_sent_again(supplier: Client) -> None:
    """A test is a delivery that can be read; replays are counted, begun and cancelled."""
    endpoint = supplier.webhook_endpoints.create(
        "https://hooks.example.org/in", event_patterns=["*"]
    )
    asked = supplier.webhook_endpoints.verify(endpoint.id)
    sent, again = supplier.webhook_deliveries, supplier.webhook_replays
    assert sent.get(asked.id).attempts == []
    assert asked.id in {each.id for each in sent.list(endpoint.id, type="endpoint.verify")}
    event = supplier.sandbox_events.trigger("metrics.published")
    assert again.create(endpoint.id, event=event.id, dry_run=True).matched == 1
    begun = again.create(endpoint.id, types=["metrics.*"], only="all")
    assert [each.id for each in again.list(endpoint.id)] == [begun.id]
    assert again.cancel(begun.id).state == "cancelled"
    assert again.get(begun.id).state == "cancelled"


def test_a_consumer_keeps_its_place(supplier: Client) -> None:
    """A reader by name goes on behind what it committed, and may go back."""
    ours, feed = supplier.event_consumers, supplier.events
    for _ in range(2):
        supplier.sandbox_events.trigger("metrics.published")
    consumer = ours.create("portal")
    read = feed.after(consumer=consumer.id, types=["metrics.*"])
    first, *others = [(read.at, event.id) for event in read]
    assert ours.commit(consumer.id, first[0]).position == first[0]
    rest = feed.after(consumer=consumer.id, types=["metrics.*"])
    assert [(rest.at, event.id) for event in rest] == others
    with pytest.raises(errors.Conflict):
        ours.commit(consumer.id, "0")
    assert ours.seek(consumer.id, "0").lag > 0
    assert [each.name for each in ours.list()] == [ours.get(consumer.id).name] == ["portal"]
    ours.delete(consumer.id)
    assert [*ours.list()] == []
