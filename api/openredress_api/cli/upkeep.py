"""migrate, db dump and restore, audit verify, openapi: upkeep of an installation."""

from __future__ import annotations

from pathlib import Path

import click

from openredress_api.app import document
from openredress_api.cli.opening import installation, say
from openredress_api.foundation import audit
from openredress_api.foundation.postgres.binaries import find_binaries
from openredress_api.foundation.postgres.dump import dump, restore
from openredress_openapi.builder import dump as dump_document


@click.command()
def migrate() -> None:
    """Make roles and database where missing, then bring the schema to this version."""
    found = installation()
    found.prepare()
    say(migrated=found.database_name)


@click.group("db")
def database_group() -> None:
    """Copies of the database."""


@database_group.command("dump")
@click.argument("target", type=click.Path(path_type=Path))
def dump_database(target: Path) -> None:
    """Write a dump and compare its row counts; the master key is not in it."""
    found = installation()
    url = found.role_url("owner").render_as_string(hide_password=False)
    counts = dump(url, target, find_binaries(found.settings.pg_bin))
    say(dumped=str(target), tables=len(counts), rows=sum(counts.values()))


@database_group.command("restore")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
def restore_database(source: Path) -> None:
    """Restore a dump into an empty database, made if it is missing, and compare its row counts."""
    found = installation()
    found.make_room()
    url = found.role_url("owner").render_as_string(hide_password=False)
    counts = restore(url, source, find_binaries(found.settings.pg_bin))
    say(restored=str(source), tables=len(counts), rows=sum(counts.values()))


@click.group("audit")
def audit_group() -> None:
    """The tamper-evident log."""


@audit_group.command("verify")
def verify_audit() -> None:
    """Recompute every entry and checkpoint; names the first one that does not fit."""
    found = installation()
    with found.as_owner() as connection:
        verified = audit.verify(connection, *found.master.verifying_keys())
    say(verified=verified)


@click.command("openapi")
@click.argument("target", type=click.Path(path_type=Path))
def write_openapi(target: Path) -> None:
    """Write the interface's OpenAPI document."""
    target.write_text(dump_document(document()), encoding="utf-8")
    say(written=str(target))


COMMANDS = (migrate, database_group, audit_group, write_openapi)
