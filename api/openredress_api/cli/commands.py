"""The command tree and what all commands share: settings, refusals as one clear line."""

from __future__ import annotations

from typing import Any

import click

from openredress_api import access, organisations
from openredress_api.cli import keys, parties, running, upkeep
from openredress_api.foundation import identifiers
from openredress_api.foundation.audit import AuditBroken
from openredress_api.foundation.postgres.faults import PostgresFault
from openredress_api.foundation.rotation import RotationRefused
from openredress_api.foundation.sealing import MasterKeyMissing
from openredress_api.settings import BadSetting

REFUSALS = (
    BadSetting,
    MasterKeyMissing,
    PostgresFault,
    AuditBroken,
    RotationRefused,
    organisations.Refused,
    access.RegistrationRefused,
    identifiers.BadIdentifier,
)


class _Group(click.Group):
    """A group whose commands end with one line, not a trace, when they are refused."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except REFUSALS as fault:
            raise click.ClickException(str(fault)) from fault


@click.group(cls=_Group)
@click.version_option(package_name="openredress-server")
def main() -> None:
    """Operate an OpenRedress installation; settings come from OPENREDRESS_* variables."""


for command in (*parties.COMMANDS, *running.COMMANDS, *upkeep.COMMANDS, *keys.COMMANDS):
    main.add_command(command)
