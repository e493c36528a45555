"""Registers the organisations and gives each party its own client of the SDK."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import requests

from demo.records import Dataset
from demo.town import Town
from openredress import Client, scopes
from openredress.keys import PrivateKey
from openredress_api import access, organisations
from openredress_api.foundation.identifiers import encode

COUNTRY = "TH"


class _Sessions(threading.local):
    """One session per thread for all parties: they call the same server."""

    def __init__(self) -> None:
        self.mine = requests.Session()


_sessions = _Sessions()


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation with the client that its software uses."""

    organisation_id: UUID
    name: str
    client: Client

    @property
    def id(self) -> str:
        """The organisation's id on the wire."""
        return encode("org", self.organisation_id)


@dataclass
class Parties:
    """Everybody in the town; the institute has a case worker and two people who release."""

    institute: Party
    second_releaser: Party
    cso: Party
    agency: Party
    brands: dict[str, Party] = field(default_factory=dict)
    suppliers: dict[str, Party] = field(default_factory=dict)

    def everybody(self) -> Sequence[Party]:
        """All parties."""
        single = (self.institute, self.cso, self.agency)
        return [*single, *self.brands.values(), *self.suppliers.values()]


class Register:
    """What the operator's commands `organisations add`, `people add` and `clients add` do.

    In one transaction: a thousand suppliers would be three thousand commands.
    """

    def __init__(self, town: Town) -> None:
        self._town = town

    def all(self, dataset: Dataset) -> Parties:
        """Register everybody that a dataset names."""
        with self._town.installation.as_owner() as connection:
            self._connection = connection
            institute = self._organisation("institute", "Institute for Labour Rights")
            duties = ("case_worker", "reviewer", "releaser")
            parties = Parties(
                institute=self._client(institute, "institute", "Case team", duties),
                second_releaser=self._client(institute, "institute", "Release", ("releaser",)),
                cso=self._party("cso", "Migrant Help Desk", ("case_worker",)),
                agency=self._party("agency", "Bridge Recruitment"),
            )
            for name in dataset.brands:
                parties.brands[name] = self._party("brand", name)
            for name in dataset.suppliers:
                parties.suppliers[name] = self._party("supplier", name)
            return parties

    def _party(self, kind: str, name: str, duties: tuple[str, ...] = ()) -> Party:
        return self._client(self._organisation(kind, name), kind, name, duties)

    def _organisation(self, kind: str, name: str) -> UUID:
        return organisations.add_organisation(
            self._connection,
            self._town.installation.sealer,
            kind=kind,
            name=name,
            country=COUNTRY,
            is_sandbox=True,
        )

    def _client(
        self, organisation_id: UUID, kind: str, name: str, duties: tuple[str, ...]
    ) -> Party:
        person_id = None
        if duties:
            person_id = organisations.add_person(
                self._connection, organisation_id, name=name, duties=duties
            )
        asked: Sequence[str] = getattr(scopes, kind.upper())
        key = PrivateKey.generate()
        client_id, _ = access.add_client(
            self._connection,
            organisation_id,
            name=name,
            person_id=person_id,
            scopes=asked,
            jwk=key.public_jwk(),
            is_sandbox=True,
        )
        client = Client(
            self._town.url,
            client_id,
            scopes=asked,
            key=key,
            session_factory=lambda: _sessions.mine,
        )
        return Party(organisation_id, name, client)


def set_clock(town: Town, parties: Parties, moment: datetime) -> None:
    """Let it be `moment` for everybody, as `openredress-server sandbox-clock` does."""
    ids = [party.organisation_id for party in parties.everybody()]
    with town.installation.as_owner() as connection:
        offset = moment - datetime.now(UTC)
        moved = organisations.set_sandbox_clock(connection, ids, offset)
    if moved != len(ids):
        raise RuntimeError(f"{moved} of {len(ids)} clocks moved")
