"""The command tree: each command, and refusals as a few clear lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from openredress.bodies import encoded
from openredress.cli.checking import receiver_check
from openredress.cli.connection import HELP, SENDING, WRITING, Connection
from openredress.cli.endpoints import replay, trigger
from openredress.cli.importing import MAPPED, F, import_file, read_mapping, record_option
from openredress.cli.listening import bridge, listen
from openredress.cli.showing import cleaned
from openredress.errors import ApiError, OpenRedressError


class Refused(click.ClickException):
    """The command could not be done at all."""

    exit_code = 2


class _Group(click.Group):
    """A group whose commands end with a few lines, not a trace, when they are refused."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except (OpenRedressError, OSError, ValueError) as fault:
            raise Refused(_told(fault)) from fault


def _told(fault: Exception) -> str:
    """What is wrong, field by field; `request` is for support."""
    if not isinstance(fault, ApiError):
        return cleaned(str(fault))
    lines = [": ".join(filter(None, (fault.code or f"HTTP {fault.status}", fault.detail)))]
    lines += [f"  {each.get('pointer')}: {each.get('detail')}" for each in fault.errors]
    if fault.request_id:
        lines.append(f"  request {fault.request_id}")
    return "\n".join(map(cleaned, lines))


def _said(name: str, variable: str) -> Callable[[F], F]:
    return click.option(name, envvar=variable, show_envvar=True, help=HELP[variable])


@click.group(cls=_Group)
@_said("--url", "OPENREDRESS_URL")
@_said("--client-id", "OPENREDRESS_CLIENT_ID")
@_said("--key-file", "OPENREDRESS_KEY_FILE")
@_said("--messages", "OPENREDRESS_LANGUAGE")
@click.version_option(package_name="openredress")
@click.pass_context
def main(context: click.Context, /, **said: str | None) -> None:
    """Send files of records to an OpenRedress server, and receive what it tells."""
    context.obj = Connection(**said)


@main.command()
@click.option("--scope", multiple=True, default=[SENDING], show_default=True, help="Ask for this.")
@click.pass_obj
def whoami(connection: Connection, scope: tuple[str, ...]) -> None:
    """Say whom the server takes this client for: proof that address, key and clock are right."""
    for name, value in connection.client(*scope).me.get().items():
        shown = " ".join(value) if isinstance(value, list) else value
        click.echo(f"{name}: {cleaned(str(shown))}")


@main.command()
@click.argument("record", type=click.Choice(list(WRITING)))
@click.option("--language", default="en", show_default=True, help="Such as my, th, km, ne or es.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="RECORD.xlsx")
@click.pass_obj
def template(connection: Connection, record: str, language: str, output: Path | None) -> None:
    """Fetch an empty sheet that checks itself while it is filled in; overwrites nothing."""
    octets = connection.client(SENDING).imports.template(record, language=language)
    place = output or Path(f"{record}.xlsx")
    with place.open("xb") as file:
        file.write(octets)
    click.echo(place)


@main.group()
def mapping() -> None:
    """What the columns of a source system's sheets mean."""


@mapping.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@record_option
@click.pass_obj
def save(connection: Connection, file: Path, record: str, source_system: str) -> None:
    """Keep the mapping in FILE (JSON) for every later sheet."""
    imports = connection.sender(record).imports
    click.echo(imports.put_mapping(record, source_system, **read_mapping(file)).outcome)


@mapping.command()
@record_option
@click.pass_obj
def show(connection: Connection, record: str, source_system: str) -> None:
    """Print the mapping that is kept, as it can be saved again."""
    kept = connection.client(SENDING).imports.get_mapping(record, source_system)
    click.echo(encoded({name: kept[name] for name in MAPPED}))


@mapping.command()
@record_option
@click.pass_obj
def delete(connection: Connection, record: str, source_system: str) -> None:
    """Forget the mapping that is kept: sheets are read by their headings again."""
    connection.client(SENDING).imports.delete_mapping(record, source_system)
    click.echo("deleted")


for command in (import_file, listen, bridge, receiver_check, trigger, replay):
    main.add_command(command)
