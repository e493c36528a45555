"""Organisations with a client and a valid token, and a caller that speaks HTTP for them."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from openredress_api import organisations
from openredress_api.access.scopes import SCOPES_BY_ROLE
from openredress_api.app import create_app
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.installation import Installation

_numbers = itertools.count(1)


@dataclass
class Party:
    """One organisation as its own software sees the interface."""

    organisation_id: UUID
    kind: str
    client_id: UUID
    person_id: UUID | None
    token: str
    http: FlaskClient = field(repr=False)

    @property
    def id(self) -> str:
        """The organisation's id on the wire."""
        return encode("org", self.organisation_id)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Call the interface with this party's token; POST gets a fresh Idempotency-Key."""
        sent = {"Authorization": f"Bearer {self.token}"}
        if method == "POST":
            sent["Idempotency-Key"] = secrets.token_hex(8)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = "data" if isinstance(body, bytes) else "json"
        options = {kind: body} if body is not None else {}
        return self.http.open(path, method=method, headers=sent, **options)

    def get(self, path: str, **headers: str) -> TestResponse:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """POST."""
        return self.call("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        """PUT."""
        return self.call("PUT", path, body, **headers)


class World:
    """A database with one institute, and a maker of other parties."""

    def __init__(self, installation: Installation, app: Flask | None = None) -> None:
        self.installation = installation
        self.app = app or create_app(installation)
        self.institute = self.party("institute", duties=("case_worker", "reviewer"))
        self.releaser = self.colleague(
            self.institute.organisation_id, "institute", duties=("releaser",)
        )

    @classmethod
    def around(cls, installation: Installation) -> World:
        """The world of an installation that has its institute already."""
        made = cls.__new__(cls)
        made.installation = installation
        made.app = create_app(installation)
        return made

    def party(
        self,
        kind: str,
        *,
        name: str | None = None,
        country: str = "TH",
        is_sandbox: bool = True,
        duties: tuple[str, ...] = (),
        scopes: tuple[str, ...] | None = None,
    ) -> Party:
        """A new organisation of `kind` with one person, one client and one token."""
        with self.installation.as_owner() as connection:
            organisation_id = organisations.add_organisation(
                connection,
                self.installation.sealer,
                kind=kind,
                name=name or f"{kind} {next(_numbers)}",
                country=country,
                is_sandbox=is_sandbox,
            )
        return self.colleague(organisation_id, kind, duties=duties, scopes=scopes)

    def colleague(
        self,
        organisation_id: UUID,
        kind: str,
        *,
        duties: tuple[str, ...] = (),
        scopes: tuple[str, ...] | None = None,
    ) -> Party:
        """Another person of an organisation, with a client and a token of their own."""
        token, client_id = f"ort_{secrets.token_hex(32)}", dated_id()
        granted = list(scopes or SCOPES_BY_ROLE[kind])
        with self.installation.as_owner() as connection:
            person_id = organisations.add_person(
                connection, organisation_id, name="A person", duties=duties
            )
            connection.execute(
                text(
                    "INSERT INTO client (organisation_id, id, person_id, name, auth_method, "
                    "secret_hash, scopes, is_sandbox) VALUES (:organisation, :id, :person, 'test', "
                    "'client_secret_basic', 'x', :scopes, true)"
                ),
                {
                    "organisation": organisation_id,
                    "id": client_id,
                    "person": person_id,
                    "scopes": granted,
                },
            )
        party = Party(organisation_id, kind, client_id, person_id, token, self.app.test_client())
        self.grant(party, granted)
        return party

    def grant(
        self, party: Party, scopes: list[str], lifetime: timedelta = timedelta(seconds=600)
    ) -> None:
        """Store the party's token as the token endpoint would."""
        with self.installation.as_owner() as connection:
            connection.execute(
                text(
                    "INSERT INTO access_token (token_hash, organisation_id, client_id, scopes, "
                    "expires_at) VALUES (:hash, :organisation, :client, :scopes, "
                    "clock_timestamp() + :lifetime)"
                ),
                {
                    "hash": hashlib.sha256(party.token.encode()).digest(),
                    "organisation": party.organisation_id,
                    "client": party.client_id,
                    "scopes": scopes,
                    "lifetime": lifetime,
                },
            )

    def site(self, supplier: Party, external_id: str = "S1", **fields: Any) -> str:
        """A site of `supplier`; returns its id."""
        body = {"name": "Site", "country": "TH", "time_zone": "Asia/Bangkok"} | fields
        answer = supplier.put(f"/v1/sites?external_id={external_id}&source_system=test", body)
        assert answer.status_code in {200, 201}, answer.json
        return str(answer.json["id"])

    def related(self, partner: Party, supplier: Party, site: str, **fields: Any) -> str:
        """A confirmed relation between `partner` and `site`; returns its id."""
        body = {"site": site, "partner": partner.id, "valid_from": "2020-01-01"} | fields
        stated = partner.post("/v1/relations", body)
        assert stated.status_code == 201, stated.json
        confirmed = supplier.post(f"/v1/relations/{stated.json['id']}/confirm")
        assert confirmed.status_code == 200, confirmed.json
        return str(stated.json["id"])
