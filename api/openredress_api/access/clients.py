"""A client as the authorization server sees it: found by its public id, unless suspended."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from openredress_api.access.scopes import ALL_SCOPES, SCOPES_BY_ROLE
from openredress_api.access.secret_texts import digest
from openredress_api.access.tables import client as table
from openredress_api.foundation import identifiers

PREFIX = "cli"


@dataclass(frozen=True)
class Client(ClientMixin):
    """An active client; `role` is its organisation's type, `jwks` its registered public keys."""

    organisation_id: uuid.UUID
    id: uuid.UUID
    role: str
    auth_method: str
    secret_hash: str | None
    jwks: dict[str, Any]
    scopes: list[str]

    @property
    def public_id(self) -> str:
        """The `client_id` on the wire: `cli_...`."""
        return identifiers.encode(PREFIX, self.id)

    def get_client_id(self) -> str:
        """The name Authlib has for the public id."""
        return self.public_id

    def get_allowed_scope(self, scope: str | None) -> str:
        """The scopes exactly as asked, each once; InvalidScopeError rather than dropping one."""
        if not scope:
            raise InvalidScopeError("Name the scopes you need; none is given by default.")
        # RFC 6749 section 3.3: one space between two scopes, so an empty part is a fault.
        asked = list(dict.fromkeys(scope.split(" ")))
        if not ALL_SCOPES.keys() >= set(asked):
            raise InvalidScopeError("A scope is unknown; the metadata lists scopes_supported.")
        granted = SCOPES_BY_ROLE.get(self.role, frozenset()).intersection(self.scopes)
        if refused := [one for one in asked if one not in granted]:
            raise InvalidScopeError(f"Not registered for this client: {' '.join(refused)}")
        return " ".join(asked)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Whether this is the one way in which the client may show who it is."""
        return self.auth_method == method

    def check_grant_type(self, grant_type: str) -> bool:
        """Machines act for their organisation: no other grant is registered."""
        return grant_type == "client_credentials"

    def check_client_secret(self, secret: str) -> bool:
        """Compare a sandbox secret in constant time, whatever characters it holds."""
        stored = self.secret_hash
        return stored is not None and hmac.compare_digest(stored, digest(secret).hex())


def find_client(connection: Connection, public_id: str) -> Client | None:
    """The client of that public id; None alike for a malformed, unknown and suspended one."""
    try:
        client_id = identifiers.decode(PREFIX, public_id)
    except identifiers.BadIdentifier:
        return None
    role = func.gate.client_role(table.c.id)
    wanted = table.c["organisation_id", "id", "auth_method", "secret_hash", "jwks", "scopes"]
    row = connection.execute(
        select(*wanted, role.label("role")).where(table.c.id == client_id, role.is_not(None))
    ).first()
    return Client(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name
