"""keys rotate-master: a new master key."""

from __future__ import annotations

import click

from openredress_api.cli.opening import say, settings
from openredress_api.foundation.rotation import rotate_master


@click.group("keys")
def keys_group() -> None:
    """The master key."""


@keys_group.command("rotate-master")
def rotate() -> None:
    """Put a new master key in the place of the old one; every process must be stopped."""
    found = settings()
    rotated = rotate_master(found)
    say(
        rotated=rotated.data_keys,
        master_key=str(found.master_key_file),
        former_key=str(rotated.former),
    )


COMMANDS = (keys_group,)
