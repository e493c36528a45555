"""Whatever is sent to an OAuth address, the answer is an OAuth answer below 500."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FORM = "application/x-www-form-urlencoded"
PLACES = st.sampled_from(["token", "revoke", "introspect"])
NAMES = st.sampled_from(
    [
        "grant_type",
        "scope",
        "token",
        "token_type_hint",
        "client_id",
        "client_secret",
        "state",
        "client_assertion",
        "client_assertion_type",
    ]
)
VALUES = st.text(max_size=40) | st.sampled_from(
    [
        "client_credentials",
        "events:read",
        "grievances:read",
        "",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
CLAIMS = st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "other"])
HEADERS = st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "jku", "x5c", "b64", "other"])
many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(answer: Any) -> None:
    """An OAuth answer: JSON, and never a fault of ours."""
    assert answer.status_code in {200, 400, 401, 413}, answer.text
    assert answer.status_code == 200 or set(answer.json) <= {"error", "error_description"}
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"]


@pytest.fixture(scope="module")
def party(world: Any) -> Any:
    """A client with a key."""
    return world.client()


@many
@given(place=PLACES, form=st.dictionaries(NAMES, VALUES), header=st.none() | st.binary(max_size=60))
def test_forms(world: Any, place: Any, form: Any, header: Any) -> None:
    """Any form with any Authorization header."""
    headers = (
        {} if header is None else {"Authorization": "Basic " + base64.b64encode(header).decode()}
    )
    check(world.post(place, form, headers))


@many
@given(place=PLACES, body=st.binary(max_size=300))
def test_bodies(world: Any, place: Any, body: Any) -> None:
    """Any bytes as a form."""
    check(world.post(place, body, content_type=FORM))


@many
@given(header=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=80))
def test_headers(world: Any, header: Any) -> None:
    """Any Authorization header that HTTP can carry."""
    form = {"grant_type": "client_credentials", "scope": "events:read"}
    check(world.post("token", form, {"Authorization": header}))


@many
@given(change=st.dictionaries(CLAIMS, JSON, max_size=3))
def test_signed_claims(world: Any, tools: Any, party: Any, change: Any) -> None:
    """Any claims under a good signature."""
    changed = {name: value for name, value in change.items() if name != "sub"}
    signed = tools.assertion(party, **changed)
    form = {"grant_type": "client_credentials", "scope": "events:read"}
    answer = world.post("token", form | tools.credentials(signed))
    check(answer)


@many
@given(
    head=st.dictionaries(HEADERS, JSON, max_size=3),
    known=st.booleans(),
    claims=st.dictionaries(CLAIMS, JSON, max_size=3),
    signature=st.binary(max_size=80),
)
def test_unsigned_assertions(
    world: Any, tools: Any, party: Any, head: Any, known: Any, claims: Any, signature: Any
) -> None:
    """Any header, claims and signature: nothing that our key did not sign is a success."""
    head = ({"alg": "ES256", "kid": party.key.kid} if known else {}) | head
    claims = (tools.claims_of(party) if known else {}) | claims
    segments = (json.dumps(head).encode(), json.dumps(claims).encode(), signature)
    signed = ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in segments)
    form = {"grant_type": "client_credentials", "scope": "events:read"}
    answer = world.post("token", form | tools.credentials(signed))
    check(answer)
    assert answer.status_code != 200
