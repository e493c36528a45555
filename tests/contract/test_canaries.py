"""Fifty secrets enter, each by its own field; none comes out but to whoever may read it.

Looked through are: what the processes say, answers that refuse, webhooks, feeds, what brands pull,
and every octet of every table. R18, R23.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from tests.factories import cases, protection, remediation
from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice

NAMES = [f"Canary Nyein Zabu {letter}" for letter in "ABCDEFGHIJ"]
PHONES = [f"+999 8855 77{number:02}" for number in range(10)]
PLACES = [f"behind the canary temple, gate {letter}" for letter in "abcdefghij"]
STORIES = [f"They locked the canary gate at night, worker {letter}." for letter in "klmnopqr"]
TALES = [f"I told the canary clerk twice, said {letter}." for letter in "stuv"]
ORDERS = [f"All callers of the canary plant, order {number}." for number in range(3)]
ANSWERS = [f"The canary bonus comes on Friday to shift {letter}." for letter in "xyz"]
HOW_MANY = 50
_numbers = itertools.count()


@dataclass
class Canary:
    """A secret, and what an entitled reader sees of it."""

    secret: str
    read: Callable[[], str]


@pytest.fixture(scope="module")
def custodian(world: World) -> Party:
    """Who lets identities be read."""
    return protection.colleague(world, "custodian")


def case_of(world: World, supplier: Party) -> str:
    """A case that the supplier may hear of."""
    site = world.site(supplier, f"S{next(_numbers)}")
    made = str(cases.case(world, site)["id"])
    cases.consent(world, made, "share_deidentified_employer")
    return made


def identities(world: World, custodian: Party, supplier: Party) -> Iterator[Canary]:
    """30 secrets in the vault: a name, a phone and a safe way for each of ten workers."""
    case = case_of(world, supplier)
    for name, phone, place in zip(NAMES, PHONES, PLACES, strict=True):
        said = {"name": name, "phone": phone, "safe_contact": place}
        worker = protection.worker(world.institute, case, **said)["id"]
        asked = protection.identity_asked(world.institute, case, worker).headers["Location"]
        assert custodian.post(f"{asked}/grant").status_code == 200
        read = world.institute.get(f"{asked}/identity").get_data(as_text=True)
        for secret in said.values():
            yield Canary(secret, lambda read=read: read)  # type: ignore[misc] # the one reading


def words(world: World, supplier: Party) -> Iterator[Canary]:
    """Messages of team and worker, and the codes by which the worker came back."""
    institute = world.institute
    for ours, theirs in zip(STORIES[:4], TALES, strict=True):
        case = case_of(world, supplier)
        code = cases.receipt_code(world, case)
        path = f"/v1/cases/{case}/messages"
        institute.post(path, {"text": ours})
        institute.post("/v1/follow-ups/messages", {"code": code, "text": theirs})

        def read(path: str = path) -> str:
            return institute.get(path).get_data(as_text=True)

        yield Canary(ours, read)
        yield Canary(theirs, read)
        yield Canary(code, lambda code=code: code)  # type: ignore[misc] # shown once, when made


def answers(world: World) -> Iterator[Canary]:
    """What a supplier writes to workers, and what authorities ask for."""
    request = remediation.asked(world)
    for secret in ANSWERS:
        made = request.supplier_does("worker-responses", {"text": secret})
        path = made.headers["Location"]
        yield Canary(secret, lambda path=path: world.institute.get(path).get_data(as_text=True))  # type: ignore[misc] # bound here
    administrator = protection.colleague(world, "administrator")
    for secret in ORDERS:
        body = {
            "received_on": "2026-03-01",
            "country": "TH",
            "authority": "Court",
            "legal_basis": "court_order",
            "asked_for": ["identity"],
            "description": secret,
        }
        path = administrator.post("/v1/legal-requests", body).headers["Location"]
        yield Canary(secret, lambda path=path: administrator.get(path).get_data(as_text=True))  # type: ignore[misc] # bound here


def refusals(world: World, supplier: Party, secrets: list[str]) -> Iterator[str]:
    """Answers to calls that are refused, with a secret where it does not belong."""
    case = case_of(world, supplier)
    for secret in secrets:
        for path, body in (
            (f"/v1/cases/{case}/workers", {"name": secret * 99, "phone": secret}),
            (f"/v1/cases/{case}/messages", {"text": secret * 400}),
            ("/v1/follow-ups/open", {"code": f"{secret}0"}),
            (f"/v1/cases/{case}/safe-contact", {"who_answers": secret}),
        ):
            answer = world.institute.post(path, body)
            assert answer.status_code >= 400, path
            yield answer.get_data(as_text=True)


def octets(world: World) -> Iterator[tuple[str, str]]:
    """Every row of every table as text, octets as they are."""
    with world.installation.as_owner() as connection:
        tables = connection.scalars(
            text(
                "SELECT schemaname || '.' || tablename FROM pg_tables "
                "WHERE schemaname IN ('public', 'gate')"
            )
        ).all()
        for table in tables:
            # Octets are written as hexadecimal digits: those of a secret would show as well.
            for row in connection.scalars(text(f"SELECT t::text FROM {table} t")):  # noqa: S608 - a table's name
                yield table, row


def forms(secret: str) -> set[str]:
    """A secret as it may stand somewhere: as it is, without spaces, and as hexadecimal octets."""
    bare = secret.replace(" ", "")
    return {secret, bare, secret.encode().hex(), bare.encode().hex(), json.dumps(secret)[1:-1]}


def test_r18_fifty_secrets_are_found_nowhere(
    world: World, custodian: Party, post_office: PostOffice, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each is read back once by whoever may; besides, none stands in any place."""
    supplier, brand = world.party("supplier"), world.party("brand")
    for party in (supplier, brand, world.institute):
        post_office.endpoint(party)
    canaries = [
        *identities(world, custodian, supplier),
        *words(world, supplier),
        *answers(world),
    ]
    tokens = [party.token for party in (supplier, brand)]
    assert len(canaries) + len(tokens) == HOW_MANY
    for canary in canaries:
        assert canary.secret in canary.read(), canary.secret
    secrets = [canary.secret for canary in canaries]
    refused = list(refusals(world, supplier, secrets))
    protection.chores(world)
    for party in (supplier, brand, world.institute):
        post_office.settled(party)
    said = capfd.readouterr()
    feeds = [
        party.get(path).get_data(as_text=True)
        for party in (supplier, brand, world.institute)
        for path in ("/v1/events?limit=500", "/v1/audit-entries?limit=500", "/v1/me")
    ]
    places: dict[str, list[str]] = {
        "what was said": [said.out, said.err],
        "refusals": refused,
        "webhooks": [body.decode() for _, body in post_office.receiver.received],
        "feeds": feeds,
        "tables": [row for _, row in octets(world)],
    }
    assert all(places.values())
    leaks = [
        (place, secret)
        for place, found in places.items()
        for secret in (*secrets, *tokens)
        for form in forms(secret)
        if any(form in one for one in found)
    ]
    assert leaks == []


def test_the_search_finds_what_is_there(world: World) -> None:
    """A secret that is put into a plain column is noticed, as text and as octets."""
    with world.installation.as_owner() as connection:
        connection.execute(
            text("UPDATE organisation SET name = :name WHERE type = 'institute'"),
            {"name": NAMES[0]},
        )
    rows = [row for _, row in octets(world)]
    assert any(NAMES[0] in row for row in rows)


def test_where_it_may_be_read_it_is_logged(world: World, custodian: Party) -> None:
    """The reading of an identity leaves an entry with the request's id, and no name."""
    case = case_of(world, world.party("supplier"))
    worker = protection.worker(world.institute, case, name=NAMES[0])["id"]
    asked = protection.identity_asked(world.institute, case, worker).headers["Location"]
    custodian.post(f"{asked}/grant")
    world.institute.get(f"{asked}/identity")
    entries = world.institute.get("/v1/audit-entries?limit=500").json["data"]
    read = [one["records"] for one in entries if one["operation"] == "get_identity"]
    assert any(asked.rpartition("/")[2] in records for records in read)
