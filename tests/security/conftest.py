"""The estate of the two walls, once per server, and its ways in: as it is, and a wall short."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from openredress_api.app import LISTENERS, create_app
from openredress_api.foundation import installation as installations
from tests.factories.estate import Estate, estate
from tests.factories.parties import Party
from tests.security.asking import fully_trusted

BYPASS, PASSWORD = "walls_bypass", "made-up"
MAKE = f"""DO $$ BEGIN CREATE ROLE {BYPASS} LOGIN BYPASSRLS PASSWORD '{PASSWORD}';
EXCEPTION WHEN duplicate_object THEN NULL; END $$"""


@pytest.fixture(scope="session")
def made(server) -> Iterator[Estate]:
    """The estate on this server."""
    built = estate(server.clone())
    yield built
    built.world.app.extensions["openredress"].dispose()


@pytest.fixture(scope="session")
def callers(made: Estate) -> dict[str, Party]:
    """Its parties, each with every scope and duty."""
    return fully_trusted(made)


@contextmanager
def without_policies(made: Estate, callers: dict[str, Party]) -> Iterator[dict[str, Party]]:
    """The same callers of an application whose database role passes row-level security by."""
    installation = made.installation
    with installations._connected(installation.admin_url("postgres")) as connection:
        connection.execute(text(MAKE))
        # Its rights are the app role's own, so that nothing but the policies differs.
        connection.execute(text(f"GRANT openredress_app TO {BYPASS}"))
    database = installation.database(LISTENERS)
    bypass = installation.role_url("app").set(username=BYPASS, password=PASSWORD)
    database._url_of = lambda role: bypass if role == "app" else installation.role_url(role)
    app = create_app(installation, database)
    yield {name: replace(party, http=app.test_client()) for name, party in callers.items()}
    database.dispose()


@pytest.fixture(scope="session")
def bypassing(made: Estate, callers: dict[str, Party]) -> Iterator[dict[str, Party]]:
    """The callers with the second wall switched off."""
    with without_policies(made, callers) as found:
        yield found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the walls were tried with."""
    for report in terminalreporter.getreports("passed"):
        for name, counted in report.user_properties:
            if name == "walls":
                terminalreporter.write_line(
                    f"Walls, {report.nodeid.rpartition('::')[2]}: {counted}"
                )
