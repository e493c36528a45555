"""Headcounts: how many workers a site had at the end of a month; what rates are divided by."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Headcount(Record):
    """All workers of a site at a month's end, agency and temporary ones included."""

    id: str
    site: str
    month: str
    total: int
    source: str


class Headcounts(Capability):
    """`/v1/headcounts`."""

    def upsert(
        self, site: str, month: str, *, total: int, source: str, **body: object
    ) -> Headcount:
        """Store a headcount; `month` is YYYY-MM, `source` says where the number comes from."""
        stored = {"total": total, "source": source, **body}
        return self._put(Headcount, "headcounts", {"site": site, "month": month}, stored)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Headcount]:
        """Iterate over the headcounts."""
        return self._list(Headcount, "headcounts", filters, cursor)
