"""Signed cursors: keyset position plus a hash of the filters, so a cursor fits only its list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.fields import Count, Text, WireSchema
from openredress_api.foundation.problems import CursorInvalid

TAG_BYTES = 16
DEFAULT_LIMIT = 50
MAX_LIMIT = 500


class PageQuery(WireSchema):
    """A page of a list: `limit` above 500 is clamped. Lists with filters add theirs."""

    cursor = Text(at_most=300, reference=True)
    limit = Count(at_least=1)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: rows, the cursor of the next page, whether there is one."""

    data: Sequence[Any]
    next_cursor: str | None
    has_more: bool

    def showing(self, show: Callable[[Any], Any]) -> Page:
        """The same page with each row as `show` gives it."""
        return Page([show(row) for row in self.data], self.next_cursor, self.has_more)


class Cursors:
    """Makes and reads cursors with one key of the installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, scope: str, place: datetime | int, row_id: UUID) -> str:
        """A cursor after the row (place, row_id) of the list described by `scope`."""
        said = place.isoformat() if isinstance(place, datetime) else str(place)
        body = f"{said}|{row_id}".encode()
        return base64.urlsafe_b64encode(self._tag(scope, body) + body).rstrip(b"=").decode()

    def read(self, scope: str, cursor: str) -> tuple[datetime | int, UUID]:
        """The position behind `cursor`; CursorInvalid if it was made for another list."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise CursorInvalid from None
        tag, body = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(scope, body)):
            raise CursorInvalid
        place, _, row_id = body.decode().partition("|")
        read = int if place.isdigit() else datetime.fromisoformat
        return read(place), UUID(row_id)

    def _tag(self, scope: str, body: bytes) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\0" + body, hashlib.sha256)[:TAG_BYTES]


def list_scope(transaction: Transaction, name: str, filters: Mapping[str, object]) -> str:
    """What a cursor is bound to: the caller's organisation, the list and its filters."""
    kept = {key: str(value) for key, value in sorted(filters.items()) if value is not None}
    return f"{transaction.context.organisation_id}|{name}|{json.dumps(kept)}"


def page(
    transaction: Transaction,
    statement: Select[*tuple[Any, ...]],
    keys: tuple[
        InstrumentedAttribute[datetime] | InstrumentedAttribute[int], InstrumentedAttribute[UUID]
    ],
    name: str,
    query: Mapping[str, Any],
    *,
    newest_first: bool = False,
) -> Page:
    """One page of `statement` in the order of `keys` = (moment or number, id), by a parsed query.

    `limit` above the maximum is clamped; the filters are all other parameters.
    """
    filters = {key: value for key, value in query.items() if key not in {"cursor", "limit"}}
    cursors = transaction.services.cursors
    scope = list_scope(transaction, name, filters)
    limit = min(query.get("limit") or DEFAULT_LIMIT, MAX_LIMIT)
    if query.get("cursor"):
        place = cursors.read(scope, query["cursor"])
        statement = statement.where(_after(keys, place, newest_first=newest_first))
    order = [key.desc() for key in keys] if newest_first else keys
    rows = transaction.all(statement.order_by(*order).limit(limit + 1))
    shown = rows[:limit]
    more = len(rows) > limit
    last = shown[-1] if more else None
    cursor = cursors.write(scope, *(getattr(last, key.key) for key in keys)) if last else None
    return Page(shown, cursor, more)


def _after(
    keys: Sequence[Any], position: tuple[datetime | int, UUID], *, newest_first: bool
) -> ColumnElement[bool]:
    # A row comparison is one index condition; two ORed ones are not.
    here, there = tuple_(*keys), tuple_(*position)
    return here < there if newest_first else here > there
