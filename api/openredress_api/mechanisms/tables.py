"""Tables of mechanisms and of how they reach workers. All own; the institute reads them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any

from sqlalchemy import Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from openredress_api.foundation.database import Base
from openredress_api.foundation.pushed import Moment, Pushed

Ids = Annotated[list[uuid.UUID], mapped_column(ARRAY(Uuid))]
Codes = Annotated[list[str], mapped_column(ARRAY(Text))]
OWN = {"info": {"kind": "own", "institute_reads": True}}


class Mechanism(Pushed):
    """A grievance mechanism as who answers for it describes it (own; the institute reads all)."""

    __tablename__ = "mechanism"
    __table_args__ = OWN

    name: Mapped[str]
    site_ids: Mapped[Ids]
    all_sites: Mapped[bool]
    operator_kind: Mapped[str]
    independent_of_management: Mapped[bool | None]
    external_procedure: Mapped[bool | None]
    external_procedure_name: Mapped[str | None]
    channels: Mapped[Codes]
    languages: Mapped[Codes | None]
    anonymous_possible: Mapped[bool | None]
    always_open: Mapped[bool | None]
    hours: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB(none_as_null=True))
    open_to: Mapped[Codes | None]
    published_time_frames: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    procedure_published: Mapped[bool | None]
    procedure_url: Mapped[str | None]
    text_form_procedure: Mapped[bool | None]
    anti_retaliation_policy: Mapped[bool | None]
    anti_retaliation_policy_since: Mapped[date | None]
    reasons_given: Mapped[bool | None]
    may_meet: Mapped[bool | None]
    appeal_possible: Mapped[bool | None]
    no_waiver_of_rights: Mapped[bool | None]
    representative_allowed: Mapped[bool | None]
    workers_consulted_on_design: Mapped[bool | None]
    workers_consulted_on: Mapped[date | None]
    performance_published: Mapped[bool | None]
    effectiveness_checked_on: Mapped[date | None]
    effectiveness_check_method: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ContactVolume(Base):
    """A month's contacts, counted and never told (own; the institute reads all)."""

    __tablename__ = "contact_volume"
    __table_args__ = OWN

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    # The site's id or the mechanism's: a key with nulls finds nothing.
    about_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID | None]
    supplier_id: Mapped[uuid.UUID | None]
    mechanism_id: Mapped[uuid.UUID | None]
    channel_class: Mapped[str]
    month: Mapped[date]
    calls: Mapped[int | None]
    messages: Mapped[int | None]
    visits: Mapped[int | None]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


CONTACT_VOLUME: Table = ContactVolume.__table__  # type: ignore[assignment]  # mapped tables are Tables


class EngagementEvent(Pushed):
    """A talk with workers (own; the institute reads all)."""

    __tablename__ = "engagement_event"
    __table_args__ = OWN

    held_on: Mapped[date]
    site_ids: Mapped[Ids]
    all_sites: Mapped[bool]
    topics: Mapped[Codes]
    workers_reached: Mapped[int | None]
    languages: Mapped[Codes | None]
    by: Mapped[Codes]
    method: Mapped[str]
    representatives_present: Mapped[bool | None]


class AwarenessSurvey(Pushed):
    """How many workers know and trust a channel (own; the institute reads all)."""

    __tablename__ = "awareness_survey"
    __table_args__ = OWN

    supplier_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID]
    surveyed_on: Mapped[date]
    method: Mapped[str]
    by: Mapped[str]
    asked_n: Mapped[int]
    aware_asked_n: Mapped[int | None]
    aware_n: Mapped[int | None]
    trust_asked_n: Mapped[int | None]
    trust_n: Mapped[int | None]


class ReachabilityProbe(Pushed):
    """One trial whether a channel answers (own; the institute reads all)."""

    __tablename__ = "reachability_probe"
    __table_args__ = OWN

    mechanism_organisation_id: Mapped[uuid.UUID]
    mechanism_id: Mapped[uuid.UUID]
    channel: Mapped[str]
    probed_at: Mapped[Moment]
    reached: Mapped[bool]
    answered_in_seconds: Mapped[int | None]
    language: Mapped[str | None]
    by: Mapped[str]
