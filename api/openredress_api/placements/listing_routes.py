"""URL table of job orders, their recruiters, and entries of public registers."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import Page, page
from openredress_api.foundation.problems import NotFound, ValidationFailed
from openredress_api.foundation.upsert import Upserted
from openredress_api.placements import actions, queries, views
from openredress_api.placements.listings import (
    EntryBody,
    EntryList,
    EntryView,
    FirmProposalView,
    JobOrderBody,
    JobOrderDetail,
    JobOrderList,
    JobOrderView,
    ListingBody,
    ListingList,
    ListingView,
)
from openredress_api.placements.tables import JobOrder, RecruiterListing, RegisterEntry

read = partial(doors.endpoint, "GET", room="placements", scope="placements:read")
put = partial(
    doors.endpoint,
    "PUT",
    room="placements",
    scope="placements:write",
    query=ExternalKey,
    problems=(ValidationFailed,),
    idempotency="accepted",
)


@put(
    "/v1/job-orders",
    roles=("agency",),
    takes=JobOrderBody,
    gives={201: JobOrderView, 200: JobOrderView, 204: None},
)
def put_job_order(call: Call) -> Answer:
    """Store a job order by one's own identifier; the same body again changes nothing."""
    order, done = actions.put_job_order(call.transaction, call.query, call.body)
    order_id = encode("jor", order.id)
    return Answer(
        order,
        _status(done),
        version=order.version,
        location=f"/v1/job-orders/{order_id}",
        subjects=(order_id,),
    )


@read("/v1/job-orders", query=JobOrderList, gives={200: JobOrderView}, listing=True)
def list_job_orders(call: Call) -> Answer:
    """The job orders the caller may see, least recently changed first."""
    keys = (JobOrder.updated_at, JobOrder.id)
    query = actions.listed(JobOrder, call.query)
    return Answer(page(call.transaction, query, keys, "job orders", call.query))


@read(
    "/v1/job-orders/{id}",
    ids={"id": "jor"},
    gives={200: JobOrderDetail},
    problems=(NotFound,),
    versioned=False,
)
def get_job_order(call: Call) -> Answer:
    """One job order with its recruiters as an agent chain."""
    order = actions.get_job_order(call.transaction, call.path["id"])
    chain = actions.listings_of(call.transaction, order)
    return Answer(views.job_order(order, chain), subjects=(encode("jor", order.id),))


@put(
    "/v1/recruiter-listings",
    roles=("agency",),
    takes=ListingBody,
    gives={201: ListingView, 200: ListingView, 204: None},
)
def put_recruiter_listing(call: Call) -> Answer:
    """Store one recruiter of a job order by one's own identifier."""
    listing, done = actions.put_listing(call.transaction, call.query, call.body)
    return Answer(
        listing, _status(done), version=listing.version, subjects=(encode("rcl", listing.id),)
    )


@read("/v1/recruiter-listings", query=ListingList, gives={200: ListingView}, listing=True)
def list_recruiter_listings(call: Call) -> Answer:
    """The recruiters the caller may see, of one job order or of all, by last change."""
    keys = (RecruiterListing.updated_at, RecruiterListing.id)
    query = actions.listed(RecruiterListing, call.query)
    return Answer(page(call.transaction, query, keys, "recruiter listings", call.query))


@read(
    "/v1/recruiter-listings/proposals",
    roles=("agency", "institute"),
    gives={200: FirmProposalView},
    listing=True,
)
def list_firm_proposals(call: Call) -> Answer:
    """Spellings of recruiters that may be one firm, as questions; nothing is merged."""
    return Answer(Page(queries.firm_proposals(call.transaction), None, has_more=False))


@put(
    "/v1/register-entries",
    roles=("agency", "institute"),
    takes=EntryBody,
    gives={201: EntryView, 200: EntryView, 204: None},
)
def put_register_entry(call: Call) -> Answer:
    """Store what a public register says: an agency of its own licence, the institute of anybody."""
    entry, done = actions.put_entry(call.transaction, call.query, call.body)
    entry_id = encode("reg", entry.id)
    return Answer(
        entry,
        _status(done),
        version=entry.version,
        location=f"/v1/register-entries/{entry_id}",
        subjects=(entry_id,),
    )


@read("/v1/register-entries", query=EntryList, gives={200: EntryView}, listing=True)
def list_register_entries(call: Call) -> Answer:
    """The register entries the caller may see, also those of one day or about one organisation."""
    keys = (RegisterEntry.updated_at, RegisterEntry.id)
    query = actions.listed(RegisterEntry, call.query)
    return Answer(page(call.transaction, query, keys, "register entries", call.query))


@read(
    "/v1/register-entries/{id}",
    ids={"id": "reg"},
    gives={200: EntryView},
    problems=(NotFound,),
)
def get_register_entry(call: Call) -> Answer:
    """One entry of a public register."""
    entry = actions.get_entry(call.transaction, call.path["id"])
    return Answer(entry, version=entry.version, subjects=(encode("reg", entry.id),))


def _status(done: Upserted | None) -> int:
    return 204 if done is None else 201 if done.inserted else 200


ENDPOINTS = (
    put_job_order,
    list_job_orders,
    get_job_order,
    put_recruiter_listing,
    list_recruiter_listings,
    list_firm_proposals,
    put_register_entry,
    list_register_entries,
    get_register_entry,
)
