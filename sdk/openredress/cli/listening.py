"""`openredress listen` and `bridge`: events come to a receiver that the server cannot reach."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from openredress import Client
from openredress.bookmarks import Place
from openredress.cli.connection import READING, Connection
from openredress.cli.secrets import made_secret, secret_in
from openredress.cli.showing import cleaned
from openredress.errors import OpenRedressError
from openredress.forwarding import Attempt, Passing, Receiver, follow
from openredress.forwarding import bridge as bridged
from openredress.positions import newest
from openredress_webhooks.signing import Secret

_FILE = click.Path(dir_okay=False, path_type=Path)


class _Printer:
    """Prints a line for each attempt."""

    def answered(self, passing: Passing, attempt: Attempt, pretended: int = 0) -> None:
        """Print type, id, status, milliseconds and how long ago it happened."""
        said = str(attempt.status or attempt.fault)
        if pretended:
            said = f"{pretended} pretended ({said})"
        elif not attempt.taken:
            said = f"{said} NOT TAKEN"
        event, milliseconds = passing.event, round(1000 * attempt.seconds)
        kind = f"{event.type} (tombstone)" if event.tombstone else event.type
        lag = f"{max(0.0, attempt.lag):.1f} s behind"
        click.echo(cleaned(f"{kind} {event.id} {said} {milliseconds} ms, {lag}"))

    def disconnected(self, failure: OpenRedressError) -> None:
        """Print that the server is out of reach."""
        click.echo(cleaned(f"disconnected, trying again: {failure}"), err=True)


def split(_: click.Context, __: click.Parameter, value: str | None) -> Sequence[str] | None:
    """The parts of an option that takes several, with commas between them."""
    return [each.strip() for each in value.split(",")] if value else None


@click.command()
@click.option("--forward-to", required=True, metavar="URL", help="Where the receiver listens.")
@click.option("--types", callback=split, help="Such as referral.*,consent.withdrawn; or all.")
@click.option("--since", default="now", show_default=True, help="A position of the feed, or now.")
@click.option("--fail", type=click.IntRange(300, 599), help="Pretend this answer, send again.")
@click.option("--state", type=_FILE, metavar="FILE", help="Go on where this file says.")
@click.pass_obj
def listen(
    connection: Connection,
    forward_to: str,
    types: Sequence[str] | None,
    since: str,
    fail: int | None,
    state: Path | None,
) -> None:
    """Forward events to a receiver on this machine, while you write it; end with Ctrl-C.

    They are signed with a secret made for this run, which is printed once. With --fail each event
    is sent twice, as after an answer that the sender did not like: your receiver must bear it.
    """
    client, secret = connection.client(READING), Secret.generate()
    receiver, printer = Receiver(forward_to, secret), _Printer()
    place = _place(client, state) if state else None
    position = (place and place.read()) or (newest(client.events) if since == "now" else since)
    click.echo(f"secret of this run: {secret.text}")
    click.echo(f"forwarding what comes behind position {position}")
    with suppress(KeyboardInterrupt):
        for passing in follow(client, position, printer, types=types):
            if fail:
                printer.answered(passing, receiver.post(passing), pretended=fail)
            printer.answered(passing, receiver.post(passing))
            if place:
                place.write(passing.position)


@click.command()
@click.option("--forward-to", required=True, metavar="URL", help="Where the receiver listens.")
@click.option("--state", required=True, type=_FILE, metavar="FILE", help="How far it has come.")
@click.option("--secret-file", required=True, type=_FILE, help="Made if it is not there.")
@click.pass_obj
def bridge(connection: Connection, forward_to: str, state: Path, secret_file: Path) -> None:
    """Bring every event to a receiver behind a firewall, as a service.

    In order, each until it is answered with 2xx; none is passed over. The receiver trusts the
    secret in the secret file. The first start begins with the oldest event that is kept.
    """
    if not secret_file.exists():
        made_secret(secret_file)
    client = connection.client(READING)
    receiver = Receiver(forward_to, secret_in(secret_file))
    bridged(client, receiver, _place(client, state), _Printer())


def _place(client: Client, file: Path) -> Place:
    return Place(file, f"{client.client_id} at {client.base_url}")
