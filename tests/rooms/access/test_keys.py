"""Public keys at registration: what is strong, public and ours to check, nothing else."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from openredress_api.access import KeyRefused, read_public_key


@cache
def public(kind: str) -> dict[str, str]:
    """A good public key of a kind."""
    made = {
        "EC": lambda: ECKey.generate_key("P-256"),
        "OKP": lambda: OKPKey.generate_key("Ed25519"),
        "RSA": lambda: RSAKey.generate_key(2048),
    }
    return made[kind]().as_dict(private=False)


@pytest.mark.parametrize("kind", ["EC", "OKP", "RSA"])
def test_accepted(kind: Any) -> None:
    """P-256, Ed25519 and RSA keys are stored as their public numbers with a thumbprint as kid."""
    good = public(kind)
    stored = read_public_key({**good, "use": "sig", "key_ops": ["verify"]})
    assert stored == good | {"kid": stored["kid"]}
    assert len(stored["kid"]) == 43
    assert read_public_key({**good, "kid": "2026-08"})["kid"] == "2026-08"


def test_thumbprint() -> None:
    """The made kid is the RFC 7638 thumbprint: the example of its section 3.1."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1"
        "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-"
        "5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-"
        "65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD0"
        "8qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )
    stored = read_public_key({"kty": "RSA", "n": n, "e": "AQAB"})
    assert stored["kid"] == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    "key",
    [
        lambda: ECKey.generate_key("P-384"),
        lambda: ECKey.generate_key("secp256k1"),
        lambda: OKPKey.generate_key("Ed448"),
        lambda: OKPKey.generate_key("X25519"),
        lambda: RSAKey.generate_key(1024),
    ],
)
def test_weak_or_other_keys(key: Any) -> None:
    """Other curves, keys for encryption and short RSA keys are refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns us while we make the short key
        weak = key().as_dict(private=False)
        with pytest.raises(KeyRefused):
            read_public_key(weak)


@pytest.mark.parametrize("kind", ["EC", "OKP", "RSA"])
def test_private_keys(kind: Any) -> None:
    """A private key is refused in words that say so, and is not repeated in them."""
    key = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}[kind]
    made = key.generate_key({"EC": "P-256", "OKP": "Ed25519", "RSA": 2048}[kind])
    private = made.as_dict(private=True)
    with pytest.raises(KeyRefused, match="private key") as refusal:
        read_public_key(private)
    assert private["d"] not in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [
        {"jku": "https://attacker.example"},
        {"x5u": "https://attacker.example"},
        {"x5c": ["MIIB"]},
        {"unheard": 1},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": []},
        {"alg": "RS256"},
        {"alg": "none"},
        {"alg": ["ES256"]},
        {"kty": "oct"},
        {"kty": "RSA"},
        {"kty": ["EC"]},
        {"kty": None},
        {"crv": "P-384"},
        {"crv": ""},
        {"crv": ["P-256"]},
        {"x": 7},
        {"x": ""},
        {"x": "A"},
        {"x": "!!"},
        {"x": "AAAA"},
        {"y": "\N{SNOWMAN}"},
        {"kid": ""},
        {"kid": 7},
        {"kid": "x" * 129},
        {"kid": "a\x00b"},
        {"kid": "\ud800"},
    ],
    ids=repr,
)
def test_refused_members(change: Any) -> None:
    """One wrong or unknown member is enough to refuse a key."""
    with pytest.raises(KeyRefused):
        read_public_key(public("EC") | change)


json_values = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
)
members = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "use", "key_ops", "alg", "d"])


@given(st.sampled_from(["EC", "OKP", "RSA"]), st.dictionaries(members, json_values, max_size=3))
def test_any_json(kind: Any, change: Any) -> None:
    """Whatever an operator's file holds, a key is stored whole or refused by KeyRefused."""
    try:
        stored = read_public_key(public(kind) | change)
    except KeyRefused:
        return
    assert stored.keys() == public(kind).keys() | {"kid"}
