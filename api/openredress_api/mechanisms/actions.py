"""Use cases of mechanisms and of how they reach workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from openredress_api import organisations
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.problems import Fault, FieldError, ValidationFailed
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.mechanisms import rules
from openredress_api.mechanisms.intake import INTAKE
from openredress_api.mechanisms.tables import (
    AwarenessSurvey,
    ContactVolume,
    EngagementEvent,
    Mechanism,
    ReachabilityProbe,
)

Kept = TypeVar(
    "Kept", Mechanism, ContactVolume, EngagementEvent, AwarenessSurvey, ReachabilityProbe
)
Scoped = TypeVar("Scoped", Mechanism, EngagementEvent)
FILTERS = ("site_id", "mechanism_id", "channel_class", "month")


def put_mechanism(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[Mechanism, Upserted | None]:
    """Store a description by its sender's own identifier; None beside it: nothing changed."""
    _refuse(rules.check_mechanism(body, transaction.context.now))
    _suppliers(transaction, _places(body["site_ids"]))
    return _put(transaction, Mechanism, key, body)


def put_contact_volume(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[ContactVolume, Upserted | None]:
    """Store a month's contacts of a site, or of one of the caller's own mechanisms."""
    record, supplier = {**key, **body}, None
    errors = INTAKE.check(record, transaction.context.now)
    _refuse([_asked(error, key) for error in errors])
    if site := key["site_id"]:
        supplier = _suppliers(transaction, {"?site": site})[site]
    elif _mechanism(transaction, key["mechanism_id"], own=True) is None:
        raise _not_a_mechanism("?mechanism")
    columns = {**INTAKE.stored(record), "supplier_id": supplier}
    which = {name: columns.pop(name) for name in INTAKE.key}
    return _put(transaction, ContactVolume, which, columns)


def put_engagement_event(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[EngagementEvent, Upserted | None]:
    """Store a talk with workers by its sender's own identifier."""
    _refuse(rules.check_engagement(body, transaction.context.now))
    _suppliers(transaction, _places(body["site_ids"]))
    return _put(transaction, EngagementEvent, key, body)


def put_awareness_survey(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[AwarenessSurvey, Upserted | None]:
    """Store a survey by its sender's own identifier."""
    _refuse(rules.check_survey(body, transaction.context.now))
    site = body["site_id"]
    supplier = _suppliers(transaction, {"/site": site})[site]
    return _put(transaction, AwarenessSurvey, key, {**body, "supplier_id": supplier})


def put_reachability_probe(
    transaction: Transaction, key: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[ReachabilityProbe, Upserted | None]:
    """Store a trial of a mechanism that the caller may see."""
    _refuse(rules.check_probe(body, transaction.context.now))
    tried = _mechanism(transaction, body["mechanism_id"])
    if tried is None:
        raise _not_a_mechanism("/mechanism")
    if body["channel"] not in tried.channels:
        _refuse([FieldError("/channel", Fault("not_its_channel"), body["channel"])])
    columns = {**body, "mechanism_organisation_id": tried.organisation_id}
    return _put(transaction, ReachabilityProbe, key, columns)


def get_mechanism(transaction: Transaction, mechanism_id: UUID) -> Mechanism:
    """A mechanism the caller may see; NotFound otherwise."""
    return transaction.one(select(Mechanism).where(Mechanism.id == mechanism_id))


def listed(table: type[Kept], query: Mapping[str, Any]) -> Select[Kept]:
    """The statement of a list with its filters, each the name of a column."""
    statement = select(table)
    if "updated_since" in query:
        statement = statement.where(table.updated_at >= query["updated_since"])
    for name in (name for name in FILTERS if name in query):
        statement = statement.where(getattr(table, name) == query[name])
    return statement


def covering(
    transaction: Transaction, table: type[Scoped], query: Mapping[str, Any]
) -> Select[Scoped]:
    """The list's statement; with a site, what names it or all sites of its supplier."""
    statement = listed(table, query)
    if "site" not in query:
        return statement
    site = query["site"]
    supplier = organisations.suppliers_of_sites(transaction, [site]).get(site)
    for_all = table.organisation_id.in_((supplier, transaction.context.institute_id))
    return statement.where(or_(table.site_ids.contains([site]), and_(table.all_sites, for_all)))


def shown(transaction: Transaction, row: Kept) -> dict[str, Any]:
    """A row as it is answered: who stands behind it is told, not stored."""
    institute = transaction.context.institute_id
    return row.members() | {"provenance": rules.provenance(row.organisation_id, institute)}


def _put(
    transaction: Transaction, table: type[Kept], key: Mapping[str, Any], content: Mapping[str, Any]
) -> tuple[Kept, Upserted | None]:
    now = transaction.context.now
    values = {**key, **content, "id": dated_id(), "created_at": now, "updated_at": now}
    done = upsert(transaction, table.__table__, tuple(key), values, tuple(content))  # type: ignore[arg-type]  # mapped tables are Tables
    mine = [getattr(table, name) == value for name, value in key.items()]
    own = table.organisation_id == transaction.context.organisation_id
    return transaction.one(select(table).where(own, *mine)), done


def _places(sites: Sequence[UUID]) -> dict[str, UUID]:
    return {f"/sites/{place}": site for place, site in enumerate(sites)}


def _suppliers(transaction: Transaction, named: Mapping[str, UUID]) -> dict[UUID, UUID]:
    """The supplier of each site; ValidationFailed by place for those the caller may not name."""
    found = organisations.suppliers_of_sites(transaction, named.values())
    code = "not_a_site" if transaction.context.is_institute else "not_your_site"
    _refuse([FieldError(place, Fault(code)) for place, site in named.items() if site not in found])
    return found


def _mechanism(
    transaction: Transaction, mechanism_id: UUID, *, own: bool = False
) -> Mechanism | None:
    statement = select(Mechanism).where(Mechanism.id == mechanism_id)
    if own:
        statement = statement.where(
            Mechanism.organisation_id == transaction.context.organisation_id
        )
    return transaction.first(statement)


def _asked(error: FieldError, key: Mapping[str, Any]) -> FieldError:
    """The error at its place of the query, if it is about a part of the key."""
    name = error.pointer[1:]
    return replace(error, pointer=f"?{name}") if {name, f"{name}_id"} & {*key} else error


def _not_a_mechanism(pointer: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError(pointer, Fault("not_a_mechanism"))])


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise ValidationFailed(errors=errors)
