"""An application with the access room alone, on a real database, and parties to call it."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, Key
from sqlalchemy import text
from werkzeug.test import TestResponse

from openredress_api import access
from openredress_api.foundation import identifiers
from openredress_api.foundation.answers import install_error_handlers
from openredress_api.foundation.database import Database
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.logs import install_request_log

ISSUER = "http://127.0.0.1:8321"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHM = {"EC": "ES256", "RSA": "PS256", "OKP": "Ed25519"}


@dataclass(frozen=True)
class Party:
    """A registered client with what it needs to show who it is."""

    id: str
    organisation_id: uuid.UUID
    key: Any = None
    secret: str | None = None


class World:
    """One installation's access room and the means to be a client of it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.database: Database = installation.database()
        self.app = make_app(self.database)

    def sql(self, statement: str, **values: Any) -> Any:
        """Run one statement as owner; its rows if it has any."""
        with self.installation.as_owner() as connection:
            done = connection.execute(text(statement), values)
            return done.all() if done.returns_rows else done.rowcount

    def organisation(self, kind: str = "supplier", *, is_sandbox: bool = False) -> uuid.UUID:
        """A new organisation; the one institute is made once."""
        found = self.sql("SELECT organisation_id FROM organisation WHERE type = 'institute'")
        if kind == "institute" and found:
            return found[0][0]
        made = uuid.uuid4()
        self.sql(
            "INSERT INTO organisation (organisation_id, type, name, country, is_sandbox) "
            "VALUES (:id, :kind, 'made for a test', 'TH', :sandbox)",
            id=made,
            kind=kind,
            sandbox=is_sandbox,
        )
        self.sql("INSERT INTO data_key VALUES (:id, 'wrapped')", id=made)
        return made

    def person(self, organisation_id: uuid.UUID) -> uuid.UUID:
        """A new person of an organisation."""
        made = uuid.uuid4()
        self.sql(
            "INSERT INTO person (organisation_id, id, name) VALUES (:org, :id, 'a person')",
            org=organisation_id,
            id=made,
        )
        return made

    def client(
        self,
        kind: str = "supplier",
        *,
        scopes: tuple[str, ...] = ("grievances:read", "events:read"),
        key: Key | None = None,
        organisation_id: uuid.UUID | None = None,
    ) -> Party:
        """A new client with a key pair, of a new organisation unless one is named."""
        key = key or ECKey.generate_key("P-256")
        organisation_id = organisation_id or self.organisation(kind)
        person = self.person(organisation_id)
        with self.installation.as_owner() as connection:
            client_id, _ = access.add_client(
                connection,
                organisation_id,
                name="a client",
                person_id=person,
                scopes=scopes,
                jwk=key.as_dict(private=False),
                is_sandbox=False,
            )
        key.ensure_kid()
        return Party(client_id, organisation_id, key)

    def sandbox_client(self, scopes: tuple[str, ...] = ("grievances:read", "events:read")) -> Party:
        """A new client with a secret, of a new sandbox supplier."""
        organisation_id = self.organisation(is_sandbox=True)
        with self.installation.as_owner() as connection:
            client_id, secret = access.add_client(
                connection,
                organisation_id,
                name="a sandbox client",
                person_id=None,
                scopes=scopes,
                jwk=None,
                is_sandbox=True,
            )
        return Party(client_id, organisation_id, secret=secret)

    def post(
        self, path: str, form: Any = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> TestResponse:
        """POST a form to /oauth2/<path>."""
        return self.app.test_client().post(f"/oauth2/{path}", data=form, headers=headers, **more)

    def ask(self, party: Party, scope: str | None = "grievances:read", **form: str) -> TestResponse:
        """Ask for a token in the party's own way."""
        asked = {"grant_type": "client_credentials"} | form
        if scope is not None:
            asked["scope"] = scope
        return self.call("token", party, asked)

    def call(self, path: str, party: Party, form: Mapping[str, str]) -> TestResponse:
        """Call an OAuth address authenticated as `party`."""
        if party.secret:
            return self.post(path, form, basic(party.id, party.secret))
        return self.post(path, {**form, **credentials(assertion(party))})

    def token(self, party: Party, scope: str = "grievances:read") -> str:
        """A fresh access token."""
        answer = self.ask(party, scope)
        assert answer.status_code == 200, answer.text
        return answer.json["access_token"]


def make_app(database: Database, issuer: str = ISSUER) -> Flask:
    """An application with nothing but the access room."""
    app = Flask("access-alone", static_folder=None)
    install_request_log(app)
    install_error_handlers(app)
    access.install(app, database, issuer)
    return app


def basic(name: str, secret: str) -> dict[str, str]:
    """An HTTP Basic header."""
    pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def credentials(signed: str) -> dict[str, str]:
    """The two parameters of private_key_jwt."""
    return {"client_assertion_type": JWT_BEARER, "client_assertion": signed}


def claims_of(party: Party, **changes: Any) -> dict[str, Any]:
    """Right claims of a fresh assertion, changed by name; a change to None leaves one out."""
    now = int(time.time())
    claims = {
        "iss": party.id,
        "sub": party.id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def assertion(
    party: Party, *, key: Any = None, header: Mapping[str, Any] | None = None, **changes: Any
) -> str:
    """A signed assertion; `header` and `changes` replace what would be right."""
    key = key or party.key
    head = {"alg": ALGORITHM.get(key.key_type, "HS256"), "kid": party.key.kid} | dict(header or {})
    head = {name: value for name, value in head.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[head["alg"]], strict_check_header=False)
    return jws.serialize_compact(
        head, json.dumps(claims_of(party, **changes)), key, registry=registry
    )


@pytest.fixture(scope="module")
def world(installation: Installation) -> Iterator[World]:
    """The room on this file's database."""
    made = World(installation)
    yield made
    made.database.dispose()


@pytest.fixture(scope="module")
def tools() -> Any:
    """The helpers of this file for tests, which cannot import a conftest."""

    class Tools:
        issuer = ISSUER
        make_app = staticmethod(make_app)
        basic = staticmethod(basic)
        credentials = staticmethod(credentials)
        claims_of = staticmethod(claims_of)
        assertion = staticmethod(assertion)
        public_id = staticmethod(lambda: identifiers.encode("cli", uuid.uuid4()))

    return Tools
