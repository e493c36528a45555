"""init, organisations, people, clients, sandbox-clock: onboarding before there is a console."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from openredress_api import access, organisations
from openredress_api.cli.opening import installation, say
from openredress_api.foundation.identifiers import decode, encode

NAME = click.option("--name", required=True, help="how people know it")
COUNTRY = click.option("--country", required=True, help="ISO 3166-1 alpha-2, for example TH")
SANDBOX = click.option("--sandbox", is_flag=True, help="made-up records, own clock, never live")


@click.command()
@NAME
@COUNTRY
@SANDBOX
def init(name: str, country: str, *, sandbox: bool) -> None:
    """Make a new installation: master key, database, roles, and its one institute."""
    made = installation(create=True)
    made.prepare()
    with made.as_owner() as connection:
        organisation_id = organisations.add_organisation(
            connection,
            made.sealer,
            kind="institute",
            name=name,
            country=country,
            is_sandbox=sandbox,
        )
    say(institute=encode("org", organisation_id), master_key=str(made.settings.master_key_file))


@click.group("organisations")
def organisations_group() -> None:
    """Suppliers, agencies, brands, CSOs and government bodies."""


@organisations_group.command("add")
@click.option("--type", "kind", required=True, help="supplier, agency, brand, cso or government")
@NAME
@COUNTRY
@SANDBOX
def add_organisation(kind: str, name: str, country: str, *, sandbox: bool) -> None:
    """Add an organisation."""
    found = installation()
    with found.as_owner() as connection:
        organisation_id = organisations.add_organisation(
            connection,
            found.sealer,
            kind=kind,
            name=name,
            country=country,
            is_sandbox=sandbox,
        )
    say(organisation=encode("org", organisation_id))


@organisations_group.command("suspend")
@click.argument("organisation")
def suspend_organisation(organisation: str) -> None:
    """Suspend an organisation: its next call is refused, its records stay for figures."""
    with installation().as_owner() as connection:
        organisations.suspend_organisation(connection, decode("org", organisation))
    say(suspended=organisation)


@click.group("people")
def people_group() -> None:
    """People of organisations and their duties."""


@people_group.command("add")
@click.option("--organisation", required=True)
@NAME
@click.option("--duty", "duties", multiple=True, help="may be given more than once")
def add_person(organisation: str, name: str, duties: tuple[str, ...]) -> None:
    """Add a person; every client of the institute or a CSO belongs to one."""
    with installation().as_owner() as connection:
        person_id = organisations.add_person(
            connection, decode("org", organisation), name=name, duties=duties
        )
    say(person=encode("per", person_id))


@click.group("clients")
def clients_group() -> None:
    """Programs that call the interface for an organisation."""


@clients_group.command("add")
@click.option("--organisation", required=True)
@click.option("--person", help="required for the institute and CSOs")
@NAME
@click.option("--scope", "scopes", multiple=True, required=True, help="may be given more than once")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="a public key as JWK")
@SANDBOX
def add_client(  # noqa: PLR0913, RUF100 - one option, one argument: click's way
    organisation: str,
    person: str | None,
    name: str,
    scopes: tuple[str, ...],
    key: Path | None,
    *,
    sandbox: bool,
) -> None:
    """Add a client with a public key; a sandbox client without one gets a secret, shown once."""
    with installation().as_owner() as connection:
        client_id, secret = access.add_client(
            connection,
            decode("org", organisation),
            name=name,
            person_id=decode("per", person) if person else None,
            scopes=scopes,
            jwk=_jwk(key),
            is_sandbox=sandbox,
        )
    say(client_id=client_id, **({"secret": secret} if secret else {}))


@clients_group.command("add-key")
@click.argument("client")
@click.argument("key", type=click.Path(exists=True, path_type=Path))
def add_key(client: str, key: Path) -> None:
    """Register a second public key, so that the first can be rotated out."""
    with installation().as_owner() as connection:
        kid = access.add_key(connection, client, _jwk(key) or {})
    say(client_id=client, kid=kid)


@clients_group.command("remove-key")
@click.argument("client")
@click.argument("kid")
def remove_key(client: str, kid: str) -> None:
    """End a rotation: the key signs no more assertions."""
    with installation().as_owner() as connection:
        access.remove_key(connection, client, kid)
    say(client_id=client, removed=kid)


@clients_group.command("suspend")
@click.argument("client")
def suspend_client(client: str) -> None:
    """Suspend a client: its next call is refused."""
    with installation().as_owner() as connection:
        access.suspend_client(connection, client)
    say(suspended=client)


@click.command("sandbox-clock")
@click.option("--offset-days", type=float, required=True, help="from real time; may be negative")
@click.argument("organisation_ids", nargs=-1, required=True)
def sandbox_clock(offset_days: float, organisation_ids: tuple[str, ...]) -> None:
    """Set the clock of sandbox organisations; tokens and deliveries stay on real time."""
    ids = [decode("org", one) for one in organisation_ids]
    with installation().as_owner() as connection:
        moved = organisations.set_sandbox_clock(connection, ids, timedelta(days=offset_days))
    say(moved=moved, refused=len(ids) - moved)


def _jwk(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise click.BadParameter(f"{path} is no JSON Web Key: {fault}") from fault
    return found


COMMANDS = (init, organisations_group, people_group, clients_group, sandbox_clock)
