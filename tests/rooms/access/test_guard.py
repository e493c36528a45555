"""Requests that Authlib would read too kindly never reach it, and every way out is OAuth's."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy.engine import make_url

from openredress_api.foundation.database import Database
from openredress_api.settings import BadSetting

PLACES = ["token", "revoke", "introspect"]
FORM = {"grant_type": "client_credentials", "scope": "events:read", "token": "x"}


def refused(answer: Any, status: int = 400, error: str = "invalid_request") -> bool:
    """Whether this is that OAuth error, in JSON and not to be stored."""
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.text
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return True


@pytest.fixture(scope="module")
def secret_header(world: Any, tools: Any) -> Any:
    """A right credential, so that only what is tested can be wrong."""
    party = world.sandbox_client()
    return tools.basic(party.id, party.secret)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("query", ["?scope=events:read", "?grant_type=client_credentials", "?x"])
def test_parameters_in_the_address(world: Any, secret_header: Any, place: Any, query: Any) -> None:
    """A parameter in the address is refused: addresses end in logs."""
    assert refused(world.post(place + query, FORM, secret_header))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["scope", "token", "grant_type", "unknown", "client_id"])
def test_repeated_parameter(world: Any, secret_header: Any, place: Any, name: Any) -> None:
    """A parameter sent twice is refused, even twice the same and even an unknown one."""
    form = {**FORM, name: ["a", "a"]}
    assert refused(world.post(place, form, secret_header))


@pytest.mark.parametrize("place", PLACES)
def test_unknown_parameter(world: Any, secret_header: Any, place: Any) -> None:
    """An unknown parameter is ignored, as RFC 6749 section 3.2 wants."""
    assert world.post(place, FORM | {"resource_hint": "x"}, secret_header).status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_two_ways_at_once(world: Any, tools: Any, secret_header: Any, place: Any) -> None:
    """Two ways of client authentication in one request are refused, both being right."""
    signed = tools.credentials(tools.assertion(world.client()))
    assert refused(world.post(place, FORM | signed, secret_header))
    assert refused(world.post(place, FORM | {"client_secret": "x"}, secret_header))
    assert refused(world.post(place, FORM | signed | {"client_secret": "x"}))


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "text/plain", "", "x", None]
)
def test_content_type(world: Any, secret_header: Any, kind: Any) -> None:
    """Only a form is read."""
    body = b"grant_type=client_credentials&scope=events:read"
    assert refused(world.post("token", body, secret_header, content_type=kind))


def test_content_type_with_charset(world: Any, secret_header: Any) -> None:
    """A form with a charset is a form."""
    kind = "application/x-www-form-urlencoded; charset=UTF-8"
    body = b"grant_type=client_credentials&scope=events:read"
    assert world.post("token", body, secret_header, content_type=kind).status_code == 200


def test_sizes(world: Any, tools: Any, secret_header: Any) -> None:
    """A body over 64 KiB is 413 and an assertion over 8 KiB 400, before either is looked into."""
    assert refused(world.post("token", FORM | {"x": "a" * 65536}, secret_header), 413)
    assert world.post("token", FORM | {"x": "a" * 60000}, secret_header).status_code == 200
    party = world.client()
    long = tools.assertion(party, padding="x" * 8192)
    assert refused(world.post("token", FORM | tools.credentials(long)))
    fits = tools.assertion(party, padding="x" * 5000)
    assert world.post("token", FORM | tools.credentials(fits)).status_code == 200


def test_body_without_length(world: Any, secret_header: Any) -> None:
    """A chunked body has the same limit."""
    body = b"grant_type=client_credentials&x=" + b"a" * 70000
    answer = world.app.test_client().post(
        "/oauth2/token",
        headers=secret_header,
        content_type="application/x-www-form-urlencoded",
        input_stream=__import__("io").BytesIO(body),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert refused(answer, 413)


def test_dpop_is_not_silently_ignored(world: Any, secret_header: Any) -> None:
    """A DPoP proof is refused while DPoP is not offered: a bearer token would be a downgrade."""
    assert refused(world.post("token", FORM, {**secret_header, "DPoP": "eyJ"}))


@pytest.mark.parametrize("host", ["attacker.example", "api.example.org:443", "[::1", "a b", ""])
def test_host_decides_nothing(world: Any, tools: Any, host: Any) -> None:
    """The issuer comes from the settings: another Host changes no answer and no document."""
    party = world.client()
    form = FORM | tools.credentials(tools.assertion(party))
    answer = world.app.test_client().post("/oauth2/token", data=form, headers={"Host": host})
    assert answer.status_code == 200
    shown = world.app.test_client().get(
        "/.well-known/oauth-authorization-server", headers={"Host": host}
    )
    assert shown.json["issuer"] == tools.issuer


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("place", PLACES)
def test_other_methods(world: Any, place: Any, method: Any) -> None:
    """OAuth addresses take POST and nothing else."""
    answer = world.app.test_client().open(f"/oauth2/{place}", method=method)
    assert answer.status_code == 405


def test_database_gone(installation: Any, tools: Any) -> None:
    """Without a database the client is told to come back, and nothing of ours."""
    nowhere = make_url("postgresql+psycopg://u:p@127.0.0.1:1/none")
    app = tools.make_app(Database(lambda _role: nowhere, installation.database().services))
    answer = app.test_client().post("/oauth2/token", data=FORM, headers=tools.basic("a", "b"))
    assert refused(answer, 503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert "127.0.0.1:1" not in answer.text


def test_fault_of_ours(world: Any, tools: Any) -> None:
    """A fault inside is server_error, without a word of what happened, and stores nothing."""
    party = world.client()
    form = FORM | tools.credentials(tools.assertion(party))
    world.sql("ALTER TABLE access_token RENAME COLUMN scopes TO moved")
    try:
        answer = world.post("token", form)
    finally:
        world.sql("ALTER TABLE access_token RENAME COLUMN moved TO scopes")
    assert refused(answer, 500, "server_error")
    assert answer.json == {"error": "server_error"}
    # Rolled back as a whole: the assertion was not used up by our fault.
    assert world.post("token", form).status_code == 200


def test_commit_stands_before_the_answer(world: Any) -> None:
    """A token whose commit fails is never shown."""
    party = world.client(key=ECKey.generate_key("P-256"))
    world.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RAISE EXCEPTION ''no commit''; END'"
    )
    world.sql(
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON access_token DEFERRABLE INITIALLY "
        "DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        answer = world.ask(party)
    finally:
        world.sql("DROP TRIGGER refuse ON access_token")
    assert refused(answer, 500, "server_error")
    assert "access_token" not in answer.json


@pytest.mark.parametrize("issuer", ["http://api.example.org", "ftp://127.0.0.1", "nonsense"])
def test_issuer_must_be_safe(world: Any, tools: Any, issuer: Any) -> None:
    """An installation that would hand out tokens in the clear does not start."""
    with pytest.raises(BadSetting, match="OPENREDRESS_PUBLIC_URL"):
        tools.make_app(world.database, issuer)
