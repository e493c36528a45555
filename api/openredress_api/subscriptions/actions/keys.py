"""The keys that sign an endpoint's deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.paging import Page, page
from openredress_api.foundation.problems import Conflict
from openredress_api.subscriptions import rules
from openredress_api.subscriptions.actions.rows import endpoint_of, locked, note
from openredress_api.subscriptions.tables import Endpoint, Key
from openredress_webhooks.signing import Secret, SigningKey


def add_key(transaction: Transaction, endpoint: Endpoint, kind: str) -> str:
    """Add a key, and return its text for the receiver: it is shown to nobody again."""
    key: Secret | SigningKey = Secret.generate() if kind == "hmac" else SigningKey.generate()
    public = None if isinstance(key, Secret) else key.public.text
    key_id = dated_id()
    transaction.session.add(
        Key(
            organisation_id=endpoint.organisation_id,
            id=key_id,
            endpoint_id=endpoint.id,
            kind=kind,
            sealed=transaction.seal(f"webhook_key:{key_id}", key.text.encode()),
            public_text=public,
        )
    )
    return public or key.text


def list_keys(transaction: Transaction, endpoint_id: UUID, query: Mapping[str, Any]) -> Page:
    """A page of an endpoint's keys, newest first, the ended ones too."""
    endpoint = endpoint_of(transaction, endpoint_id)
    statement = select(Key).where(Key.endpoint_id == endpoint.id)
    places = (Key.created_at, Key.id)
    return page(transaction, statement, places, f"keys {endpoint.id}", query, newest_first=True)


def rotate(transaction: Transaction, endpoint_id: UUID, overlap: timedelta) -> tuple[str, datetime]:
    """Add a key of the same kind; the old ones sign beside it until the overlap ends."""
    endpoint = locked(transaction, endpoint_id)
    valid = _valid(transaction, endpoint)
    if overlap and len(valid) >= rules.MOST_KEYS:
        raise Conflict(
            "Three keys are valid already; wait until one ends, or rotate without overlap."
        )
    ends: datetime = transaction.session.execute(select(func.now() + overlap)).scalar_one()
    for key in valid:
        key.not_after = min(key.not_after or ends, ends)
    shown = add_key(transaction, endpoint, _kind(transaction, endpoint))
    note(transaction, endpoint.id, "secret_rotated")
    return shown, ends


def revoke(transaction: Transaction, endpoint_id: UUID) -> str | None:
    """End every key but the newest now; where that is the only one, end it for a new one.

    Returns the new key's text, if one had to be made.
    """
    endpoint = locked(transaction, endpoint_id)
    valid = _valid(transaction, endpoint)
    for key in valid[1:] or valid:
        key.revoked_at = func.now()
    note(transaction, endpoint.id, "secret_revoked")
    is_spare = len(valid) > 1
    return None if is_spare else add_key(transaction, endpoint, _kind(transaction, endpoint))


def _valid(transaction: Transaction, endpoint: Endpoint) -> Sequence[Key]:
    """The keys that sign now, newest first."""
    return transaction.all(
        select(Key)
        .where(
            Key.endpoint_id == endpoint.id,
            Key.revoked_at.is_(None),
            or_(Key.not_after.is_(None), Key.not_after > func.now()),
        )
        .order_by(Key.created_at.desc(), Key.id.desc())
    )


def _kind(transaction: Transaction, endpoint: Endpoint) -> str:
    """As the endpoint was made: all its keys are of one kind."""
    of_one = select(Key).where(Key.endpoint_id == endpoint.id).limit(1)
    return transaction.one(of_one).kind
