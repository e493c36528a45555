"""Use cases of endpoints: made, changed, asked for proof, paused, resumed, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.paging import Page, page
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.subscriptions import rules
from openredress_api.subscriptions.actions.access import set_access
from openredress_api.subscriptions.actions.addresses import checked_patterns, checked_url
from openredress_api.subscriptions.actions.keys import add_key
from openredress_api.subscriptions.actions.rows import THERE, endpoint_of, locked, note
from openredress_api.subscriptions.tables import Delivery, Endpoint, LogEntry
from openredress_delivery.tables import head_of

# Members that are stored as they come.
PLAIN = ("description", "event_patterns", "max_in_flight", "rate_per_min", "ordered")
BY_OWNER = "by_owner"


class TooManyEndpoints(Conflict):
    """An organisation has at most 20 endpoints; delete one first."""

    code, title = "too_many_endpoints", "Too many endpoints"


def create_endpoint(transaction: Transaction, body: Mapping[str, Any]) -> tuple[Endpoint, str]:
    """Store an endpoint that has to prove itself; returns it and its key for the receiver."""
    checked_patterns(body["event_patterns"], "/event_patterns/{}")
    if len(list_endpoints(transaction)) >= rules.MOST_ENDPOINTS:
        raise TooManyEndpoints
    organisation = transaction.context.organisation_id
    endpoint = Endpoint(
        organisation_id=organisation,
        id=dated_id(),
        url=checked_url(transaction, body["url"], "/url"),
        state="pending_verification",
        header_names=[],
        fanned_position=head_of(organisation),
        **{name: body[name] for name in PLAIN},
    )
    set_access(transaction, endpoint, body)
    transaction.session.add(endpoint)
    transaction.session.flush()
    shown = add_key(transaction, endpoint, body["signature"])
    _ask(transaction, endpoint)
    return endpoint, shown


def list_endpoints(transaction: Transaction) -> Sequence[Endpoint]:
    """All endpoints of the caller but the deleted ones, oldest first."""
    return transaction.all(THERE.order_by(Endpoint.created_at, Endpoint.id))


def change(
    transaction: Transaction, endpoint_id: UUID, body: Mapping[str, Any], seen: int | None
) -> Endpoint:
    """Store what is to be otherwise; a new address has to prove itself anew."""
    endpoint = locked(transaction, endpoint_id, seen)
    if "event_patterns" in body:
        checked_patterns(body["event_patterns"], "/event_patterns/{}")
    changed = [name for name in PLAIN if name in body and body[name] != getattr(endpoint, name)]
    for name in changed:
        setattr(endpoint, name, body[name])
    changed += set_access(transaction, endpoint, body)
    url = checked_url(transaction, body["url"], "/url") if "url" in body else endpoint.url
    if url != endpoint.url:
        _move(transaction, endpoint, url)
        changed.append("url")
    if changed:
        endpoint.version += 1
        note(transaction, endpoint.id, "edited", ", ".join(changed))
    transaction.session.flush()
    return endpoint


def verify(transaction: Transaction, endpoint_id: UUID) -> Delivery:
    """Send a challenge now; returns its delivery. An active endpoint stays so, whatever comes."""
    endpoint = locked(transaction, endpoint_id)
    if endpoint.state not in rules.MAY_ASK:
        raise StateTransitionNotAllowed("Resume the endpoint first: it is asked then.")
    note(transaction, endpoint.id, "verification_asked")
    event_id = _ask(transaction, endpoint)
    return transaction.one(select(Delivery).where(Delivery.event_id == event_id))


def pause(transaction: Transaction, endpoint_id: UUID, seen: int | None) -> Endpoint:
    """Send nothing; events wait."""
    endpoint = locked(transaction, endpoint_id, seen)
    if endpoint.state not in rules.MAY_PAUSE:
        raise StateTransitionNotAllowed
    if endpoint.state == "pending_verification":
        endpoint.challenge = None
    return _moved(transaction, endpoint, "paused", BY_OWNER)


def resume(
    transaction: Transaction, endpoint_id: UUID, body: Mapping[str, Any], seen: int | None
) -> Endpoint:
    """Send again, and forget the failures; whoever has not proved itself is asked first."""
    endpoint = locked(transaction, endpoint_id, seen)
    if endpoint.state not in rules.MAY_RESUME:
        raise StateTransitionNotAllowed
    endpoint.skip_before = _skipped(transaction, body)
    _forgive(endpoint)
    if endpoint.challenge is not None:
        return _moved(transaction, endpoint, "active", BY_OWNER)
    _moved(transaction, endpoint, "pending_verification", BY_OWNER)
    _ask(transaction, endpoint)
    return endpoint


def delete(transaction: Transaction, endpoint_id: UUID, seen: int | None) -> None:
    """Remove an endpoint, and what it was trusted with."""
    endpoint = locked(transaction, endpoint_id, seen)
    endpoint.sealed = None
    _moved(transaction, endpoint, "deleted", BY_OWNER)


def list_log(transaction: Transaction, endpoint_id: UUID, query: Mapping[str, Any]) -> Page:
    """A page of what was done to an endpoint, newest first."""
    endpoint = endpoint_of(transaction, endpoint_id)
    statement = select(LogEntry).where(LogEntry.endpoint_id == endpoint.id)
    places = (LogEntry.at, LogEntry.id)
    return page(transaction, statement, places, f"log {endpoint.id}", query, newest_first=True)


def _move(transaction: Transaction, endpoint: Endpoint, url: str) -> None:
    """Another address: nothing that the receiver at the old one did says anything of it."""
    if endpoint.state == "held":
        # It would become active by itself, unproved.
        raise StateTransitionNotAllowed
    endpoint.url, endpoint.challenge = url, None
    _forgive(endpoint)
    if endpoint.state in rules.MAY_ASK:
        endpoint.state, endpoint.state_reason = "pending_verification", "url_changed"
        endpoint.state_since = func.now()
        _ask(transaction, endpoint)


def _ask(transaction: Transaction, endpoint: Endpoint) -> UUID:
    """Send a challenge; returns its event."""
    transaction.session.flush()
    asked = func.gate.ask_verification(endpoint.id, secrets.token_urlsafe(32))
    event_id: UUID = transaction.session.execute(select(asked)).scalar_one()
    return event_id


def _moved(transaction: Transaction, endpoint: Endpoint, state: str, reason: str) -> Endpoint:
    endpoint.state, endpoint.state_reason, endpoint.state_since = state, reason, func.now()
    endpoint.version += 1
    transaction.session.flush()
    return endpoint


def _forgive(endpoint: Endpoint) -> None:
    """Begin to count failures anew."""
    endpoint.failing_since = endpoint.last_failed_on = endpoint.probe_at = None
    endpoint.failed_attempts = endpoint.failed_days = 0
    endpoint.notices = endpoint.network_failures = 0


def _skipped(transaction: Transaction, body: Mapping[str, Any]) -> datetime | None:
    """The moment before which events are not sent."""
    since: datetime | None = body["since"]
    if (body["events"] == "since") != (since is not None):
        raise ValidationFailed(errors=[FieldError("/since", Fault("only_with_since"))])
    return transaction.context.now if body["events"] == "none" else since
