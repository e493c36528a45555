"""Headcounts: how many workers a site had at the end of a month; what rates are divided by."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Headcount(Record):
    """All workers of a site at a month's end, agency and temporary ones included.

    `segments` are numbers by segment and value, such as {"sex": {"female": 120}}; `band` is what
    outsiders see of the total.
    """

    id: str
    organisation: str
    site: str
    month: str
    total: int
    agency_workers: int | None
    segments: Record | None
    band: str
    source: str
    is_synthetic: bool
    created_at: str
    updated_at: str


class Headcounts(Capability):
    """`/v1/headcounts`."""

    def upsert(
        self, site: str, month: str, *, total: int, source: str, **body: object
    ) -> Headcount:
        """Store a headcount; `month` is YYYY-MM, `source` says where the number comes from."""
        stored = {"total": total, "source": source, **body}
        return self._put(Headcount, "headcounts", {"site": site, "month": month}, stored)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Headcount]:
        """Iterate over the headcounts; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(
            Headcount, "headcounts", cursor=cursor, updated_since=updated_since, **filters
        )
