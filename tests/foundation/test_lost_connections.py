"""What a caller gets when the database goes away in the middle of a request."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from openredress_api.foundation import installation as installations
from openredress_api.foundation.database import Database, Transaction
from openredress_api.organisations import actions
from openredress_api.organisations.tables import Site
from tests.factories.parties import World


def test_after_a_failed_flush_the_next_call_goes_well(world: World) -> None:
    """A session undoes by itself what it could not write; nothing of the connection is lost."""
    supplier = world.party("supplier")
    database: Database = world.app.extensions["openredress"]
    token = hashlib.sha256(supplier.token.encode()).hexdigest()
    body = {"name": "Site", "country": "TH", "time_zone": "Asia/Bangkok"}
    # Often enough for the driver to prepare statements of its own.
    for number in range(20):
        path = f"/v1/sites?external_id={number}&source_system=test"
        assert supplier.put(path, body).status_code == 201
    for number in range(4):
        with database.transaction(token) as transaction:
            transaction.session.add(Site(id=uuid4(), organisation_id=supplier.organisation_id))
            with pytest.raises(IntegrityError):
                transaction.session.flush()
        path = f"/v1/sites?external_id=after-{number}&source_system=test"
        assert supplier.put(path, body).status_code == 201


@pytest.mark.parametrize("how", ["session", "commit"])
def test_a_lost_connection_is_a_503(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Nothing was stored and the caller may come back; the next call meets a new connection."""
    supplier = world.party("supplier")
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename = 'openredress_app' AND datname = current_database()"
    )

    def cut() -> None:
        admin = world.installation.admin_url(world.installation.database_name)
        with installations._connected(admin) as connection:
            connection.execute(end)

    inner = actions.put_site if how == "session" else Transaction.commit
    owner = actions if how == "session" else Transaction

    def cutting(*arguments: object, **named: object) -> object:
        cut()
        return inner(*arguments, **named)  # type: ignore[operator] # one of two functions

    with monkeypatch.context() as patch:
        patch.setattr(owner, inner.__name__, cutting)
        body = {"name": "Site", "country": "TH", "time_zone": "Asia/Bangkok"}
        path = "/v1/sites?external_id=lost&source_system=test"
        lost = supplier.put(path, body)
    assert (lost.status_code, lost.json["code"]) == (503, "database_unavailable")
    assert lost.headers["Retry-After"]
    assert supplier.get("/v1/sites").json["data"] == []
    assert supplier.put(path, body).status_code == 201
