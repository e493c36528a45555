"""Published vectors: what other languages' verifiers can be compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openredress_webhooks.problems import ForgedWebhook
from openredress_webhooks.signing import Secret, SigningKey, Verified, VerifyKey, sign, verify

VECTORS = json.loads((Path(__file__).parent / "vectors" / "signatures.json").read_text("utf-8"))
MESSAGE_ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="


def trusted(text: str) -> Secret | VerifyKey:
    """Read a key of the vectors file by its prefix."""
    return VerifyKey.parse(text) if text.startswith("whpk_") else Secret.parse(text)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_verdict_of_each_vector(case: dict[str, Any]) -> None:
    """Each published request is accepted, or refused for exactly the published reason."""
    keys = [trusted(text) for text in case["keys"]]
    body = case["body"].encode()
    if case["expect"] == "accepted":
        found = verify(case["headers"], body, keys, now=case["now"])
        assert found == Verified(case["headers"]["webhook-id"], TIMESTAMP)
        return
    with pytest.raises(ForgedWebhook) as refused:
        verify(case["headers"], body, keys, now=case["now"])
    assert refused.value.reason == case["expect"]


def test_signature_of_both_versions() -> None:
    """Signing gives the signatures that every library and the reference server publish."""
    secret, signer = Secret.parse(SECRET), SigningKey.parse(VECTORS["signing_key"])
    assert sign([secret, signer], MESSAGE_ID, TIMESTAMP, BODY) == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": f"{V1} {V1A}",
    }
