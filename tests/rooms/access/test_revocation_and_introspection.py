"""RFC 7009 and RFC 7662: one's own tokens can be ended, one's organisation's looked at."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest

from openredress_api import access
from openredress_api.foundation.problems import TokenRevoked


def test_revocation_acts_on_the_next_call(world: Any) -> None:
    """A revoked token opens nothing from the next call on; revoking it again is no error."""
    party = world.client()
    token = world.token(party)
    for _ in range(2):
        answer = world.call("revoke", party, {"token": token})
        assert (answer.status_code, answer.json) == (200, {})
    digest = hashlib.sha256(token.encode()).hexdigest()
    with pytest.raises(TokenRevoked), world.database.transaction(digest):
        pass
    assert world.call("introspect", party, {"token": token}).json == {"active": False}


@pytest.mark.parametrize("kind", ["same organisation", "other organisation"])
def test_foreign_token_is_not_revoked(world: Any, kind: Any) -> None:
    """Another client's token stays as it is, and the answer does not tell that it exists."""
    owner = world.client()
    shared = owner.organisation_id if kind == "same organisation" else None
    other = world.client(organisation_id=shared)
    token = world.token(owner)
    answer = world.call("revoke", other, {"token": token})
    assert (answer.status_code, answer.json) == (200, {})
    assert world.call("introspect", owner, {"token": token}).json["active"] is True


@pytest.mark.parametrize("token", ["unknown", "ort_" + "a" * 52, "\N{SNOWMAN}\x00", "x" * 9000])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_unknown_token(world: Any, token: Any, hint: Any) -> None:
    """An unknown token is revoked with 200 and inactive, whatever the hint says."""
    party = world.sandbox_client()
    form = {"token": token} | ({"token_type_hint": hint} if hint else {})
    assert world.call("revoke", party, form).status_code == 200
    answer = world.call("introspect", party, form)
    assert (answer.status_code, answer.json) == (200, {"active": False})


@pytest.mark.parametrize("place", ["revoke", "introspect"])
def test_token_missing(world: Any, place: Any) -> None:
    """Without a token the request is malformed."""
    for form in ({}, {"token": ""}):
        answer = world.call(place, world.sandbox_client(), form)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("place", ["token", "revoke", "introspect"])
@pytest.mark.parametrize("way", ["client", "sandbox_client"])
def test_both_ways_everywhere(world: Any, place: Any, way: Any) -> None:
    """Each address knows both ways of client authentication, and refuses a nameless caller."""
    form = {"grant_type": "client_credentials", "scope": "events:read", "token": "x"}
    assert world.call(place, getattr(world, way)(), form).status_code == 200
    assert world.post(place, form).status_code == 401


def test_what_introspection_tells(world: Any, tools: Any) -> None:
    """An active token of one's organisation is described, also to its other clients."""
    owner = world.client()
    token = world.token(owner, "grievances:read events:read")
    colleague = world.client(organisation_id=owner.organisation_id)
    told = world.call("introspect", colleague, {"token": token}).json
    assert told["exp"] - told["iat"] == 600
    assert abs(told["iat"] - time.time()) < 60
    del told["exp"], told["iat"]
    assert told == {
        "active": True,
        "client_id": owner.id,
        "sub": owner.id,
        "iss": tools.issuer,
        "scope": "grievances:read events:read",
        "token_type": "Bearer",
    }


def test_foreign_token_is_inactive(world: Any) -> None:
    """A token of another organisation looks like one that does not exist, also to the institute."""
    token = world.token(world.client())
    for kind, scope in (("supplier", "events:read"), ("institute", "tasks:manage")):
        asker = world.client(kind, scopes=(scope,))
        assert world.call("introspect", asker, {"token": token}).json == {"active": False}


def test_inactive_when_over(world: Any) -> None:
    """An expired token, and one whose client is suspended, is inactive."""
    asker = world.client()
    expired = world.token(asker)
    world.sql(
        "UPDATE access_token SET expires_at = now() WHERE token_hash = :hash",
        hash=hashlib.sha256(expired.encode()).digest(),
    )
    suspended = world.client(organisation_id=asker.organisation_id)
    held = world.token(suspended)
    with world.installation.as_owner() as connection:
        access.suspend_client(connection, suspended.id)
    for token in (expired, held):
        assert world.call("introspect", asker, {"token": token}).json == {"active": False}
