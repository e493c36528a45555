"""client_secret_basic: for sandboxes only, and whatever the header holds is answered."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

FORM = {"grant_type": "client_credentials", "scope": "events:read"}


def test_sandbox_secret(world: Any, tools: Any) -> None:
    """A sandbox client gets a token for its secret, whose hash alone is stored."""
    party = world.sandbox_client()
    assert world.post("token", FORM, tools.basic(party.id, party.secret)).status_code == 200
    assert len(party.secret) == 56
    rows = world.sql("SELECT client::text FROM client")
    assert not any(party.secret in row for (row,) in rows)


def test_real_clients_have_no_secret(world: Any) -> None:
    """A shared secret for a client outside the sandbox cannot even be stored."""
    party = world.client()
    with pytest.raises(IntegrityError):
        world.sql(
            "UPDATE client SET auth_method = 'client_secret_basic', secret_hash = 'x' "
            "WHERE organisation_id = :id",
            id=party.organisation_id,
        )


@pytest.mark.parametrize(
    "header",
    [
        b"Basic " + base64.b64encode(b"\xff\xfe:\xff"),
        b"Basic " + base64.b64encode("cli_x:p\N{LATIN SMALL LETTER A WITH DIAERESIS}ss".encode()),
        b"Basic " + base64.b64encode(b"no colon"),
        b"Basic " + base64.b64encode(b":"),
        b"Basic " + base64.b64encode(b"%ff:%ff"),
        b"Basic !!!",
        b"Basic =",
        b"Basic a",
        b"Basic ",
        b"Basic",
        b"Basic \xe9\xff",
        b"Bearer ort_something",
        b"Negotiate abc",
        b"",
    ],
)
def test_strange_header(world: Any, header: Any) -> None:
    """A header that is no credential of ours is 401 with a challenge, never a fault."""
    answer = world.post("token", FORM, {"Authorization": header.decode("latin-1")})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("secret", ["", "wrong", "p\N{SNOWMAN}", "x" * 10000])
def test_wrong_secret_of_a_known_client(world: Any, tools: Any, secret: Any) -> None:
    """A wrong secret is refused whatever characters it has."""
    party = world.sandbox_client()
    assert world.post("token", FORM, tools.basic(party.id, secret)).status_code == 401
    assert world.post("token", FORM, tools.basic(party.id, party.secret + "a")).status_code == 401


def test_secret_in_the_body(world: Any) -> None:
    """client_secret_post does not exist here, right secret or not."""
    party = world.sandbox_client()
    form = FORM | {"client_id": party.id, "client_secret": party.secret}
    assert world.post("token", form).json["error"] == "invalid_client"


def test_public_client(world: Any) -> None:
    """Naming oneself is no authentication: the method `none` does not exist here."""
    answer = world.post("token", FORM | {"client_id": world.sandbox_client().id})
    assert answer.json["error"] == "invalid_client"


def test_other_clients_id(world: Any, tools: Any) -> None:
    """The client_id in the form may not name another client than the header."""
    one, other = world.sandbox_client(), world.sandbox_client()
    form = FORM | {"client_id": other.id}
    assert world.post("token", form, tools.basic(one.id, one.secret)).status_code == 401
