"""Access tokens: opaque, known to the database only by their hash, gone after ten minutes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, func, insert, select, tuple_, update
from sqlalchemy.engine import Connection

from openredress_api.access.clients import Client
from openredress_api.access.secret_texts import digest, new_secret_text
from openredress_api.access.tables import access_token, used_assertion

LIFETIME_S = 600
# For a day the API still says `token_expired` instead of not knowing the token at all.
REMEMBERED = timedelta(days=1)
BATCH = 5000


@dataclass(frozen=True)
class ActiveToken:
    """A token that opens the API right now."""

    client_id: uuid.UUID
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime


def new_token(**_asked: object) -> str:
    """`ort_...`; Authlib hands over client, grant and scope, and none of them is in a token."""
    return new_secret_text("ort")


def store_token(connection: Connection, token: str, holder: Client, scope: str) -> None:
    """Remember the hash of `token` with its organisation, client and scopes."""
    # Real time, never a sandbox clock: a token that lives longer than it says is a fault.
    now = func.clock_timestamp()
    connection.execute(
        insert(access_token).values(
            token_hash=digest(token),
            organisation_id=holder.organisation_id,
            client_id=holder.id,
            scopes=scope.split(" "),
            issued_at=now,
            expires_at=now + timedelta(seconds=LIFETIME_S),
        )
    )


def find_active(connection: Connection, token: str, asker: Client) -> ActiveToken | None:
    """The token if it opens the API now and belongs to the asker's organisation."""
    columns = access_token.c
    row = connection.execute(
        select(columns.client_id, columns.scopes, columns.issued_at, columns.expires_at).where(
            columns.token_hash == digest(token),
            columns.organisation_id == asker.organisation_id,
            columns.revoked_at.is_(None),
            columns.expires_at > func.clock_timestamp(),
            func.gate.client_role(columns.client_id).is_not(None),
        )
    ).first()
    return ActiveToken(*row) if row else None


def revoke_token(connection: Connection, token: str, holder: Client) -> None:
    """End a token of this client from the next call on; any other token stays as it is."""
    connection.execute(
        update(access_token)
        .where(
            access_token.c.token_hash == digest(token),
            access_token.c.client_id == holder.id,
            access_token.c.revoked_at.is_(None),
        )
        .values(revoked_at=func.clock_timestamp())
    )


def purge_expired(connection: Connection) -> int:
    """Delete, as the access role, what can no longer matter; the number of rows, 0 when done.

    At most 5,000 rows of each table per call: the worker calls again, in a new transaction.
    """
    now = func.clock_timestamp()
    return _purge(connection, access_token, access_token.c.expires_at < now - REMEMBERED) + _purge(
        connection, used_assertion, used_assertion.c.expires_at < now
    )


def _purge(connection: Connection, table: Table, is_old: ColumnElement[bool]) -> int:
    key = tuple(table.primary_key.columns)
    # Two workers may purge at once: each takes rows that the other has not locked.
    old = select(*key).where(is_old).limit(BATCH).with_for_update(skip_locked=True)
    return connection.execute(delete(table).where(tuple_(*key).in_(old))).rowcount
