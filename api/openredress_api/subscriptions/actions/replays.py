"""Sending again: asked for here, carried out by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.paging import Page, page
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.subscriptions import rules
from openredress_api.subscriptions.actions.addresses import checked_patterns
from openredress_api.subscriptions.actions.feed import head, place_waiting
from openredress_api.subscriptions.actions.rows import endpoint_of, locked, note
from openredress_api.subscriptions.tables import Replay
from openredress_delivery.tables import event


class TooManyReplays(Conflict):
    """Three replays of this endpoint are running; wait until one is done, or cancel one."""

    code, title = "too_many_replays", "Too many replays"


def replay(
    transaction: Transaction, endpoint_id: UUID, body: Mapping[str, Any]
) -> Replay | dict[str, int]:
    """Have the chosen events sent once more; of a dry run only the count of those that fit."""
    endpoint = locked(transaction, endpoint_id)
    place_waiting(transaction)
    one, only = body["event"], body["only"] or ("all" if body["event"] else "undelivered")
    _check(transaction, body)
    upto, only_undelivered = head(transaction), only == "undelivered"
    chosen = (one, body["types"], body["since"], body["until"], only_undelivered)
    count = func.gate.count_replayed(endpoint.id, *chosen, upto)
    matched: int = transaction.session.execute(select(count)).scalar_one()
    if body["dry_run"]:
        return {"matched": matched}
    running = select(Replay.id).where(Replay.endpoint_id == endpoint.id, Replay.state == "running")
    if len(transaction.all(running)) >= rules.MOST_REPLAYS:
        raise TooManyReplays
    made = Replay(
        organisation_id=endpoint.organisation_id,
        id=dated_id(),
        endpoint_id=endpoint.id,
        cause="manual" if one else "replay",
        event_id=one,
        types=body["types"],
        since=body["since"],
        until=body["until"],
        only_undelivered=only_undelivered,
        at_position=0,
        upto_position=upto,
        matched=matched,
        created_at=func.now(),
        updated_at=func.now(),
    )
    transaction.session.add(made)
    note(transaction, endpoint.id, "replay_started", encode("rpl", made.id))
    transaction.session.flush()
    return made


def list_replays(transaction: Transaction, endpoint_id: UUID, query: Mapping[str, Any]) -> Page:
    """A page of an endpoint's replays, newest first."""
    endpoint = endpoint_of(transaction, endpoint_id)
    statement = select(Replay).where(Replay.endpoint_id == endpoint.id)
    places = (Replay.created_at, Replay.id)
    return page(transaction, statement, places, f"replays {endpoint.id}", query, newest_first=True)


def get_replay(transaction: Transaction, replay_id: UUID) -> Replay:
    """A replay of the caller; NotFound otherwise."""
    return transaction.one(select(Replay).where(Replay.id == replay_id))


def cancel(transaction: Transaction, replay_id: UUID) -> Replay:
    """Make no more deliveries; those that were made are sent."""
    statement = select(Replay).where(Replay.id == replay_id).with_for_update()
    found = transaction.one(statement.execution_options(populate_existing=True))
    if found.state != "running":
        raise StateTransitionNotAllowed
    found.state, found.updated_at = "cancelled", func.now()
    found.version += 1
    note(transaction, found.endpoint_id, "replay_cancelled", encode("rpl", found.id))
    transaction.session.flush()
    return found


def _check(transaction: Transaction, body: Mapping[str, Any]) -> None:
    """ValidationFailed for a choice that fits nothing, or says two things."""
    errors = []
    if body["event"]:
        others = [name for name in ("types", "since", "until") if body[name]]
        errors = [FieldError(f"/{name}", Fault("not_with_event")) for name in others]
        if not transaction.rows(select(event.c.id).where(event.c.id == body["event"])):
            errors.append(FieldError("/event", Fault("not_in_your_feed")))
    checked_patterns(body["types"], "/types/{}")
    if errors:
        raise ValidationFailed(errors=errors)
