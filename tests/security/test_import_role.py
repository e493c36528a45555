"""The import worker acts in a sender's name alone: its role is behind the same gate."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from openredress_api.foundation import installation as installations
from openredress_api.foundation.database import driver_connection
from tests.factories.estate import Estate
from tests.factories.parties import Party
from tests.security.oracle import SEES, Oracle

TABLES = """SELECT DISTINCT tablename FROM pg_policies WHERE roles = '{openredress_import}'
    AND cmd = %s"""
# Rows that a sender reads though they are another's, and only to name them in its own.
ALSO = ("site", "relation", "relation_confirmation", "organisation")


@pytest.fixture
def driver(made: Estate) -> Iterator[Any]:
    """A connection that can be any role; nothing it does stays."""
    installation = made.installation
    url = installation.admin_url(installation.database_name)
    with installations._connected(url) as connection:
        driver = driver_connection(connection)
        with driver.transaction(force_rollback=True):
            yield driver


def begin(driver: Any, party: Party) -> None:
    """Be the import role, at work on a job that `party` asked for."""
    job, worker = uuid.uuid4(), uuid.uuid4()
    driver.execute("RESET ROLE")
    driver.execute(
        "INSERT INTO job (organisation_id, id, client_id, person_id, kind, subject_id, state, "
        "worker, lease_until, created_at) VALUES (%s, %s, %s, %s, 'import', %s, 'running', %s, "
        "now() + interval '1 hour', now())",
        (party.organisation_id, job, party.client_id, party.person_id, uuid.uuid4(), worker),
    )
    driver.execute("SET LOCAL ROLE openredress_import")
    outcome = driver.execute("SELECT outcome FROM gate.begin_job(%s, %s, 30)", (job, worker))
    assert outcome.fetchone() == ("ok",)


def test_without_a_job_the_role_sees_nothing(driver: Any) -> None:
    """No table shows a row to the import role before a job's gate has been passed."""
    tables = [name for (name,) in driver.execute(TABLES, ("SELECT",))]
    assert len(tables) > 15
    driver.execute("SET LOCAL ROLE openredress_import")
    for table in tables:
        count = driver.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        assert count.fetchone() == (0,), table


def test_the_worker_sees_its_senders_rows_alone(driver: Any, made: Estate) -> None:
    """Behind a job's gate the role reads what the job's sender may read, and nothing else."""
    oracle = Oracle(made)
    tables = [name for (name,) in driver.execute(TABLES, ("SELECT",))]
    assert set(tables) <= set(SEES)
    for name in ("supplier a", "agency a", "institute"):
        party = made.parties[name]
        begin(driver, party)
        for table in tables:
            query = sql.SQL("SELECT tableoid || ':' || ctid::text FROM {}")
            found = {place for (place,) in driver.execute(query.format(sql.Identifier(table)))}
            may = {row.place for row in oracle.of(table, party.organisation_id)}
            own = {
                row.place
                for row in oracle.rows[table]
                if row.columns["organisation_id"] == str(party.organisation_id)
            }
            extra = found - may
            assert not extra or table == "job", f"{name} reads {len(extra)} rows of {table}"
            assert found & own == own, f"{name} misses own rows of {table}"
            assert found <= own or table in {*ALSO, "job"}, f"{name} reads others' {table}"


def test_the_worker_writes_for_its_sender_alone(driver: Any, made: Estate) -> None:
    """A row in another organisation's name is refused, and another's row is not touched."""
    first, second = made.of("supplier")
    begin(driver, first)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), driver.transaction():
        driver.execute(
            "INSERT INTO headcount (organisation_id, id, site_id, month, total, source, "
            "is_synthetic, created_at, updated_at) SELECT %s, gen_random_uuid(), id, "
            "'2026-01-01', 1, 'other', true, now(), now() FROM site LIMIT 1",
            (second.organisation_id,),
        )
    changed = driver.execute(
        "UPDATE grievance SET version = version WHERE organisation_id = %s",
        (second.organisation_id,),
    )
    assert changed.rowcount == 0


def test_a_job_is_asked_for_in_ones_own_name(made: Estate) -> None:
    """No caller can have work done in the name of another client or person."""
    first, second = made.of("supplier")
    database = made.world.app.extensions["openredress"]
    statement = text(
        "INSERT INTO job (organisation_id, id, client_id, kind, subject_id, created_at) "
        "VALUES (:organisation, gen_random_uuid(), :client, 'import', gen_random_uuid(), now())"
    )
    digest = hashlib.sha256(first.token.encode()).hexdigest()
    for organisation, client in (
        (second.organisation_id, second.client_id),
        (first.organisation_id, second.client_id),
    ):
        with database.transaction(digest) as transaction, pytest.raises(Exception, match="job"):
            transaction.connection.execute(
                statement, {"organisation": organisation, "client": client}
            )
