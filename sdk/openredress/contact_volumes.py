"""Contact volumes: how often workers turned to a class of channels in a month; never what for."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "contact-volumes"


class ContactVolume(Record):
    """A month's contacts of a site or of a mechanism; None is unknown, never zero."""

    id: str
    organisation: str
    site: str | None
    mechanism: str | None
    channel_class: str
    month: str
    calls: int | None
    messages: int | None
    visits: int | None
    provenance: str
    created_at: str
    updated_at: str


class ContactVolumes(Capability):
    """`/v1/contact-volumes`."""

    def upsert(
        self,
        channel_class: str,
        month: str,
        *,
        site: str | None = None,
        mechanism: str | None = None,
        **body: object,
    ) -> ContactVolume:
        """Store `calls`, `messages` and `visits` of a month, for a site or else a mechanism."""
        identity = {"channel_class": channel_class, "month": month}
        whose = {"site": site, "mechanism": mechanism}
        return self._put(ContactVolume, _PATH, {**identity, **whose}, body)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[ContactVolume]:
        """Iterate over contact volumes; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(
            ContactVolume, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )
