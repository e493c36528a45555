"""Keys: what is read, what is refused and why, what is never shown."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_webhooks.signing import Secret, SigningKey, VerifyKey


def b64(material: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(material).decode()


GOOD = b64(bytes(range(24)))
LATER = b64(bytes(range(200, 232)))

MISTAKES = {
    GOOD: "raw key without its prefix",
    "correct horse battery staple": "raw key without its prefix",
    "": "raw key without its prefix",
    f"v1,whsec_{GOOD}": "drop the v1,",
    f"v1,{GOOD}": "this is a signature, not a key",
    f"whsk_{GOOD}": "another kind of key: starts with whsk_",
    f"whpk_{GOOD}": "another kind of key: starts with whpk_",
    f"whsec_{GOOD}\n": "spaces or a line end",
    f" whsec_{GOOD}": "spaces or a line end",
    f'"whsec_{GOOD}"': "in quotation marks",
    f"WHSEC_{GOOD}": "raw key without its prefix",
    "whsec_": "not standard base64",
    f"whsec_{LATER.rstrip('=')}": "not standard base64 with its padding",
    f"whsec_{LATER.replace('+', '-').replace('/', '_')}": "not standard base64",
    f"whsec_{GOOD[:12]}\n{GOOD[12:]}": "not standard base64",
    f"whsec_{b64(bytes(32))[:-2]}B=": "not standard base64",
    "whsec_ก": "not standard base64",
    f"whsec_{b64(bytes(1))}": "too short: 1 bytes, at least 24",
    f"whsec_{b64(bytes(23))}": "too short: 23 bytes, at least 24",
    f"whsec_{b64(bytes(65))}": "too long: 65 bytes, at most 64",
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.items())
def test_each_mistake_is_named(text: str, said: str) -> None:
    """A secret copied wrongly is refused with the mistake in words and without the secret."""
    with pytest.raises(ValueError, match=said) as refused:
        Secret.parse(text)
    assert GOOD[:12] not in str(refused.value)
    assert refused.value.__cause__ is None


@given(st.binary(min_size=24, max_size=64))
def test_secret_round_trip(material: bytes) -> None:
    """Every secret of 24 to 64 bytes is read and shown again unchanged."""
    text = "whsec_" + b64(material)
    assert Secret.parse(text).text == text


@given(st.text(max_size=80) | st.text(max_size=80).map("whsec_".__add__))
def test_reading_a_key_raises_value_errors_only(text: str) -> None:
    """Any text is either a key or a named mistake, for all three kinds."""
    for kind in (Secret, SigningKey, VerifyKey):
        try:
            found = kind.parse(text).text
        except ValueError:
            continue
        assert found == text


def test_generated_secrets_are_long_and_different() -> None:
    """A new secret has 32 random bytes."""
    first, second = Secret.generate(), Secret.generate()
    assert len(base64.b64decode(first.text[6:])) == 32
    assert first.text != second.text


def test_ed25519_round_trip() -> None:
    """A generated pair survives being stored as text, and the halves belong together."""
    key = SigningKey.generate()
    stored, public = SigningKey.parse(key.text), VerifyKey.parse(key.public.text)
    assert stored.text == key.text
    assert public.text == stored.public.text
    assert public.matches(b"m", [stored.sign(b"m")])
    assert not public.matches(b"n", [stored.sign(b"m")])


def test_ed25519_mistakes() -> None:
    """A bare seed, swapped halves and a public key of the wrong length are refused by name."""
    seed, other = bytes(32), SigningKey.generate()
    with pytest.raises(ValueError, match="32 bytes, not 64"):
        SigningKey.parse("whsk_" + b64(seed))
    with pytest.raises(ValueError, match="public half does not belong"):
        SigningKey.parse("whsk_" + b64(seed + base64.b64decode(other.public.text[5:])))
    with pytest.raises(ValueError, match="31 bytes, not 32"):
        VerifyKey.parse("whpk_" + b64(bytes(31)))
    with pytest.raises(ValueError, match="another kind of key: starts with whsk_"):
        VerifyKey.parse(other.text)


def test_keys_hide_in_representations() -> None:
    """A key that lands in a log or a traceback shows none of its bytes."""
    secret, signer = Secret.generate(), SigningKey.generate()
    for shown in (repr(secret), str(secret), f"{[signer]}", repr(signer.public)):
        assert shown.strip("[]") in {"Secret()", "SigningKey()", "VerifyKey()"}
