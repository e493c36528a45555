"""Promises about what is never shown."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openredress import Client, PrivateKey, errors
from openredress.proofs import SandboxSecret
from openredress.tokens import Token
from openredress.wire import Credential

SECRET = "hush-hush-9f2"
ENCODED = "c3VwXzE6aHVzaC1odXNoLTlmMg=="


def test_nothing_secret_in_logs_hooks_and_errors(
    make_client: Callable[..., Client], server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """At DEBUG, through retries and failures, no secret and no token is written or told."""
    caplog.set_level(logging.DEBUG)
    told: list[Any] = []
    client = make_client(secret=SECRET, on_event=lambda *heard: told.append(heard))
    server.then("/oauth2/token", server.refuses(503), server.token)
    server.then("/v1/me", server.resets, server.refuses(401), server.refuses(403))
    with pytest.raises(errors.Forbidden) as caught:
        client.me.get()
    shown = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    everything = f"{caplog.text} {told} {shown} {client!r} {vars(client)}"
    assert "urllib3" in caplog.text
    for hidden in (SECRET, ENCODED, "tok_1", "tok_2"):
        assert hidden not in everything


def test_reprs_hide_what_they_hold() -> None:
    """No object that holds a secret shows it in its repr."""
    proof = SandboxSecret("sup_1", SECRET)
    credential = proof("https://api.example.org", 0)[0]
    for holder in (proof, credential, Token(Credential(f"Bearer {SECRET}"), 1.0)):
        assert SECRET not in repr(holder)
        assert ENCODED not in repr(holder)


def test_a_new_endpoints_secret_is_not_shown(client: Client, server: Any) -> None:
    """The record of a new webhook endpoint gives its secret on request, never in its repr."""
    created = {"id": "whe_1", "secret": f"whsec_{SECRET}", "status": "pending_verification"}
    server.then("/v1/webhook-endpoints", server.says(created, 201))
    endpoint = client.webhook_endpoints.create("https://hooks.example.org/openredress")
    assert endpoint.secret == f"whsec_{SECRET}"
    assert repr(endpoint) == "<NewWebhookEndpoint whe_1>"


def test_a_private_key_shows_its_public_half_only(
    make_client: Callable[..., Client], server: Any, tmp_path: Path
) -> None:
    """A private key is in no repr, in no public JWK and in no request."""
    key = PrivateKey.generate()
    key.to_file(tmp_path / "key.pem")
    private = key._key.as_dict(private=True)["d"]
    make_client(key=key).me.get()
    everything = f"{key!r} {key.public_jwk()} {server.seen}"
    assert str(private) not in everything
    assert set(key.public_jwk()) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
