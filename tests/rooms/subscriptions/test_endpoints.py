"""An endpoint proves that it wants our events, is changed, stopped and started by its owner."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from openredress_api.cli.running import _unsealer
from openredress_webhooks.signing import Secret
from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice

PATH = "/v1/webhook-endpoints"
RECEIVER = {"url": "https://hooks.example.com/or", "event_patterns": ["referral.*"]}
OAUTH = {
    "token_url": "https://login.example.com/token",
    "client_id": "openredress@example",
    "client_secret": "not for anybody",
    "scope": "hooks.write",
}


def made(party: Party, **body: Any) -> str:
    """A new endpoint's path."""
    answer = party.post(PATH, RECEIVER | body)
    assert answer.status_code == 201, answer.json
    return str(answer.headers["Location"])


def changed(party: Party, path: str, body: Any, etag: str = "*") -> TestResponse:
    """PATCH."""
    return party.call("PATCH", path, body, If_Match=etag)


def set_state(world: World, party: Party, state: str, **more: Any) -> None:
    """As the worker would leave the endpoints of `party`."""
    columns = "".join(f", {name} = :{name}" for name in more)
    with world.installation.as_owner() as connection:
        connection.execute(
            text(
                f"UPDATE webhook_endpoint SET state = :state{columns} "  # noqa: S608 - columns of ours
                "WHERE organisation_id = :me"
            ),
            {"state": state, "me": party.organisation_id, **more},
        )


def row(world: World, party: Party) -> Any:
    """The one endpoint of `party` as it is stored."""
    with world.installation.as_owner() as connection:
        query = text("SELECT * FROM webhook_endpoint WHERE organisation_id = :me")
        return connection.execute(query, {"me": party.organisation_id}).one()


def trigger(party: Party, name: str = "metrics.published") -> str:
    """A synthetic event; returns its id."""
    answer = party.post("/v1/sandbox/events", {"type": name})
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def test_the_secret_is_shown_once(supplier: Party) -> None:
    """Creation shows a valid secret; reading and replaying the creation do not."""
    first = supplier.post(PATH, RECEIVER, Idempotency_Key="one")
    assert first.status_code == 201, first.json
    assert Secret.parse(first.json["secret"])
    again = supplier.post(PATH, RECEIVER, Idempotency_Key="one")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["id"] == first.json["id"]
    assert "secret" not in again.json
    assert "secret" not in supplier.get(first.headers["Location"]).json
    assert len(supplier.get(PATH).json["data"]) == 1


def test_an_inner_address_is_refused(supplier: Party) -> None:
    """An endpoint or a token server inside a network, or a pattern of no event, is refused."""
    inner = "https://169.254.169.254/x"
    bad = RECEIVER | {"url": inner, "event_patterns": ["case.opened"]}
    answer = supplier.post(PATH, bad)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/event_patterns/0"
    for body, pointer in (
        (bad | {"event_patterns": ["*"]}, "/url"),
        (RECEIVER | {"oauth": OAUTH | {"token_url": inner}}, "/oauth/token_url"),
    ):
        (error,) = supplier.post(PATH, body).json["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "bad_url")


def test_an_endpoint_is_its_owners(world: World, supplier: Party) -> None:
    """Another organisation neither sees, changes nor deletes it, the institute included."""
    stranger = world.party("supplier")
    path = made(supplier)
    for other in (stranger, world.institute):
        for act in ("pause", "verify", "revoke-secret", "resume", "replays"):
            assert other.post(f"{path}/{act}").status_code == 404
        for part in ("", "/log", "/keys", "/deliveries", "/replays"):
            assert other.get(f"{path}{part}").status_code == 404
        assert changed(other, path, {"ordered": True}).status_code == 404
        assert other.call("DELETE", path, If_Match="*").status_code == 404
    read = supplier.get(path).headers["ETag"]
    assert supplier.post(f"{path}/pause", If_Match=read).json["state"] == "paused"
    assert supplier.call("DELETE", path).status_code == 428
    assert supplier.call("DELETE", path, If_Match=read).status_code == 412
    assert supplier.call("DELETE", path, If_Match="*").status_code == 204
    assert supplier.get(path).status_code == 404


def test_nothing_is_sent_before_the_proof(post_office: PostOffice, supplier: Party) -> None:
    """A new endpoint is asked at once; events from its creation on come once it has agreed."""
    post_office.receiver.agrees = False
    body = {"url": post_office.receiver.url, "event_patterns": ["*"]}
    path = supplier.post(PATH, body).headers["Location"]
    trigger(supplier)
    post_office.until(lambda: post_office.receiver.received)
    post_office.settled(supplier)
    assert post_office.receiver.types() == ["endpoint.verify"]
    assert supplier.get(path).json["state"] == "pending_verification"
    post_office.receiver.agrees = True
    assert supplier.post(f"{path}/verify").status_code == 202
    post_office.until(lambda: "metrics.published" in post_office.receiver.types())
    assert supplier.get(path).json["state"] == "active"


def test_a_new_address_proves_itself_anew(post_office: PostOffice, supplier: Party) -> None:
    """An edited URL is asked before it is sent anything; the old one is sent nothing more."""
    path, _ = post_office.endpoint(supplier)
    post_office.receiver.agrees = False
    moved = changed(supplier, path, {"url": f"{post_office.receiver.url}/new"})
    assert (moved.status_code, moved.json["state"]) == (200, "pending_verification")
    assert moved.json["state_reason"] == "url_changed"
    trigger(supplier)
    post_office.until(lambda: post_office.receiver.types() == ["endpoint.verify"] * 2)
    post_office.settled(supplier)
    assert post_office.receiver.types() == ["endpoint.verify"] * 2


def test_an_active_endpoint_may_be_tested(post_office: PostOffice, supplier: Party) -> None:
    """The answer to a test is its delivery, whose attempt shows what the receiver said."""
    path, _ = post_office.endpoint(supplier)
    post_office.receiver.agrees, post_office.receiver.status = False, 500
    asked = supplier.post(f"{path}/verify")
    assert (asked.status_code, asked.json["type"]) == (202, "endpoint.verify")
    post_office.until(lambda: supplier.get(asked.headers["Location"]).json["attempts"])
    (attempt,) = supplier.get(asked.headers["Location"]).json["attempts"]
    assert attempt["status"] == 500
    assert supplier.get(path).json["state"] == "active"


@pytest.mark.parametrize(
    ("events", "came"), [("all", ["old", "new"]), ("none", []), ("since", ["new"])]
)
def test_its_owner_chooses_what_comes_after_a_pause(
    post_office: PostOffice, supplier: Party, events: str, came: list[str]
) -> None:
    """What came while an endpoint was paused is sent in whole, in part or not at all."""
    path, _ = post_office.endpoint(supplier)
    assert supplier.post(f"{path}/pause").json["state"] == "paused"
    names = {trigger(supplier): "old"}
    moment = datetime.now(UTC)
    names[trigger(supplier)] = "new"
    chosen = {"events": events}
    if events == "since":
        chosen["since"] = moment.isoformat()
    assert supplier.post(f"{path}/resume", chosen).json["state"] == "active"
    after = trigger(supplier)
    post_office.until(
        lambda: after in {headers["webhook-id"] for headers, _ in post_office.receiver.received}
    )
    post_office.settled(supplier)
    got = [headers["webhook-id"] for headers, _ in post_office.receiver.received]
    assert sorted(names[one] for one in got if one in names) == sorted(came)


def test_a_moment_belongs_to_since_alone(supplier: Party) -> None:
    """A resume that names a moment without since, or since without one, is refused."""
    path = made(supplier)
    supplier.post(f"{path}/pause")
    for body in ({"events": "since"}, {"since": "2026-03-01T08:00:00Z"}):
        answer = supplier.post(f"{path}/resume", body)
        assert answer.json["errors"][0]["code"] == "only_with_since"
    assert supplier.get(path).json["state"] == "paused"


def test_states_have_their_ways(world: World, supplier: Party) -> None:
    """What is not stopped is not resumed, what we stopped not paused, what is held left alone."""
    path = made(supplier)
    assert supplier.post(f"{path}/resume").status_code == 409
    for state, refused in (
        ("active", ["resume"]),
        ("paused", ["pause", "verify"]),
        ("disabled", ["pause", "verify"]),
        ("held", ["pause", "resume", "verify"]),
    ):
        set_state(world, supplier, state)
        for act in refused:
            answer = supplier.post(f"{path}/{act}")
            assert (answer.status_code, answer.json["code"]) == (
                409,
                "state_transition_not_allowed",
            ), f"{act} of {state}"
    other = changed(supplier, path, {"url": "https://other.example.com/"})
    assert other.status_code == 409
    assert supplier.get(path).json["url"] == RECEIVER["url"]


def test_a_disabled_endpoint_begins_anew(world: World, supplier: Party) -> None:
    """Resuming forgets the failures; the date on which we give up is shown before."""
    path = made(supplier)
    since = datetime.now(UTC) - timedelta(days=4)
    failed = {"failing_since": since, "failed_attempts": 30, "network_failures": 7}
    set_state(world, supplier, "active", **failed, probe_at=since)
    read = supplier.get(path).json
    due = datetime.fromisoformat(read["will_disable_at"])
    assert due == datetime.fromisoformat(read["failing_since"]) + timedelta(days=5)
    assert read["breaker_open_until"] is not None
    set_state(world, supplier, "disabled")
    assert supplier.get(path).json["will_disable_at"] is None
    resumed = supplier.post(f"{path}/resume").json
    assert (resumed["state"], resumed["failing_since"]) == ("active", None)
    stored = row(world, supplier)
    assert (stored.failed_attempts, stored.network_failures, stored.probe_at) == (0, 0, None)


def test_who_never_proved_itself_is_asked_when_it_resumes(world: World, supplier: Party) -> None:
    """A pause is no way around the proof: neither before it, nor with another address."""
    path = made(supplier)
    supplier.post(f"{path}/pause")
    assert supplier.post(f"{path}/resume").json["state"] == "pending_verification"
    set_state(world, supplier, "active")
    supplier.post(f"{path}/pause")
    assert supplier.post(f"{path}/resume").json["state"] == "active"
    supplier.post(f"{path}/pause")
    moved = changed(supplier, path, {"url": "https://other.example.com/"})
    assert moved.json["state"] == "paused"
    assert supplier.post(f"{path}/resume").json["state"] == "pending_verification"


def test_a_change_touches_what_it_names(supplier: Party) -> None:
    """Members that are left out stay; what changed stands in the log by name, without values."""
    path = made(supplier, ordered=True, headers={"X-Tenant": "plant-7"}, oauth=OAUTH)
    before = supplier.get(path)
    assert before.json["oauth"] == {
        name: OAUTH[name] for name in ("token_url", "client_id", "scope")
    }
    assert changed(supplier, path, {}).headers["ETag"] == before.headers["ETag"]
    body = {"rate_per_min": 30, "max_in_flight": 2, "event_patterns": ["referral.*"], "oauth": None}
    after = changed(supplier, path, body, before.headers["ETag"])
    assert after.status_code == 200, after.json
    assert after.json == before.json | body
    assert supplier.get(f"{path}/log").json["data"][0]["what"] == "edited"
    told = supplier.get(f"{path}/log").json["data"][0]["detail"]
    assert told == "max_in_flight, rate_per_min, oauth"
    assert changed(supplier, path, body, before.headers["ETag"]).status_code == 412
    assert supplier.call("PATCH", path, body).status_code == 428


def test_secrets_are_never_shown_again(world: World, supplier: Party) -> None:
    """Header values and the client secret stand in no answer, and in no row but sealed."""
    headers = {"X-Api-Key": "a-secret-of-theirs", "X-Tenant": "plant-7"}
    path = made(supplier, headers=headers, oauth=OAUTH)
    changed(supplier, path, {"headers": {"X-Api-Key": "another-secret"}})
    read = supplier.get(path)
    assert read.json["header_names"] == ["X-Api-Key"]
    log = supplier.get(f"{path}/log").get_data(as_text=True)
    stored = str(row(world, supplier))
    for secret in ("a-secret-of-theirs", "another-secret", OAUTH["client_secret"]):
        assert secret not in read.get_data(as_text=True) + log + stored
    supplier.call("DELETE", path, If_Match="*")
    assert row(world, supplier).sealed is None


def test_half_of_what_is_sealed_may_change(world: World, supplier: Party) -> None:
    """New headers leave the client secret, an ended oauth the headers; nothing seals nothing."""
    path = made(supplier, headers={"X-Tenant": "plant-7"}, oauth=OAUTH)
    database = world.app.extensions["openredress"]
    unseal = _unsealer(world.installation, database)

    def sealed() -> Any:
        stored = row(world, supplier)
        place = f"webhook_endpoint:{stored.id}"
        return stored.sealed and json.loads(unseal(supplier.organisation_id, place, stored.sealed))

    both = {"headers": {"X-Tenant": "plant-7"}, "client_secret": OAUTH["client_secret"]}
    assert sealed() == both
    changed(supplier, path, {"headers": {"X-Tenant": "plant-8"}})
    assert sealed() == both | {"headers": {"X-Tenant": "plant-8"}}
    changed(supplier, path, {"oauth": None})
    assert sealed() == {"headers": {"X-Tenant": "plant-8"}}
    changed(supplier, path, {"headers": {}})
    assert sealed() is None


def test_headers_arrive_as_they_were_given(post_office: PostOffice, supplier: Party) -> None:
    """What was sealed here is opened where it is sent, after a change of half of it too."""
    path, _ = post_office.endpoint(supplier, headers={"X-Tenant": "plant-7", "X-Old": "1"})
    assert post_office.receiver.received[0][0]["x-tenant"] == "plant-7"
    changed(supplier, path, {"headers": {"x-tenant": "plant 8"}})
    trigger(supplier)
    post_office.until(lambda: len(post_office.receiver.received) > 1)
    last, _ = post_office.receiver.received[-1]
    assert last["x-tenant"] == "plant 8"
    assert "x-old" not in last


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "x"}, "header_is_reserved"),
        ({"content-length": "5"}, "header_is_reserved"),
        ({"Webhook-Signature": "v1,x"}, "header_is_reserved"),
        ({"OpenRedress-Attempt": "1"}, "header_is_reserved"),
        ({"Proxy-Authorization": "x"}, "header_is_reserved"),
        ({"Cookie": "a=b"}, "header_is_reserved"),
        ({"TE": "trailers"}, "header_is_reserved"),
        ({"X Tenant": "1"}, "not_a_header_name"),
        ({"X-Tenant:": "1"}, "not_a_header_name"),
        ({"": "1"}, "not_a_header_name"),
        ({"X-Tenant": "1", "x-tenant": "2"}, "header_twice"),
        ({"X-Tenant": "a\r\nHost: b"}, "not_a_credential"),
        ({"X-Tenant": ""}, "not_a_credential"),
        ({"X-Tenant": " a"}, "not_a_credential"),
        ({"X-Tenant": "é"}, "not_a_credential"),
        ({"X-Tenant": "a" * 1001}, "not_a_credential"),
        ({"X-Tenant": 7}, "not_a_credential"),
        ({f"X-{number}": "a" for number in range(11)}, "not_headers"),
        (["X-Tenant"], "not_headers"),
    ],
)
def test_a_bad_header_is_refused_and_its_value_not_repeated(
    supplier: Party, headers: Any, code: str
) -> None:
    """Neither the connection's nor our own headers can be set, and nothing split; at its place."""
    answer = supplier.post(PATH, RECEIVER | {"headers": headers})
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert error["code"] == code
    assert error["pointer"].startswith("/headers")
    assert "read" not in error


def test_one_of_two_sets_the_authorization(supplier: Party) -> None:
    """An Authorization header and oauth exclude each other, however they come together."""
    both = {"headers": {"authorization": "Bearer x"}, "oauth": OAUTH}
    assert supplier.post(PATH, RECEIVER | both).json["errors"][0]["code"] == "not_with_oauth"
    path = made(supplier, headers=both["headers"])
    answer = changed(supplier, path, {"oauth": OAUTH})
    assert answer.json["errors"][0]["code"] == "not_with_oauth"
    assert supplier.get(path).json["oauth"] is None
    assert changed(supplier, path, {"oauth": OAUTH, "headers": {}}).status_code == 200


def test_a_bad_client_secret_is_not_repeated(supplier: Party) -> None:
    """The answer that refuses a secret does not hold it."""
    answer = supplier.post(PATH, RECEIVER | {"oauth": OAUTH | {"client_secret": "sécret"}})
    (error,) = answer.json["errors"]
    assert error.keys() == {"pointer", "code", "detail"}
    assert (error["pointer"], error["code"]) == ("/oauth/client_secret", "not_a_credential")


def test_the_log_tells_who_did_what(world: World, supplier: Party) -> None:
    """Every act has its line with the client that did it, newest first, and pages hold."""
    path = made(supplier)
    supplier.post(f"{path}/pause")
    supplier.post(f"{path}/resume")
    supplier.post(f"{path}/rotate-secret", {})
    supplier.post(f"{path}/revoke-secret")
    supplier.post(f"{path}/verify")
    rows = supplier.get(f"{path}/log").json["data"]
    assert [each["what"] for each in rows] == [
        "verification_asked",
        "secret_revoked",
        "secret_rotated",
        "pending_verification",
        "paused",
        "pending_verification",
    ]
    assert len({each["client"] for each in rows}) == 1
    assert rows[0]["client"] is not None
    first = supplier.get(f"{path}/log?limit=4").json
    rest = supplier.get(f"{path}/log?limit=4&cursor={first['next_cursor']}").json
    assert first["data"] + rest["data"] == rows
    # Without a caller it was the server.
    set_state(world, supplier, "disabled", state_reason="gone")
    newest = supplier.get(f"{path}/log?limit=1").json["data"][0]
    assert (newest["what"], newest["detail"], newest["client"]) == ("disabled", "gone", None)
