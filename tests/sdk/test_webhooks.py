"""Promises about receiving a webhook."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from openredress import errors, webhooks
from openredress_webhooks.signing import Secret, SigningKey, sign

OLD, NEW = Secret.generate(), Secret.generate()
BODY = json.dumps(
    {
        "id": "evt_1",
        "type": "referral.offered",
        "timestamp": "2026-11-01T08:15:00Z",
        "schema_version": 1,
        "subject": "ref_1",
        "subject_seq": 1,
        "data_class": "restricted",
        "data": {"status": "offered"},
        "links": {"self": "https://api.example.org/v1/referrals/ref_1"},
    }
).encode()


def _signed(body: bytes, *, key: Secret = NEW, age: int = 0) -> dict[str, str]:
    return sign([key], "evt_1", int(time.time()) - age, body)


@pytest.mark.parametrize("key", [OLD, NEW])
def test_signed_event(key: Secret) -> None:
    """While a secret is being rotated, both secrets are good."""
    headers = {name.title(): value for name, value in _signed(BODY, key=key).items()}
    event = webhooks.receive(headers, BODY, [NEW.text, OLD.text])
    assert (event.id, event.type, event.data["status"]) == ("evt_1", "referral.offered", "offered")


def test_signed_with_ed25519() -> None:
    """An endpoint's public key is given as it was shown, beside a secret or alone."""
    key = SigningKey.generate()
    headers = sign([key], "evt_1", int(time.time()), BODY)
    assert webhooks.receive(headers, BODY, [NEW.text, key.public.text]).id == "evt_1"
    with pytest.raises(errors.ForgedWebhook):
        webhooks.receive(headers, BODY, [SigningKey.generate().public.text])


def test_tombstone() -> None:
    """Where content was withdrawn the event says so; a word in its place is unreadable."""
    withdrawn = {**json.loads(BODY), "data": {}, "tombstone": True}
    for members, found in ((withdrawn, True), ({**withdrawn, "tombstone": False}, False)):
        body = json.dumps(members).encode()
        assert webhooks.receive(_signed(body), body, [NEW.text]).tombstone is found
    body = json.dumps({**withdrawn, "tombstone": "yes"}).encode()
    with pytest.raises(errors.UnreadableWebhook, match="tombstone"):
        webhooks.receive(_signed(body), body, [NEW.text])


def test_the_sender_renders_tombstones() -> None:
    """A tombstone has no data to be checked, and no event that is none says that it is none."""
    kept = webhooks.Event.parse(BODY)
    tombstone = replace(kept, data={}, tombstone=True)
    assert webhooks.Event.parse(tombstone.render()) == tombstone
    full = {"id": f"ref_{'0' * 26}", "status": "offered", "purpose": "remediate"}
    assert b"tombstone" not in replace(kept, data=full).render()
    with pytest.raises(ValueError, match="holds no data"):
        replace(tombstone, data=full).render()


def test_forged() -> None:
    """Another secret, another body, an old attempt, no headers: all are ForgedWebhook."""
    for headers, body in [
        (_signed(BODY, key=OLD), BODY),
        (_signed(BODY), BODY + b" "),
        (_signed(BODY, age=3600), BODY),
        ({}, BODY),
        ({**_signed(BODY), "webhook-signature": "v1"}, BODY),
        ({**_signed(BODY), "webhook-signature": "v1,a,b"}, b"\xff"),
    ]:
        with pytest.raises(errors.ForgedWebhook):
            webhooks.receive(headers, body, [NEW.text])


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[]", b"{}", BODY.replace(b"evt_1", b"evt_2")])
def test_signed_but_unreadable(body: bytes) -> None:
    """A right signature over something that is no event is UnreadableWebhook, not a forgery."""
    with pytest.raises(errors.UnreadableWebhook):
        webhooks.receive(_signed(body), body, [NEW.text])


@pytest.mark.parametrize("secrets", [[], ["whsec_short"], [NEW.text.removeprefix("whsec_")]])
def test_wrong_settings(secrets: list[str]) -> None:
    """A secret that is none is the receiver's fault, not the sender's: ValueError."""
    with pytest.raises(ValueError, match=r"key|secret|prefix|whsec_"):
        webhooks.receive(_signed(BODY), BODY, secrets)
