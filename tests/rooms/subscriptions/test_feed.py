"""The feed gives each event once, in order, to its owner only, and never what was withdrawn."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.identifiers import decode, encode, random_id
from openredress_webhooks.events import EVENT_TYPES
from tests.factories import cases
from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice
from tests.rooms.subscriptions.test_endpoints import made, trigger


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


def events(party: Party, query: str = "") -> list[dict[str, Any]]:
    """The rows of a feed."""
    answer = party.get(f"/v1/events{query}")
    assert answer.status_code == 200, answer.json
    return list(answer.json["data"])


def test_the_feed_gives_each_event_once(world: World, supplier: Party) -> None:
    """Events have gap-free positions; a reader that continues sees each once, a stranger none."""
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
    assert events(world.party("supplier")) == []


def test_a_publisher_cannot_reach_strangers(world: World, supplier: Party) -> None:
    """PostgreSQL refuses an event between organisations that are no parties of its subject."""
    site = world.site(supplier)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="parties"):
        tell(world, supplier, world.party("supplier"), site, 1)


def test_bad_cursors_are_named(world: World) -> None:
    """A cursor that is no position, and an unknown type, are refused with their place."""
    for query in ("after=x", "after=-1", "after=9999999999999999999999", "types=case.opened"):
        answer = world.institute.get(f"/v1/events?{query}")
        assert answer.status_code == 422, query


def test_a_reader_never_gets_what_fell(world: World, supplier: Party) -> None:
    """A referral whose consent has run out stands in the feed without its content, for good."""
    referral = cases.referral(world, supplier)
    (row,) = events(supplier)
    assert row["event"]["data"]["id"] == referral["id"]
    with world.installation.as_owner() as connection:
        case = {"case": decode("case", referral["case"])}
        over = text("UPDATE case_consent SET expires_at = recorded_at WHERE case_id = :case")
        connection.execute(over, case)
    (fallen,) = events(supplier)
    assert (fallen["event"]["data"], fallen["event"]["tombstone"]) == ({}, True)
    assert fallen["event"]["id"] == row["event"]["id"]
    assert events(supplier) == [fallen]


def test_a_row_tells_what_became_of_its_webhooks(post_office: PostOffice, supplier: Party) -> None:
    """Each endpoint counts once, by the best that happened; who has none sees noughts."""
    nothing = {"delivered": 0, "waiting": 0, "held": 0, "failed": 0}
    trigger(supplier)
    assert [row["pushed"] for row in events(supplier)] == [nothing]
    post_office.endpoint(supplier)
    path, _ = post_office.endpoint(supplier, event_patterns=["metrics.*"])
    post_office.receiver.status = 500
    event = trigger(supplier)
    post_office.until(lambda: len(post_office.receiver.received) == 4)
    post_office.settled(supplier)
    after = {row["event"]["id"]: row["pushed"] for row in events(supplier)}
    assert after[event] == nothing | {"waiting": 2}
    post_office.receiver.status = 204
    supplier.post(f"{path}/replays", {"event": event})
    post_office.until(lambda: len(post_office.receiver.received) == 5)
    post_office.settled(supplier)
    after = {row["event"]["id"]: row["pushed"] for row in events(supplier)}
    assert after[event] == nothing | {"delivered": 1, "waiting": 1}


def test_synthetic_events_are_for_sandboxes(world: World) -> None:
    """Outside of one the answer is sandbox_only, and the database refuses it as well."""
    live = world.party("supplier", is_sandbox=False)
    answer = live.post("/v1/sandbox/events", {"type": "metrics.published"})
    assert (answer.status_code, answer.json["code"]) == (403, "sandbox_only")
    database = world.app.extensions["openredress"]
    token = hashlib.sha256(live.token.encode()).hexdigest()
    call = text(
        "SELECT gate.publish_synthetic(gen_random_uuid(), 'metrics.published', 'mrp_1', now(), "
        "'none', '{}')"
    )
    with (
        database.transaction(token) as transaction,
        pytest.raises(ProgrammingError, match="sandboxes"),
    ):
        transaction.session.execute(call)


def test_a_synthetic_event_is_like_a_real_one(post_office: PostOffice, supplier: Party) -> None:
    """It comes by webhook and by the feed, about a record that nobody has, and stays as it is."""
    post_office.endpoint(supplier, event_patterns=["referral.*"])
    event = trigger(supplier, "referral.offered")
    post_office.until(lambda: "referral.offered" in post_office.receiver.types())
    (row,) = events(supplier, "?types=referral.*")
    assert (row["event"]["id"], "tombstone" in row["event"]) == (event, False)
    assert row["event"]["links"]["self"].endswith(f"/v1/referrals/{row['event']['subject']}")
    assert supplier.get(f"/v1/referrals/{row['event']['subject']}").status_code == 404


def test_a_synthetic_event_is_one_of_the_callers_own(supplier: Party) -> None:
    """No type that this kind of organisation is never sent."""
    answer = supplier.post("/v1/sandbox/events", {"type": "task.created"})
    (error,) = answer.json["errors"]
    assert (error["pointer"], error["code"]) == ("/type", "not_your_event")


def test_every_type_can_be_tried(world: World) -> None:
    """Each type of the catalogue is a good event for each role that may receive it."""
    parties = {kind: world.party(kind) for kind in ("supplier", "agency", "brand", "cso")}
    parties["institute"] = world.institute
    for name, known in EVENT_TYPES.items():
        trigger(parties[known.recipients[0]], name)


def test_a_consumer_goes_on_where_it_was(supplier: Party) -> None:
    """Its committed position is where the feed begins; it goes forward only, seek apart."""
    ids = [trigger(supplier) for _ in range(3)]
    begun = supplier.post("/v1/event-consumers", {"name": "hr-portal"})
    assert (begun.status_code, begun.json["position"]) == (201, "0")
    path, consumer = begun.headers["Location"], begun.json["id"]
    read = supplier.get(f"/v1/events?consumer={consumer}&limit=2").json["data"]
    assert [row["event"]["id"] for row in read] == ids[:2]
    committed = supplier.post(f"{path}/commit", {"position": read[-1]["position"]})
    assert (committed.json["position"], committed.json["lag"]) == ("2", 1)
    rest = supplier.get(f"/v1/events?consumer={consumer}").json["data"]
    assert [row["event"]["id"] for row in rest] == ids[2:]
    assert len(supplier.get(f"/v1/events?consumer={consumer}&after=0").json["data"]) == 3
    for body in ({"position": "1"}, {"position": "4"}):
        refused = supplier.post(f"{path}/commit", body)
        assert (refused.status_code, refused.json["code"]) == (409, "position_refused")
    assert supplier.post(f"{path}/seek", {"position": "4"}).status_code == 409
    assert supplier.post(f"{path}/seek", {"position": "0"}).json["lag"] == 3
    assert supplier.get("/v1/event-consumers").json["data"] == [supplier.get(path).json]
    assert supplier.call("DELETE", path).status_code == 204
    assert supplier.get(path).status_code == 404


def test_a_consumer_begins_in_what_is_kept(world: World, supplier: Party) -> None:
    """Without a position it begins before the oldest event there is; before that is a 410."""
    for _ in range(3):
        trigger(supplier)
    supplier.get("/v1/events")
    with world.installation.as_owner() as connection:
        gone = text("DELETE FROM event WHERE organisation_id = :me AND position <= 2")
        connection.execute(gone, {"me": supplier.organisation_id})
    begun = supplier.post("/v1/event-consumers", {"name": "late"})
    assert begun.json["position"] == "2"
    sought = supplier.post(f"{begun.headers['Location']}/seek", {"position": "1"})
    assert (sought.status_code, sought.json["code"]) == (410, "cursor_expired")
    assert sought.headers["openredress-oldest-cursor"] == "2"
    early = supplier.post("/v1/event-consumers", {"name": "early", "position": "0"})
    assert early.status_code == 410


def test_a_consumer_has_a_name_of_its_own(world: World, supplier: Party) -> None:
    """One name once per organisation, twenty of them, and no stranger's id."""
    first = supplier.post("/v1/event-consumers", {"name": "portal"})
    again = supplier.post("/v1/event-consumers", {"name": "portal"})
    assert (again.status_code, again.json["code"]) == (409, "consumer_exists")
    bad = supplier.post("/v1/event-consumers", {"name": "Portal"})
    assert bad.json["errors"][0]["code"] == "not_a_consumer_name"
    stranger = world.party("supplier")
    assert stranger.post("/v1/event-consumers", {"name": "portal"}).status_code == 201
    for other in (first.json["id"], encode("csm", random_id())):
        refused = stranger.get(f"/v1/events?consumer={other}")
        assert refused.json["errors"][0]["code"] == "not_a_consumer"
    for number in range(19):
        supplier.post("/v1/event-consumers", {"name": f"portal-{number}"})
    full = supplier.post("/v1/event-consumers", {"name": "one-more"})
    assert (full.status_code, full.json["code"]) == (409, "too_many_consumers")


def test_an_endpoint_is_told_of_only_in_the_feed(supplier: Party) -> None:
    """The question to an endpoint is an event like others."""
    path = made(supplier)
    (row,) = events(supplier)
    assert (row["event"]["type"], row["event"]["subject"]) == (
        "endpoint.verify",
        path.rpartition("/")[2],
    )
