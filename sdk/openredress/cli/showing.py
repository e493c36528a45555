"""What a person sees of an import: a bar while it runs, then what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from openredress.progress import told
from openredress.records import Record

# What would move the cursor, or turn text round: a sheet may come from anybody.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

ANSWERS: Mapping[str, str] = {
    "confirm_column": '"columns": {"<read>": "<field>"}, or null: it is not taken',
    "date_era": '"dates": {"era": "buddhist"}, or bikram_sambat, or gregorian',
    "date_order": '"dates": {"order": "dmy"}, or mdy, or ymd',
    "no_column": '"constants": {"<field>": "what every row has"}, or a column for it',
    "time_zone": '"time_zone": "Asia/Bangkok"',
    "which_column": '"columns": {"<read>": null}: it is not taken',
}
"""What a mapping file says to answer a question."""


@contextmanager
def watched(name: str, *, quiet: bool) -> Iterator[Bar]:
    """Show a bar on standard error while somebody looks; the Bar is to be told of the import."""
    console = Console(stderr=True)
    with Progress(
        BarColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    ) as progress:
        yield Bar(progress, progress.add_task(f"reading {cleaned(name)}", total=None))


class Bar:
    """Octets while they are sent, then rows; `id` and `state` are what it heard last."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task
        self.id = self.state = ""

    def __call__(self, imported: Record) -> None:
        """Show how far it is, of as many rows as the time left tells."""
        self.id, self.state = imported.id, imported.state
        if self.state == "receiving":
            done, total = imported.received, imported.size
        else:
            done, total = imported.counts.read, _expected(imported)
        self._progress.update(
            self._task, completed=done, total=total, description=told(imported), refresh=True
        )


def _expected(imported: Record) -> float | None:
    """How many rows the file seems to have."""
    if imported.rows_per_second is None or imported.seconds_left is None:
        return None
    return float(imported.counts.read + imported.rows_per_second * imported.seconds_left)


class Report:
    """What is printed of an import that has ended."""

    def __init__(self, imported: Record) -> None:
        self._console = Console(markup=False, highlight=False)
        self._imported = imported

    def show(self, findings: Sequence[Record], corrections: str | None) -> None:
        """Print columns, questions, the first findings, counts, and what to do next."""
        self._columns()
        self._questions()
        for finding in findings:
            self._say(_line(finding))
        self._counts()
        if corrections:
            self._say(f"rows to put right, and to import again: {corrections}")
        self._next()

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)

    def _columns(self) -> None:
        rows = [(one.heading, one.field or "", _how(one)) for one in self._imported.columns]
        self._table(("column", "is", "how"), rows)

    def _questions(self) -> None:
        rows = [(one.code, one.field, one.read, _answer(one)) for one in self._imported.questions]
        self._table(("question", "about", "read", "say in the mapping file"), rows)

    def _table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if not rows:
            return
        table = Table(*headings)
        for row in rows:
            table.add_row(*(Text(cleaned(cell)) for cell in row))
        self._console.print(table)

    def _counts(self) -> None:
        counts = self._imported.counts
        named = ("new", "changed", "unchanged", "outdated", "refused", "flagged")
        words = [f"{counts[name]:,} {name}" for name in named if counts[name]]
        self._say(f"{counts.read:,} rows{': ' if words else ''}{', '.join(words)}")

    def _next(self) -> None:
        state, fault = self._imported.state, self._imported.fault
        if fault:
            self._say(f"{state}: {fault.detail}")
        elif state == "checked" and not self._imported.questions:
            self._say("checked, nothing is stored; to store the good rows add --store")
        else:
            self._say(_ENDS[state])


_ENDS = {
    "checked": "checked, nothing is stored; before it can be, answer the questions above",
    "done": "done: the good rows are stored",
    "refused": "refused, nothing is stored: one row or more cannot be",
    "failed": "failed",
    "cancelled": "cancelled; what was stored stays",
}


def _answer(question: Record) -> str:
    hint = ANSWERS.get(question.code, "")
    return hint.replace("<field>", question.field).replace("<read>", question.read)


def _how(column: Record) -> str:
    if column.field is None:
        return "not taken"
    return f"{column.how} {column.score:.0%}" if column.how == "nearest" else str(column.how)


def _line(finding: Record) -> str:
    """Such as `line 12, Channel: "pigeon": Not in the list. (must_fix)`."""
    place = finding.heading or finding.pointer
    read = "" if finding.read is None else f' "{finding.read}":'
    return cleaned(f"line {finding.line}, {place}:{read} {finding.detail} ({finding.weight})")


def cleaned(text: str) -> str:
    """Text of somebody else's without what a terminal would obey."""
    return _ODD.sub("\ufffd", text)
