"""Use cases of organisations, sites and relations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.problems import (
    Conflict,
    Fault,
    FieldError,
    NotPermitted,
    ValidationFailed,
)
from openredress_api.foundation.upsert import Upserted, upsert
from openredress_api.organisations import events, rules
from openredress_api.organisations.tables import (
    SITE,
    Organisation,
    Relation,
    RelationConfirmation,
    Site,
)

CONTENT = ("name", "country", "city", "time_zone", "os_id")


class AlreadyConfirmed(Conflict):
    """The relation is confirmed already; nothing changed."""

    code, title = "already_confirmed", "Already confirmed"


def put_site(
    transaction: Transaction, key: Mapping[str, str], body: Mapping[str, Any]
) -> tuple[Site, Upserted | None]:
    """Store a site by its supplier's own identifier; None beside it: nothing changed."""
    now = transaction.context.now
    values = {**key, **body, "id": dated_id(), "created_at": now, "updated_at": now}
    done = upsert(transaction, SITE, tuple(key), values, CONTENT)
    site = transaction.one(
        select(Site).where(
            Site.source_system == key["source_system"],
            Site.external_id == key["external_id"],
            Site.organisation_id == transaction.context.organisation_id,
        )
    )
    if done and site.os_id and _is_contested(transaction, site):
        events.os_id_contested(transaction, site)
    return site, done


def watch_os_ids(transaction: Transaction) -> None:
    """Tell the institute of OS IDs in a file that somebody else claims too."""
    found = select(Site).where(
        Site.organisation_id == transaction.context.organisation_id,
        Site.updated_at == transaction.context.now,
        Site.os_id.is_not(None),
    )
    for site in transaction.all(found):
        if _is_contested(transaction, site):
            events.os_id_contested(transaction, site)


def sites_by_reference(transaction: Transaction, source_system: str) -> dict[str, list[Site]]:
    """The sites that the caller may name, by our id, OS ID and (its own) by the sender's own id.

    Where two of its systems have the same id, that of `source_system` is meant. A reference that
    several sites carry names none of them: nobody can tell which one is meant.
    """
    found: dict[str, list[Site]] = defaultdict(list)
    for site in transaction.all(select(Site).order_by(Site.id)):
        found[encode("site", site.id)].append(site)
        if site.os_id:
            found[site.os_id].append(site)
    return {**found, **_by_own_id(transaction, source_system)}


def _by_own_id(transaction: Transaction, source_system: str) -> dict[str, list[Site]]:
    me = transaction.context.organisation_id
    own: dict[str, list[Site]] = defaultdict(list)
    for site in transaction.all(select(Site).where(Site.organisation_id == me).order_by(Site.id)):
        own[site.external_id].append(site)
    for name, sites in own.items():
        meant = [site for site in sites if site.source_system == source_system]
        own[name] = meant or sites
    return own


def _is_contested(transaction: Transaction, site: Site) -> bool:
    return bool(transaction.session.scalar(select(func.gate.os_id_is_contested(site.os_id))))


def get_site(transaction: Transaction, site_id: UUID) -> Site:
    """A site the caller may see; NotFound otherwise."""
    return transaction.one(select(Site).where(Site.id == site_id))


def site_of_organisation(transaction: Transaction, site_id: UUID) -> Site:
    """One of the caller's own sites, for a record that is filed under it."""
    found = transaction.first(
        select(Site).where(
            Site.id == site_id, Site.organisation_id == transaction.context.organisation_id
        )
    )
    if found is None:
        error = FieldError("/site", Fault("not_your_site"), None)
        raise ValidationFailed(errors=[error])
    return found


def suppliers_of_sites(transaction: Transaction, site_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The supplier of each of these sites; one that the caller may not see is not in it."""
    found = transaction.rows(select(Site.id, Site.organisation_id).where(Site.id.in_(site_ids)))
    return {row.id: row.organisation_id for row in found}


def zone_of_site(transaction: Transaction, site_id: UUID) -> str:
    """The IANA time zone of a visible site: its days and quarters are counted in it."""
    return get_site(transaction, site_id).time_zone


def type_of_organisation(transaction: Transaction, organisation_id: UUID) -> str | None:
    """The type of an organisation that the caller may see; None if absent or suspended."""
    found = transaction.first(
        select(Organisation).where(Organisation.organisation_id == organisation_id)
    )
    return found.type if found and found.suspended_at is None else None


def name_of_organisation(transaction: Transaction, organisation_id: UUID) -> str:
    """The name of an organisation that the caller may see; NotFound otherwise."""
    statement = select(Organisation.name).where(Organisation.organisation_id == organisation_id)
    return transaction.one(statement)


def brands_of_site(transaction: Transaction, site_id: UUID, on: date) -> list[UUID]:
    """The brands whose relation with a site is confirmed and valid on a day.

    Only in the institute's transactions.
    """
    confirmed = and_(
        RelationConfirmation.recipient_id == Relation.organisation_id,
        RelationConfirmation.relation_id == Relation.id,
    )
    statement = (
        select(Relation.partner_id)
        .join(RelationConfirmation, confirmed)
        .join(Organisation, Organisation.organisation_id == Relation.partner_id)
        .where(Relation.site_id == site_id, Organisation.type == "brand")
        .where(Relation.valid_from <= on, or_(Relation.valid_to.is_(None), Relation.valid_to >= on))
    )
    return sorted(set(transaction.all(statement)))


def country_of_organisation(transaction: Transaction, organisation_id: UUID) -> str:
    """Where an organisation that the caller may see is at home; NotFound otherwise."""
    statement = select(Organisation.country).where(Organisation.organisation_id == organisation_id)
    return transaction.one(statement)


def state_relation(transaction: Transaction, body: Mapping[str, Any]) -> Relation:
    """State a relation with a site; the other side, or the institute, confirms it."""
    context = transaction.context
    if not transaction.session.scalar(select(func.gate.is_partner_type(body["partner"]))):
        raise ValidationFailed(errors=[FieldError("/partner", Fault("not_a_partner"), None)])
    supplier = transaction.session.scalar(select(func.gate.find_site(body["site"])))
    # Only the partner itself learns whether a site exists: it states relations with sites it was
    # told of. To anybody else a stranger's site and an absent one are the same.
    if supplier is None and body["partner"] == context.organisation_id:
        raise ValidationFailed(errors=[FieldError("/site", Fault("not_a_site"), None)])
    recipient = rules.other_side(context.organisation_id, supplier, body["partner"])
    if recipient is None:
        raise NotPermitted("A relation is stated by the site's supplier or by the partner itself.")
    relation = Relation(
        organisation_id=context.organisation_id,
        id=dated_id(),
        recipient_id=recipient,
        supplier_id=supplier,
        partner_id=body["partner"],
        site_id=body["site"],
        tier=body["tier"],
        valid_from=body["valid_from"],
        valid_to=body["valid_to"],
        created_at=context.now,
        updated_at=context.now,
    )
    transaction.session.add(relation)
    transaction.session.flush()
    return relation


def confirm_relation(transaction: Transaction, relation_id: UUID) -> Relation:
    """Confirm a relation that the other side stated; from then on figures count it."""
    context = transaction.context
    relation = get_relation(transaction, relation_id)
    if not rules.may_confirm(
        context.organisation_id,
        context.institute_id,
        relation.organisation_id,
        relation.recipient_id,
    ):
        raise NotPermitted("Only the other side or the institute can confirm a relation.")
    if confirmation_of(transaction, relation) is not None:
        raise AlreadyConfirmed
    transaction.session.add(
        RelationConfirmation(
            organisation_id=context.organisation_id,
            recipient_id=relation.organisation_id,
            relation_id=relation.id,
            confirmed_at=context.now,
        )
    )
    transaction.session.flush()
    return relation


def get_relation(transaction: Transaction, relation_id: UUID) -> Relation:
    """A relation the caller is a side of; NotFound otherwise."""
    return transaction.one(select(Relation).where(Relation.id == relation_id))


def confirmation_of(transaction: Transaction, relation: Relation) -> RelationConfirmation | None:
    """The confirmation of a relation, if there is one the caller may see."""
    return transaction.first(
        select(RelationConfirmation).where(
            RelationConfirmation.recipient_id == relation.organisation_id,
            RelationConfirmation.relation_id == relation.id,
        )
    )
