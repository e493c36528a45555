"""Whom the commands talk to, as options or the environment say it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import click

import openredress

SENDING = "imports:write"
"""The scope of every command about files."""

READING = "events:read"
"""The scope of every command that reads events."""

MANAGING = "webhooks:manage"
"""The scope of every command that has events sent."""

WRITING: Mapping[str, Mapping[str, str]] = {
    "grievance": {"supplier": "grievances:write"},
    "headcount": {"supplier": "workforce:write"},
    "contact_volume": {"supplier": "mechanisms:write", "institute": "mechanisms:write"},
    "site": {"supplier": "sites:write"},
    "placement": {"agency": "placements:write"},
    "job_order": {"agency": "placements:write"},
    "recruiter_listing": {"agency": "placements:write"},
    "register_entry": {"agency": "placements:write", "institute": "placements:state"},
}
"""The scope that a file of each kind of record needs beside, by the role of its sender."""


@dataclass(frozen=True)
class Connection:
    """A server, and the client that one is to it."""

    url: str | None
    client_id: str | None
    key_file: str | None
    messages: str | None = None

    def client(self, *scopes: str) -> openredress.Client:
        """A client with these scopes; a UsageError says what is missing."""
        for name, value in (
            ("OPENREDRESS_URL", self.url),
            ("OPENREDRESS_CLIENT_ID", self.client_id),
        ):
            if not value:
                raise click.UsageError(f"{name} is not set: {HELP[name]}")
        secret = os.environ.get("OPENREDRESS_SECRET") or None
        if self.key_file is None and secret is None:
            raise click.UsageError(
                f"OPENREDRESS_KEY_FILE is not set: {HELP['OPENREDRESS_KEY_FILE']}"
            )
        key = None if self.key_file is None else _key(self.key_file)
        return openredress.Client(
            str(self.url),
            str(self.client_id),
            scopes=scopes,
            key=key,
            secret=secret,
            language=self.messages,
        )

    def sender(self, record: str) -> openredress.Client:
        """A client that may send files of one kind of record, and nothing else."""
        role = self.client(SENDING).me.get().organisation_type
        # Who may not send them is told so by the server.
        own = WRITING[record].get(role)
        return self.client(SENDING, *([own] if own else []))


HELP = {
    "OPENREDRESS_URL": "where the server is, such as https://api.example.org",
    "OPENREDRESS_CLIENT_ID": "as the operator registered it: cli_...",
    "OPENREDRESS_KEY_FILE": "the client's key, a PEM file (in the sandbox: OPENREDRESS_SECRET)",
    "OPENREDRESS_LANGUAGE": "of what is explained: en, th, my, km, ne or es",
}
"""What each variable is."""


def _key(file: str) -> openredress.PrivateKey:
    try:
        return openredress.PrivateKey.from_file(file)
    except ModuleNotFoundError as missing:
        raise click.UsageError("signing with a key needs openredress[keys]") from missing
    except TypeError as locked:
        raise click.UsageError(
            f"{file} asks for a password; a key without one is needed"
        ) from locked
