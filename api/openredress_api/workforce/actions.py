"""Use cases of headcounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import ValidationFailed
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.organisations import site_of_organisation
from openredress_api.workforce import rules
from openredress_api.workforce.tables import Headcount

KEY = ("site_id", "month")
CONTENT = ("total", "agency_workers", "source", "is_synthetic")


def put_headcount(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[Headcount, Upserted | None]:
    """Store the headcount of one site and month; None beside it: nothing changed."""
    if errors := rules.check(body):
        raise ValidationFailed(errors=errors)
    site_of_organisation(transaction, key["site_id"])
    now = transaction.context.now
    values = {**key, **body, "id": dated_id(), "created_at": now, "updated_at": now}
    done = upsert(transaction, Headcount.__table__, KEY, values, CONTENT)  # type: ignore[arg-type]  # mapped tables are Tables
    stored = select(Headcount).where(
        Headcount.organisation_id == transaction.context.organisation_id,
        Headcount.site_id == key["site_id"],
        Headcount.month == key["month"],
    )
    return transaction.one(stored), done


def listed(query: Mapping[str, Any]) -> Select[Headcount]:
    """The statement of a list with its filters; a month that nobody sent is not in it."""
    statement = select(Headcount)
    if "updated_since" in query:
        statement = statement.where(Headcount.updated_at >= query["updated_since"])
    if "site" in query:
        statement = statement.where(Headcount.site_id == query["site"])
    return statement
