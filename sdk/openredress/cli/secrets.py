"""Secrets that commands sign with: from a file or a variable, never from the command line."""

from __future__ import annotations

import os
from pathlib import Path

import click

from openredress_webhooks.signing import Secret


def made_secret(file: Path) -> None:
    """Put a new secret into a file that only its owner can read; over no other file."""
    made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w", encoding="ascii") as opened:
        opened.write(f"{Secret.generate().text}\n")


def secret_in(file: Path) -> Secret:
    """The secret in a file."""
    return _read(file.read_text(encoding="utf-8"), str(file))


def secret_of(variable: str) -> Secret:
    """The secret in a variable of the environment."""
    text = os.environ.get(variable)
    if not text:
        raise click.UsageError(f"{variable} is not set: it holds the secret, whsec_...")
    return _read(text, variable)


def _read(text: str, place: str) -> Secret:
    try:
        return Secret.parse(text.strip())
    except ValueError as fault:
        raise click.UsageError(f"{place}: {fault}") from fault
