"""Held sites: after a report of a reprisal nothing new goes to the employer or an agency (R15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api import cases, organisations
from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import (
    Conflict,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
)
from openredress_api.foundation.turns import take_turn
from openredress_api.protection import events, rules
from openredress_api.protection.tables import SiteHold


class SafeguardHold(Conflict):
    """A reprisal was reported at this site: nothing new leaves until another person clears it."""

    code, title = "safeguard_hold", "Safeguard hold"


def require_unheld(transaction: Transaction, site_id: UUID) -> None:
    """Raise SafeguardHold while a site is held; none can be placed before the commit."""
    settle(transaction, site_id)
    if _standing(transaction, site_id) is not None:
        raise SafeguardHold


def settle(transaction: Transaction, site_id: UUID) -> None:
    """A release and a hold of one site wait for each other."""
    take_turn(transaction, f"site_hold {site_id}")


def _standing(transaction: Transaction, site_id: UUID) -> SiteHold | None:
    placed = (SiteHold.site_id == site_id, SiteHold.cleared_at.is_(None))
    return transaction.first(select(SiteHold).where(*placed))


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Hold the site of a case that tells of a reprisal."""
    notes = announcement.notes
    is_reprisal = notes.get("category") == rules.REPRISAL_CATEGORY
    if announcement.type == "case.issue_added" and is_reprisal:
        case_id: Any = notes["case_id"]
        place(transaction, cases.get_case(transaction, case_id))


def place(transaction: Transaction, case: cases.CaseRecord) -> None:
    """Hold the site of a case; where it is held already, the report is added to what it is for."""
    settle(transaction, case.site_id)
    now, person = transaction.context.now, transaction.context.person_id
    hold = _standing(transaction, case.site_id)
    reported_by = [person] if person else []
    if hold is None:
        hold = SiteHold(
            organisation_id=transaction.context.organisation_id,
            id=random_id(),
            site_id=case.site_id,
            supplier_id=case.supplier_id,
            n=_count(transaction, case.site_id) + 1,
            case_ids=[case.id],
            reported_by=reported_by,
            placed_at=now,
            updated_at=now,
            version=1,
        )
        transaction.session.add(hold)
        transaction.session.flush()
        _tell_brands(transaction, hold, rules.PLACED)
    else:
        hold.case_ids = sorted({*hold.case_ids, case.id})
        hold.reported_by = sorted({*hold.reported_by, *reported_by})
        hold.updated_at, hold.version = now, hold.version + 1
        transaction.session.flush()
    events.reprisal_reported(transaction, hold)


def _count(transaction: Transaction, site_id: UUID) -> int:
    query = select(func.count()).select_from(SiteHold).where(SiteHold.site_id == site_id)
    return transaction.one(query)


def _tell_brands(transaction: Transaction, hold: SiteHold, state: str) -> None:
    today = transaction.context.now.date()
    brands = organisations.brands_of_site(transaction, hold.site_id, today)
    events.hold_changed(transaction, hold, state, brands)


def holds_where(query: Mapping[str, Any]) -> Select[SiteHold]:
    """The holds that fit the filters of a list."""
    statement = select(SiteHold)
    if "site" in query:
        statement = statement.where(SiteHold.site_id == query["site"])
    return statement


def get_hold(transaction: Transaction, hold_id: UUID) -> SiteHold:
    """A hold, standing or cleared; NotFound otherwise."""
    return transaction.one(select(SiteHold).where(SiteHold.id == hold_id))


def clear(transaction: Transaction, hold_id: UUID, reason: str, seen: int | None) -> SiteHold:
    """Open a site again: by a releaser who reported nothing of what it is held for."""
    context = transaction.context
    settle(transaction, get_hold(transaction, hold_id).site_id)
    statement = select(SiteHold).where(SiteHold.id == hold_id)
    hold = transaction.one(statement.execution_options(populate_existing=True))
    if not rules.may_clear(context.person_id, context.duties, hold.reported_by):
        raise NotPermitted("A site is cleared by another releaser than whoever reported.")
    if seen is not None and seen != hold.version:
        raise PreconditionFailed
    if hold.cleared_at is not None:
        raise StateTransitionNotAllowed("The hold was cleared already.")
    hold.cleared_at, hold.cleared_by, hold.clear_reason = context.now, context.person_id, reason
    hold.updated_at, hold.version = context.now, hold.version + 1
    transaction.session.flush()
    _tell_brands(transaction, hold, rules.CLEARED)
    return hold
