"""What keeps workers safe, as the institute's own software would do it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from openredress_api.cli.running import do_chores
from openredress_api.organisations import set_sandbox_clock
from tests.factories import cases
from tests.factories.parties import Party, World

ASSESSMENT = {
    "recipient_type": "supplier",
    "decision": "may_release",
    "risks": ["recognisable"],
    "measures": ["details_left_out", "safe_contact_agreed"],
    "valid_days": 30,
}
WORKER = {
    "name": "Made-up Worker",
    "phone": "+999 5550 0100",
    "safe_contact": "Sundays after seven; say that it is about the choir",
}
WELL = {"result": "well", "at": "2026-03-09T19:00:00+07:00"}
REPRISAL = WELL | {"result": "retaliation"}
CUSTODIAN = ("custodian",)

_numbers = itertools.count(1000)


def assessed(person: Party, case: str, **fields: Any) -> TestResponse:
    """An assessment of a case by one person."""
    return person.post(f"/v1/cases/{case}/safety-assessments", ASSESSMENT | fields)


def colleague(world: World, *duties: str) -> Party:
    """Another person of the institute."""
    return world.colleague(world.institute.organisation_id, "institute", duties=duties)


def phone() -> str:
    """A number that nobody else has, of a country that is none."""
    return f"+999 5550 {next(_numbers)}"


def worker(person: Party, case: str, **fields: Any) -> dict[str, Any]:
    """A worker of a case in the vault; returns what is told of it."""
    answer = person.post(f"/v1/cases/{case}/workers", WORKER | {"phone": phone()} | fields)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def identity_asked(person: Party, case: str, worker_id: str, **fields: Any) -> TestResponse:
    """A request for a worker's identity."""
    body = {"worker": worker_id, "case": case, "purpose": "contact"} | fields
    return person.post("/v1/identity-requests", body)


def watched(world: World, supplier: Party | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A referral that just went to an employer, and the watch that it began."""
    sent = cases.referral(world, supplier or world.party("supplier"))
    (watch,) = watches(world, sent["case"])
    return sent, watch


def watches(world: World, case: str) -> list[dict[str, Any]]:
    """The watches of a case."""
    answer = world.institute.get(f"/v1/retaliation-watches?case={case}")
    assert answer.status_code == 200, answer.json
    return list(answer.json["data"])


def checked(person: Party, watch: str, **fields: Any) -> TestResponse:
    """What a worker said."""
    return person.post(f"/v1/retaliation-watches/{watch}/check-backs", WELL | fields)


def tasks(world: World, kind: str, subject: str | None = None) -> list[dict[str, Any]]:
    """The open tasks of a kind, about one record."""
    found = world.institute.get(f"/v1/tasks?kind={kind}&state=open&limit=500").json["data"]
    return [one for one in found if subject in {None, one["subject"]}]


def holds(world: World, site: str) -> list[dict[str, Any]]:
    """The holds of a site, standing or cleared."""
    return list(world.institute.get(f"/v1/site-holds?site={site}").json["data"])


def chores(world: World) -> None:
    """One round of what is done without a caller."""
    do_chores(world.installation, world.app.extensions["openredress"])


@contextmanager
def days_later(world: World, days: float, *others: Party) -> Iterator[None]:
    """The institute's clock goes ahead for a while."""
    ids = [world.institute.organisation_id, *(one.organisation_id for one in others)]

    def move(offset: timedelta) -> None:
        with world.installation.as_owner() as connection:
            set_sandbox_clock(connection, ids, offset)

    move(timedelta(days=days))
    try:
        yield
    finally:
        move(timedelta(0))
