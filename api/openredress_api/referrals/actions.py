"""Use cases of referrals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from openredress_api import cases, protection
from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode, random_id
from openredress_api.foundation.moves import move
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    Gone,
    NotFound,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.organisations import type_of_organisation
from openredress_api.referrals import events, rules
from openredress_api.referrals.tables import (
    DeletionReceipt,
    Referral,
    ReferralCase,
    ReferralStatusChange,
)


def offer(transaction: Transaction, body: Mapping[str, Any]) -> Referral:
    """Hand a case to an organisation in a summary; consent is checked in this transaction."""
    try:
        case = cases.get_case(transaction, body["case"])
    except NotFound:
        raise ValidationFailed(errors=[FieldError("/case", Fault("not_a_case"))]) from None
    to_type = type_of_organisation(transaction, body["to"])
    categories = cases.categories_of(transaction, case.id)
    now = transaction.context.now
    errors = [
        *rules.check_recipient(body["to"], to_type, case.supplier_id),
        *rules.check_summary(body["summary"], to_type, categories, now),
    ]
    if errors or to_type is None:
        raise ValidationFailed(errors=errors)
    scope = rules.CONSENT_FOR[to_type]
    cases.require_consent(transaction, case.id, scope)
    to_employer = to_type in rules.EMPLOYERS
    if to_employer:
        protection.require_assessment(transaction, case, to_type, transaction.context.person_id)
        protection.require_unheld(transaction, case.site_id)
    site_id = case.site_id if to_type == "supplier" else None
    referral = _release(transaction, body, to_type, site_id)
    transaction.session.add(
        ReferralCase(
            organisation_id=referral.organisation_id,
            referral_id=referral.id,
            case_id=case.id,
            consent_scope=scope,
        )
    )
    _tell(transaction, referral)
    events.offered(transaction, referral)
    if to_employer:
        protection.begin_watch(transaction, case)
    return referral


def _release(
    transaction: Transaction, body: Mapping[str, Any], to_type: str, site_id: UUID | None
) -> Referral:
    context, referral_id = transaction.context, random_id()
    referral = Referral(
        organisation_id=context.organisation_id,
        id=referral_id,
        recipient_id=body["to"],
        recipient_type=to_type,
        purpose=body["purpose"],
        **body["summary"],
        site_id=site_id,
        link=f"{transaction.services.public_url}/v1/referrals/{encode('ref', referral_id)}",
        status="offered",
        due_at=rules.due(context.now, body["respond_in_days"]),
        released_at=context.now,
        updated_at=context.now,
        version=1,
    )
    transaction.session.add(referral)
    transaction.session.flush()
    return referral


def referrals_where(query: Mapping[str, Any]) -> Select[Referral]:
    """The referrals that fit the filters of a list."""
    statement = select(Referral)
    if "status" in query:
        statement = statement.where(Referral.status == query["status"])
    if "updated_since" in query:
        statement = statement.where(Referral.updated_at >= query["updated_since"])
    return statement


def get_referral(transaction: Transaction, referral_id: UUID) -> Referral:
    """A referral sent or received.

    NotFound for anybody else; for the recipient Gone once it was taken back or its consent no
    longer stands: what has left is asked for anew with every read (R23).
    """
    referral = _found(transaction, referral_id)
    if referral.recipient_id == transaction.context.organisation_id and (
        referral.status == "revoked"
        or not transaction.session.scalar(select(func.gate.referral_stands(referral_id)))
    ):
        raise Gone("The referral was taken back; delete your copies.")
    return referral


def read_referral(transaction: Transaction, referral_id: UUID) -> Referral:
    """As `get_referral`; the recipient's first reading opens it."""
    referral = get_referral(transaction, referral_id)
    received = referral.recipient_id == transaction.context.organisation_id
    if received and referral.status in rules.UNREAD:
        # Two readings at once: the other one opened it, and this one reads what there is.
        with suppress(StateTransitionNotAllowed):
            return act(transaction, referral_id, "opened")
    return get_referral(transaction, referral_id)


def _found(transaction: Transaction, referral_id: UUID) -> Referral:
    statement = select(Referral).where(Referral.id == referral_id)
    return transaction.one(statement.execution_options(populate_existing=True))


def act(
    transaction: Transaction,
    referral_id: UUID,
    target: str,
    seen: int | None = None,
    *,
    reason: str | None = None,
    outcomes: list[str] | None = None,
) -> Referral:
    """Take one step as the caller's party and tell the other one."""
    get_referral(transaction, referral_id)
    referral = _move(transaction, referral_id, target, seen, reason=reason, outcomes=outcomes)
    events.updated(transaction, referral)
    return referral


def revoke(
    transaction: Transaction, referral_id: UUID, reason: str, seen: int | None = None
) -> Referral:
    """Take a referral back; its recipient is to delete all copies."""
    referral = _move(transaction, referral_id, "revoked", seen, reason=reason)
    events.revoked(transaction, referral, reason)
    return referral


def confirm_deletion(transaction: Transaction, referral_id: UUID) -> DeletionReceipt:
    """The recipient says that its copies are gone (R1); a second word changes nothing."""
    referral = _found(transaction, referral_id)
    if referral.status != "revoked":
        raise StateTransitionNotAllowed(f"The status is {referral.status}; nothing is taken back.")
    if known := receipt_of(transaction, referral_id):
        return known
    receipt = DeletionReceipt(
        organisation_id=transaction.context.organisation_id,
        recipient_id=referral.organisation_id,
        referral_id=referral.id,
        confirmed_at=transaction.context.now,
    )
    transaction.session.add(receipt)
    transaction.session.flush()
    return receipt


def receipt_of(transaction: Transaction, referral_id: UUID) -> DeletionReceipt | None:
    """The receipt of deletion of a referral, if it has come."""
    mine = DeletionReceipt.referral_id == referral_id
    return transaction.first(select(DeletionReceipt).where(mine))


def _move(
    transaction: Transaction,
    referral_id: UUID,
    target: str,
    seen: int | None,
    **answer: Any,  # noqa: ANN401 - reason and outcomes of the step
) -> Referral:
    move(transaction, "referral", referral_id, target, seen)
    referral = _found(transaction, referral_id)
    _tell(transaction, referral, **answer)
    return referral


def _tell(transaction: Transaction, referral: Referral, **answer: Any) -> None:  # noqa: ANN401 - as above
    me = transaction.context.organisation_id
    other = ({referral.organisation_id, referral.recipient_id} - {me}).pop()
    transaction.session.add(
        ReferralStatusChange(
            organisation_id=me,
            referral_id=referral.id,
            version=referral.version,
            recipient_id=other,
            sender_id=referral.organisation_id,
            to_status=referral.status,
            changed_at=referral.updated_at,
            **answer,
        )
    )
    transaction.session.flush()


def changes_of(transaction: Transaction, referral_id: UUID) -> Sequence[ReferralStatusChange]:
    """The steps a referral took, oldest first."""
    mine = ReferralStatusChange.referral_id == referral_id
    return transaction.all(
        select(ReferralStatusChange).where(mine).order_by(ReferralStatusChange.version)
    )


def case_of(transaction: Transaction, referral_id: UUID) -> UUID:
    """Which case a referral comes from; only in the institute's transactions."""
    return transaction.one(
        select(ReferralCase.case_id).where(ReferralCase.referral_id == referral_id)
    )


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Take back what rests on a consent that is no longer granted, or on a voided case (R1)."""
    if announcement.type not in {"case.consent_withdrawn", "case.voided"}:
        return
    notes = announcement.notes
    resting = [ReferralCase.case_id == notes["case_id"]]
    if "scope" in notes:
        resting.append(ReferralCase.consent_scope == notes["scope"])
    linked = and_(
        ReferralCase.organisation_id == Referral.organisation_id,
        ReferralCase.referral_id == Referral.id,
    )
    statement = select(Referral).join(ReferralCase, linked)
    for referral in transaction.all(
        statement.where(*resting, Referral.status.in_(rules.REVOCABLE))
    ):
        # It may have ended a moment ago: then nothing is left to take back.
        with suppress(StateTransitionNotAllowed):
            revoke(transaction, referral.id, rules.RECALLED)
