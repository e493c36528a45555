"""Operator commands of `openredress-server`.

May import every room.
Must never hold a rule of the field: a command calls a room's front door.
"""

from openredress_api.cli.commands import main

__all__ = ["main"]
