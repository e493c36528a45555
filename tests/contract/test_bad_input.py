"""Bad input is refused by name, in one form, and leaves nothing behind (api.md, 6.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from werkzeug.test import TestResponse

from openredress_api.access.scopes import ALL_SCOPES
from openredress_openapi.operations import Operation
from tests.contract.bad_inputs import BODIES, GRIEVANCE, QUERIES, Bad
from tests.factories import cases, registers
from tests.factories.parties import Party, World
from tests.security.asking import BODIES as GOOD
from tests.security.asking import OPERATIONS, absent, base
from tests.security.oracle import TABLES

# Any refused call may be logged, any token used; of everything else there is not one row more.
KEPT = r"^(audit|access_token)"
CHANGE = {"to": "triaged"}


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier that may manage what the table needs."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """Its one site."""
    return world.site(supplier)


@pytest.fixture
def nothing_stored(world: World, site: str) -> Iterator[None]:
    """Every table has as many rows after the test as before."""
    assert site
    before = counted(world)
    yield
    assert counted(world) == before


def counted(world: World) -> dict[str, int]:
    """The number of rows of every table, as the owner sees them."""
    with world.installation.as_owner() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"),
        ).all()
        kept = connection.scalars(
            text("SELECT t FROM unnest(CAST(:all AS text[])) t WHERE t !~ :kept"),
            {"all": list(tables), "kept": KEPT},
        ).all()
        counts = " UNION ALL ".join(f"SELECT '{one}', count(*) FROM {one}" for one in kept)  # noqa: S608 - our tables' names
        return dict(map(tuple, connection.execute(text(counts))))


def problem(answer: TestResponse, status: int, code: str) -> Mapping[str, Any]:
    """The answer's document, which is a problem of that status and code with its request id."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    said: dict[str, Any] = answer.json
    assert (said["code"], said["status"]) == (code, status)
    assert said["request_id"] == answer.headers["X-Request-Id"]
    return said


def sent(bad: Bad, site: str) -> bytes:
    """The body of a bad call."""
    more = f", {bad.more}" if bad.more else ""
    good = GRIEVANCE.replace(b"SITE", site.encode()).replace(b"MORE", more.encode())
    return good if bad.body is None else bad.body


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("name", [*BODIES, *QUERIES])
def test_each_bad_input_has_its_answer(supplier: Party, site: str, name: str) -> None:
    """Status, code and place are those of the table, and no row is stored."""
    bad = (BODIES | QUERIES)[name]
    headers = {"Authorization": f"Bearer {supplier.token}", **bad.headers}
    answer = supplier.http.open(bad.path, method=bad.method, data=sent(bad, site), headers=headers)
    said = problem(answer, bad.status, bad.code)
    if bad.pointer is not None:
        places = {(error["pointer"], error["code"]) for error in said["errors"]}
        assert (bad.pointer, bad.fault) in places
    if bad.status == 405:
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}


def test_the_good_form_of_the_table_is_stored(supplier: Party, site: str) -> None:
    """What the table spoils is accepted whole; of two members of one name the last one counts."""
    more = '"category": "osh.injury"'
    url = "/v1/grievances?external_id=good&source_system=hr"
    headers = {"Authorization": f"Bearer {supplier.token}", "Content-Type": "application/json"}
    body = sent(Bad(201, "", more=more), site)
    answer = supplier.http.put(url, data=body, headers=headers)
    assert (answer.status_code, answer.json["category"]) == (201, "osh.injury")


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "token_missing"),
        ([("Authorization", "Bearer short")], "token_missing"),
        ([("Authorization", "Basic dXNlcjpwYXNz")], "token_missing"),
        ([("Authorization", f"Bearer ort_{'0' * 64}")], "token_invalid"),
        ([("Authorization", f"Bearer ort_{'0' * 64}")] * 2, "token_missing"),
    ],
)
def test_without_a_good_token_nothing_begins(
    supplier: Party, headers: list[tuple[str, str]], code: str
) -> None:
    """No token, a malformed, unknown or second one is a 401 that says how to ask."""
    answer = supplier.http.put("/v1/sites?external_id=x&source_system=x", headers=headers, json={})
    problem(answer, 401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE access_token SET expires_at = now()", "token_expired"),
        ("UPDATE access_token SET revoked_at = now()", "token_revoked"),
        ("UPDATE client SET suspended_at = now()", "token_revoked"),
    ],
)
def test_an_ended_token_stores_nothing(world: World, change: str, code: str) -> None:
    """An expired or revoked token and a suspended client are told apart and stopped."""
    party = world.party("supplier")
    with world.installation.as_owner() as connection:
        mine = {"me": party.organisation_id}
        connection.execute(text(f"{change} WHERE organisation_id = :me"), mine)
    before = counted(world)
    body = {"name": "Site", "country": "TH", "time_zone": "Asia/Bangkok"}
    problem(party.put("/v1/sites?external_id=x&source_system=x", body), 401, code)
    assert counted(world) == before


def test_a_scope_that_is_missing_is_named(world: World) -> None:
    """A token without the scope is a 403 whose challenge names it."""
    party = world.party("supplier", scopes=("events:read",))
    answer = party.get("/v1/sites")
    problem(answer, 403, "insufficient_scope")
    assert 'scope="sites:read"' in answer.headers["WWW-Authenticate"]


def test_a_strangers_id_is_no_id(world: World, supplier: Party, site: str) -> None:
    """Another organisation's site is absent, in the path and in a body."""
    stranger = world.party("supplier")
    problem(stranger.get(f"/v1/sites/{site}"), 404, "not_found")
    before = counted(world)
    said = problem(registers.push(stranger, site, "foreign"), 422, "validation_failed")
    assert said["errors"][0]["code"] == "not_your_site"
    assert counted(world) == before
    assert supplier.get(f"/v1/sites/{site}").status_code == 200


def test_a_key_is_for_one_body_at_a_time(world: World, supplier: Party) -> None:
    """A key with another body is 422; one whose first request still runs is 409, later."""
    body = {"url": "https://example.org/a", "event_patterns": ["*"]}
    path, key = "/v1/webhook-endpoints", {"Idempotency_Key": "one"}
    assert supplier.post(path, body, **key).status_code == 201
    before = counted(world)
    other = body | {"url": "https://example.org/b"}
    problem(supplier.post(path, other, **key), 422, "idempotency_key_reused")
    digest = hashlib.sha256(b"create_webhook_endpoint\0two").hexdigest()
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    with world.installation.as_owner() as connection:
        running = f"{supplier.organisation_id}{supplier.client_id}{digest}"
        connection.execute(lock, {"key": running})
        answer = supplier.post(path, body, Idempotency_Key="two")
    problem(answer, 409, "idempotency_in_progress")
    assert answer.headers["Retry-After"] == "1"
    assert counted(world) == before
    assert supplier.post(path, body, Idempotency_Key="two").status_code == 201


def test_a_version_that_was_not_read_is_not_changed(world: World, site: str) -> None:
    """Without If-Match 428, with a stale or malformed one 412, and the case stays as it is."""
    path = f"/v1/cases/{cases.case(world, site)['id']}"
    before = counted(world)
    change = f"{path}/status-changes"
    problem(world.institute.post(change, CHANGE), 428, "precondition_required")
    for etag in ('"v9-institute"', "v1", '"v1"'):
        answer = world.institute.post(change, CHANGE, If_Match=etag)
        problem(answer, 412, "precondition_failed")
    assert counted(world) == before
    assert world.institute.get(path).json["status"] == "received"


def test_a_cursor_fits_its_list_alone(world: World, supplier: Party) -> None:
    """A cursor of another list or other filters is 422; a limit without end is clamped."""
    for number in range(2):
        world.site(supplier, f"paged {number}".replace(" ", "-"))
    cursor = supplier.get("/v1/sites?limit=1").json["next_cursor"]
    problem(supplier.get(f"/v1/grievances?cursor={cursor}"), 422, "cursor_invalid")
    for limit in (501, 10**9, 10**40):
        answer = supplier.get(f"/v1/sites?limit={limit}&cursor={cursor}")
        assert answer.status_code == 200, answer.json


def test_a_wait_without_end_is_refused(supplier: Party) -> None:
    """A wait of more digits than Python reads is a fault of the caller, not of the server."""
    problem(supplier.get(f"/v1/events?wait={'9' * 5000}"), 422, "validation_failed")


TAKING = [one for one in OPERATIONS if one.takes is not None]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-03-01", "2569-01-01T00:00:00Z", "1E+9", "\x00", "site_1"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def trusted(world: World) -> dict[str, Party]:
    """One caller of each kind with every scope."""
    kinds = ("supplier", "agency", "brand", "cso")
    found = {kind: world.party(kind, scopes=tuple(ALL_SCOPES)) for kind in kinds}
    found["institute"] = world.colleague(
        world.institute.organisation_id,
        "institute",
        duties=("releaser",),
        scopes=tuple(ALL_SCOPES),
    )
    return found


@pytest.mark.parametrize("operation", TAKING, ids=lambda one: one.name)
def test_no_body_brings_the_server_down(trusted: dict[str, Party], operation: Operation) -> None:
    """Whatever JSON an operation is given, in whole or in one member, it answers below 500."""
    caller = trusted[operation.roles[0] if operation.roles else "supplier"]
    nobody = {prefix: absent(prefix) for prefix in TABLES}
    ids = {key: nobody[prefix] for key, prefix in operation.path_parameters.items()}
    asked = base(operation, ids, nobody)
    members = sorted({*GOOD[operation.name], *(asked.body or {})})

    @settings(max_examples=30)
    @given(ANYTHING, st.sampled_from([None, *members]))
    def ask(value: Any, member: str | None) -> None:
        body = value if member is None else {**(asked.body or {}), member: value}
        answer = caller.call(operation.method, asked.path, body)
        assert answer.status_code < 500, (body, answer.json)

    ask()
