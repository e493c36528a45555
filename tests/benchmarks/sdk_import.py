"""What importing the client costs beside `import requests`, which it needs at its first call."""

from __future__ import annotations

import statistics
import subprocess
import sys

from tests.benchmarks.figures import Figure

PAIRS = 21
REQUESTS = "import requests"
STATEMENTS = {
    "sdk_import.package": "import openredress",
    "sdk_import.client": "from openredress import Client",
}
# The promise is about the package, which loads everything else when it is first used; what a first
# use costs stands beside it without a target.
TARGETS = {"sdk_import.package": "<= 1.35", "sdk_import.client": None}


def run() -> list[Figure]:
    """Each statement in a fresh interpreter, in turns with `import requests`."""
    times: dict[str, list[float]] = {one: [] for one in (REQUESTS, *STATEMENTS.values())}
    for turn in range(PAIRS + 1):
        for statement, taken in times.items():
            spent = _milliseconds(statement)
            if turn:  # the first turn writes byte code and fills the page cache
                taken.append(spent)
    middle = {statement: statistics.median(taken) for statement, taken in times.items()}
    floor = middle[REQUESTS]
    return [
        Figure(name, middle[statement], "ms", floor, middle[statement] / floor, TARGETS[name])
        for name, statement in STATEMENTS.items()
    ]


def _milliseconds(statement: str) -> float:
    program = (
        "from time import perf_counter\nbegan = perf_counter()\n"
        f"{statement}\nprint((perf_counter() - began) * 1000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return float(done.stdout)
