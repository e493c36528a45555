"""An endpoint's owner sees what was sent, what came back, and has it sent again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice
from tests.rooms.subscriptions.test_endpoints import made, trigger


def delivered(party: Party, path: str, query: str = "") -> list[dict[str, Any]]:
    """An endpoint's deliveries."""
    answer = party.get(f"{path}/deliveries{query}")
    assert answer.status_code == 200, answer.json
    return list(answer.json["data"])


def test_each_attempt_is_shown_with_its_answer(post_office: PostOffice, supplier: Party) -> None:
    """Status and code of every try stand with the delivery; the receiver's address does not."""
    path, _ = post_office.endpoint(supplier)
    post_office.receiver.status = 503
    event = trigger(supplier)
    post_office.until(lambda: delivered(supplier, path, "?state=waiting"))
    newest, first = delivered(supplier, path)
    assert (newest["event_id"], newest["type"]) == (event, "metrics.published")
    assert (newest["cause"], newest["attempt_count"]) == ("auto", 1)
    assert (first["cause"], first["state"], first["type"]) == (
        "verify",
        "succeeded",
        "endpoint.verify",
    )
    answer = supplier.get(f"/v1/webhook-deliveries/{newest['id']}")
    (attempt,) = answer.json["attempts"]
    assert (attempt["n"], attempt["status"], attempt["error_code"]) == (1, 503, "not_accepted")
    assert newest["reason"] == "not_accepted"
    assert "127.0.0.1" not in answer.get_data(as_text=True)


def test_deliveries_are_found_by_what_they_are(post_office: PostOffice, supplier: Party) -> None:
    """State, type and moment narrow the list; pages of it hold while new ones come."""
    path, _ = post_office.endpoint(supplier)
    for name in ("metrics.published", "metrics.restated", "metrics.published"):
        trigger(supplier, name)
    post_office.until(lambda: len(post_office.receiver.received) == 4)
    post_office.settled(supplier)
    restated = delivered(supplier, path, "?type=metrics.restated")
    assert [each["type"] for each in restated] == ["metrics.restated"]
    assert len(delivered(supplier, path, "?type=endpoint.verify")) == 1
    assert len(delivered(supplier, path, "?state=succeeded")) == 4
    later = quote((datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert delivered(supplier, path, f"?since={later}") == []
    first = supplier.get(f"{path}/deliveries?limit=2").json
    trigger(supplier)
    post_office.until(lambda: len(post_office.receiver.received) == 5)
    rest = supplier.get(f"{path}/deliveries?limit=9&cursor={first['next_cursor']}").json["data"]
    assert len({each["id"] for each in (*first["data"], *rest)}) == 4


def test_a_delivery_is_its_owners(world: World, post_office: PostOffice, supplier: Party) -> None:
    """Nobody else reads a delivery by its id."""
    path, _ = post_office.endpoint(supplier)
    (one,) = delivered(supplier, path)
    for other in (world.party("supplier"), world.institute):
        assert other.get(f"/v1/webhook-deliveries/{one['id']}").status_code == 404


def test_a_dry_run_counts_and_sends_nothing(post_office: PostOffice, supplier: Party) -> None:
    """Its count is what the replay then makes."""
    path, _ = post_office.endpoint(supplier)
    trigger(supplier)
    trigger(supplier, "metrics.restated")
    post_office.until(lambda: len(post_office.receiver.received) == 3)
    post_office.settled(supplier)
    everything = {"only": "all", "types": ["metrics.*"]}
    dry = supplier.post(f"{path}/replays", everything | {"dry_run": True})
    assert (dry.status_code, dry.json) == (200, {"matched": 2})
    undelivered = supplier.post(f"{path}/replays", {"dry_run": True})
    assert undelivered.json == {"matched": 0}
    assert supplier.get(f"{path}/replays").json["data"] == []
    begun = supplier.post(f"{path}/replays", everything)
    assert (begun.status_code, begun.json["state"], begun.json["matched"]) == (202, "running", 2)
    post_office.until(lambda: len(post_office.receiver.received) == 5)
    done = supplier.get(begun.headers["Location"]).json
    assert (done["state"], done["made"], done["cause"]) == ("done", 2, "replay")
    assert supplier.get(f"{path}/replays").json["data"] == [done]
    log = supplier.get(f"{path}/log").json["data"]
    assert (log[0]["what"], log[0]["detail"]) == ("replay_started", done["id"])


def test_one_event_is_sent_again(post_office: PostOffice, supplier: Party) -> None:
    """Whoever names one event gets it, delivered before or not, under the same id."""
    path, _ = post_office.endpoint(supplier)
    event = trigger(supplier)
    post_office.until(lambda: len(post_office.receiver.received) == 2)
    post_office.settled(supplier)
    for _ in range(2):
        begun = supplier.post(f"{path}/replays", {"event": event})
        assert (begun.json["cause"], begun.json["matched"]) == ("manual", 1)
    post_office.until(lambda: len(post_office.receiver.received) == 4)
    came = [headers for headers, _ in post_office.receiver.received]
    assert [headers["webhook-id"] for headers in came[1:]] == [event] * 3
    assert len({headers["openredress-delivery-id"] for headers in came}) == 4


def test_a_replay_of_nothing_is_refused(world: World, supplier: Party) -> None:
    """An event that is not in the feed, or one beside a choice of others, is named."""
    path = made(supplier)
    stranger = world.party("supplier")
    foreign = trigger(stranger)
    for body, pointer, code in (
        ({"event": foreign}, "/event", "not_in_your_feed"),
        ({"types": ["case.*"]}, "/types/0", "not_an_event_pattern"),
    ):
        (error,) = supplier.post(f"{path}/replays", body).json["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
    own = trigger(supplier)
    body = {"event": own, "since": "2026-03-01T00:00:00Z"}
    (error,) = supplier.post(f"{path}/replays", body).json["errors"]
    assert (error["pointer"], error["code"]) == ("/since", "not_with_event")


def test_three_replays_run_at_most(supplier: Party) -> None:
    """A fourth one waits until one is done or cancelled; what is over is not cancelled."""
    path = made(supplier)
    running = [supplier.post(f"{path}/replays", {}) for _ in range(3)]
    fourth = supplier.post(f"{path}/replays", {})
    assert (fourth.status_code, fourth.json["code"]) == (409, "too_many_replays")
    cancel = f"{running[0].headers['Location']}/cancel"
    assert supplier.post(cancel).json["state"] == "cancelled"
    assert supplier.post(cancel).status_code == 409
    assert supplier.post(f"{path}/replays", {}).status_code == 202
    newest = supplier.get(f"{path}/replays?limit=1").json
    assert newest["has_more"]
