"""The gate: only a live token makes a context, and a context is worth nothing anywhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from openredress_api.foundation.database import driver_connection
from openredress_api.foundation.identifiers import decode
from tests.factories.parties import Party, World
from tests.factories.registers import push

COUNT = "SELECT count(*) FROM site"


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier with one site."""
    party = world.party("supplier")
    world.site(party)
    return party


@contextmanager
def app_role(world: World) -> Iterator[psycopg.Connection[Any]]:
    """A bare connection of the least-privileged role."""
    with world.app.extensions["openredress"].engine("app").connect() as connection:
        yield driver_connection(connection)


def begin(driver: psycopg.Connection[Any], party: Party) -> str:
    """Open a transaction as `party`; returns the signed context."""
    digest = hashlib.sha256(party.token.encode()).hexdigest()
    driver.execute(f"BEGIN; SELECT gate.begin('{digest}')")
    return driver.execute("SELECT current_setting('openredress.context')").fetchone()[0]


def test_without_a_token_there_is_nothing(world: World, supplier: Party) -> None:
    """A connection that never passed the gate sees 0 rows and stores none."""
    with app_role(world) as driver:
        assert driver.execute(COUNT).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            driver.execute(
                "INSERT INTO site SELECT %s, gen_random_uuid(), 'x', 'x', 'x', 'TH', 'x', "
                "'Asia/Bangkok', NULL, now(), now(), 1",
                (supplier.organisation_id,),
            )


def test_a_forged_context_sees_nothing(world: World, supplier: Party) -> None:
    """A setting written by hand, right in all but the signature, sees 0 rows."""
    with app_role(world) as driver:
        genuine = begin(driver, supplier)
        forged = genuine[:-64] + "0" * 64
        driver.execute("SELECT set_config('openredress.context', %s, true)", (forged,))
        assert driver.execute(COUNT).fetchone() == (0,)
        driver.execute("SELECT set_config('openredress.context', %s, true)", (genuine,))
        assert driver.execute(COUNT).fetchone() == (1,)
        driver.execute("ROLLBACK")


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_no_part_of_a_context_can_be_exchanged(world: World, supplier: Party, place: int) -> None:
    """Another organisation, type, client or person under the same signature sees 0 rows."""
    with app_role(world) as driver:
        parts = begin(driver, supplier).split("|")
        parts[place] = "institute" if place == 1 else str(world.institute.organisation_id)
        driver.execute("SELECT set_config('openredress.context', %s, true)", ("|".join(parts),))
        assert driver.execute(COUNT).fetchone() == (0,)
        driver.execute("ROLLBACK")


def test_a_replayed_context_sees_nothing(world: World, supplier: Party) -> None:
    """A genuine context from another transaction or another backend sees 0 rows."""
    with app_role(world) as driver, app_role(world) as other:
        genuine = begin(driver, supplier)
        other.execute("BEGIN")
        other.execute("SELECT set_config('openredress.context', %s, true)", (genuine,))
        assert other.execute(COUNT).fetchone() == (0,)
        other.execute("ROLLBACK")
        driver.execute("COMMIT")
        assert driver.execute(COUNT).fetchone() == (0,)
        driver.execute("BEGIN")
        driver.execute("SELECT set_config('openredress.context', %s, true)", (genuine,))
        assert driver.execute(COUNT).fetchone() == (0,)
        driver.execute("ROLLBACK")


def test_a_temporary_table_cannot_forge_a_token(world: World) -> None:
    """The app role may not even make the temporary table that would shadow the token table."""
    with app_role(world) as driver, pytest.raises(psycopg.errors.InsufficientPrivilege):
        driver.execute("CREATE TEMP TABLE access_token (token_hash bytea)")


def test_the_context_key_is_out_of_reach(world: World) -> None:
    """No working role reads the key, the tokens or the clients, nor signs or enters by itself."""
    forbidden = (
        "SELECT context_key FROM gate.installation",
        "SELECT * FROM access_token",
        "SELECT * FROM client",
        "SELECT gate.sign('x')",
        "SELECT gate.enter(NULL, 'institute', NULL, NULL)",
        "TRUNCATE site",
        "DELETE FROM site",
        "UPDATE relation SET tier = 1",
    )
    with app_role(world) as driver:
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                driver.execute(statement)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE access_token SET expires_at = now() - interval '1s'", "token_expired"),
        ("UPDATE access_token SET revoked_at = now()", "token_revoked"),
        ("UPDATE client SET suspended_at = now()", "token_revoked"),
        ("UPDATE person SET suspended_at = now()", "token_revoked"),
        ("UPDATE organisation SET suspended_at = now()", "token_revoked"),
    ],
)
def test_an_end_acts_on_the_next_call(world: World, change: str, code: str) -> None:
    """Expiry, revocation and suspension of client, person or organisation end the next call."""
    party = world.party("supplier")
    assert party.get("/v1/sites").status_code == 200
    with world.installation.as_owner() as connection:
        connection.execute(
            text(f"{change} WHERE organisation_id = :id"), {"id": party.organisation_id}
        )
    answer = party.get("/v1/sites")
    assert (answer.status_code, answer.json["code"]) == (401, code)
    assert "error=" in answer.headers["WWW-Authenticate"]


def test_reading_updating_and_upserting_work_behind_the_gate(world: World, supplier: Party) -> None:
    """After begin, in the same string, a read, an update and an upsert meet the caller's rows."""
    with app_role(world) as driver:
        begin(driver, supplier)
        assert driver.execute(COUNT).fetchone() == (1,)
        assert driver.execute("UPDATE site SET city = 'X'").rowcount == 1
        upserted = driver.execute(
            "INSERT INTO site SELECT * FROM site ON CONFLICT (organisation_id, source_system, "
            "external_id) DO UPDATE SET city = 'Y'"
        )
        assert upserted.rowcount == 1
        driver.execute("ROLLBACK")


def test_a_strangers_record_tells_nothing_of_itself(world: World, supplier: Party) -> None:
    """gate.move answers for a foreign record as for none, and knows no other tables."""
    stranger = world.party("supplier")
    pushed = push(supplier, world.site(supplier, "moved"), "M-1").json["id"]
    foreign = decode("grv", pushed)
    with app_role(world) as driver:
        begin(driver, stranger)
        for kind, record in (("grievance", foreign), ("grievance", uuid4()), ("site", foreign)):
            asked = "SELECT * FROM gate.move(%s, %s, 'acknowledged', NULL, now())"
            found = driver.execute(asked, (kind, record)).fetchone()
            assert found == ("absent", None, None), kind


def test_a_relation_cannot_be_stated_to_an_accomplice(world: World, supplier: Party) -> None:
    """The database itself asks that one side states a relation to the other one."""
    brand, friend = world.party("brand"), world.party("brand")
    site = decode("site", world.site(supplier, "claimed"))
    statement = (
        "INSERT INTO relation (organisation_id, id, recipient_id, supplier_id, partner_id, "
        "site_id, tier, valid_from, created_at, updated_at) VALUES (%(brand)s, "
        "gen_random_uuid(), %(to)s, %(supplier)s, %(brand)s, %(site)s, 1, '2020-01-01', now(), "
        "now())"
    )
    given = {"brand": brand.organisation_id, "supplier": supplier.organisation_id, "site": site}
    with app_role(world) as driver:
        begin(driver, brand)
        with pytest.raises(psycopg.errors.CheckViolation):
            driver.execute(statement, given | {"to": friend.organisation_id})
