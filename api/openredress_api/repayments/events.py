"""What this room tells the world."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import encode
from openredress_api.repayments.tables import RepaymentAgreement, RepaymentPayment

PATH = "repayment-agreements"


def offered(transaction: Transaction, agreement: RepaymentAgreement) -> None:
    """The payer is asked to agree, or asked again after its objection."""
    _of_agreement(transaction, "offered", agreement, agreement.recipient_id)


def accepted(transaction: Transaction, agreement: RepaymentAgreement) -> None:
    """The payer has agreed."""
    _of_agreement(transaction, "accepted", agreement, agreement.organisation_id)


def contested(transaction: Transaction, agreement: RepaymentAgreement) -> None:
    """The payer objects: the institute decides."""
    _of_agreement(transaction, "contested", agreement, agreement.organisation_id)


def completed(transaction: Transaction, agreement: RepaymentAgreement) -> None:
    """Workers have confirmed every instalment in full."""
    _of_agreement(transaction, "completed", agreement, agreement.recipient_id)


def closed(transaction: Transaction, agreement: RepaymentAgreement) -> None:
    """Nothing more is asked of the payer, or the agreement is taken back; nobody learns why."""
    if agreement.offered_at is not None:
        _of_agreement(transaction, "closed", agreement, agreement.recipient_id)


def payment_reported(
    transaction: Transaction, agreement: RepaymentAgreement, payment: RepaymentPayment
) -> None:
    """The payer says what it has paid: workers are asked next."""
    data = {"round": payment.round}
    _of_payment(transaction, "payment_reported", payment, agreement.organisation_id, 1, data)


def concluded(
    transaction: Transaction, agreement: RepaymentAgreement, payment: RepaymentPayment, result: str
) -> None:
    """Workers have answered: the payer hears it, unless nobody could be asked."""
    if result == "not_possible":
        _of_payment(transaction, "validation_not_possible", payment, None, 2, {})
    elif result == "disputed":
        _of_payment(transaction, "disputed", payment, agreement.recipient_id, 2, {})
    else:
        data = {"result": result}
        _of_payment(transaction, "validated", payment, agreement.recipient_id, 2, data)


def _of_agreement(
    transaction: Transaction, what: str, agreement: RepaymentAgreement, told: UUID
) -> None:
    announce(
        transaction,
        Announcement(
            type=f"repayment.{what}",
            kind="repayment_agreement",
            prefix="rpa",
            subject_id=agreement.id,
            version=agreement.version,
            recipients=(told,),
            occurred_at=transaction.context.now,
            path=PATH,
            data={"status": agreement.status},
        ),
    )


def _of_payment(
    transaction: Transaction,
    what: str,
    payment: RepaymentPayment,
    told: UUID | None,
    version: int,
    more: Mapping[str, object],
) -> None:
    agreement_id = encode("rpa", payment.agreement_id)
    announce(
        transaction,
        Announcement(
            type=f"repayment.{what}",
            kind="repayment_payment",
            prefix="pay",
            subject_id=payment.id,
            version=version,
            recipients=(told,) if told else (),
            occurred_at=transaction.context.now,
            path=f"{PATH}/{agreement_id}/payments",
            data={"agreement": agreement_id, "instalment": payment.instalment_no, **more},
        ),
    )
