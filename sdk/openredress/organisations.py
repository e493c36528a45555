"""The organisations of an installation; for the institute."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Organisation(Record):
    """A supplier, agency, brand, CSO, government body or the institute."""

    id: str
    type: str
    name: str
    country: str
    is_sandbox: bool
    suspended_at: str | None
    created_at: str


class Organisations(Capability):
    """`/v1/organisations`."""

    def get(self, organisation_id: str) -> Organisation:
        """Return one organisation."""
        return self._get(Organisation, "organisations", organisation_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Organisation]:
        """Iterate over all organisations, oldest first."""
        return self._list(Organisation, "organisations", cursor=cursor, **filters)
