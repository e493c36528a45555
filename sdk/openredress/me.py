"""Who the client is to the server."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.records import Record


class Identity(Record):
    """Whom the token belongs to, what it may do, and what time it is there."""

    organisation: str
    organisation_type: str
    client: str
    scopes: list[str]
    is_sandbox: bool
    now: str


class Me(Capability):
    """`/v1/me`."""

    def get(self) -> Identity:
        """Return who the caller is."""
        return self._get(Identity, "me")
