"""Which capability and which safety rule is shown by which test: run them, and print the table.

A test names what it shows: `R5` or `row 9` in its docstring, or `test_r5_` in its name. What no
test names stands there as later, never as passed.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator

import pytest

CAPABILITIES = (
    "contacts of workers are counted, in bursts too",
    "remedies are validated by workers",
    "and by their communities, told apart",
    "brands and sites, with their dates",
    "many kinds of organisations, and the public",
    "counts with their unit, over closed periods",
    "systemic actions, and what recurs",
    "engagement beside complaints",
    "origin and destination countries",
    "every change of state is told",
    "remedy in a safeguarded way",
    "recruitment to the first mile, two statements",
    "the suppliers' own mechanisms",
    "answers to workers, approved first",
    "beginning with little effort",
    "something back for suppliers",
    "anonymous cases with a receipt code",
    "a catalogue of definitions",
    "one request of several brands",
)
RULES = (
    "consent by scope, refused by default, withdrawn at any time",
    "a safety assessment before a grave case reaches an employer",
    "pseudonyms that no two recipients can join",
    "workers' ids of agencies stay theirs",
    "no day of a call can be told from a release",
    "fewer than three workers are not pointed at",
    "summaries by two people, no free text",
    "files are cleaned before anybody gets them",
    "cells too small are not published",
    "zero may be told, all of a group may not",
    "hidden cells cannot be computed",
    "nor found by difference",
    "the same cell is the same for all",
    "headcounts in bands",
    "retaliation is watched for, and freezes releases",
    "what a supplier may never find out",
    "what is kept is kept for a time",
    "every reading is logged",
    "who claims does not validate; two people",
    "legal requests are registered",
    "children and trafficking reach no employer",
    "suppliers preview their own figures",
    "events are thin",
    "sandboxes hold no real people",
)
_NAMED = re.compile(r"\bR([1-9]|1\d|2[0-4])\b")
_IN_NAME = re.compile(r"^test_r([1-9]|1\d|2[0-4])_")
_ROW = re.compile(r"\b[Rr]ows? ([1-9]|1\d)\b")


def shown_by(name: str, docstring: str) -> Iterator[tuple[str, int]]:
    """What a test says it shows: ("R", number) or ("row", number)."""
    for found in (*_NAMED.finditer(docstring), *_IN_NAME.finditer(name)):
        yield "R", int(found[1])
    for found in _ROW.finditer(docstring):
        yield "row", int(found[1])


class Promises:
    """Keeps the tests that show a capability or a rule, and what became of them."""

    def __init__(self) -> None:
        self.tests: dict[str, set[tuple[str, int]]] = {}
        self.results: dict[str, str] = {}

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave the others out."""
        for item in items:
            function = getattr(item, "function", None)
            shown = set(shown_by(item.name, getattr(function, "__doc__", None) or ""))
            if shown:
                self.tests[item.nodeid] = shown
        left = [item for item in items if item.nodeid not in self.tests]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item.nodeid in self.tests]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The worst of setup, call and teardown counts."""
        if report.failed:
            self.results[report.nodeid] = "FAILED"
        elif report.skipped:
            self.results.setdefault(report.nodeid, "skipped")
        elif report.when == "call":
            self.results.setdefault(report.nodeid, "passed")

    def lines(self) -> Iterator[str]:
        """The table."""
        names: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for nodeid, shown in self.tests.items():
            # One line per test, whatever it was tried with.
            name = nodeid.partition("[")[0].removeprefix("tests/")
            for each in shown:
                names[each][name].add(self.results.get(nodeid, "not run"))
        for kind, titles in (("row", CAPABILITIES), ("R", RULES)):
            for number, title in enumerate(titles, 1):
                yield f"{kind}{' ' if kind == 'row' else ''}{number}  {title}"
                tests = names.get((kind, number), {})
                for name in sorted(tests):
                    yield f"    {_of(tests[name]):8} {name}"
                if not tests:
                    yield "    later"


def _of(results: set[str]) -> str:
    """The result of a test that ran several times; skipped counts where nothing else did."""
    for worst in ("FAILED", "not run", "passed"):
        if worst in results:
            return worst
    return "skipped"


if __name__ == "__main__":
    promises = Promises()
    code = pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:], "tests"], [promises])
    sys.stdout.write("\n".join([*promises.lines(), ""]))
    sys.exit(code)
