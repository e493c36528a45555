"""The whole proof: an installation is made, killed, examined and removed; what came of it."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.reliability.checks import Check, examine
from tests.reliability.kills import plans
from tests.reliability.rounds import Run, make_rounds
from tests.reliability.scratch import scratch_installation
from tests.reliability.services import ROOT, DidNotCome, kept_alive, processes

BUILD = ROOT / "build"


@dataclass(frozen=True)
class Report:
    """What became of a run: the promises, and figures that are told without being judged."""

    checks: list[Check]
    told: dict[str, Any]

    @property
    def broken(self) -> list[Check]:
        """The promises that were not kept."""
        return [check for check in self.checks if not check.holds]


def crash(
    rounds: int,
    seed: int,
    *,
    acks_each: int = 50,
    workers: int = 2,
    say: Callable[[str], None] = lambda _: None,
    keep_logs: Path | None = None,
) -> Report:
    """Make an installation, kill it `rounds` times, examine it, remove it.

    `acks_each` acknowledged writes come before each round and after the last; `serve` has so
    many `workers`.

    Raises:
        DidNotCome: something did not come back to life.
    """
    begun = time.monotonic()
    with scratch_installation() as scratch:
        run = Run.of(scratch, plans(rounds, seed), acks_each, workers)
        try:
            with kept_alive(list(run.services.values())):
                make_rounds(run, say)
                checks = examine(run)
        finally:
            if keep_logs:
                _keep_logs(scratch.folder, keep_logs)
    checks.append(Check("processes left behind", len(_left_behind(run))))
    told = {"seed": seed, "rounds": rounds, "seconds": round(time.monotonic() - begun, 1)}
    return Report(checks, {**told, **_told(run)})


def _keep_logs(folder: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for pattern in ("*.log", "*.jsonl", "postgres/pgdata/log/*.log"):
        for file in folder.glob(pattern):
            shutil.copyfile(file, target / file.name)


def _left_behind(run: Run) -> list[int]:
    groups = {group for service in run.services.values() for group in service.groups}
    folder = str(run.scratch.folder)
    return [one.pid for one in processes() if one.group in groups or folder in one.command]


def _told(run: Run) -> dict[str, Any]:
    calls = run.acks.read
    received = Counter(copy["id"] for copy in run.copies.read if "id" in copy)
    errors = Counter(
        f"{call['error']} {call.get('code', '')}".strip() for call in calls if "error" in call
    )
    return {
        "kills": dict(Counter(kill.victim for kill in run.kills)),
        "calls by end": dict(Counter(call["end"] for call in calls)),
        "refused calls by error": dict(errors),
        "answers by status": dict(
            Counter(str(s) for call in calls for s in call.get("statuses", []))
        ),
        "calls with more than one try": sum(call.get("tries", 0) > 1 for call in calls),
        "longest call, s": round(
            max(call["ended"] - call["begun"] for call in calls if "ended" in call), 2
        ),
        "events": len(received),
        "duplicate copies": received.total() - len(received),
        "most copies of one event": max(received.values(), default=0),
        "ended by themselves": {n: s.own_exits for n, s in run.services.items() if s.own_exits},
        "granian workers at the end": run.workers_left,
        "recovery per round, s": [round(one, 2) for one in run.recoveries],
        "recovery median, s": round(statistics.median(run.recoveries), 2),
        "recovery max, s": round(max(run.recoveries), 2),
    }


def table(report: Report) -> str:
    """The report for a person."""
    lines = [f"  {name:55} {value}" for name, value in report.told.items()]
    for check in report.checks:
        wanted = f"at least {check.must}" if check.at_least else str(check.must)
        mark = "ok " if check.holds else "BAD"
        lines.append(f"{mark} {check.name:54} {check.found:>7}   must be {wanted}")
    return "\n".join(lines)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command speaks to whoever called it


def main() -> int:
    """`make crash`: one line per round, a table, build/crash.json; 0 if all promises were kept."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 - guards nothing
    options = parser.parse_args()
    # Whoever is told to end cleans up like one who is interrupted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _say(f"seed {options.seed}")
    try:
        report = crash(options.rounds, options.seed, say=_say, keep_logs=BUILD / "crash-logs")
    except DidNotCome as fault:
        _say(f"BAD {fault}; see {BUILD / 'crash-logs'}")
        return 1
    broken = [check.name for check in report.broken]
    written = {**report.told, "broken": broken, "checks": [asdict(one) for one in report.checks]}
    (BUILD / "crash.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    _say(table(report))
    return 1 if broken else 0
