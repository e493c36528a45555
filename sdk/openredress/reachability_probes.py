"""Reachability probes: trials whether a channel of a mechanism answers."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "reachability-probes"


class ReachabilityProbe(Record):
    """One trial; `answered_in_seconds` is there only where somebody was reached."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    mechanism: str
    channel: str
    probed_at: str
    reached: bool
    answered_in_seconds: int | None
    language: str | None
    by: str
    provenance: str
    created_at: str
    updated_at: str


class ReachabilityProbes(Capability):
    """`/v1/reachability-probes`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> ReachabilityProbe:
        """Store a trial by one's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(ReachabilityProbe, _PATH, identity, body)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[ReachabilityProbe]:
        """Iterate over trials; with `mechanism` over those of one."""
        return self._list(
            ReachabilityProbe, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )
