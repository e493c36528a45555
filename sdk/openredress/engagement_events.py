"""Engagement events: talks with workers; when, where, about what, how many, never who."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "engagement-events"


class EngagementEvent(Record):
    """A talk with workers; None is unknown, never no and never zero."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    held_on: str
    sites: list[str]
    all_sites: bool
    topics: list[str]
    workers_reached: int | None
    languages: list[str] | None
    by: list[str]
    method: str
    representatives_present: bool | None
    provenance: str
    created_at: str
    updated_at: str


class EngagementEvents(Capability):
    """`/v1/engagement-events`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> EngagementEvent:
        """Store a talk with workers by one's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(EngagementEvent, _PATH, identity, body)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[EngagementEvent]:
        """Iterate over talks with workers; with `site` over those held for it."""
        return self._list(
            EngagementEvent, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )
