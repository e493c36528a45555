"""`make bench`: run the benchmarks, print a table, write build/bench.json.

Ends with 1 when a promise was not kept.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
sys.path[0] = str(ROOT)  # this folder's modules are found as tests.benchmarks

from tests.benchmarks import (  # noqa: E402 - after the path
    bursts,
    figures,
    foreign_against_absent,
    imports,
    paging,
    personal_data,
    sdk_import,
    validation,
    writes,
)
from tests.benchmarks.delivery import parts as delivery  # noqa: E402 - as above

RESULT = ROOT / "build" / "bench.json"
NAMES = (
    "writes",
    "sdk_import",
    "foreign_against_absent",
    "validation",
    "personal_data",
    "imports",
    "bursts",
    "paging",
    "delivery",
)
PARTS = tuple(f"delivery.{part}" for part in delivery.PARTS)


@click.command()
@click.option("--only", type=click.Choice(NAMES + PARTS), help="one benchmark instead of all")
@click.option("--rounds", default=7, show_default=True, help="of `writes` and `imports`")
@click.option("--seconds", default=4.0, show_default=True, help="per server and round of `writes`")
@click.option("--share", default=1.0, show_default=True, help="of the usual amounts of `delivery`")
@click.option("--to-the-end", is_flag=True, help="all of `delivery.backlog` and of `bursts`")
def main(only: str | None, rounds: int, seconds: float, share: float, to_the_end: bool) -> None:  # noqa: FBT001 - click calls it so
    """Run the benchmarks on a scratch installation that is removed at the end."""
    # An ended benchmark cleans up like a finished one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen: dict[str, Callable[[], list[figures.Figure]]] = {
        "writes": lambda: writes.run(rounds, seconds),
        "sdk_import": sdk_import.run,
        "foreign_against_absent": foreign_against_absent.run,
        "validation": validation.run,
        "personal_data": personal_data.run,
        "imports": lambda: imports.run(rounds),
        "bursts": lambda: bursts.run(whole=to_the_end),
        "paging": paging.run,
        "delivery": lambda: delivery.run(delivery.PARTS, share, to_the_end=to_the_end),
    }
    if only in PARTS:
        part = (only.removeprefix("delivery."),)
        chosen = {only: lambda: delivery.run(part, share, to_the_end=to_the_end)}
    found = [one for name in chosen if only in {None, name} for one in chosen[name]()]
    figures.show(found)
    figures.store(found, RESULT)
    sys.exit(any(one.met is False for one in found))


main()
