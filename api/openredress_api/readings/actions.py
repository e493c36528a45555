"""Use cases of the log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import column, func, select
from sqlalchemy.orm import aliased

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import BadIdentifier, decode
from openredress_api.foundation.paging import Page, page
from openredress_api.foundation.problems import Fault, FieldError, NotFound, ValidationFailed
from openredress_api.readings import rules
from openredress_api.readings.tables import AuditEntry

_COLUMNS = tuple(column(each.name, each.type) for each in AuditEntry.__table__.columns)


def entries(transaction: Transaction, query: Mapping[str, Any]) -> Page:
    """A page of the caller's own entries, or of the readings of one record of its own.

    NotFound alike for a record that is not there and one of somebody else.
    """
    record = query.get("record")
    source = AuditEntry if record is None else _readings(transaction, record)
    statement = select(source)
    if "since" in query:
        statement = statement.where(source.at >= query["since"])
    if "until" in query:
        statement = statement.where(source.at < query["until"])
    found = page(transaction, statement, (source.at, source.id), "audit_entries", query)
    me, institute = transaction.context.organisation_id, transaction.context.institute_id
    return found.showing(lambda one: rules.told(_read(one), record, me, institute))


def _readings(transaction: Transaction, record: str) -> type[AuditEntry]:
    """The readings of a record, in the place of the table."""
    prefix = record.partition("_")[0]
    try:
        asked = rules.KINDS[prefix], decode(prefix, record)
    except (KeyError, BadIdentifier):
        fault = Fault("not_a_record", known=", ".join(f"{each}_..." for each in rules.KINDS))
        raise ValidationFailed(errors=[FieldError("?record", fault, record)]) from None
    if not transaction.session.scalar(select(func.gate.is_my_record(*asked))):
        raise NotFound
    found = func.gate.readings_of(*asked, record).table_valued(*_COLUMNS)
    return aliased(AuditEntry, found.alias("readings"), adapt_on_names=True)


def _read(entry: AuditEntry) -> Mapping[str, Any]:
    content = json.loads(entry.content) if entry.content else None
    return entry.members() | {"content": content}
