"""The watch for reprisals: after each release a worker is asked, again and again (R15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from openredress_api import cases
from openredress_api.foundation.checks import ahead
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.persons import person_with
from openredress_api.foundation.problems import ValidationFailed
from openredress_api.protection import rules
from openredress_api.protection.actions import holds
from openredress_api.protection.tables import CheckBack, RetaliationWatch


def begin_watch(
    transaction: Transaction, case: cases.CaseRecord, shown_at: datetime
) -> RetaliationWatch:
    """Something of the case is shown to an employer or agency: watch for 180 days from then.

    The caller holds the case, as for `require_assessment`.
    """
    now, ends_at = transaction.context.now, shown_at + rules.WATCH
    watch = transaction.first(select(RetaliationWatch).where(RetaliationWatch.case_id == case.id))
    if watch is None:
        watch = RetaliationWatch(
            organisation_id=transaction.context.organisation_id,
            id=random_id(),
            case_id=case.id,
            began_at=shown_at,
            ends_at=ends_at,
            updated_at=now,
        )
        transaction.session.add(watch)
        transaction.session.flush()
    else:
        watch.ends_at, watch.updated_at = max(watch.ends_at, ends_at), now
        watch.version += 1
    _plan(transaction, watch, shown_at)
    return watch


def _plan(transaction: Transaction, watch: RetaliationWatch, shown_at: datetime) -> None:
    now = transaction.context.now
    still = (CheckBack.result.is_(None), CheckBack.due_at > now, CheckBack.after_days.is_not(None))
    found = select(CheckBack).where(CheckBack.watch_id == watch.id, *still)
    waiting = {one.after_days: one for one in transaction.all(found)}
    for days, (due_at, is_new) in rules.scheduled(shown_at, list(waiting.values())).items():
        if is_new:
            _add(transaction, watch, after_days=days, due_at=due_at)
        else:
            waiting[days].due_at = due_at
    transaction.session.flush()


def _add(transaction: Transaction, watch: RetaliationWatch, **fields: Any) -> CheckBack:  # noqa: ANN401 - columns
    made = CheckBack(
        organisation_id=watch.organisation_id, id=random_id(), watch_id=watch.id, **fields
    )
    transaction.session.add(made)
    return made


def watches_where(query: Mapping[str, Any]) -> Select[RetaliationWatch]:
    """The watches that fit the filters of a list."""
    statement = select(RetaliationWatch)
    if "case" in query:
        statement = statement.where(RetaliationWatch.case_id == query["case"])
    return statement


def get_watch(transaction: Transaction, watch_id: UUID) -> RetaliationWatch:
    """A watch of the institute; NotFound otherwise."""
    return transaction.one(select(RetaliationWatch).where(RetaliationWatch.id == watch_id))


def check_backs_of(transaction: Transaction, watches: Sequence[UUID]) -> Sequence[CheckBack]:
    """The questions of these watches, planned and made, in the order of their days."""
    mine = CheckBack.watch_id.in_(watches)
    return transaction.all(select(CheckBack).where(mine).order_by(CheckBack.due_at, CheckBack.id))


def record_check_back(
    transaction: Transaction, watch_id: UUID, body: Mapping[str, Any]
) -> RetaliationWatch:
    """Write down what a worker said; a reprisal holds the site.

    It answers the oldest question that is due; where none is, it is one that nobody planned.
    """
    person, now = person_with(transaction), transaction.context.now
    errors = list(ahead("/at", body["at"], now))
    if errors:
        raise ValidationFailed(errors=errors)
    case = cases.get_case(transaction, get_watch(transaction, watch_id).case_id)
    if body["result"] == rules.REPRISAL:
        # Before the watch, as a release does it: otherwise the two could wait for each other.
        holds.settle(transaction, case.site_id)
    locked = select(RetaliationWatch).where(RetaliationWatch.id == watch_id).with_for_update()
    watch = transaction.one(locked.execution_options(populate_existing=True))
    asked = next(
        (
            one
            for one in check_backs_of(transaction, [watch_id])
            if one.result is None and one.due_at <= now
        ),
        None,
    ) or _add(transaction, watch, due_at=now)
    asked.result, asked.at, asked.recorded_by = body["result"], body["at"], person
    watch.updated_at = now
    watch.version += 1
    transaction.session.flush()
    if body["result"] == rules.REPRISAL:
        holds.place(transaction, case)
    return watch
