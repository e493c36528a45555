"""The audit log: an entry with each change, in a tree that shows any later touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from openredress_api.foundation import audit
from openredress_api.foundation.audit import AuditBroken
from tests.factories.parties import World

TOUCHES = {
    "content changed": "UPDATE audit SET content = replace(content, 'site', 'me') WHERE seq = 0",
    "salt changed": "UPDATE audit SET salt = sha256('x') WHERE seq = 0",
    "leaf changed": "UPDATE audit SET leaf = sha256('x') WHERE seq = 0",
    "operation changed": "UPDATE audit SET operation = 'get_me' WHERE seq = 0",
    "forged as erased": "UPDATE audit SET salt = NULL, content = 'forged' WHERE seq = 0",
    "half erased": "UPDATE audit SET content = NULL WHERE seq = 0",
    "first deleted": "DELETE FROM audit WHERE seq = 0",
    "last deleted": "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    "reordered": "UPDATE audit SET seq = CASE seq WHEN 0 THEN 1 ELSE 0 END WHERE seq IN (0, 1)",
    "checkpoint changed": "UPDATE gate.audit_checkpoint SET root = sha256('x')",
    "checkpoint unsigned": "UPDATE gate.audit_checkpoint SET signature = NULL",
}


@pytest.fixture(scope="module")
def written(world: World) -> World:
    """A world with a few entries in their places."""
    supplier = world.party("supplier")
    for number in range(5):
        world.site(supplier, f"site {number}")
    key = world.installation.master.signing_key()
    with world.installation.as_owner() as connection:
        assert audit.sequence(connection, key) == 5
    return world


@pytest.fixture
def look(written: World) -> Callable[[str], int]:
    """Touch the log by a statement, verify it, and undo the touch."""
    public = written.installation.master.signing_key().public_key()

    def verified(touch: str) -> int:
        with written.installation.as_owner() as connection:
            nested = connection.begin_nested()
            try:
                connection.execute(text(touch))
                return audit.verify(connection, public)
            finally:
                nested.rollback()

    return verified


def test_an_untouched_log_verifies(look: Callable[[str], int]) -> None:
    """Every entry fits its leaf, and every checkpoint the tree."""
    assert look("SELECT 1") == 5


@pytest.mark.parametrize("touch", TOUCHES)
def test_each_touch_is_noticed(look: Callable[[str], int], touch: str) -> None:
    """Whatever a superuser changes in an entry that has its place breaks the log."""
    with pytest.raises(AuditBroken):
        look(TOUCHES[touch])


def test_an_erased_entry_still_verifies(look: Callable[[str], int]) -> None:
    """Salt and content may go, as a right to erasure asks; the tree stays whole."""
    assert look("UPDATE audit SET salt = NULL, content = NULL WHERE seq = 0") == 5


def test_a_replay_that_reads_is_written_down(world: World) -> None:
    """A repeated act answers with the record as it stands, and that reading has an entry."""
    institute = world.institute
    site = world.site(world.party("supplier"))
    body = {
        "site": site,
        "categories": ["wages.withheld"],
        "channel": "hotline_call",
        "severity": "s3_serious",
        "received_at": "2026-03-02T09:30:00Z",
        "received_at_basis": "stated",
    }

    def entries(connection: Connection) -> int:
        query = text("SELECT count(*) FROM audit WHERE operation = 'get_case'")
        return int(connection.execute(query).scalar_one())

    for times in range(3):
        answer = institute.post("/v1/cases", body, Idempotency_Key="once")
        assert answer.status_code == 201
        with world.installation.as_owner() as connection:
            assert entries(connection) == times
