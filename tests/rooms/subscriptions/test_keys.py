"""Keys overlap, end at once when they must, and the public ones can be looked up."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from openredress_webhooks.problems import ForgedWebhook
from openredress_webhooks.signing import Secret, VerifyKey, verify
from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice
from tests.rooms.subscriptions.test_endpoints import RECEIVER, made, trigger

KEYS = "/.well-known/webhook-keys.json"


def published(party: Party, **headers: str) -> Any:
    """The published keys, asked for without a token."""
    return party.http.get(KEYS, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_rotation_overlaps(supplier: Party) -> None:
    """A rotation shows a new secret once and says when the old one ends."""
    answer = supplier.post("/v1/webhook-endpoints", RECEIVER)
    path = answer.headers["Location"]
    turned = supplier.post(f"{path}/rotate-secret", {"overlap_hours": 2})
    assert turned.status_code == 200, turned.json
    assert turned.json["secret"] != answer.json["secret"]
    newest, oldest = supplier.get(f"{path}/keys").json["data"]
    assert (newest["not_after"], oldest["not_after"]) == (None, turned.json["old_key_ends_at"])
    assert {newest["kind"], oldest["kind"]} == {"hmac"}
    assert newest.keys() == {
        "id", "kind", "created_at", "not_after", "revoked_at", "public_key"
    }  # fmt: skip


def test_a_leaked_secret_ends_at_once(supplier: Party) -> None:
    """Three keys are the most that overlap; without overlap a new one is always to be had."""
    path = made(supplier)
    answers = [
        supplier.post(f"{path}/rotate-secret", {"overlap_hours": hours}).status_code
        for hours in (24, 24, 24, 0, 24)
    ]
    assert answers == [200, 200, 409, 200, 200]


def test_revoking_leaves_the_newest(post_office: PostOffice, supplier: Party) -> None:
    """What is signed after a revocation bears the newest key's signature alone."""
    path, first = post_office.endpoint(supplier)
    second = supplier.post(f"{path}/rotate-secret", {"overlap_hours": 24}).json["secret"]
    revoked = supplier.post(f"{path}/revoke-secret")
    assert (revoked.status_code, revoked.json) == (200, {"secret": None})
    trigger(supplier)
    post_office.until(lambda: len(post_office.receiver.received) > 1)
    headers, body = post_office.receiver.received[-1]
    assert verify(headers, body, [Secret.parse(second)])
    with pytest.raises(ForgedWebhook):
        verify(headers, body, [Secret.parse(first["secret"])])


def test_the_only_key_ends_for_a_new_one(supplier: Party) -> None:
    """Who has but one key and revokes it is shown another one, this once."""
    path = made(supplier)
    first = supplier.post(f"{path}/revoke-secret", Idempotency_Key="leaked")
    assert Secret.parse(first.json["secret"])
    again = supplier.post(f"{path}/revoke-secret", Idempotency_Key="leaked")
    assert again.json == {}
    newest, oldest = supplier.get(f"{path}/keys").json["data"]
    assert (newest["revoked_at"], oldest["revoked_at"] is None) == (None, False)


def test_a_published_key_verifies_a_delivery(post_office: PostOffice, supplier: Party) -> None:
    """What came with v1a is verified by a key of the key set, which is the one that was shown."""
    _, shown = post_office.endpoint(supplier, signature="ed25519")
    answer = published(supplier)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    keys = {
        key["kid"]: "whpk_" + base64.b64encode(base64.urlsafe_b64decode(key["x"] + "=")).decode()
        for key in answer.json["keys"]
    }
    assert shown["secret"] in keys.values()
    headers, body = post_office.receiver.received[-1]
    assert headers["webhook-signature"].startswith("v1a,")
    (verifies,) = (key for key in keys.values() if key == shown["secret"])
    assert verify(headers, body, [VerifyKey.parse(verifies)])


def test_the_key_set_is_that_of_valid_keys(supplier: Party) -> None:
    """It holds valid ed25519 keys alone, with their end; none of an endpoint that is gone."""
    hmac, path = made(supplier), made(supplier, signature="ed25519")

    def mine() -> dict[str, Any]:
        kids = {key["id"] for key in supplier.get(f"{path}/keys").json["data"]}
        return {key["kid"]: key for key in published(supplier).json["keys"] if key["kid"] in kids}

    (first,) = mine().values()
    told = {name: first[name] for name in ("kty", "crv", "use", "alg")}
    assert told == {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}
    assert "exp" not in first
    assert abs(first["nbf"] - datetime.now(UTC).timestamp()) < 3600
    (key,) = supplier.get(f"{path}/keys").json["data"]
    assert VerifyKey.parse(key["public_key"])
    supplier.post(f"{path}/rotate-secret", {"overlap_hours": 1})
    assert len(mine()) == 2
    assert mine()[first["kid"]]["exp"] > first["nbf"]
    supplier.post(f"{path}/revoke-secret")
    assert first["kid"] not in mine()
    assert len(mine()) == 1
    (of_hmac,) = supplier.get(f"{hmac}/keys").json["data"]
    assert of_hmac["public_key"] is None
    etag = published(supplier).headers["ETag"]
    assert published(supplier, If_None_Match=etag).status_code == 304
    kids = set(mine())
    supplier.call("DELETE", path, If_Match="*")
    assert not kids & {one["kid"] for one in published(supplier).json["keys"]}


def test_no_secret_is_stored_as_it_is(world: World, supplier: Party) -> None:
    """A key's own half is sealed; beside it stands the public one alone."""
    path = made(supplier, signature="ed25519")
    with world.installation.as_owner() as connection:
        query = text("SELECT * FROM webhook_key WHERE organisation_id = :me")
        (stored,) = connection.execute(query, {"me": supplier.organisation_id})
    (shown,) = supplier.get(f"{path}/keys").json["data"]
    assert stored.public_text == shown["public_key"]
    assert b"whsk_" not in stored.sealed
