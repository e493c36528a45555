"""The command `openredress`: files of records go in, events come out.

May import the client, and click and rich, which the extra `openredress[cli]` brings.
Must never hold a call of the API that the client does not have, nor a rule of the server.
"""

from __future__ import annotations

import io
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command of this process's arguments."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Not every console and pipe can write Burmese: better a code than no answer.
            stream.reconfigure(errors="backslashreplace")
    try:
        from openredress.cli.commands import main as command  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in {"click", "rich"}:
            raise
        sys.stderr.write("The command line needs its extra: install openredress[cli]\n")
        sys.exit(2)
    command()
