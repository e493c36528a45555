"""Use cases of joint handling: sponsors of a request, and requests that ask for the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api import cases, organisations, remediation
from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    Gone,
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.foundation.turns import take_turn
from openredress_api.joint import events, rules
from openredress_api.joint.tables import DuplicateDecision, Sponsorship
from openredress_api.vocabulary import is_restricted

KIND = "sponsorship"
MOST_PAIRS = 200


def invite(transaction: Transaction, request_id: UUID, brand: UUID) -> Sponsorship:
    """Ask a brand of the site to stand behind a request.

    Needs the worker's consent to be counted for brands; no brand hears of one case of a restricted
    category, and none of a request that its supplier has not been shown.
    """
    person_with(transaction, "case_worker")
    behind = remediation.hold_cases(transaction, request_id)
    case_id = remediation.case_of_request(transaction, request_id)
    cases.require_consent(transaction, case_id, rules.CONSENT)
    request = remediation.hold_request(transaction, request_id)
    if request.released_at is None or request.status not in remediation.OPEN:
        raise StateTransitionNotAllowed(
            f"The request is {request.status}; its supplier must have been shown it."
        )
    if brand not in organisations.brands_of_site(
        transaction, request.site_id, transaction.context.now.date()
    ):
        raise ValidationFailed(errors=[FieldError("/brand", Fault("not_a_brand_of_site"))])
    standing = [case.id for case in behind if case.voided_at is None]
    if any(is_restricted(c) for one in standing for c in cases.categories_of(transaction, one)):
        raise ValidationFailed(errors=[FieldError("/brand", Fault("restricted_for_brands"))])
    asked = _known(transaction, request_id, brand)
    if asked is not None:
        asked = step(transaction, asked.id, "invited", None)
    else:
        asked = Sponsorship(
            organisation_id=transaction.context.organisation_id,
            id=random_id(),
            recipient_id=brand,
            request_id=request_id,
            status="invited",
            updated_at=transaction.context.now,
        )
        transaction.session.add(asked)
        transaction.session.flush()
    events.invited(transaction, asked)
    return asked


def _known(transaction: Transaction, request_id: UUID, brand: UUID) -> Sponsorship | None:
    mine = (Sponsorship.request_id == request_id, Sponsorship.recipient_id == brand)
    return transaction.first(select(Sponsorship).where(*mine))


def sponsorships_where(query: Mapping[str, Any]) -> Select[Sponsorship]:
    """The sponsorships that fit the filters of a list."""
    statement = select(Sponsorship)
    if "status" in query:
        statement = statement.where(Sponsorship.status == query["status"])
    return statement


def get_sponsorship(transaction: Transaction, sponsorship_id: UUID) -> Sponsorship:
    """A sponsorship that the caller offered or was offered; NotFound otherwise."""
    statement = select(Sponsorship).where(Sponsorship.id == sponsorship_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def shown(transaction: Transaction, sponsorship: Sponsorship) -> Mapping[str, Any]:
    """A sponsorship with what a brand may know of the request; Gone once consent has ended."""
    found = transaction.session.execute(
        select(
            func.gate.sponsored(sponsorship.id).table_valued(
                "site_id", "asked_outcome", "status", "round", "due_at", "result"
            )
        )
    ).first()
    if found is None or sponsorship.status in {"declined", "ended"}:
        raise Gone("The sponsorship has ended; delete your copies.")
    inside = transaction.context.is_institute
    return {
        **{name: value for name, value in sponsorship.members().items() if name != "request_id"},
        "site_id": found.site_id,
        "asked_outcome": found.asked_outcome,
        "request_status": found.status,
        "round": found.round,
        "due_at": found.due_at,
        "result": found.result,
        **({"request_id": sponsorship.request_id} if inside else {}),
    }


def step(
    transaction: Transaction, sponsorship_id: UUID, target: str, seen: int | None
) -> Sponsorship:
    """Take one step as the caller's party."""
    get_sponsorship(transaction, sponsorship_id)
    move(transaction, KIND, sponsorship_id, target, seen)
    return get_sponsorship(transaction, sponsorship_id)


def answer(
    transaction: Transaction, sponsorship_id: UUID, target: str, seen: int | None
) -> Sponsorship:
    """The brand accepts or declines, or either side ends it."""
    if target == "accepted":
        # Not any more, if the worker has taken back what it rests on.
        shown(transaction, get_sponsorship(transaction, sponsorship_id))
    made = step(transaction, sponsorship_id, target, seen)
    events.answered(transaction, made)
    return made


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Pass on to sponsors how their request goes on."""
    if announcement.type not in rules.TOLD or announcement.kind != "remediation_request":
        return
    said = announcement.data
    told = {name: said[name] for name in ("status", "round", "result") if name in said}
    touched = func.gate.touch_sponsors(announcement.subject_id, transaction.context.now)
    sponsors = select(touched.table_valued("id", "recipient_id", "version"))
    for one in transaction.session.execute(sponsors).all():
        events.updated(transaction, (one.id, one.recipient_id), one.version, told)


def candidates(transaction: Transaction, site: UUID | None) -> list[dict[str, Any]]:
    """Pairs of open requests that may ask for the same, for a person to look at."""
    asked = [
        rules.Asked(
            id=row.id,
            site_id=row.site_id,
            categories=tuple(row.categories),
            workers=row.workers_counted,
            asked_at=row.released_at,
        )
        for row in remediation.open_requests(transaction, site)
    ]
    decided = {
        frozenset({one.request_id, one.other_id})
        for one in transaction.all(select(DuplicateDecision))
    }
    pairs = list(rules.candidates(asked, decided))[:MOST_PAIRS]
    return [
        {
            "request": one.id,
            "other": other.id,
            "site": one.site_id,
            "families": sorted(rules.families(one.categories) & rules.families(other.categories)),
            "days_apart": abs(one.asked_at - other.asked_at).days,
        }
        for one, other in pairs
    ]


def decide(transaction: Transaction, body: Mapping[str, Any]) -> DuplicateDecision:
    """A person says whether two requests ask for the same; a duplicate ends and is not asked."""
    person = person_with(transaction, "case_worker")
    kept, ended = (_request(transaction, name, body[name]) for name in ("request", "other"))
    if kept.id == ended.id or kept.site_id != ended.site_id:
        raise ValidationFailed(errors=[FieldError("/other", Fault("not_another_request"))])
    take_turn(transaction, f"duplicate_decision {kept.site_id}")
    if _decided(transaction, kept.id, ended.id):
        raise StateTransitionNotAllowed("Of these two it was decided before.")
    if body["decision"] == "joined":
        remediation.hold_cases(transaction, kept.id, ended.id)
        # Always in one order: two who end several at once cannot wait for each other.
        for request_id in sorted((kept.id, ended.id)):
            remediation.hold_request(transaction, request_id)
        _check_kept(kept, ended)
        # Sponsors go first: what ends is nothing that they stand behind.
        _move_sponsors(transaction, ended.id, kept.id)
        remediation.cancel(transaction, ended.id, "duplicate")
    made = DuplicateDecision(
        organisation_id=transaction.context.organisation_id,
        request_id=kept.id,
        other_id=ended.id,
        decision=body["decision"],
        decided_by=person,
        decided_at=transaction.context.now,
    )
    transaction.session.add(made)
    transaction.session.flush()
    return made


def _check_kept(kept: Any, ended: Any) -> None:  # noqa: ANN401 - rows of remediation
    if kept.released_at is None or kept.status not in remediation.OPEN:
        raise StateTransitionNotAllowed(
            f"The request that stays is {kept.status}; its supplier must have been shown it."
        )
    if kept.asked_outcome != ended.asked_outcome:
        raise StateTransitionNotAllowed(
            f"One asks for {kept.asked_outcome}, the other for {ended.asked_outcome}: what workers "
            "say of one says nothing of the other."
        )


def _move_sponsors(transaction: Transaction, ended: UUID, kept: UUID) -> None:
    """Let sponsors stand behind the request that stays, if its worker agreed to; else it ends."""
    case_id, now = remediation.case_of_request(transaction, kept), transaction.context.now
    if cases.consent_state(transaction, case_id, rules.CONSENT, now) == "granted":
        transaction.session.execute(select(func.gate.join_sponsorships(ended, kept, now)))
        return
    standing = select(Sponsorship.id).where(
        Sponsorship.request_id == ended, Sponsorship.status.in_(("invited", "accepted"))
    )
    for sponsorship_id in transaction.all(standing):
        # The brand may have ended it a moment ago.
        with suppress(StateTransitionNotAllowed):
            answer(transaction, sponsorship_id, "ended", None)


def _decided(transaction: Transaction, one: UUID, other: UUID) -> bool:
    pair = DuplicateDecision.request_id.in_((one, other)) & DuplicateDecision.other_id.in_(
        (one, other)
    )
    return transaction.first(select(DuplicateDecision).where(pair)) is not None


def _request(transaction: Transaction, name: str, request_id: UUID) -> Any:  # noqa: ANN401 - a row of remediation
    try:
        return remediation.get_request(transaction, request_id)
    except NotFound:
        raise ValidationFailed(errors=[FieldError(f"/{name}", Fault("not_a_request"))]) from None
