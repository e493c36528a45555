"""`openredress receiver-check`: a receiver is tried, and each of its answers is graded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from openredress.cli.secrets import secret_in, secret_of
from openredress.cli.showing import cleaned
from openredress.receiver_check import Result, check
from openredress_webhooks.signing import Secret


@click.command("receiver-check")
@click.argument("url")
@click.option("--secret-env", metavar="NAME", help="The variable that holds the secret.")
@click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that holds it.",
)
@click.pass_context
def receiver_check(
    context: click.Context, /, url: str, secret_env: str | None, secret_file: Path | None
) -> None:
    """Send the receiver at URL what an unlucky network and a forger would, and grade it.

    The valid events among it tell of a day on which nothing was missing; handlers see them. The
    exit code is 0 if every answer is as it should be, 1 if not, 2 if nobody answers.
    """
    secret = _secret(secret_env, secret_file)
    passed = list(_shown(check(url, secret.text)))
    click.echo(f"{sum(passed)} of {len(passed)} as it should be")
    context.exit(0 if all(passed) else 1)


def _secret(variable: str | None, file: Path | None) -> Secret:
    if variable and not file:
        return secret_of(variable)
    if file and not variable:
        return secret_in(file)
    raise click.UsageError("say where the secret is: --secret-env or --secret-file")


def _shown(results: Iterable[Result]) -> Iterator[bool]:
    """Print a line for each case, and what to do about it; hand on whether it passed."""
    for result in results:
        line = f"{result.case:<20} {result.seen}, {result.milliseconds} ms"
        if result.passed:
            click.echo(cleaned(f"PASS {line}"))
        else:
            click.echo(cleaned(f"FAIL {line}, expected: {result.expected}"))
            click.echo(f"     {result.advice}")
        yield result.passed
