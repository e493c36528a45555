"""Promises about retries, deadlines and answers that are none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from openredress import Client, errors
from openredress.retries import TRIES

CASES = "/v1/cases"
ME = "/v1/me"


def _keys(server: Any, path: str) -> list[str]:
    return [seen.headers["Idempotency-Key"] for seen in server.at(path)]


def test_retries_reuse_one_key(client: Client, server: Any, hands: Any) -> None:
    """A POST that meets 503 twice and a reset is repeated under one key, after Retry-After."""
    busy = server.refuses(503, "overloaded", Retry_After="3")
    server.then(CASES, busy, busy, server.resets, server.says({"id": "case_1"}, 201))
    assert client.cases.open(site="site_1").id == "case_1"
    assert len(_keys(server, CASES)) == 4
    assert len(set(_keys(server, CASES))) == 1
    assert [seen.body for seen in server.at(CASES)] == [{"site": "site_1"}] * 4
    assert hands.pauses == [3.0, 3.0, 1.0]


def test_each_call_has_its_own_key(client: Client, server: Any) -> None:
    """Two calls with the same content are two calls; a caller's own key is used as it is."""
    server.then(CASES, server.says({"id": "case_1"}, 201))
    client.cases.open(site="site_1")
    client.cases.open(site="site_1")
    client.cases.open(site="site_1", idempotency_key="mine-1")
    first, second, third = _keys(server, CASES)
    assert first != second
    assert third == "mine-1"


def test_upserts_are_keyed_too(client: Client, server: Any) -> None:
    """An upsert that is repeated carries one key; a GET carries none."""
    path = "/v1/grievances"
    server.then(path, server.resets, server.says({"id": "grv_1"}, 201))
    client.grievances.upsert("GRV/2026/0001", source_system="sap", status="received")
    assert len(_keys(server, path)) == 2
    assert len(set(_keys(server, path))) == 1
    client.me.get()
    assert "Idempotency-Key" not in server.at(ME)[0].headers


def test_key_survives_a_new_token(client: Client, server: Any) -> None:
    """A POST repeated with a new token after a 401 keeps its key."""
    server.then(CASES, server.refuses(401, "token_expired"), server.says({"id": "case_1"}, 201))
    client.cases.open()
    assert len(_keys(server, CASES)) == 2
    assert len(set(_keys(server, CASES))) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_failures_are_repeated(client: Client, server: Any, status: int) -> None:
    """A status that may pass is tried again."""
    server.then(ME, server.refuses(status), server.says({"client": "cli_1"}))
    assert client.me.get().client == "cli_1"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 412, 413, 422, 428, 501])
def test_lasting_failures_are_not_repeated(client: Client, server: Any, status: int) -> None:
    """A refusal that would only come again is raised at once."""
    server.then(ME, server.refuses(status, "conflict"))
    with pytest.raises(errors.ApiError):
        client.me.get()
    assert len(server.at(ME)) == 1


def test_request_in_progress_is_waited_for(client: Client, server: Any, hands: Any) -> None:
    """A 409 that says the same key is at work is tried again after its Retry-After."""
    running = server.refuses(409, "idempotency_in_progress", Retry_After="1")
    server.then(CASES, running, server.says({"id": "case_1"}, 201, Idempotency_Replayed="true"))
    assert client.cases.open().replayed
    assert hands.pauses == [1.0]


def test_jitter_is_full_and_bounded(
    make_client: Callable[..., Client], server: Any, hands: Any
) -> None:
    """Pauses lie between 0 and a bound that doubles from 0.5 to 8 seconds, for eight tries."""
    server.then(ME, server.refuses(502))
    hands.luck = 1.0
    with pytest.raises(errors.ServerError):
        make_client(deadline=600).me.get()
    assert hands.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    hands.pauses.clear()
    hands.luck = 0.0
    with pytest.raises(errors.ServerError):
        make_client(deadline=600).me.get()
    assert hands.pauses == [0.0] * (TRIES - 1)


@pytest.mark.parametrize(
    ("asked", "wait"), [("61", 61), ("Fri, 15 Jan 2027 08:01:01 GMT", 61), ("999999999", 999999999)]
)
def test_no_pause_past_the_deadline(
    client: Client, server: Any, hands: Any, asked: str, wait: int
) -> None:
    """A Retry-After that does not fit is not slept: the error says when to come back."""
    server.then(ME, server.refuses(429, "quota_exceeded", Retry_After=asked))
    with pytest.raises(errors.RateLimited) as caught:
        client.me.get()
    assert caught.value.retry_at is not None
    assert caught.value.retry_at.timestamp() == hands.clock.wall() + wait
    assert caught.value.retry_at.tzinfo is not None
    assert hands.pauses == []


@pytest.mark.parametrize("asked", ["-5", "soon", "1e20", "9" * 30, "", "Fri, 99 Foo"])
def test_unreadable_retry_after(client: Client, server: Any, hands: Any, asked: str) -> None:
    """A Retry-After that says nothing is no reason to fail, nor to wait."""
    server.then(ME, server.refuses(503, Retry_After=asked), server.says({}))
    client.me.get()
    assert hands.pauses == [0.25]


def test_the_deadline_bounds_the_pauses(
    make_client: Callable[..., Client], server: Any, hands: Any
) -> None:
    """Pauses end before the deadline, and the last failure tells when the next try was due."""
    server.then(ME, server.resets)
    hands.luck = 1.0
    with pytest.raises(errors.ConnectionFailed) as caught:
        make_client(deadline=5).me.get()
    assert hands.pauses == [0.5, 1.0, 2.0]
    assert caught.value.retry_at is not None
    assert caught.value.retry_at.timestamp() == hands.clock.wall() + 4.0


def test_dripping_body_ends_at_the_deadline(
    make_client: Callable[..., Client], server: Any, hands: Any
) -> None:
    """A body that never pauses long and never ends is given up at the deadline."""
    server.then(ME, server.drips(seconds=1.0))
    with pytest.raises(errors.DeadlineExceeded):
        make_client(deadline=30).me.get()
    assert hands.pauses == []
    assert len(server.at(ME)) == 1


def test_silence_ends_the_try_not_the_call(make_client: Callable[..., Client], server: Any) -> None:
    """A server silent for longer than `timeout` is asked again within the deadline."""

    def silent(handler: Any, _: Any) -> None:
        handler.rfile.read(1)  # returns when the client has gone

    server.then(ME, silent, server.says({"client": "cli_1"}))
    assert make_client(timeout=0.1).me.get().client == "cli_1"


def test_silence_up_to_the_deadline_is_its_end(
    make_client: Callable[..., Client], server: Any, hands: Any
) -> None:
    """A server silent until the deadline is told as DeadlineExceeded, not as a failed try."""

    def silent(handler: Any, _: Any) -> None:
        hands.turn(60)
        handler.rfile.read(1)  # returns when the client has gone

    server.then(ME, silent)
    with pytest.raises(errors.DeadlineExceeded):
        make_client(timeout=0.1).me.get()


def test_body_cut_short(client: Client, server: Any) -> None:
    """A body shorter than promised is a failed connection, and is tried again."""
    server.then(ME, server.cuts_short, server.says({"client": "cli_1"}))
    assert client.me.get().client == "cli_1"
    server.then(CASES, server.cuts_short)
    with pytest.raises(errors.ConnectionFailed):
        client.cases.open()
    assert len(server.at(CASES)) == TRIES


@pytest.mark.parametrize("body", [b'{"id": "ca', b"<html>Sign in</html>", b"[1]", b"\xff\xfe"])
def test_broken_json(client: Client, server: Any, body: bytes) -> None:
    """A 200 whose body is no JSON object is an unexpected answer, and is not asked for again."""
    server.then(ME, server.says(body, 200, Content_Type="text/html"))
    with pytest.raises(errors.UnexpectedAnswer):
        client.me.get()
    assert len(server.at(ME)) == 1


def test_html_error_page(client: Client, server: Any) -> None:
    """A proxy's error page becomes the error of its status, without a code, and is retried."""
    page = server.says(b"<html>Bad gateway</html>", 502, Content_Type="text/html")
    server.then(ME, page)
    with pytest.raises(errors.ServerError, match="HTTP 502: 502 with text/html") as caught:
        client.me.get()
    assert caught.value.code == ""
    assert len(server.at(ME)) == TRIES


def test_redirects_are_not_followed(client: Client, server: Any) -> None:
    """A redirect is an unexpected answer: the token goes nowhere else."""
    server.then(ME, server.says({}, 302, Location=f"{server.url}/elsewhere"))
    with pytest.raises(errors.UnexpectedAnswer, match="302"):
        client.me.get()
    assert server.at("/elsewhere") == []


def test_compressed_answer(client: Client, server: Any) -> None:
    """A gzip answer is read like any other."""
    packed = gzip.compress(json.dumps({"client": "c" * 200_000}).encode())
    server.then(ME, server.says(packed, Content_Encoding="gzip"))
    assert len(client.me.get().client) == 200_000


def test_unreachable_server(make_client: Callable[..., Client], server: Any) -> None:
    """A server that does not listen is a failed connection."""
    client = make_client()
    client.me.get()
    server.shutdown()
    server.server_close()
    with pytest.raises(errors.ConnectionFailed):
        make_client().me.get()


def test_netrc_is_not_read(
    client: Client, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .netrc entry for the server's host is not sent, with credentials of ours or without."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login mallory password pw\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(server.url) == ("mallory", "pw")
    client.me.get()
    sent = [seen.headers.get("Authorization", "") for seen in server.seen]
    assert sent == ["", "Basic c3VwXzE6czNjcmV0", "Bearer tok_1"]


@pytest.mark.parametrize(
    "url", ["http://api.example.org", "api.example.org", "ftp://a", "https://u@a", "https://a?x=1"]
)
def test_unsafe_base_url(make_client: Callable[..., Client], url: str) -> None:
    """A secret is not sent over plain HTTP, except on the loopback."""
    with pytest.raises(ValueError, match="base_url"):
        make_client(base_url=url)


@pytest.mark.parametrize(
    "options", [{"secret": None}, {"key": object(), "secret": "s"}, {"scopes": ()}, {"scopes": "a"}]
)
def test_contradictory_client(make_client: Callable[..., Client], options: dict[str, Any]) -> None:
    """A client has exactly one of key and secret, and names its scopes."""
    with pytest.raises(ValueError, match=r"exactly one|scopes"):
        make_client(**options)


def test_happenings_are_told(make_client: Callable[..., Client], server: Any) -> None:
    """The hook hears of the token, of each request with its id, and of each retry."""
    told: list[Any] = []
    server.then(ME, server.refuses(500, X_Request_Id="r1"), server.says({}, X_Request_Id="r2"))
    make_client(on_event=lambda kind, facts: told.append((kind, dict(facts)))).me.get()
    request = {"method": "GET", "path": ME, "seconds": 0.0}
    assert told == [
        ("token", {"expires_in": 600}),
        ("request", {**request, "status": 500, "request_id": "r1"}),
        ("retry", {"number": 1, "pause": 0.25, "reason": "HTTP 500: No"}),
        ("request", {**request, "status": 200, "request_id": "r2"}),
    ]


def test_each_thread_has_its_session(make_client: Callable[..., Client], server: Any) -> None:
    """Sessions come from the caller's factory, one for each thread that calls."""
    made: list[requests.Session] = []

    def factory() -> requests.Session:
        made.append(requests.Session())
        return made[-1]

    client = make_client(session_factory=factory)
    client.me.get()
    client.me.get()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(client.me.get).result()
    assert len(made) == 2
    assert len(server.at(ME)) == 3


def test_explanations_come_in_a_language(make_client: Callable[..., Client], server: Any) -> None:
    """A client that names its language asks for it in each call; one that names none does not."""
    make_client(language="th").me.get()
    make_client().me.get()
    spoken = [seen.headers.get("Accept-Language") for seen in server.at(ME)]
    assert spoken == ["th", None]
