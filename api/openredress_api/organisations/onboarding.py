"""Onboarding before there is a console: run by the operator on the owner's connection."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection

from openredress_api.foundation.identifiers import dated_id
from openredress_api.foundation.sealing import Sealer
from openredress_api.vocabulary import TAXONOMIES

TYPES = ("supplier", "agency", "brand", "cso", "government", "institute")
DUTIES = ("case_worker", "reviewer", "releaser", "custodian", "administrator")


class Refused(Exception):
    """An operator's command cannot be done; the message says what was read and what is right."""


def add_organisation(
    connection: Connection,
    sealer: Sealer,
    *,
    kind: str,
    name: str,
    country: str,
    is_sandbox: bool = False,
) -> UUID:
    """Add an organisation with its data key; a second institute is refused."""
    if kind not in TYPES:
        raise Refused(f"{kind!r} is no type of organisation; expected one of {', '.join(TYPES)}")
    if country not in TAXONOMIES["country"].codes:
        raise Refused(f"{country!r} is no ISO 3166-1 alpha-2 country; for example TH")
    if kind == "institute" and connection.scalar(text("SELECT gate.institute()")):
        raise Refused("this installation has its institute already")
    organisation_id = dated_id()
    connection.execute(
        text(
            "INSERT INTO organisation (organisation_id, type, name, country, is_sandbox) "
            "VALUES (:id, :type, :name, :country, :sandbox)"
        ),
        {
            "id": organisation_id,
            "type": kind,
            "name": name,
            "country": country,
            "sandbox": is_sandbox,
        },
    )
    connection.execute(
        text("INSERT INTO data_key (organisation_id, wrapped) VALUES (:id, :wrapped)"),
        {"id": organisation_id, "wrapped": sealer.new_data_key(organisation_id)},
    )
    if kind == "institute":
        connection.execute(
            text("UPDATE gate.installation SET institute_id = :id"), {"id": organisation_id}
        )
    return organisation_id


def add_person(
    connection: Connection, organisation_id: UUID, *, name: str, duties: tuple[str, ...]
) -> UUID:
    """Add a person of an organisation; every institute and CSO client belongs to one."""
    for duty in duties:
        if duty not in DUTIES:
            raise Refused(f"{duty!r} is no duty; expected some of {', '.join(DUTIES)}")
    person_id = dated_id()
    connection.execute(
        text(
            "INSERT INTO person (organisation_id, id, name, duties) "
            "VALUES (:organisation, :id, :name, :duties)"
        ),
        {
            "organisation": organisation_id,
            "id": person_id,
            "name": name,
            "duties": list(duties),
        },
    )
    return person_id


def suspend_organisation(connection: Connection, organisation_id: UUID) -> None:
    """Suspend an organisation: its tokens end with the next call, its endpoints are held."""
    found = connection.execute(
        text(
            "UPDATE organisation SET suspended_at = now(), version = version + 1 "
            "WHERE organisation_id = :id AND suspended_at IS NULL"
        ),
        {"id": organisation_id},
    )
    if found.rowcount != 1:
        raise Refused("there is no such organisation, or it is suspended already")
    connection.execute(
        text(
            "UPDATE webhook_endpoint SET state = 'held', state_reason = 'organisation_suspended', "
            "state_since = now(), version = version + 1 "
            "WHERE organisation_id = :id AND state = 'active'"
        ),
        {"id": organisation_id},
    )


def set_sandbox_clock(
    connection: Connection, organisation_ids: list[UUID], offset: timedelta
) -> int:
    """Move the clock of sandbox organisations to real time + `offset`; returns how many moved."""
    found = connection.execute(
        text(
            "UPDATE organisation SET clock_offset = :offset "
            "WHERE is_sandbox AND organisation_id = ANY(:ids)"
        ),
        {"offset": offset, "ids": organisation_ids},
    )
    return found.rowcount
