"""`make demo`: sets everything up, plays the loop, compares, then keeps serving."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from demo import closing, commands, enforcement, samples
from demo.loop import Loop
from demo.parties import Register
from demo.records import Dataset
from demo.story import SEED, Fate, expected_webhooks, fates
from demo.town import PORT, Town, town

INTERRUPTED = 130


def main() -> int:
    """Run; 0 only if every row of the closing table is as expected."""
    options = _options()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(INTERRUPTED))
    begun = time.monotonic()

    def say(line: str = "") -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    dataset = enforcement.read(options.data) if options.data else samples.read()
    story = fates(dataset, options.seed)
    _announce(say, dataset, story, options.seed)
    log = options.report.with_suffix(".log")
    # Several that end by themselves may run at once, as the tests do.
    with town(log, 0 if options.exit else PORT) as running:
        say(f"\nserving at {running.url}; its processes write to {log}")
        loop = Loop(running, Register(running).all(dataset), dataset, options.seed, say)
        loop.prepare()
        say(f"{len(dataset.suppliers)} suppliers with {len(dataset.sites)} sites are registered\n")
        for quarter in dataset.quarters:
            loop.play(quarter, story)
        report: dict[str, Any] = {"seed": options.seed, "source": dataset.source_system}
        table = closing.rows(loop, story, report)
        closing.write(options.report, table, report)
        say("\n" + closing.show(table))
        for refused in (*dataset.refused, *loop.refused):
            say(f"refused: line {refused.line}, {refused.column}: {refused.reason}")
        right = all(row.is_right for row in table)
        say(f"\n{'every row is as expected' if right else 'some rows are NOT as expected'}")
        say(f"{time.monotonic() - begun:.0f} s; the table is also in {options.report}")
        if not options.exit:
            _keep_serving(say, running, loop)
    return 0 if right else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--data", type=Path, help="the enforcement records of realdata, as CSV")
    parser.add_argument("--seed", type=int, default=SEED, help="of everything that is made up")
    parser.add_argument("--exit", action="store_true", help="end after the table")
    parser.add_argument("--report", type=Path, default=Path("build/demo.json"))
    return parser.parse_args()


def _announce(say: Any, dataset: Dataset, story: list[Fate], seed: int) -> None:  # noqa: ANN401 - prints a line
    say("How the input is read:")
    for line in dataset.mapping:
        say(f"  {line}")
    say(f"Made up, from seed {seed}, and never to be taken for real:")
    for line in dataset.synthetic:
        say(f"  {line}")
    unknown = [one.grievance.external_id for one in story if one.grievance.workers is None]
    if unknown:
        say(f"Number of workers unknown, so never validated in full: {', '.join(unknown)}")
    say(f"\n{len(dataset.grievances)} records, {len(story)} with an agreed remedy")
    say("Expected at the suppliers' endpoints:")
    for type_, number in sorted(expected_webhooks(story).items()):
        say(f"  {number:6} {type_}")


def _keep_serving(say: Any, running: Town, loop: Loop) -> None:  # noqa: ANN401 - prints a line
    say("\nStill serving. Copy and paste; Ctrl-C ends and removes everything.\n")
    for line in commands.lines(running, loop):
        say(line + "\n")
    with suppress(SystemExit):
        signal.pause()
    say("\nended")


if __name__ == "__main__":
    sys.exit(main())
