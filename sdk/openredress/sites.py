"""Sites: the places where workers work, each of one supplier at a time."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Site(Record):
    """A site as its supplier describes it; `time_zone` is an IANA name."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    name: str
    country: str
    city: str | None
    time_zone: str
    os_id: str | None
    updated_at: str


class Sites(Capability):
    """`/v1/sites`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Site:
        """Store a site by the supplier's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Site, "sites", identity, body)

    def get(self, site_id: str) -> Site:
        """Return one site."""
        return self._get(Site, "sites", site_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Site]:
        """Iterate over the sites the caller may see."""
        return self._list(Site, "sites", cursor=cursor, **filters)
