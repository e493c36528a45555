"""Tables of organisations, people, sites and relations."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Table, Text, and_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base, Context
from openredress_api.organisations.rules import PARTNERS


class Organisation(Base):
    """A tenant (own; the institute reads all)."""

    __tablename__ = "organisation"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    name: Mapped[str]
    country: Mapped[str]
    contacts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_sandbox: Mapped[bool]
    clock_offset: Mapped[timedelta]
    suspended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int]


class Person(Base):
    """A person of an organisation with duties (own; the institute reads all)."""

    __tablename__ = "person"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    duties: Mapped[list[str]] = mapped_column(ARRAY(Text))
    suspended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def _sites(context: Context) -> ColumnElement[bool]:
    """Own sites; for a partner those of its confirmed relations."""
    if context.organisation_type not in PARTNERS:
        return Site.organisation_id == context.organisation_id
    related = select(Relation.supplier_id, Relation.site_id).join(
        RelationConfirmation,
        and_(
            RelationConfirmation.recipient_id == Relation.organisation_id,
            RelationConfirmation.relation_id == Relation.id,
        ),
    )
    mine = related.where(Relation.partner_id == context.organisation_id)
    return tuple_(Site.organisation_id, Site.id).in_(mine)


class Site(Base):
    """A supplier's site (own; partners of a confirmed relation and the institute read it)."""

    __tablename__ = "site"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True, "visible": _sites}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source_system: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    country: Mapped[str]
    city: Mapped[str | None]
    time_zone: Mapped[str]
    os_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)


SITE: Table = Site.__table__  # type: ignore[assignment]  # mapped tables are Tables


class SiteAlias(Base):
    """An OS ID that led to this site before a merge (own; the institute reads all)."""

    __tablename__ = "site_alias"
    __table_args__ = {"info": {"kind": "own", "institute_reads": True}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    os_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[uuid.UUID]


class Relation(Base):
    """A partner's relation with a site, as one side states it (addressed)."""

    __tablename__ = "relation"
    __table_args__ = {"info": {"kind": "addressed"}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID]
    supplier_id: Mapped[uuid.UUID]
    partner_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID]
    tier: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)


def _confirmations(context: Context) -> ColumnElement[bool]:
    """Those of relations one is a side of, whoever confirmed them."""
    me = context.organisation_id
    mine = or_(Relation.organisation_id == me, Relation.recipient_id == me)
    return RelationConfirmation.relation_id.in_(select(Relation.id).where(mine))


class RelationConfirmation(Base):
    """The other side's, or the institute's, yes to a relation (addressed; both sides read it)."""

    __tablename__ = "relation_confirmation"
    __table_args__ = {"info": {"kind": "addressed", "visible": _confirmations}}

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    relation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    confirmed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
