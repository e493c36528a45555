"""What a benchmark says while it goes on, always with the load of the machine."""

from __future__ import annotations

import os

from rich.console import Console

_console = Console(width=130, highlight=False)


def say(text: str) -> None:
    """Print a line; a figure taken on a busy machine is worth little."""
    loads = " ".join(f"{load:.1f}" for load in os.getloadavg())
    _console.print(f"{text}  [load {loads}]", markup=False)
