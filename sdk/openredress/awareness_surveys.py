"""Awareness surveys: how many workers can name a channel, and would use it without fear."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "awareness-surveys"


class AwarenessSurvey(Record):
    """A survey at one site; each question has its own number of workers asked."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    site: str
    surveyed_on: str
    method: str
    by: str
    asked_n: int
    aware_asked_n: int | None
    aware_n: int | None
    trust_asked_n: int | None
    trust_n: int | None
    provenance: str
    created_at: str
    updated_at: str


class AwarenessSurveys(Capability):
    """`/v1/awareness-surveys`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> AwarenessSurvey:
        """Store a survey by one's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(AwarenessSurvey, _PATH, identity, body)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[AwarenessSurvey]:
        """Iterate over surveys; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(
            AwarenessSurvey, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )
