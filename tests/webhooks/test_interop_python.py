"""The official Python library understands us, and we understand it."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest
import standardwebhooks

from openredress_webhooks.problems import ForgedWebhook
from openredress_webhooks.signing import Secret, SigningKey, sign, verify

BODY = '{"test":"ทดสอบ"}'


def test_ours_to_theirs() -> None:
    """What we sign, with several keys and both versions, their verifier accepts."""
    secret, older = Secret.generate(), Secret.generate()
    headers = sign([older, secret], "evt_1", int(time.time()), BODY.encode())
    assert standardwebhooks.Webhook(secret.text).verify(BODY, headers) == {"test": "ทดสอบ"}
    both = sign([SigningKey.generate(), secret], "evt_1", int(time.time()), BODY.encode())
    assert standardwebhooks.Webhook(secret.text).verify(BODY, both) == {"test": "ทดสอบ"}


def test_theirs_to_ours() -> None:
    """What their library signs we accept, and refuse under another secret."""
    secret, seconds = Secret.generate(), int(time.time())
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(seconds),
        "Webhook-Signature": standardwebhooks.Webhook(secret.text).sign("msg_1", moment, BODY),
    }
    assert verify(headers, BODY.encode(), [secret]).timestamp == seconds
    with pytest.raises(ForgedWebhook):
        verify(headers, BODY.encode(), [Secret.generate()])
