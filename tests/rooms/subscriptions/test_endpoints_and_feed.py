"""Endpoints show their key once; the feed gives each event once, in order, to its owner only."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.identifiers import decode, random_id
from openredress_webhooks.signing import Secret
from tests.factories.parties import Party, World

RECEIVER = {"url": "https://hooks.example.com/or", "event_patterns": ["referral.*"]}


def tell(world: World, sender: Party, recipient: Party, site: str, version: int) -> None:
    """Announce a fact about a site of `sender` to the institute."""
    database = world.app.extensions["openredress"]
    with database.transaction(hashlib.sha256(sender.token.encode()).hexdigest()) as transaction:
        announce(
            transaction,
            Announcement(
                type="grievance.received",
                kind="site",
                prefix="site",
                subject_id=decode("site", site),
                version=version,
                recipients=(recipient.organisation_id,),
                occurred_at=datetime.now(UTC),
                path="sites",
                data={"status": "received"},
            ),
        )
        transaction.commit()


def test_the_secret_is_shown_once(world: World) -> None:
    """Creation shows a valid secret; reading and replaying the creation do not."""
    supplier = world.party("supplier")
    made = supplier.post("/v1/webhook-endpoints", RECEIVER, Idempotency_Key="one")
    assert made.status_code == 201, made.json
    assert Secret.parse(made.json["secret"])
    again = supplier.post("/v1/webhook-endpoints", RECEIVER, Idempotency_Key="one")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["id"] == made.json["id"]
    assert "secret" not in again.json
    assert "secret" not in supplier.get(made.headers["Location"]).json
    assert len(supplier.get("/v1/webhook-endpoints").json["data"]) == 1


def test_an_inner_address_is_refused(world: World) -> None:
    """An endpoint inside a network, or a pattern of no event, is refused with the place."""
    supplier = world.party("supplier")
    bad = RECEIVER | {"url": "https://169.254.169.254/x", "event_patterns": ["case.opened"]}
    answer = supplier.post("/v1/webhook-endpoints", bad)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/event_patterns/0"
    answer = supplier.post("/v1/webhook-endpoints", bad | {"event_patterns": ["*"]})
    assert answer.json["errors"][0]["code"] == "bad_url"


def test_an_endpoint_is_its_owners(world: World) -> None:
    """Another organisation neither sees, pauses nor deletes it, the institute included."""
    supplier, stranger = world.party("supplier"), world.party("supplier")
    url = supplier.post("/v1/webhook-endpoints", RECEIVER).headers["Location"]
    for other in (stranger, world.institute):
        assert other.get(url).status_code == 404
        assert other.post(f"{url}/pause").status_code == 404
        assert other.call("DELETE", url, If_Match="*").status_code == 404
    read = supplier.get(url).headers["ETag"]
    assert supplier.post(f"{url}/pause", If_Match=read).json["state"] == "paused"
    assert supplier.call("DELETE", url).status_code == 428
    assert supplier.call("DELETE", url, If_Match=read).status_code == 412
    assert supplier.call("DELETE", url, If_Match="*").status_code == 204
    assert supplier.get(url).status_code == 404


def test_rotation_overlaps(world: World) -> None:
    """A rotation shows a new secret once and says when the old one ends."""
    supplier = world.party("supplier")
    made = supplier.post("/v1/webhook-endpoints", RECEIVER)
    turned = supplier.post(f"{made.headers['Location']}/rotate-secret", {"overlap_hours": 2})
    assert turned.status_code == 200, turned.json
    assert turned.json["secret"] != made.json["secret"]


def test_a_leaked_secret_ends_at_once(world: World) -> None:
    """Three keys are the most that overlap; without overlap a new one is always to be had."""
    supplier = world.party("supplier")
    url = supplier.post("/v1/webhook-endpoints", RECEIVER).headers["Location"]
    answers = [
        supplier.post(f"{url}/rotate-secret", {"overlap_hours": hours}).status_code
        for hours in (24, 24, 24, 0, 24)
    ]
    assert answers == [200, 200, 409, 200, 200]


def test_the_feed_gives_each_event_once(world: World) -> None:
    """Events have gap-free positions; a reader that continues sees each once, a stranger none."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    before = int(world.institute.get("/v1/events?limit=500").json["next_cursor"])
    for version in range(1, 6):
        tell(world, supplier, world.institute, site, version)
    tell(world, supplier, world.institute, site, 5)
    first = world.institute.get(f"/v1/events?after={before}&limit=3").json
    rest = world.institute.get(f"/v1/events?after={first['next_cursor']}").json
    rows = first["data"] + rest["data"]
    assert [int(row["position"]) for row in rows] == list(range(before + 1, before + 6))
    assert [row["event"]["subject_seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert first["has_more"]
    assert not rest["has_more"]
    assert world.party("supplier").get("/v1/events").json["data"] == []


def test_a_publisher_cannot_reach_strangers(world: World) -> None:
    """PostgreSQL refuses an event between organisations that are no parties of its subject."""
    supplier, stranger = world.party("supplier"), world.party("supplier")
    site = world.site(supplier)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="parties"):
        tell(world, supplier, stranger, site, 1)
    assert isinstance(random_id(), UUID)


def test_bad_cursors_are_named(world: World) -> None:
    """A cursor that is no position, and an unknown type, are refused with their place."""
    for query in ("after=x", "after=-1", "after=9999999999999999999999", "types=case.opened"):
        answer = world.institute.get(f"/v1/events?{query}")
        assert answer.status_code == 422, query
