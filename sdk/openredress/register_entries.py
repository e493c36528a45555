"""Entries of public registers: licences, debarments and penalties, each with its days."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "register-entries"


class RegisterEntry(Record):
    """What a public register says of an agency or employer; `valid_until` None: no end stated."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    kind: str
    subject_name: str
    subject_organisation: str | None
    city: str | None
    admin1: str | None
    country: str
    register: str
    reference: str | None
    authority: str | None
    valid_from: str
    valid_until: str | None
    related_employer_name: str | None
    status: str | None
    source_note: str | None
    updated_at: str


class RegisterEntries(Capability):
    """`/v1/register-entries`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> RegisterEntry:
        """Store an entry by one's own identifier; an agency states its own licences alone."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(RegisterEntry, _PATH, identity, body)

    def get(self, entry_id: str) -> RegisterEntry:
        """Return one entry."""
        return self._get(RegisterEntry, _PATH, entry_id)

    def list(
        self, *, valid_on: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[RegisterEntry]:
        """Iterate over entries; `valid_on` is a date: those whose window holds that day."""
        return self._list(RegisterEntry, _PATH, cursor=cursor, valid_on=valid_on, **filters)
