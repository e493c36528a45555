"""Clients come from the operator's hands: run as the owner role, in the operator's transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.engine import Connection

from openredress_api.access.clients import PREFIX
from openredress_api.access.errors import (
    ClientUnknown,
    KeyConflict,
    NoClientsForThisType,
    OrganisationUnknown,
    PersonRequired,
    ScopeRefused,
    SecretRefused,
)
from openredress_api.access.keys import read_public_key
from openredress_api.access.scopes import SCOPES_BY_ROLE
from openredress_api.access.secret_texts import digest, new_secret_text
from openredress_api.access.tables import client as table
from openredress_api.foundation import identifiers

# Whoever sees workers' cases is answered for by a person: duty rules compare persons.
PERSONAL_ROLES = ("institute", "cso")


def add_client(
    connection: Connection,
    organisation_id: uuid.UUID,
    *,
    name: str,
    person_id: uuid.UUID | None,
    scopes: Sequence[str],
    jwk: Mapping[str, Any] | None,
    is_sandbox: bool,
) -> tuple[str, str | None]:
    """Register a client: its `cli_...` id, and its secret if it has no key, to be shown once.

    Raises a RegistrationRefused that names what is wrong.
    """
    organisation = _organisation(connection, organisation_id)
    _check_person(connection, organisation, person_id)
    _check_scopes(organisation["type"], scopes)
    if is_sandbox and not organisation["is_sandbox"]:
        raise SecretRefused("a sandbox client needs a sandbox organisation: this one is real")
    if jwk is None and not is_sandbox:
        raise SecretRefused("give the public key of this client; only sandbox clients have secrets")
    secret = new_secret_text("ors") if jwk is None else None
    keys = [] if jwk is None else [read_public_key(jwk)]
    for key in keys:
        _check_side(connection, key, is_sandbox=organisation["is_sandbox"])
    client_id = identifiers.random_id()
    connection.execute(
        insert(table).values(
            organisation_id=organisation_id,
            id=client_id,
            person_id=person_id,
            name=name,
            auth_method="client_secret_basic" if secret else "private_key_jwt",
            secret_hash=digest(secret).hex() if secret else None,
            jwks={"keys": keys},
            scopes=sorted(set(scopes)),
            is_sandbox=is_sandbox,
        )
    )
    return identifiers.encode(PREFIX, client_id), secret


def add_key(connection: Connection, client_id: str, jwk: Mapping[str, Any]) -> str:
    """Register a further public key, valid beside the present ones; returns its `kid`."""
    keys = _keys(connection, client_id)
    key = read_public_key(jwk)
    if key["kid"] in [one["kid"] for one in keys]:
        raise KeyConflict(f"this client has a key with kid {key['kid']!r} already")
    side = connection.scalar(
        text(
            "SELECT organisation.is_sandbox FROM client JOIN organisation USING (organisation_id) "
            "WHERE client.id = :id"
        ),
        {"id": _decoded(client_id)},
    )
    _check_side(connection, key, is_sandbox=bool(side))
    _store_keys(connection, client_id, [*keys, key])
    return key["kid"]


def remove_key(connection: Connection, client_id: str, kid: str) -> None:
    """End a rotation: assertions signed with that key are refused from the next call on."""
    keys = _keys(connection, client_id)
    kept = [one for one in keys if one["kid"] != kid]
    if len(kept) == len(keys):
        raise KeyConflict(f"this client has no key with kid {kid!r}")
    if not kept:
        raise KeyConflict("this is the client's last key; add the new one first, or suspend it")
    _store_keys(connection, client_id, kept)


def suspend_client(connection: Connection, client_id: str) -> None:
    """Suspend a client: it gets no token, and the tokens it has end with the next call."""
    found = connection.execute(
        update(table)
        .where(table.c.id == _decoded(client_id))
        .values(suspended_at=func.coalesce(table.c.suspended_at, func.now()))
    )
    if found.rowcount != 1:
        raise ClientUnknown(f"there is no client {client_id}")


def _organisation(connection: Connection, organisation_id: uuid.UUID) -> RowMapping:
    found = (
        connection.execute(
            text(
                "SELECT organisation_id, type, is_sandbox FROM organisation "
                "WHERE organisation_id = :id"
            ),
            {"id": organisation_id},
        )
        .mappings()
        .first()
    )
    if found is None:
        raise OrganisationUnknown("there is no such organisation")
    if found["type"] not in SCOPES_BY_ROLE:
        raise NoClientsForThisType(f"a {found['type']} organisation has no clients")
    return found


def _check_person(
    connection: Connection, organisation: RowMapping, person_id: uuid.UUID | None
) -> None:
    if person_id is None:
        if organisation["type"] in PERSONAL_ROLES:
            raise PersonRequired(f"a client of a {organisation['type']} belongs to one person")
        return
    found = connection.scalar(
        text("SELECT 1 FROM person WHERE organisation_id = :organisation AND id = :id"),
        {"organisation": organisation["organisation_id"], "id": person_id},
    )
    if found is None:
        raise PersonRequired("there is no such person in this organisation")


def _check_scopes(role: str, scopes: Sequence[str]) -> None:
    if not scopes:
        raise ScopeRefused("a client needs at least one scope")
    if refused := sorted(set(scopes) - SCOPES_BY_ROLE[role]):
        raise ScopeRefused(
            f"not for a {role}: {', '.join(refused)}; "
            f"expected some of {', '.join(sorted(SCOPES_BY_ROLE[role]))}"
        )


def _check_side(connection: Connection, key: Mapping[str, str], *, is_sandbox: bool) -> None:
    """Refuse a key that opens live records where a sandbox's is needed, and the other way (R24)."""
    numbers = {name: value for name, value in key.items() if name != "kid"}
    found = connection.scalar(
        text(
            "SELECT 1 FROM client JOIN organisation USING (organisation_id) "
            "WHERE organisation.is_sandbox <> :is_sandbox AND jwks @> CAST(:holding AS jsonb) "
            "LIMIT 1"
        ),
        {"is_sandbox": is_sandbox, "holding": json.dumps({"keys": [numbers]})},
    )
    if found is not None:
        there, here = ("live records", "a sandbox") if is_sandbox else ("a sandbox", "live records")
        raise KeyConflict(f"this key opens {there}; make another one for {here}")


def _decoded(client_id: str) -> uuid.UUID:
    try:
        return identifiers.decode(PREFIX, client_id)
    except identifiers.BadIdentifier:
        raise ClientUnknown(f"{client_id!r} is no client id; they look like cli_...") from None


def _keys(connection: Connection, client_id: str) -> list[dict[str, str]]:
    """The client's keys, locked: two changes at once would lose one of them."""
    row = connection.execute(
        select(table.c.auth_method, table.c.jwks)
        .where(table.c.id == _decoded(client_id))
        .with_for_update()
    ).first()
    if row is None:
        raise ClientUnknown(f"there is no client {client_id}")
    if row.auth_method != "private_key_jwt":
        raise KeyConflict("this sandbox client has a secret; register a new client for a key")
    keys: list[dict[str, str]] = row.jwks["keys"]
    return keys


def _store_keys(connection: Connection, client_id: str, keys: list[dict[str, str]]) -> None:
    connection.execute(
        update(table).where(table.c.id == _decoded(client_id)).values(jwks={"keys": keys})
    )
