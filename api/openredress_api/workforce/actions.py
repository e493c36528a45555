"""Use cases of headcounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import FieldError, ValidationFailed
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.organisations import site_of_organisation
from openredress_api.workforce.intake import INTAKE
from openredress_api.workforce.tables import Headcount


def put_headcount(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[Headcount, Upserted | None]:
    """Store the headcount of one site and month; None beside it: nothing changed."""
    record, now = {**key, **body}, transaction.context.now
    if errors := [_asked(error) for error in INTAKE.check(record, now)]:
        raise ValidationFailed(errors=errors)
    site_of_organisation(transaction, key["site_id"])
    values = {**INTAKE.stored(record), "id": dated_id(), "created_at": now, "updated_at": now}
    done = upsert(transaction, INTAKE.table, INTAKE.key, values, INTAKE.content)
    found = select(Headcount).where(
        Headcount.organisation_id == transaction.context.organisation_id,
        Headcount.site_id == key["site_id"],
        Headcount.month == key["month"],
    )
    return transaction.one(found), done


def _asked(error: FieldError) -> FieldError:
    """An error about the month is one about the query here."""
    return replace(error, pointer="?month") if error.pointer == "/month" else error


def listed(query: Mapping[str, Any]) -> Select[Headcount]:
    """The statement of a list with its filters; a month that nobody sent is not in it."""
    statement = select(Headcount)
    if "updated_since" in query:
        statement = statement.where(Headcount.updated_at >= query["updated_since"])
    if "site" in query:
        statement = statement.where(Headcount.site_id == query["site"])
    return statement
