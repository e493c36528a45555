"""Who a worker is: written by many, read once, by whom another person has let."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from openredress_api.foundation.idempotency import Attempt
from openredress_api.foundation.identifiers import decode
from tests.factories import protection
from tests.factories.cases import case
from tests.factories.parties import Party, World

NAME, NOTES = "Phyo Made Up", "Call the choir on Sundays"


@pytest.fixture(scope="module")
def made(world: World) -> str:
    """A case."""
    return str(case(world, world.site(world.party("supplier")))["id"])


@pytest.fixture(scope="module")
def custodian(world: World) -> Party:
    """The person whose duty it is."""
    return protection.colleague(world, "custodian")


def asked(world: World, made: str, by: Party | None = None, **fields: Any) -> dict[str, Any]:
    """A request for the identity of a new worker; returns it."""
    worker = protection.worker(world.institute, made, name=NAME, safe_contact=NOTES)
    answer = protection.identity_asked(by or world.institute, made, worker["id"], **fields)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def decided(person: Party, request: dict[str, Any], verb: str = "grant") -> Any:
    """One person decides."""
    return person.post(f"/v1/identity-requests/{request['id']}/{verb}")


def identity(person: Party, request: dict[str, Any]) -> Any:
    """One person reads."""
    return person.get(f"/v1/identity-requests/{request['id']}/identity")


def completed(person: Party, task: dict[str, Any]) -> Any:
    """One person does a task."""
    return person.post(f"/v1/tasks/{task['id']}/complete", {"note_code": "done"})


def test_r19_an_identity_is_read_once_by_who_asked(
    world: World, made: str, custodian: Party
) -> None:
    """Granted by a custodian, read by the asker, and gone after that; both are told of it."""
    request = asked(world, made)
    early = identity(world.institute, request)
    assert (early.status_code, early.json["code"]) == (409, "identity_not_granted")
    granted = decided(custodian, request)
    assert (granted.status_code, granted.json["status"]) == (200, "granted")
    assert identity(custodian, request).status_code == 403
    read = identity(world.institute, request)
    assert read.status_code == 200, read.json
    told = (read.json["name"], read.json["safe_contact"], read.json["worker"])
    assert told == (NAME, NOTES, request["worker"])
    again = identity(world.institute, request)
    assert (again.status_code, again.json["code"]) == (410, "gone")
    for kind in ("watch_identity_read", "confirm_identity_read"):
        assert len(protection.tasks(world, kind, request["id"])) == 1


def test_r19_an_identity_is_read_within_a_day(world: World, made: str, custodian: Party) -> None:
    """By the institute's clock."""
    request = asked(world, made)
    decided(custodian, request)
    with protection.days_later(world, 1.01):
        assert identity(world.institute, request).status_code == 410


def test_r19_two_people_always(world: World, made: str) -> None:
    """A custodian does not grant an own request; without the duty nobody grants."""
    both = protection.colleague(world, "case_worker", "custodian")
    request = asked(world, made, both)
    others = (both, world.institute, protection.colleague(world, "releaser", "reviewer"))
    for person in others:
        for verb in ("grant", "refuse"):
            refused = decided(person, request, verb)
            assert (refused.status_code, refused.json["code"]) == (403, "not_permitted")
    assert identity(both, request).status_code == 409


def test_r19_an_administrator_opens_nothing(world: World, made: str) -> None:
    """Neither by asking nor by granting, whatever other duty was given beside."""
    worker = protection.worker(world.institute, made)["id"]
    administrator = protection.colleague(world, "administrator")
    assert protection.identity_asked(administrator, made, worker).status_code == 403
    request = asked(world, made)
    for duties in (("administrator",), ("administrator", "custodian")):
        person = protection.colleague(world, *duties)
        assert decided(person, request).status_code == 403


def test_r19_a_refusal_ends_the_request(world: World, made: str, custodian: Party) -> None:
    """It is decided once; nothing can be read of it."""
    request = asked(world, made)
    assert decided(custodian, request, "refuse").json["status"] == "refused"
    again = decided(custodian, request)
    assert (again.status_code, again.json["code"]) == (409, "state_transition_not_allowed")
    assert identity(world.institute, request).json["code"] == "identity_not_granted"


def test_r18_break_glass_alerts_two(world: World, made: str, custodian: Party) -> None:
    """In a critical case it is granted at once, and two tasks are made; elsewhere it is refused."""
    worker = protection.worker(world.institute, made)["id"]
    refused = protection.identity_asked(world.institute, made, worker, break_glass=True)
    error = refused.json["errors"][0]
    assert (error["pointer"], error["code"]) == ("/break_glass", "only_if_critical")
    critical = case(world, world.site(world.party("supplier")), severity="s1_critical")["id"]
    request = asked(world, critical, break_glass=True)
    assert (request["status"], request["decided_by"]) == ("granted", None)
    assert decided(custodian, request).status_code == 409
    assert identity(world.institute, request).status_code == 200
    kinds = ("review_break_glass", "second_review_of_break_glass")
    (first,), (second,) = (protection.tasks(world, kind, request["id"]) for kind in kinds)
    # One person is not two, whichever of the tasks comes first, nor both at once.
    with ThreadPoolExecutor() as pool:
        both = [*pool.map(partial(completed, world.institute), (first, second))]
    assert sorted(one.status_code for one in both) == [200, 403]
    assert {one.json.get("code") for one in both} == {None, "second_person_needed"}
    left = first if both[0].status_code == 403 else second
    assert completed(custodian, left).status_code == 200


def test_r19_every_read_leaves_an_entry(world: World, made: str, custodian: Party) -> None:
    """Who asked, who granted and who read stands in the log with both ids, and no name."""
    request = asked(world, made)
    decided(custodian, request)
    identity(world.institute, request)
    with world.installation.as_owner() as connection:
        rows = connection.scalars(text("SELECT content FROM audit")).all()
    about = [json.loads(row) for row in rows if request["id"] in row]
    acts = {one["operation"]: one["person"] for one in about}
    me = str(world.institute.person_id)
    assert acts["get_identity"] == acts["request_identity"] == me
    assert acts["grant_identity_request"] == str(custodian.person_id)
    assert not [row for row in rows if NAME in row]


def test_r19_the_same_number_is_the_same_worker(world: World, made: str) -> None:
    """However it is spelt; the answer tells nothing but the id. The last word is what is read."""
    other = case(world, world.site(world.party("supplier")))["id"]
    number = protection.phone()
    first = protection.worker(world.institute, made, phone=number, name="First")
    second = protection.worker(
        world.institute, other, phone=number.replace(" ", "-"), name="Second"
    )
    assert (first["was_known"], second["was_known"]) == (False, True)
    assert first["id"] == second["id"]
    listed = world.institute.get(f"/v1/cases/{other}/workers").json["data"]
    assert [one["id"] for one in listed] == [first["id"]]
    assert not {"name", "phone", "safe_contact"} & {*first, *listed[0]}
    request = protection.identity_asked(world.institute, made, first["id"]).json
    decided(protection.colleague(world, "custodian"), request)
    assert identity(world.institute, request).json["name"] == "Second"


def test_r19_no_statement_of_the_app_reads_the_vault(world: World, made: str) -> None:
    """The role that serves requests has no right to it; nor may it write a request by itself."""
    protection.worker(world.institute, made)
    with world.app.extensions["openredress"].engine("app").connect() as connection:
        for statement in (
            "SELECT sealed FROM vault_worker",
            "UPDATE identity_request SET status = 'granted'",
            "INSERT INTO worker_in_case SELECT * FROM worker_in_case",
            "SELECT gate.has_duty('custodian')",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(statement))


def test_r3_nothing_stored_can_be_tried_out(world: World, made: str) -> None:
    """Name, number and notes stand in no column; no digest of them is without a key."""
    number = protection.phone()
    body = protection.WORKER | {"phone": number, "name": "Only Here"}
    sent = world.institute.post(f"/v1/cases/{made}/workers", body, Idempotency_Key="tried-out")
    assert sent.status_code == 201
    with world.installation.as_owner() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        stored = "".join(
            row
            for table in tables
            for row in connection.scalars(text(f"SELECT t::text FROM {table} t"))  # noqa: S608 - a table's name
        )
    path = f"/v1/cases/{made}/workers?"
    plain = Attempt.read("tried-out", "add_case_worker", path, json.dumps(body).encode())
    digits = number.replace(" ", "")
    digests = [hashlib.sha256(each.encode()).hexdigest() for each in (number, digits)]
    for secret in ("Only Here", number, digits, *digests, plain.fingerprint.hex()):
        assert secret not in stored
    assert plain.digest.hex() in stored


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"name": None, "phone": None}, "/phone", "needs_name_or_phone"),
        ({"phone": "999 5550 0100"}, "/phone", "not_a_phone"),
        ({"phone": "call me"}, "/phone", "not_a_phone"),
        ({"name": "a\x00b"}, "/name", "not_personal_text"),
        ({"name": "x" * 201}, "/name", "not_personal_text"),
    ],
)
def test_a_refusal_repeats_nothing(
    world: World, made: str, fields: dict[str, Any], pointer: str, code: str
) -> None:
    """What is wrong is named by place; what was sent stands in no answer."""
    body = protection.WORKER | fields
    answer = world.institute.post(f"/v1/cases/{made}/workers", body)
    error = answer.json["errors"][0]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    shown = answer.get_data(as_text=True)
    assert not [each for each in body.values() if each and each in shown]


def test_a_worker_of_another_case_cannot_be_asked_for(world: World, made: str) -> None:
    """An identity is asked for within a case that it belongs to."""
    other = case(world, world.site(world.party("supplier")))["id"]
    worker = protection.worker(world.institute, other)["id"]
    answer = protection.identity_asked(world.institute, made, worker)
    error = answer.json["errors"][0]
    assert (error["pointer"], error["code"]) == ("/worker", "not_in_this_case")
    path = f"/v1/cases/{made}/workers/{worker}/pseudonyms"
    assert world.institute.get(path).status_code == 404
    assert decode("wrk", worker)


def test_everybody_who_may_ask_sees_who_asked(world: World, made: str) -> None:
    """Requests are listed with their purposes: nobody asks unseen."""
    request = asked(world, made, purpose="pay")
    listed = protection.colleague(world, "reviewer").get("/v1/identity-requests?limit=500")
    (found,) = [one for one in listed.json["data"] if one["id"] == request["id"]]
    assert (found["purpose"], found["asked_by"][:4]) == ("pay", "per_")
