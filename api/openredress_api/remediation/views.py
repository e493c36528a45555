"""Requests as their reader sees them: with the latest plan, objection and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text

from openredress_api.foundation.database import Transaction
from openredress_api.remediation.tables import (
    CompletionClaim,
    Escalation,
    EvidenceDemand,
    RemediationCase,
    RemediationContest,
    RemediationPlan,
    RemediationRequest,
    ValidationResultNotice,
)

_SEVERAL = text(
    "SELECT id FROM unnest(CAST(:ids AS uuid[])) AS id WHERE gate.has_several_sponsors(id)"
)
R = TypeVar(
    "R",
    RemediationPlan,
    RemediationContest,
    RemediationCase,
    ValidationResultNotice,
    EvidenceDemand,
    Escalation,
)


def shown(
    transaction: Transaction, requests: Sequence[RemediationRequest]
) -> dict[UUID, Mapping[str, Any]]:
    """Each request by its id; row-level security leaves out what the reader may not see."""
    ids = [request.id for request in requests]
    plans = _by_request(transaction, RemediationPlan, ids)
    contests = _by_request(transaction, RemediationContest, ids)
    results = _by_request(transaction, ValidationResultNotice, ids)
    several = _with_several_sponsors(transaction, ids)
    demands = _by_request(transaction, EvidenceDemand, ids)
    escalations = _by_request(transaction, Escalation, ids)
    links = (
        _by_request(transaction, RemediationCase, ids) if transaction.context.is_institute else {}
    )
    return {
        request.id: {
            **columns(request),
            "plan": _latest(plans.get(request.id, [])),
            "contested_for": _last_reason(contests.get(request.id, [])),
            "has_several_sponsors": request.id in several,
            "evidence_requested": max(
                demands.get(request.id, []), key=lambda one: one.demand_no, default=None
            ),
            "escalations": sorted(escalations.get(request.id, []), key=lambda one: one.level),
            "results": sorted(results.get(request.id, []), key=lambda one: one.round),
            **_inside(links.get(request.id, [])),
        }
        for request in requests
    }


def _with_several_sponsors(transaction: Transaction, ids: list[UUID]) -> set[UUID]:
    return set(transaction.session.scalars(_SEVERAL, {"ids": ids}))


def _by_request(transaction: Transaction, table: type[R], ids: list[UUID]) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {}
    for row in transaction.all(select(table).where(table.request_id.in_(ids))):
        found.setdefault(row.request_id, []).append(row)
    return found


def columns(row: RemediationRequest | CompletionClaim) -> dict[str, Any]:
    """The columns of a row by name, amount and currency as one `amount`."""
    found = row.members()
    return found | {"amount": _money(found.pop("amount"), found.pop("currency"))}


def _money(amount: Decimal | None, currency: str | None) -> Mapping[str, Any] | None:
    return None if amount is None else {"amount": amount, "currency": currency}


def _latest(plans: list[RemediationPlan]) -> Mapping[str, Any] | None:
    last = max(plans, key=lambda one: one.plan_no, default=None)
    if last is None:
        return None
    actions = [{**one, "due_on": date.fromisoformat(one["due_on"])} for one in last.actions]
    return {"plan_no": last.plan_no, "actions": actions, "submitted_at": last.submitted_at}


def _last_reason(contests: list[RemediationContest]) -> str | None:
    last = max(contests, key=lambda one: one.contest_no, default=None)
    return last.reason if last else None


def _inside(links: list[RemediationCase]) -> dict[str, Any]:
    return {
        name: value
        for link in links
        for name, value in (
            ("case", link.case_id),
            ("referral", link.referral_id),
            ("workers_counted", link.workers_counted),
            ("amount_agreed", _money(link.amount_agreed, link.currency_agreed)),
            ("release_at", link.release_at),
            ("cancelled_for", link.cancelled_for),
        )
    }
