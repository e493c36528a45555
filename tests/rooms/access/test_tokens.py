"""The token endpoint: what a client gets, for how long, and what it may not have."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any

import pytest

from openredress_api import access
from openredress_api.foundation.problems import TokenExpired, TokenRevoked, TokenUnknown


def test_answer(world: Any) -> None:
    """A client that shows its key gets an opaque bearer token for ten minutes, never cached."""
    answer = world.ask(world.client(), "events:read grievances:read")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"
    body = answer.json
    assert re.fullmatch(r"ort_[a-z2-7]{52}", body.pop("access_token"))
    assert body == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "events:read grievances:read",
    }


def test_only_the_hash_is_stored(world: Any) -> None:
    """The database knows a token by its SHA-256 and nothing else, and ends it after 600 s."""
    party = world.client()
    token = world.token(party)
    ((row,),) = world.sql(
        "SELECT t FROM (SELECT client_id, scopes, expires_at - issued_at AS life, revoked_at "
        "FROM access_token WHERE token_hash = :hash) t",
        hash=hashlib.sha256(token.encode()).digest(),
    )
    assert "00:10:00" in str(row)
    dump = world.sql("SELECT access_token::text FROM access_token")
    assert not any(token in text for (text,) in dump)


def test_it_opens_the_gate(world: Any) -> None:
    """The token opens a transaction as its client's organisation, with the scopes asked for."""
    party = world.client()
    digest = hashlib.sha256(world.token(party).encode()).hexdigest()
    with world.database.transaction(digest) as transaction:
        assert transaction.context.organisation_id == party.organisation_id
        assert transaction.context.scopes == {"grievances:read"}
    with pytest.raises(TokenUnknown), world.database.transaction("00" * 32):
        pass


def test_suspension_acts_on_the_next_call(world: Any) -> None:
    """A suspended client's token ends at once, and it gets no other."""
    party = world.client()
    digest = hashlib.sha256(world.token(party).encode()).hexdigest()
    with world.installation.as_owner() as connection:
        access.suspend_client(connection, party.id)
    with pytest.raises(TokenRevoked), world.database.transaction(digest):
        pass
    assert world.ask(party).json == {
        "error": "invalid_client",
        "error_description": "Client authentication failed.",
    }


@pytest.mark.parametrize("whose", ["organisation", "person"])
def test_suspension_from_above(world: Any, whose: Any) -> None:
    """A client of a suspended organisation or person gets no token."""
    party = world.client()
    world.sql(
        f"UPDATE {whose} SET suspended_at = now() WHERE organisation_id = :id",  # noqa: S608 - ours
        id=party.organisation_id,
    )
    assert world.ask(party).status_code == 401


def test_expired(world: Any) -> None:
    """After its time a token is refused as expired."""
    party = world.client()
    digest = hashlib.sha256(world.token(party).encode()).hexdigest()
    world.sql(
        "UPDATE access_token SET expires_at = now() WHERE token_hash = decode(:d, 'hex')", d=digest
    )
    with pytest.raises(TokenExpired), world.database.transaction(digest):
        pass


@pytest.mark.parametrize(
    "scope",
    [
        None,
        "",
        " ",
        "grievances:write",  # of the role, not registered
        "cases:read",  # of another role
        "grievances:read cases:read",  # one right, one wrong: never dropped
        "nonsense",
        "grievances:read  events:read",
        "grievances:read\tevents:read",
        " grievances:read",
        "GRIEVANCES:READ",
        "grievances:read \N{LATIN SMALL LETTER E WITH ACUTE}",
        "a" * 5000,
    ],
)
def test_scope_refused(world: Any, scope: Any) -> None:
    """A missing, unknown, unregistered or foreign scope is refused, never dropped."""
    answer = world.ask(world.client(), scope)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_scope_twice(world: Any) -> None:
    """A scope named twice is given once."""
    assert world.ask(world.client(), "events:read events:read").json["scope"] == "events:read"


def test_scope_that_left_the_role(world: Any) -> None:
    """A registered scope that the role no longer has is refused at the next token."""
    party = world.client()
    world.sql(
        "UPDATE client SET scopes = '{cases:read}' WHERE organisation_id = :id",
        id=party.organisation_id,
    )
    assert world.ask(party, "cases:read").json["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("password", "unsupported_grant_type"),
        ("authorization_code", "unsupported_grant_type"),
        ("refresh_token", "unsupported_grant_type"),
        ('"\N{SNOWMAN}\x00', "unsupported_grant_type"),
    ],
)
def test_grant_type(world: Any, tools: Any, grant: Any, error: Any) -> None:
    """A missing grant type is a malformed request, another one is unsupported."""
    form = tools.credentials(tools.assertion(world.client())) | {"scope": "events:read"}
    if grant is not None:
        form["grant_type"] = grant
    answer = world.post("token", form)
    assert (answer.status_code, answer.json["error"]) == (400, error)


def test_tokens_differ(world: Any) -> None:
    """No two tokens are alike, even of one client in one moment."""
    party = world.client()
    assert len({world.token(party) for _ in range(20)}) == 20


def test_nothing_secret_is_logged(world: Any, caplog: Any) -> None:
    """With every logger at its most talkative, no token, secret or assertion reaches a log."""
    caplog.set_level(logging.DEBUG)
    party = world.sandbox_client()
    token = world.token(party)
    assert token not in caplog.text
    assert party.secret not in caplog.text
