"""`openredress import`: a file is checked, or stored, and each bad row is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, TypeVar

import click

from openredress import Client
from openredress.bodies import encoded
from openredress.cli.connection import WRITING, Connection
from openredress.cli.showing import Report, watched
from openredress.errors import NotFound
from openredress.imports import Import

SHOWN = 20
MAPPED = ("name", "columns", "values", "constants", "dates", "time_zone")
F = TypeVar("F", bound=Callable[..., object])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PLACE = click.Path(dir_okay=False, path_type=Path)


def record_option(command: F) -> F:
    """The kind of record and its source system: what files and mappings are known by."""
    source = click.option("--source-system", required=True, help="Where the records come from.")
    kinds = click.Choice(list(WRITING))
    return click.option("--record", required=True, type=kinds, help="What a row is.")(
        source(command)
    )


@click.command("import")
@click.argument("file", type=_FILE)
@record_option
@click.option("--store", is_flag=True, help="Store what is good; without this it is only checked.")
@click.option("--commit", type=click.Choice(["row", "all"]), default="row", show_default=True)
@click.option("--mapping", "ready", metavar="NAME", help="A ready mapping to begin with.")
@click.option("--mapping-file", type=_FILE, help="JSON: which column means what.")
@click.option("--site", help="The site of every row, where no column names it.")
@click.option("--sheet", help="The sheet of a workbook; without it the first one.")
@click.option("--charset", help="utf-8, cp874 or cp1252, of a CSV file.")
@click.option("--resume", type=_PLACE, metavar="STATE", help="Go on where this file says.")
@click.option("--corrections", type=_PLACE, metavar="PATH", help="Where rows to put right go.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of it as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@click.pass_context
def import_file(context: click.Context, /, file: Path, **asked: Any) -> None:  # noqa: ANN401 - options
    """Check FILE (CSV, NDJSON or XLSX, also with .gz or .zst), or store it with --store.

    The exit code is 0 if every row is good, 1 if not or if a question is open, 2 if it could not
    be asked. Rows to put right are written beside FILE, in a sheet that can be imported again.
    """
    connection: Connection = context.obj
    client = connection.sender(asked["record"])
    imported = _pushed(client, file, asked)
    corrections = _corrections(imported, file, asked["corrections"])
    found = _first_findings(imported, client)
    if asked["as_json"]:
        told = {**imported, "findings": found, "corrections": corrections}
        click.echo(encoded(told))
    elif not asked["quiet"]:
        Report(imported).show(found, corrections)
    context.exit(0 if _is_good(imported) else 1)


def _pushed(client: Client, file: Path, asked: Mapping[str, Any]) -> Import:
    told = {name: asked[name] for name in ("sheet", "charset") if asked[name] is not None}
    with watched(file.name, quiet=asked["quiet"] or asked["as_json"]) as bar:
        try:
            return client.imports.push(
                file,
                record=asked["record"],
                source_system=asked["source_system"],
                mode="upsert" if asked["store"] else "check",
                commit=asked["commit"],
                mapping=_mapping(client, asked),
                resume=asked["resume"],
                progress=bar,
                **told,
            )
        except KeyboardInterrupt:
            if bar.state not in {"", "receiving"}:
                click.echo(f"{bar.id} goes on at the server", err=True)
            raise


def _mapping(client: Client, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the options say of the columns; None: what is saved for the source system."""
    ready, file, site = asked["ready"], asked["mapping_file"], asked["site"]
    if not (ready or file or site):
        return None
    mapping = read_mapping(file) if file else {} if ready else _saved(client, asked)
    if ready:
        mapping["name"] = ready
    if site:
        mapping["constants"] = {**(mapping.get("constants") or {}), "site": site}
    return mapping


def read_mapping(file: Path) -> dict[str, Any]:
    """A mapping as a file says it."""
    try:
        mapping = json.loads(file.read_bytes())
    except ValueError as fault:
        raise click.UsageError(f"{file} is no JSON: {fault}") from fault
    if not isinstance(mapping, dict):
        raise click.UsageError(
            f'{file} is no object such as {{"columns": {{"Case": "external_id"}}}}'
        )
    return mapping


def _saved(client: Client, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        saved = client.imports.get_mapping(asked["record"], asked["source_system"])
    except NotFound:
        return {}
    return {name: saved[name] for name in MAPPED}


def _first_findings(imported: Import, client: Client) -> list[Any]:
    """Those that keep rows out come first."""
    listings = (
        client.imports.findings(imported.id, weight=weight, limit=SHOWN)
        for weight in ("must_fix", "please_check")
    )
    return list(islice(chain.from_iterable(listings), SHOWN))


def _corrections(imported: Import, file: Path, asked: Path | None) -> str | None:
    """Write the corrections where it was asked, or beside the file, over no other file."""
    if not imported.has_corrections:
        return None
    end = ".ndjson" if imported.format == "ndjson" else ".xlsx"
    if asked is None:
        names = (f"{file}.corrections{'' if n == 1 else f'-{n}'}{end}" for n in count(1))
        place = next(free for free in map(Path, names) if not free.exists())
    else:
        place = asked if asked.suffix == end else Path(f"{asked}{end}")
    imported.write_corrections(place)
    return str(place)


def _is_good(imported: Import) -> bool:
    ended_well = imported.state in {"checked", "done"}
    return ended_well and not imported.counts.refused and not imported.questions
