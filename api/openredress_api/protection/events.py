"""What this room tells the world, and the rooms above it. The supplier hears nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from openredress_api.foundation.announcements import Announcement, announce
from openredress_api.foundation.database import Transaction
from openredress_api.protection import rules
from openredress_api.protection.tables import IdentityRequest, SafetyAssessment, SiteHold


def hold_changed(
    transaction: Transaction, hold: SiteHold, state: str, brands: Sequence[UUID]
) -> None:
    """To the brands of a site: nothing new is asked there for now, or is again; never why."""
    announce(
        transaction,
        Announcement(
            type="site.safeguard_hold",
            kind="site",
            prefix="site",
            subject_id=hold.site_id,
            version=rules.number_of_change(hold.n, state),
            recipients=tuple(brands),
            occurred_at=transaction.context.now,
            path="sites",
            data={"state": state},
        ),
    )


def reprisal_reported(transaction: Transaction, hold: SiteHold) -> None:
    """Inside the institute: another person has to look into it before the site is open again."""
    _inside(transaction, "site.held", ("site_hold", "hld", hold.id), hold.version, "site-holds")


def identity(transaction: Transaction, request: IdentityRequest, what: str) -> None:
    """Inside the institute: an identity was asked for, taken at once, or read."""
    subject = ("identity_request", "idr", request.id)
    _inside(transaction, f"identity.{what}", subject, request.version, "identity-requests")


def assessed(transaction: Transaction, made: SafetyAssessment) -> None:
    """Inside: what waits for its moment is judged anew."""
    subject, notes = ("safety_assessment", "saf", made.id), {"case_id": made.case_id}
    _inside(transaction, "case.assessed", subject, made.n, "safety-assessments", notes)


def _inside(
    transaction: Transaction,
    fact: str,
    subject: tuple[str, str, UUID],
    version: int,
    path: str,
    notes: Mapping[str, object] | None = None,
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
            path=path,
            notes=notes or {},
        ),
    )
