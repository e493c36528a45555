"""A case and what was merged into it: found, held for a change, and counted on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from openredress_api.cases import rules
from openredress_api.cases.tables import CaseIssue, CaseRecord, CaseStatusChange
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import Conflict


class CaseVoided(Conflict):
    """The case was voided; its tombstone is not changed any more."""

    code, title = "case_voided", "Case voided"


class CaseMerged(Conflict):
    """The case was merged into another one; work goes on there."""

    code, title = "case_merged", "Case merged"


def get_case(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """A case of the institute, or one that is assigned to the caller; NotFound otherwise."""
    return transaction.one(select(CaseRecord).where(CaseRecord.id == case_id))


def held(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """The case with its row locked, so that consent and what rests on it cannot cross."""
    found = select(CaseRecord).where(CaseRecord.id == case_id).with_for_update()
    case = transaction.one(found.execution_options(populate_existing=True))
    if case.voided_at is not None:
        raise CaseVoided
    return case


def held_unmerged(transaction: Transaction, case_id: UUID) -> CaseRecord:
    """As `held`, for what is counted at the case that stays."""
    case = held(transaction, case_id)
    if case.merged_into is not None:
        raise CaseMerged
    return case


def touch(transaction: Transaction, case: CaseRecord) -> None:
    """The case has changed now."""
    case.version += 1
    case.updated_at = transaction.context.now
    transaction.session.flush()


def keeps_contact(case: CaseRecord) -> None:
    """Contact data is there, perhaps again: it is erased in its time (R17)."""
    case.contact_erased_at = None


def duplicates_of(transaction: Transaction, case_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """Each case that was merged into one of these, and into which."""
    statement = select(CaseRecord.id, CaseRecord.merged_into)
    found = transaction.rows(statement.where(CaseRecord.merged_into.in_(case_ids)))
    return {row.id: row.merged_into for row in found}


def with_duplicates(transaction: Transaction, case_id: UUID) -> list[UUID]:
    """A case and each that was merged into it: what is counted at it stands in their rows."""
    return [case_id, *duplicates_of(transaction, [case_id])]


def matter_of(transaction: Transaction, case_id: UUID) -> list[UUID]:
    """As `with_duplicates`, without those that should never have been."""
    among = CaseRecord.id.in_(with_duplicates(transaction, case_id))
    standing = select(CaseRecord.id).where(among, CaseRecord.voided_at.is_(None))
    return list(transaction.all(standing))


def issues_of(transaction: Transaction, case_ids: Sequence[UUID]) -> Sequence[CaseIssue]:
    """The issues of these cases in the order of their categories, the oldest of each first."""
    order = (CaseIssue.category, CaseIssue.created_at, CaseIssue.id)
    mine = CaseIssue.case_id.in_(case_ids)
    return transaction.all(select(CaseIssue).where(mine).order_by(*order))


def categories_of(transaction: Transaction, case_id: UUID) -> tuple[str, ...]:
    """The categories of a case's issues and of what was merged into it, each once."""
    return _categories(transaction, with_duplicates(transaction, case_id))


def categories_to_tell(transaction: Transaction, case_id: UUID) -> tuple[str, ...]:
    """The categories of a case that may leave it with the consent given in it (R1).

    A duplicate's stay with the duplicate, since consents are not carried over.
    """
    return _categories(transaction, [case_id])


def _categories(transaction: Transaction, case_ids: Sequence[UUID]) -> tuple[str, ...]:
    found = issues_of(transaction, case_ids)
    return tuple(dict.fromkeys(issue.category for issue in found))


def judged(transaction: Transaction, case: CaseRecord) -> CaseRecord:
    """The case by which this one is judged: itself, or the one that it was merged into."""
    return case if case.merged_into is None else get_case(transaction, case.merged_into)


def known_since(transaction: Transaction, case_id: UUID) -> datetime:
    """Since when a case is about what it is about now: its last issue, merge or reopening.

    What workers confirmed before says nothing of it. Only in the institute's transactions.
    """
    every = matter_of(transaction, case_id)
    issues = select(func.max(CaseIssue.created_at)).where(CaseIssue.case_id.in_(every))
    change = CaseStatusChange
    reopened = and_(change.case_id == case_id, change.to_status == "reopened")
    merged = and_(change.case_id.in_(every), change.to_status == rules.MERGED)
    changes = select(func.max(change.changed_at)).where(or_(reopened, merged))
    found = (transaction.session.scalar(statement) for statement in (issues, changes))
    return max(moment for moment in found if moment is not None)


def is_sensitive(transaction: Transaction, case: CaseRecord) -> bool:
    """Whether nothing of the case may reach an employer before a safety assessment (R2, R21)."""
    stays = judged(transaction, case)
    return rules.is_sensitive(stays.severity, categories_of(transaction, stays.id))


def cases_at_site(
    transaction: Transaction, site_id: UUID, categories: Collection[str], since: date, until: date
) -> int:
    """How many cases of a site and of any of these categories came in from `since` on.

    Those of `until` and later, merged and voided ones do not count. Only in the institute's
    transactions.
    """
    among = select(CaseIssue.case_id).where(CaseIssue.category.in_(categories))
    statement = (
        select(func.count())
        .select_from(CaseRecord)
        .where(CaseRecord.site_id == site_id, CaseRecord.id.in_(among))
        .where(CaseRecord.voided_at.is_(None), CaseRecord.merged_into.is_(None))
        .where(CaseRecord.received_at >= since, CaseRecord.received_at < until)
    )
    count: int = transaction.one(statement)
    return count
