"""Job orders, which are employers' requests for workers, and the recruiters that lists name."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_ORDERS = "job-orders"
_RECRUITERS = "recruiter-listings"


class JobOrder(Record):
    """An employer's request for workers; None is unknown, never zero."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    employer_name: str
    title: str | None
    occupation_code: str | None
    occupation_system: str | None
    sector_code: str | None
    sector_system: str | None
    origin: str | None
    destination: str
    worksite_city: str | None
    worksite_admin1: str | None
    workers_requested: int | None
    workers_certified: int | None
    status: str | None
    submitted_on: str | None
    decided_on: str | None
    starts_on: str | None
    ends_on: str | None
    wage: Record | None
    overtime_wage: str | None
    hours_per_week: str | None
    agent_name: str | None
    updated_at: str


class JobOrderWithChain(JobOrder):
    """A job order with its recruiters as hops; `agent_chain_ordered` False: in no known order."""

    agent_chain: list[Record]
    agent_chain_ordered: bool


class RecruiterListing(Record):
    """One recruiter of a job order; persons are counted, never named."""

    id: str
    organisation: str
    external_id: str
    source_system: str
    job_order_ref: str
    seq: int | None
    role: str
    organisation_name: str | None
    city: str | None
    admin1: str | None
    country: str
    persons_named: int | None
    registered: str
    updated_at: str


class FirmProposal(Record):
    """Spellings that may be one firm, which people decide; the first is like each of the others."""

    spellings: list[Record]
    score: float
    reasons: list[str]


class JobOrders(Capability):
    """`/v1/job-orders`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> JobOrder:
        """Store a job order by one's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(JobOrder, _ORDERS, identity, body)

    def get(self, order_id: str) -> JobOrderWithChain:
        """Return one job order with its recruiters."""
        return self._get(JobOrderWithChain, _ORDERS, order_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[JobOrder]:
        """Iterate over job orders; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(JobOrder, _ORDERS, cursor=cursor, updated_since=updated_since, **filters)


class RecruiterListings(Capability):
    """`/v1/recruiter-listings`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> RecruiterListing:
        """Store one recruiter of the job order `job_order_ref` by one's own identifier."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(RecruiterListing, _RECRUITERS, identity, body)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[RecruiterListing]:
        """Iterate over recruiters, with `job_order_ref` over those of one job order."""
        return self._list(
            RecruiterListing, _RECRUITERS, cursor=cursor, updated_since=updated_since, **filters
        )

    def proposals(self) -> Listing[FirmProposal]:
        """Iterate over recruiters spelt several ways, as questions; nothing is merged."""
        return self._list(FirmProposal, _RECRUITERS, "proposals")
