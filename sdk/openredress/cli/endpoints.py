"""`openredress trigger` and `replay`: events for one's own endpoints, made up or once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from openredress.cli.connection import MANAGING, Connection
from openredress.cli.listening import split


@click.command()
@click.argument("type")
@click.pass_obj
def trigger(connection: Connection, /, type: str) -> None:  # noqa: A002 - the server's word
    """Put an event of TYPE, about nothing, into the own feed; in a sandbox only."""
    made = connection.client(MANAGING).sandbox_events.trigger(type)
    click.echo(f"{made.type} {made.id}")


@click.command()
@click.option("--endpoint", required=True, metavar="ID", help="Where to: whe_...")
@click.option("--types", callback=split, help="Such as referral.*,consent.withdrawn; or all.")
@click.option("--since", metavar="TIME", help="Such as 2026-11-01T00:00:00Z: from then on.")
@click.option("--until", metavar="TIME", help="What happened before then.")
@click.option("--only", type=click.Choice(["undelivered", "all"]), default="undelivered")
@click.option("--dry-run", is_flag=True, help="Count, and send nothing.")
@click.pass_obj
def replay(
    connection: Connection,
    /,
    endpoint: str,
    types: Sequence[str] | None,
    since: str | None,
    until: str | None,
    only: str,
    *,
    dry_run: bool,
) -> None:
    """Send an endpoint events once more, by default those that have not arrived."""
    asked: dict[str, Any] = {"types": types, "since": since, "until": until}
    said = {name: value for name, value in asked.items() if value is not None}
    made = connection.client(MANAGING).webhook_replays.create(
        endpoint, only=only, dry_run=dry_run, **said
    )
    if dry_run:
        click.echo(f"{made.matched} events would be sent")
    else:
        click.echo(f"{made.id} {made.state}: {made.matched} events, {made.made} made ready")
