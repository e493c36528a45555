"""Promises about getting, keeping and renewing the access token."""

from __future__ import annotations

import base64
import os
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import import_key

from openredress import Client, PrivateKey, errors
from openredress.keys import Algorithm

TOKEN = "/oauth2/token"
ME = "/v1/me"


def _all_at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(count)

    def run() -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return [done.result() for done in [pool.submit(run) for _ in range(count)]]


def _public(key: PrivateKey) -> Any:
    return key.public_jwk()


def _slow(step: Callable[..., None]) -> Callable[..., None]:
    def slowly(*args: Any) -> None:
        time.sleep(0.2)  # long enough for every thread to find the token missing
        step(*args)

    return slowly


def test_expired_token_single_flight(client: Client, server: Any, hands: Any) -> None:
    """Sixteen threads that find one token expired make one token request together."""
    client.me.get()
    hands.turn(601)
    server.then(TOKEN, _slow(server.token))
    _all_at_once(16, client.me.get)
    assert len(server.at(TOKEN)) == 2
    assert {seen.headers["Authorization"] for seen in server.at(ME)[1:]} == {"Bearer tok_2"}


def test_rejected_token_single_flight(client: Client, server: Any) -> None:
    """Sixteen threads whose one token is rejected make one token request together."""
    client.me.get()

    def guard(handler: Any, seen: Any) -> None:
        known = seen.headers["Authorization"] == "Bearer tok_2"
        (server.says({}) if known else server.refuses(401, "token_expired"))(handler, seen)

    server.then(ME, guard)
    server.then(TOKEN, _slow(server.token))
    _all_at_once(16, client.me.get)
    assert len(server.at(TOKEN)) == 2


def test_token_is_kept_and_renewed_before_its_end(client: Client, server: Any, hands: Any) -> None:
    """A token of 600 seconds serves for 539 and is renewed when less than 60 are left."""
    client.me.get()
    hands.turn(539)
    client.me.get()
    assert len(server.at(TOKEN)) == 1
    hands.turn(1)
    client.me.get()
    assert len(server.at(TOKEN)) == 2


def test_second_rejection_stands(client: Client, server: Any) -> None:
    """A call whose fresh token is rejected too raises, after exactly two tries."""
    server.then(ME, server.refuses(401, "token_revoked", X_Request_Id="req_9"))
    with pytest.raises(errors.Unauthenticated) as caught:
        client.me.get()
    assert (caught.value.code, caught.value.request_id) == ("token_revoked", "req_9")
    assert (len(server.at(ME)), len(server.at(TOKEN))) == (2, 2)


def test_refused_client(client: Client, server: Any) -> None:
    """A client that the token endpoint does not know is told in OAuth's words, at once."""
    refusal = {"error": "invalid_client", "error_description": "unknown client"}
    server.then(TOKEN, server.says(refusal, 401))
    with pytest.raises(errors.Unauthenticated, match="invalid_client: unknown client"):
        client.me.get()
    assert (len(server.at(TOKEN)), server.at(ME)) == (1, [])


def test_slow_and_failing_token_endpoint(client: Client, server: Any, hands: Any) -> None:
    """A token endpoint that fails twice is asked a third time; its pauses count as the call's."""
    server.then(TOKEN, server.refuses(503, Retry_After="2"), server.resets, server.token)
    client.me.get()
    assert hands.pauses == [2.0, 0.5]


def test_token_endpoint_down_ends_at_the_deadline(
    make_client: Callable[..., Client], server: Any, hands: Any
) -> None:
    """A token endpoint that asks for more patience than the call has fails the call at once."""
    server.then(TOKEN, server.refuses(503, Retry_After="31"))
    with pytest.raises(errors.Unavailable) as caught:
        make_client(deadline=30).me.get()
    assert caught.value.retry_at is not None
    assert caught.value.retry_at.timestamp() == hands.clock.wall() + 31
    assert hands.pauses == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example", "token_endpoint": "{url}/oauth2/token"},
        {"issuer": "{url}", "token_endpoint": "https://evil.example/oauth2/token"},
        {"issuer": "{url}"},
        {},
    ],
)
def test_wrong_issuer(client: Client, server: Any, metadata: dict[str, str]) -> None:
    """A server that is another issuer, or sends elsewhere for tokens, gets no credential."""
    said = {name: value.format(url=server.url) for name, value in metadata.items()}
    server.then("/.well-known/oauth-authorization-server", server.says(said))
    with pytest.raises(errors.UnexpectedAnswer):
        client.me.get()
    assert all("Authorization" not in seen.headers for seen in server.seen)
    assert server.at(TOKEN) == []


@pytest.mark.parametrize(
    "given",
    [
        {"access_token": "t", "token_type": "DPoP", "expires_in": 600},
        {"access_token": "t", "token_type": "Bearer"},
        {"token_type": "Bearer", "expires_in": 600},
        {"access_token": "t", "token_type": "Bearer", "expires_in": 0},
    ],
)
def test_unusable_token(client: Client, server: Any, given: dict[str, Any]) -> None:
    """A token answer without a bearer token and its life is not guessed at."""
    server.then(TOKEN, server.says(given))
    with pytest.raises(errors.UnexpectedAnswer):
        client.me.get()


def test_issuer_with_a_path(make_client: Callable[..., Client], server: Any) -> None:
    """An issuer with a path has its metadata between host and path, its API under the path."""
    server.issuer = f"{server.url}/live"
    make_client(base_url=f"{server.url}/live/").me.get()
    paths = [seen.path for seen in server.seen]
    assert paths == ["/.well-known/oauth-authorization-server/live", TOKEN, "/live/v1/me"]


def test_sandbox_secret(make_client: Callable[..., Client], server: Any) -> None:
    """A sandbox secret goes out as HTTP Basic, percent-encoded first, with the scopes asked."""
    make_client(secret="a:b%c+d", scopes=["events:read", "metrics:read"]).me.get()
    seen = server.at(TOKEN)[0]
    kind, _, encoded = seen.headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(encoded)) == ("Basic", b"sup_1:a%3Ab%25c%2Bd")
    assert seen.form == {"grant_type": "client_credentials", "scope": "events:read metrics:read"}


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_signed_assertion(
    make_client: Callable[..., Client], server: Any, hands: Any, algorithm: Algorithm
) -> None:
    """A key's assertion is for the issuer, lives 60 seconds, and is never sent twice."""
    key = PrivateKey.generate(algorithm)
    server.then(TOKEN, server.refuses(503), server.token)
    make_client(key=key).me.get()
    public = import_key(_public(key))
    sent = [
        jwt.decode(seen.form["client_assertion"], public, algorithms=[algorithm])
        for seen in server.at(TOKEN)
    ]
    first = sent[0].claims
    assert (first["iss"], first["sub"], first["aud"]) == ("sup_1", "sup_1", server.url)
    assert (first["iat"], first["exp"] - first["iat"]) == (int(hands.clock.wall() - 0.25), 60)
    assert sent[0].header == {"typ": "JWT", "alg": algorithm, "kid": key.public_jwk()["kid"]}
    assert first["jti"] != sent[1].claims["jti"]
    assert "Authorization" not in server.at(TOKEN)[0].headers


@pytest.mark.parametrize(("skew", "used"), [(3600.0, 3600), (-3600.0, -3600), (2.0, 0)])
def test_clock_that_is_off(
    make_client: Callable[..., Client], server: Any, hands: Any, skew: float, used: int
) -> None:
    """With a clock that is off an assertion carries the server's time; 2 seconds are not off."""
    server.skew = skew
    key = PrivateKey.generate()
    make_client(key=key).me.get()
    public = import_key(_public(key))
    claims = jwt.decode(server.at(TOKEN)[0].form["client_assertion"], public).claims
    assert claims["iat"] == int(hands.clock.wall()) + used


def test_waiting_for_another_threads_token_ends(make_client: Callable[..., Client]) -> None:
    """A thread does not wait longer than its deadline for a token that another one asks for."""
    client = make_client(deadline=0.05)
    with (
        client.me._transport._tokens._held.get().lock,
        pytest.raises(errors.DeadlineExceeded),
    ):
        client.me.get()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_while_another_thread_holds_the_lock(client: Client, server: Any) -> None:
    """A child forked while a thread of its parent waits for a token gets a token of its own."""
    asked, go_on = threading.Event(), threading.Event()

    def stuck(*args: Any) -> None:
        asked.set()
        go_on.wait()
        server.token(*args)

    server.then(TOKEN, stuck, server.token)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.me.get)
        asked.wait()
        with warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads: that is what is tried here.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            code = 1
            try:
                client.me.get()
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        go_on.set()
        first.result()
    assert {seen.headers["Authorization"] for seen in server.at(ME)} == {
        "Bearer tok_1",
        "Bearer tok_2",
    }
