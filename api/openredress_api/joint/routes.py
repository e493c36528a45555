"""URL table of joint handling: one short function per route."""

from __future__ import annotations

from functools import partial

from openredress_api.cases import CaseVoided, ConsentMissing
from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    Gone,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.joint import actions, schemas
from openredress_api.joint.tables import Sponsorship

endpoint = partial(doors.endpoint, room="joint")
BASE = "/v1/sponsorships"
READ, SPONSOR, ASK = "remediation:sponsor", "remediation:sponsor", "remediation:request"
ONE = {"id": "spn"}


@endpoint(
    "GET",
    BASE + "/{id}",
    scope=READ,
    roles=("institute", "brand"),
    ids=ONE,
    gives={200: schemas.SponsorshipView},
    problems=(NotFound, Gone),
    logs_read=True,
)
def get_sponsorship(call: Call) -> Answer:
    """One sponsorship, and where its request stands; nothing of the workers behind it."""
    return _answer(call, actions.get_sponsorship(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    BASE,
    scope=READ,
    roles=("institute", "brand"),
    query=schemas.SponsorshipQuery,
    gives={200: schemas.SponsorshipEntry},
    listing=True,
    logs_read=True,
)
def list_sponsorships(call: Call) -> Answer:
    """The sponsorships one offered or was offered."""
    keys = (Sponsorship.updated_at, Sponsorship.id)
    statement = actions.sponsorships_where(call.query)
    found = page(call.transaction, statement, keys, "sponsorships", call.query)
    return Answer(found, subjects=tuple(encode("spn", one.id) for one in found.data))


@endpoint(
    "POST",
    "/v1/remediation-requests/{id}/sponsors",
    scope=ASK,
    roles=("institute",),
    ids={"id": "rem"},
    takes=schemas.SponsorBody,
    gives={201: schemas.SponsorshipView},
    problems=(
        NotFound,
        NotPermitted,
        Gone,
        ConsentMissing,
        CaseVoided,
        StateTransitionNotAllowed,
        ValidationFailed,
    ),
    idempotency="required",
)
def invite_sponsor(call: Call) -> Answer:
    """Ask a brand of the site to stand behind a request; its supplier learns of no name."""
    asked = actions.invite(call.transaction, call.path["id"], call.body["brand"])
    return _answer(call, asked, 201)


act = partial(
    endpoint,
    "POST",
    ids=ONE,
    gives={200: schemas.SponsorshipEntry},
    problems=(NotFound, StateTransitionNotAllowed, PreconditionFailed),
    idempotency="required",
)


@act(BASE + "/{id}/accept", scope=SPONSOR, roles=("brand",))
def accept_sponsorship(call: Call) -> Answer:
    """Stand behind a request."""
    return _step(call, "accepted")


@act(BASE + "/{id}/decline", scope=SPONSOR, roles=("brand",))
def decline_sponsorship(call: Call) -> Answer:
    """Not stand behind a request."""
    return _step(call, "declined")


@act(BASE + "/{id}/end", scope=SPONSOR, roles=("institute", "brand"))
def end_sponsorship(call: Call) -> Answer:
    """Stop standing behind a request, or stop asking for it."""
    return _step(call, "ended")


@endpoint(
    "GET",
    "/v1/duplicate-candidates",
    scope=ASK,
    roles=("institute",),
    query=schemas.CandidateQuery,
    gives={200: schemas.CandidatesView},
    versioned=False,
    logs_read=True,
)
def list_duplicate_candidates(call: Call) -> Answer:
    """Pairs of open requests of one site that may ask for the same."""
    pairs = actions.candidates(call.transaction, call.query.get("site"))
    subjects = {encode("rem", pair[name]) for pair in pairs for name in ("request", "other")}
    return Answer({"data": pairs}, subjects=tuple(sorted(subjects)))


@endpoint(
    "POST",
    "/v1/duplicate-decisions",
    scope=ASK,
    roles=("institute",),
    takes=schemas.DecisionBody,
    gives={201: schemas.DecisionView},
    problems=(NotPermitted, StateTransitionNotAllowed, ValidationFailed),
    idempotency="required",
    versioned=False,
)
def decide_duplicate(call: Call) -> Answer:
    """Say that two requests are one, so that one ends as a duplicate, or that they are two."""
    made = actions.decide(call.transaction, call.body)
    subjects = (encode("rem", made.request_id), encode("rem", made.other_id))
    return Answer(made, 201, subjects=subjects)


def _step(call: Call, target: str) -> Answer:
    made = actions.answer(call.transaction, call.path["id"], target, call.if_match)
    sponsorship_id = encode("spn", made.id)
    return Answer(
        made,
        version=made.version,
        location=f"{BASE}/{sponsorship_id}",
        subjects=(sponsorship_id,),
    )


def _answer(call: Call, sponsorship: Sponsorship, status: int = 200) -> Answer:
    sponsorship_id = encode("spn", sponsorship.id)
    return Answer(
        actions.shown(call.transaction, sponsorship),
        status,
        version=sponsorship.version,
        location=f"{BASE}/{sponsorship_id}",
        subjects=(sponsorship_id,),
    )


ENDPOINTS = (
    get_sponsorship,
    list_sponsorships,
    invite_sponsor,
    accept_sponsorship,
    decline_sponsorship,
    end_sponsorship,
    list_duplicate_candidates,
    decide_duplicate,
)
