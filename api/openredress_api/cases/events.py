"""What this room tells the rooms above it; no organisation hears of a case."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from openredress_api.cases.tables import CaseConsent, CaseIssue, CaseMessage, CaseRecord
from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction


def consent_withdrawn(transaction: Transaction, answer: CaseConsent) -> None:
    """A scope is no longer granted: whatever rests on it has to be taken back."""
    notes = {"case_id": answer.case_id, "scope": answer.scope}
    _announce(transaction, "case.consent_withdrawn", ("case_consent", "con", answer.id), 1, notes)


def issue_added(transaction: Transaction, issue: CaseIssue) -> None:
    """A kind of harm was heard of: what endangers workers has to be acted upon."""
    notes = {"case_id": issue.case_id, "category": issue.category}
    _announce(transaction, "case.issue_added", ("case_issue", "iss", issue.id), 1, notes)


def voided(transaction: Transaction, case: CaseRecord) -> None:
    """The case should never have been: whatever rests on it has to be taken back."""
    subject = ("case_record", "case", case.id)
    _announce(transaction, "case.voided", subject, case.version, {"case_id": case.id})


def graded(transaction: Transaction, case: CaseRecord) -> None:
    """The case is this grave from now on: somebody has to act within the clock of that."""
    subject = ("case_record", "case", case.id)
    notes = {"case_id": case.id, "severity": case.severity}
    _announce(transaction, "case.graded", subject, case.version, notes)


def lowered(transaction: Transaction, case: CaseRecord) -> None:
    """The case is less grave from now on: what was decided about it was about another one."""
    subject = ("case_record", "case", case.id)
    _announce(transaction, "case.lowered", subject, case.version, {"case_id": case.id})


def merged(transaction: Transaction, case: CaseRecord) -> None:
    """The case is judged together with what was merged into it from now on."""
    subject = ("case_record", "case", case.id)
    _announce(transaction, "case.merged", subject, case.version, {"case_id": case.id})


def worker_wrote(
    transaction: Transaction, case: CaseRecord, message: CaseMessage, *, asks: bool
) -> None:
    """A worker wrote, or asks to have an ended case taken up again; what was said stays sealed."""
    fact = "case.reopening_asked" if asks else "case.message_received"
    notes = {"severity": case.severity}
    _announce(transaction, fact, ("case_record", "case", case.id), message.n, notes)


def _announce(
    transaction: Transaction,
    fact: str,
    subject: tuple[str, str, UUID],
    version: int,
    notes: Mapping[str, object],
) -> None:
    kind, prefix, subject_id = subject
    announce(
        transaction,
        Announcement(
            type=fact,
            kind=kind,
            prefix=prefix,
            subject_id=subject_id,
            version=version,
            recipients=(),
            occurred_at=transaction.context.now,
            path="cases",
            notes=notes,
        ),
    )
