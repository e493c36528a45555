"""Repayments: what is agreed to be paid back to workers, paid, and confirmed by them."""

from __future__ import annotations

from collections.abc import Mapping

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.repaid import (
    Repayment,
    RepaymentAgreement,
    RepaymentBalance,
    RepaymentProposal,
    RepaymentValidation,
)

_PATH = "repayment-agreements"


class Repayments(Capability):
    """`/v1/repayment-agreements`."""

    def proposal(self, *, site: str | None = None, agency: str | None = None) -> RepaymentProposal:
        """Return what may be owed at a site or through an agency; for the institute."""
        params = {"site": site, "agency": agency}
        answer = self._transport.send("GET", path(_PATH, "proposal"), params=params)
        return RepaymentProposal(answer.members(), answer)

    def draft(self, *, idempotency_key: str | None = None, **body: object) -> RepaymentAgreement:
        """Write an agreement, which nobody else sees before it is offered; for the institute."""
        return self._post(RepaymentAgreement, _PATH, body=body, key=idempotency_key)

    def get(self, agreement_id: str) -> RepaymentAgreement:
        """Return one agreement with its groups and instalments."""
        return self._get(RepaymentAgreement, _PATH, agreement_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[RepaymentAgreement]:
        """Iterate over the agreements the caller wrote, is to pay or is to validate."""
        return self._list(
            RepaymentAgreement, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )

    def balance(self, agreement_id: str) -> RepaymentBalance:
        """Return what is agreed, claimed, validated, outstanding and overdue at this moment."""
        return self._get(RepaymentBalance, _PATH, agreement_id, "balance")

    def offer(
        self, agreement_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RepaymentAgreement:
        """Ask the payer to agree, or ask again after its objection; for the institute."""
        return self._act(agreement_id, "offer", etag=etag, key=idempotency_key)

    def accept(
        self, agreement_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RepaymentAgreement:
        """Agree to repay."""
        return self._act(agreement_id, "accept", etag=etag, key=idempotency_key)

    def contest(
        self,
        agreement_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RepaymentAgreement:
        """Object to the agreement."""
        body = {"reason": reason}
        return self._act(agreement_id, "contest", etag=etag, key=idempotency_key, body=body)

    def close(
        self, agreement_id: str, *, etag: str | None = None, idempotency_key: str | None = None
    ) -> RepaymentAgreement:
        """Close what workers confirmed, or what nobody could be asked about; for the institute."""
        return self._act(agreement_id, "close", etag=etag, key=idempotency_key)

    def cancel(
        self,
        agreement_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> RepaymentAgreement:
        """Take an open agreement back; for the institute, which alone sees the reason."""
        body = {"reason": reason}
        return self._act(agreement_id, "cancel", etag=etag, key=idempotency_key, body=body)

    def report_payment(
        self,
        agreement_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> Repayment:
        """Say what was paid in all of an instalment to a group; the newest word counts."""
        segments = (_PATH, agreement_id, "payments")
        return self._post(Repayment, *segments, body=body, key=idempotency_key, etag=etag)

    def payments(
        self, agreement_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Repayment]:
        """Iterate over what the payer said it paid, oldest claim first."""
        return self._list(Repayment, _PATH, agreement_id, "payments", cursor=cursor, **filters)

    def get_payment(self, agreement_id: str, payment_id: str) -> Repayment:
        """Return one claim of the payer, and what became of it."""
        return self._get(Repayment, _PATH, agreement_id, "payments", payment_id)

    def validate(
        self,
        agreement_id: str,
        payment_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> RepaymentValidation:
        """Record what workers said of the newest claim; for institute and CSO."""
        segments = (_PATH, agreement_id, "payments", payment_id, "validations")
        return self._post(RepaymentValidation, *segments, body=body, key=idempotency_key, etag=etag)

    def validations(
        self, agreement_id: str, payment_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[RepaymentValidation]:
        """Iterate over what workers said of a claim; for institute and CSO."""
        segments = (_PATH, agreement_id, "payments", payment_id, "validations")
        return self._list(RepaymentValidation, *segments, cursor=cursor, **filters)

    def _act(
        self,
        agreement_id: str,
        verb: str,
        *,
        etag: str | None,
        key: str | None,
        body: Mapping[str, object] | None = None,
    ) -> RepaymentAgreement:
        segments = (_PATH, agreement_id, verb)
        return self._post(RepaymentAgreement, *segments, body=body, key=key, etag=etag)
