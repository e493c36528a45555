"""Use cases of systemic actions: a supplier's word, the institute's, and whether harm recurs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from openredress_api import cases, organisations, remediation
from openredress_api.evidence import check_evidence
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    Gone,
    NotFound,
    ValidationFailed,
)
from openredress_api.foundation.turns import take_turn
from openredress_api.improvements import events, rules
from openredress_api.improvements.tables import SystemicAction, SystemicVerdict


def state(transaction: Transaction, body: Mapping[str, Any]) -> SystemicAction:
    """A supplier says what it changed; nothing of it counts as verified by that."""
    if errors := list(_faults(transaction, body)):
        raise ValidationFailed(errors=errors)
    made = SystemicAction(
        organisation_id=transaction.context.organisation_id,
        id=dated_id(),
        recipient_id=transaction.context.institute_id,
        site_id=body["site"],
        **{name: value for name, value in body.items() if name != "site"},
        stated_at=transaction.context.now,
    )
    transaction.session.add(made)
    transaction.session.flush()
    events.stated(transaction, made)
    return made


def _faults(transaction: Transaction, body: Mapping[str, Any]) -> Iterator[FieldError]:
    me = transaction.context.organisation_id
    try:
        is_own = organisations.get_site(transaction, body["site"]).organisation_id == me
    except NotFound:
        is_own = False
    if not is_own:
        yield FieldError("/site", Fault("not_your_site"))
    yield from check_evidence(transaction, body["evidence"])
    for place, one in enumerate(body["requests"]):
        if not _led_to(transaction, one, body["site"]):
            yield FieldError(f"/requests/{place}", Fault("not_received"), encode("rem", one))


def _led_to(transaction: Transaction, request_id: UUID, site_id: UUID) -> bool:
    try:
        return remediation.get_request(transaction, request_id).site_id == site_id
    except (NotFound, Gone):
        return False


def actions_where(query: Mapping[str, Any]) -> Select[SystemicAction]:
    """The actions that fit the filters of a list."""
    statement = select(SystemicAction)
    if "site" in query:
        statement = statement.where(SystemicAction.site_id == query["site"])
    return statement


def get_action(transaction: Transaction, action_id: UUID) -> SystemicAction:
    """An action that the caller stated, or judges; NotFound otherwise."""
    return transaction.one(select(SystemicAction).where(SystemicAction.id == action_id))


def shown(
    transaction: Transaction, actions: Sequence[SystemicAction]
) -> Mapping[UUID, Mapping[str, Any]]:
    """Each action by its id, with the institute's last word."""
    found = select(SystemicVerdict).where(SystemicVerdict.action_id.in_([a.id for a in actions]))
    ordered = transaction.all(found.order_by(SystemicVerdict.n))
    last = {verdict.action_id: verdict for verdict in ordered}
    return {one.id: one.members() | {"verdict": last.get(one.id)} for one in actions}


def judge(transaction: Transaction, action_id: UUID, body: Mapping[str, Any]) -> SystemicAction:
    """The institute writes what it found; a later word takes the place of an earlier one."""
    person_with(transaction, "case_worker", "reviewer")
    action = get_action(transaction, action_id)
    take_turn(transaction, f"systemic_verdict {action_id}")
    before = transaction.all(select(SystemicVerdict).where(SystemicVerdict.action_id == action_id))
    transaction.session.add(
        SystemicVerdict(
            organisation_id=transaction.context.organisation_id,
            action_id=action.id,
            n=len(before) + 1,
            recipient_id=action.organisation_id,
            **body,
            at=transaction.context.now,
        )
    )
    transaction.session.flush()
    return action


def recurrence(transaction: Transaction, action_id: UUID) -> dict[str, Any]:
    """How many cases there were of the same site and categories, before and after."""
    action = get_action(transaction, action_id)
    today = transaction.context.now.date()
    before, after, is_complete = rules.windows(action.effective_on, today)
    counted = [
        cases.cases_at_site(transaction, action.site_id, action.categories, *window)
        for window in (before, after)
    ]
    return {
        "action": action.id,
        "cases_before": counted[0],
        "cases_after": counted[1],
        "is_complete": is_complete,
    }
