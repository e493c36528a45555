"""A file as batches: rows read, loaded by their schema, checked, and written for COPY.

It runs in a thread of its own, one batch ahead of the database. Batches depend on nothing but the
file: a worker that takes over from one that died cuts them in the same places.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from openredress_api.foundation.intake import Intake
from openredress_api.foundation.problems import Fault, FieldError
from openredress_api.foundation.reading import flatten
from openredress_api.imports.working.copying import dated_ids, digest_of, writer
from openredress_api.imports.working.rows import Row
from openredress_webhooks import personal_data

MOST_ROWS = 5_000
# A batch stands in memory whole, and its job is lost to another worker if it takes too long: of
# long rows, or much that is wrong, there are fewer in it. In octets, more or less.
MOST_WEIGHT = 8 * 1024 * 1024
# More than anybody puts right in one row at once; the rest is found when these are.
MOST_FOUND = 20
# A finding shows what was read; the whole of it is in the file.
_EXCERPT, _LONGEST_PLACE = 200, 500
_A_FINDING = 1024


@dataclass(frozen=True, slots=True)
class Found:
    """Something about one row, before it is stored as a finding."""

    line: int
    weight: str
    error: FieldError
    key: str = ""
    heading: str | None = None


@dataclass(slots=True)
class Batch:
    """Some rows of a file: those for staging as COPY's text, and what was found in the others."""

    last_line: int = 0
    read: int = 0
    weight: int = 0
    refused: int = 0
    flagged: int = 0
    staged: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    is_last: bool = False

    @property
    def is_full(self) -> bool:
        """Whether no further row fits."""
        return self.read >= MOST_ROWS or self.weight >= MOST_WEIGHT


class Batches:
    """The batches of one file after line `done`."""

    def __init__(
        self,
        intake: Intake,
        defaults: Mapping[str, str],
        now: datetime,
        seal: Callable[[str, str], str],
        *,
        keeps_keys: bool,
    ) -> None:
        """`defaults` are members that a row need not say itself, such as source_system.

        `seal` encrypts for the sender, as Intake.columns wants it.
        """
        self._seal = seal
        self._keeps_keys = keeps_keys
        self._load: Callable[[Any], dict[str, Any]] = intake.schema().load
        self._intake = intake
        self._write = writer(intake)
        self._defaults = defaults
        self._now = now
        self._ids = dated_ids()
        self._lines_by_key: dict[int, int] = {}
        # What good rows are identified by, where the end of the file asks for what it left out.
        self.keys: list[tuple[Any, ...]] = []

    def cut(self, rows: Iterable[Row], done: int) -> Iterator[Batch]:
        """Batches of the rows after line `done`; earlier rows are only remembered by their key."""
        batch = Batch()
        for row in rows:
            self._take(row, batch, is_done=row.number <= done)
            if batch.is_full:
                yield batch
                batch = Batch(last_line=batch.last_line)
        batch.is_last = True
        yield batch

    def _take(self, row: Row, batch: Batch, *, is_done: bool) -> None:
        columns, errors = self._columns(row)
        errors = errors or self._repeated(columns, row.number)
        if is_done:
            return
        batch.last_line = row.number
        batch.headings = row.headings
        batch.read += 1
        if row.notices or errors:
            self._note(row, errors, batch)
        if not errors:
            written = self._write(columns)
            batch.weight += len(written)
            batch.staged.append(
                f"{row.number}\t{next(self._ids)}\t{digest_of(written)}\t{written}\n"
            )

    @staticmethod
    def _note(row: Row, errors: Sequence[FieldError], batch: Batch) -> None:
        batch.refused += bool(errors)
        batch.flagged += bool(row.notices) and not errors
        for weight, noted in (("must_fix", errors), ("please_check", row.notices)):
            batch.found += [
                Found(row.number, weight, _kept(error), _told(row.record), row.heading(error))
                for error in _first(noted)
            ]
            # What is not kept has cost its time all the same.
            batch.weight += sum(map(_weight, noted))

    def _columns(self, row: Row) -> tuple[Mapping[str, Any], list[FieldError]]:
        """A row as columns, or what keeps it out."""
        if row.faults:
            return {}, list(row.faults)
        record = {**self._defaults, **row.record}
        try:
            loaded = self._load(record)
        except ValidationError as fault:
            return {}, list(flatten(fault.messages, record, ""))
        errors = list(self._intake.check(loaded, self._now))
        return ({}, errors) if errors else (self._intake.columns(loaded, self._seal), errors)

    def _repeated(self, columns: Mapping[str, Any], line: int) -> list[FieldError]:
        """A row whose key stands earlier in the file: which of the two is right, nobody knows."""
        key = tuple(columns[name] for name in self._intake.key)
        first = self._lines_by_key.setdefault(hash(key), line)
        if first == line:
            if self._keeps_keys:
                self.keys.append(key)
            return []
        return [FieldError("/", Fault("repeats_a_row", line=first))]


def _told(record: Mapping[str, Any]) -> str:
    told = record.get("external_id")
    return told[:_EXCERPT] if isinstance(told, str) else ""


def _first(errors: Sequence[FieldError]) -> Sequence[FieldError]:
    """Not more of a row's errors than anybody reads, the same ones whoever reads the file."""
    if len(errors) <= MOST_FOUND:
        return errors
    return sorted(errors, key=lambda error: error.pointer)[:MOST_FOUND]


def _weight(error: FieldError) -> int:
    read = len(error.read) if isinstance(error.read, str) else 0
    return _A_FINDING + len(error.pointer) + read


def _kept(error: FieldError) -> FieldError:
    """An error as it can be kept: what a stranger wrote is cut, and no text of ours holds a NUL."""
    place = error.pointer.replace("\0", "\ufffd")[:_LONGEST_PLACE]
    return FieldError(place, error.fault, _excerpt(error.read))


def _excerpt(read: object) -> str | None:
    """The beginning of what was read; None if it holds personal data, as in any answer."""
    if read is None:
        return None
    text = read if isinstance(read, str) else json.dumps(read, ensure_ascii=False, default=str)
    return None if personal_data.found(text[: 2 * _EXCERPT]) else text[:_EXCERPT]
