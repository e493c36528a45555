"""From a draft to its recipient: one person writes, another one releases, then time passes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from openredress_api import cases, protection
from openredress_api.cases import CaseRecord
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode, random_id
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    SecondPersonNeeded,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.organisations import type_of_organisation
from openredress_api.referrals import events, rules
from openredress_api.referrals.actions import onward
from openredress_api.referrals.actions.rows import found, link_of, move_on, note
from openredress_api.referrals.tables import Referral, ReferralCase

SUMMARY = ("categories", "workers", "event_month", "severity")


def draft(transaction: Transaction, body: Mapping[str, Any]) -> Referral:
    """Write what one organisation is to learn of a case; nobody else sees it yet."""
    author = person_with(transaction, "case_worker")
    case = _case(transaction, body["case"])
    content = _content(transaction, case, body)
    onward.check_answer(transaction, body["onward_request"], case.id, content)
    referral_id = random_id()
    referral = Referral(
        organisation_id=transaction.context.organisation_id,
        id=referral_id,
        **content,
        link=f"{transaction.services.public_url}/v1/referrals/{encode('ref', referral_id)}",
        status="draft",
        updated_at=transaction.context.now,
        version=1,
    )
    transaction.session.add(referral)
    transaction.session.flush()
    transaction.session.add(
        ReferralCase(
            organisation_id=referral.organisation_id,
            referral_id=referral.id,
            case_id=case.id,
            consent_scope=rules.CONSENT_FOR[referral.recipient_type],
            author_id=author,
            respond_in_days=body["respond_in_days"],
            onward_request_id=body["onward_request"],
        )
    )
    note(transaction, referral)
    return referral


def replace(
    transaction: Transaction, referral_id: UUID, body: Mapping[str, Any], seen: int | None
) -> Referral:
    """Write a draft anew; only its author does, and only while it is one."""
    referral, link = found(transaction, referral_id), link_of(transaction, referral_id)
    if referral.status != "draft":
        raise StateTransitionNotAllowed(f"The referral is {referral.status}, no longer a draft.")
    if link.author_id != transaction.context.person_id:
        raise NotPermitted("A draft is changed by its author; discard it and write another one.")
    case = _case(transaction, link.case_id)
    content = _content(transaction, case, body)
    onward.check_answer(transaction, link.onward_request_id, case.id, content)
    link.consent_scope = rules.CONSENT_FOR[content["recipient_type"]]
    link.respond_in_days = body["respond_in_days"]
    transaction.session.flush()
    plain, now = cast(_plain(content), JSONB), transaction.context.now
    redrafted = func.gate.redraft_referral(referral_id, plain, seen, now)
    if not transaction.session.scalar(select(redrafted)):
        raise PreconditionFailed
    return found(transaction, referral_id)


def release(transaction: Transaction, referral_id: UUID, seen: int | None) -> Referral:
    """Let a draft go to its recipient as this person, who is not its author, has read it.

    At once, or for an employer at a moment of the next three days that the worker's call does not
    tell (R5); consent is asked for again when that has come.
    """
    person = person_with(transaction, "releaser")
    referral, link = found(transaction, referral_id), link_of(transaction, referral_id)
    if link.author_id == person:
        raise SecondPersonNeeded
    case = cases.get_case(transaction, link.case_id)
    _check_release(transaction, case, referral)
    referral = move_on(transaction, referral_id, "consent_checked", seen)
    now = transaction.context.now
    wait = release_delay(referral.recipient_type, case.severity)
    link.released_by, link.release_at = person, now + wait
    if referral.recipient_type in rules.EMPLOYERS:
        link.release_before = protection.assessed_until(transaction, case, referral.recipient_type)
        protection.begin_watch(transaction, case, link.release_at)
    if not wait:
        referral = move_on(transaction, referral_id, "offered")
        events.offered(transaction, referral)
        onward.answered(transaction, link.onward_request_id)
    return referral


def release_delay(recipient_type: str, severity: str) -> timedelta:
    """How long what was released waits until its recipient sees it; drawn anew for each."""
    if not rules.may_wait(recipient_type, severity):
        return timedelta()
    seconds = int((rules.LATEST - rules.SOONEST).total_seconds())
    return rules.SOONEST + timedelta(seconds=secrets.randbelow(seconds + 1))


def _check_release(transaction: Transaction, case: CaseRecord, referral: Referral) -> None:
    """All that stands between a draft and its recipient; raises what does not hold."""
    kind = referral.recipient_type
    cases.require_consent(transaction, case.id, rules.CONSENT_FOR[kind])
    if case.merged_into is not None:
        raise cases.CaseMerged
    if rules.names_somebody(kind, referral.workers):
        cases.require_consent(transaction, case.id, rules.CONSENT_TO_NAME)
    summary = {name: getattr(referral, name) for name in SUMMARY}
    _content(
        transaction,
        case,
        {"to": referral.recipient_id, "purpose": referral.purpose, "summary": summary},
    )
    if kind in rules.EMPLOYERS:
        protection.require_assessment(transaction, case, kind, transaction.context.person_id)
        protection.require_unheld(transaction, case.site_id)


def _case(transaction: Transaction, case_id: UUID) -> CaseRecord:
    try:
        case = cases.get_case(transaction, case_id)
    except NotFound:
        raise ValidationFailed(errors=[FieldError("/case", Fault("not_a_case"))]) from None
    if case.voided_at is not None:
        raise cases.CaseVoided
    if case.merged_into is not None:
        raise cases.CaseMerged
    return case


def _content(transaction: Transaction, case: CaseRecord, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the recipient will read, as columns; ValidationFailed where it must not leave so."""
    kind = type_of_organisation(transaction, body["to"])
    categories = cases.categories_to_tell(transaction, case.id)
    now = transaction.context.now
    named = cases.consent_state(transaction, case.id, rules.CONSENT_TO_NAME, now) == "granted"
    errors = [
        *rules.check_recipient(body["to"], kind, case.supplier_id),
        *rules.check_summary(body["summary"], kind, categories, now, may_name=named),
    ]
    if errors or kind is None:
        raise ValidationFailed(errors=errors)
    return {
        "recipient_id": body["to"],
        "recipient_type": kind,
        "purpose": body["purpose"],
        **body["summary"],
        "site_id": case.site_id if kind == "supplier" else None,
    }


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same as JSON holds it."""
    return {
        name: value if value is None or isinstance(value, list | int) else str(value)
        for name, value in content.items()
    }
