"""Figures: released values with their caveats, and the reports that bring them."""

from __future__ import annotations

from collections.abc import Sequence

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record
from openredress.releases import Releases
from openredress.transport import Transport


class Figure(Record):
    """One released value, as text with as many digits as it can bear.

    `value` is None for one of the `reason`s that must not be confused: no_exposure (nothing to
    divide by), suppressed (too few people; `rule` says which rule hides it), not_reached and
    overlapping_scope. `provenance`: verified, supplier_reported, agency_reported or mixed.
    `coverage_band`: the share of eligible records whose workers agreed to be counted.
    """

    metric: str
    name: str
    period: str
    scope: str
    value: str | None
    numerator: int | None
    denominator: int | None
    unit: str
    provenance: str
    reason: str | None
    rule: str | None
    coverage_band: str | None
    definition_version: int
    release: str


class Definition(Record):
    """What a metric counts, of whom, and when it is hidden."""

    code: str
    version: int
    name: str
    shape: str
    unit: str
    provenance: str
    numerator: str
    denominator: str
    cohort: str
    notes: str
    full_is_disclosive: bool


class Report(Record):
    """One audience's verified figures of one release."""

    id: str
    release: str
    audience: str
    period: str
    figures: list[Record]


class Reports(Capability):
    """`/v1/metric-reports`."""

    def get(self, report_id: str) -> Report:
        """Return one published report."""
        return self._get(Report, "metric-reports", report_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Report]:
        """Iterate over the published reports addressed to the caller, oldest first."""
        return self._list(Report, "metric-reports", cursor=cursor, **filters)


class Metrics(Capability):
    """`/v1/metrics`."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.releases = Releases(transport)
        self.reports = Reports(transport)

    def definitions(self) -> Listing[Definition]:
        """Iterate over the definitions of all metrics."""
        return self._list(Definition, "metrics", "definitions")

    def get(
        self, code: str, *, period: str | None = None, include: Sequence[str] | None = None
    ) -> Listing[Figure]:
        """Iterate over a metric's released figures by period; `period` narrows to one quarter.

        `include` admits other provenances than verified.
        """
        return self._list(Figure, "metrics", code, period=period, include=include)
