"""`make bench`: run the benchmarks, print a table, write build/bench.json.

Ends with 1 when a promise was not kept.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
sys.path[0] = str(ROOT)  # this folder's modules are found as tests.benchmarks

from tests.benchmarks import (  # noqa: E402 - after the path
    figures,
    foreign_against_absent,
    imports,
    personal_data,
    sdk_import,
    validation,
    writes,
)

RESULT = ROOT / "build" / "bench.json"
NAMES = ("writes", "sdk_import", "foreign_against_absent", "validation", "personal_data", "imports")


@click.command()
@click.option("--only", type=click.Choice(NAMES), help="one benchmark instead of all")
@click.option("--rounds", default=7, show_default=True, help="of `writes` and `imports`")
@click.option("--seconds", default=4.0, show_default=True, help="per server and round of `writes`")
def main(only: str | None, rounds: int, seconds: float) -> None:
    """Run the benchmarks on a scratch installation that is removed at the end."""
    # An ended benchmark cleans up like a finished one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = {
        "writes": lambda: writes.run(rounds, seconds),
        "sdk_import": sdk_import.run,
        "foreign_against_absent": foreign_against_absent.run,
        "validation": validation.run,
        "personal_data": personal_data.run,
        "imports": lambda: imports.run(rounds),
    }
    found = [one for name in NAMES if only in {None, name} for one in chosen[name]()]
    figures.show(found)
    figures.store(found, RESULT)
    sys.exit(any(one.met is False for one in found))


main()
