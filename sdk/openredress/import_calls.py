"""Imports as the server knows them: their records, and one call each."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, cast

from openredress.answers import Answer
from openredress.bodies import path
from openredress.capability import Capability
from openredress.clock import Deadline
from openredress.errors import (
    DeadlineExceeded,
    RateLimited,
    ServerError,
    TransportError,
    Unavailable,
)
from openredress.import_sources import Redacted
from openredress.paging import Listing
from openredress.progress import Progress, reporter
from openredress.records import Outcome, Record
from openredress.transport import Transport
from openredress.uploads import SLOW_S

ENDED = frozenset({"checked", "done", "refused", "failed", "cancelled"})
"""States in which nothing more happens by itself; a checked import can be committed."""

_PATH = "imports"
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.2, 2.0, 1.5
_AWAY = (TransportError, RateLimited, ServerError, Unavailable)


class Import(Record):
    """A file of records and what became of it: see `state`, `counts`, `columns` and `questions`.

    `import["commit"]` is how it is stored: `row`, or `all`. `redactions` says what `push` took out
    of the records before it sent them.
    """

    id: str
    record: str
    format: str
    compression: str
    source_system: str
    mode: str
    is_complete: bool
    state: str
    size: int
    received: int
    counts: Record
    columns: list[Record]
    questions: list[Record]
    has_corrections: bool
    corrections_are_cut: bool
    findings: int
    resume_line: int
    rows_per_second: float | None
    seconds_left: int | None
    fault: Record | None
    created_at: str
    started_at: str | None
    ended_at: str | None
    updated_at: str

    if TYPE_CHECKING:
        _imports: ImportCalls

    def __init__(
        self, members: Mapping[str, object], answer: Answer | None = None, outcome: Outcome = ""
    ) -> None:
        super().__init__(members, answer, outcome)
        self.redactions: tuple[Redacted, ...] = ()

    def wait(self, *, progress: Progress = None, deadline: float | None = None) -> Import:
        """Return the import when it has ended; see `ImportCalls.wait`."""
        return self._imports.wait(self.id, progress=progress, deadline=deadline)

    def commit(self, *, mode: str = "upsert", commit: str = "row") -> Import:
        """Have a checked file stored, without sending it again; `wait` for it then."""
        return self._imports.commit(self.id, mode=mode, commit=commit)

    def cancel(self) -> Import:
        """Stop it; what is stored stays."""
        return self._imports.cancel(self.id)

    def failed_rows(self) -> Listing[Finding]:
        """Iterate over what kept rows out, by line."""
        return self._imports.findings(self.id, weight="must_fix")

    def receipts(self) -> Listing[Receipt]:
        """Iterate over the rows that reached the records, and what became of each."""
        return self._imports.receipts(self.id)

    def write_corrections(self, file: str | PathLike[str]) -> None:
        """Write the rows that need somebody, to be put right and pushed: see `has_corrections`.

        Raises:
            ValueError: the name ends in something else than the file is.
            NotFound: there is nothing to correct.
        """
        end = ".ndjson" if self.format == "ndjson" else ".xlsx"
        if Path(file).suffix != end:
            raise ValueError(f"the corrections of this import are a file that ends in {end}")
        Path(file).write_bytes(self._imports.corrections(self.id))


class Finding(Record):
    """What was found in one row: place, what was read, what is wrong and an example of right.

    `weight` is must_fix (the row was kept out), please_check or information; `heading` is the
    column in the sender's words.
    """

    line: int
    external_id: str | None
    weight: str
    code: str
    pointer: str
    heading: str | None
    detail: str
    read: str | None


class Receipt(Record):
    """One row that reached the records: it was new, changed, unchanged, outdated, or refused."""

    line: int
    key: str
    id: str | None
    version: int
    outcome: str  # type: ignore[assignment] # the server's word; elsewhere what an upsert did
    sha256: str

    def __init__(self, members: Mapping[str, object]) -> None:
        super().__init__(members)
        self.outcome = str(members["outcome"])


class ImportMapping(Record):
    """What the columns of a source system's sheets mean.

    `mapping["values"]` says which words of the sheet mean which codes.
    """

    id: str
    record: str
    source_system: str
    name: str | None
    columns: Record
    constants: Record
    dates: Record
    time_zone: str | None
    updated_at: str


class ImportCalls(Capability):
    """The calls of imports, their mappings and templates."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        # Its records can be asked for more: they know whom to ask.
        self._import = cast("type[Import]", type("Import", (Import,), {"_imports": self}))

    def wait(
        self,
        import_id: str,
        *,
        progress: Progress = None,
        deadline: float | None = None,
    ) -> Import:
        """Return an import when it has ended; a server that is away meanwhile is waited for.

        Raises:
            DeadlineExceeded: it has not ended after `deadline` seconds; it goes on all the same.
        """
        tell, clock, pause = reporter(progress), self._transport.clock, _FIRST_PAUSE
        limit = None if deadline is None else Deadline(clock, deadline)
        while True:
            try:
                imported = self.get(import_id)
            except _AWAY:
                pass
            else:
                tell(imported)
                if imported.state in ENDED:
                    return imported
            if limit and not limit.fits(pause):
                raise DeadlineExceeded(f"{import_id} has not ended yet; it goes on by itself")
            clock.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def announce(self, *, idempotency_key: str | None = None, **body: object) -> Import:
        """Announce a file by its size and SHA-256; `push` does this and sends it."""
        return self._post(self._import, _PATH, body=body, key=idempotency_key)

    def put_content(self, import_id: str, *, offset: int, octets: bytes) -> Import:
        """Send octets from an offset on; with the last ones work begins."""
        answer = self._transport.send(
            "PUT",
            path(_PATH, import_id, "content"),
            params={"offset": offset},
            octets=octets,
            silence=SLOW_S,
        )
        return self._import(answer.members(), answer)

    def get(self, import_id: str) -> Import:
        """Return an import as it stands."""
        return self._get(self._import, _PATH, import_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Import]:
        """Iterate over the imports; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(
            self._import, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )

    def commit(
        self,
        import_id: str,
        *,
        mode: str = "upsert",
        commit: str = "row",
        idempotency_key: str | None = None,
    ) -> Import:
        """Have a checked file stored, without sending it again."""
        segments, body = (_PATH, import_id, "commit"), {"mode": mode, "commit": commit}
        return self._post(self._import, *segments, body=body, key=idempotency_key)

    def cancel(self, import_id: str, *, idempotency_key: str | None = None) -> Import:
        """Stop an import after the rows at hand; what is stored stays."""
        return self._post(self._import, _PATH, import_id, "cancel", key=idempotency_key)

    def findings(
        self, import_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[Finding]:
        """Iterate over what was found in rows, by line; `weight="must_fix"`: what kept rows out."""
        return self._list(Finding, _PATH, import_id, "findings", cursor=cursor, **filters)

    def receipts(self, import_id: str, *, cursor: str | None = None) -> Listing[Receipt]:
        """Iterate over the rows that reached the records, in the order in which they did."""
        return self._list(Receipt, _PATH, import_id, "receipts", cursor=cursor)

    def corrections(self, import_id: str) -> bytes:
        """Return the rows that need somebody: XLSX with the bad cells marked, or NDJSON."""
        segments = (_PATH, import_id, "corrections")
        return self._transport.send("GET", path(*segments), silence=SLOW_S).body

    def template(self, record: str, *, language: str = "en") -> bytes:
        """Return an empty XLSX for one kind of record that checks itself while it is filled in."""
        asked = {"record": record, "language": language}
        return self._transport.send("GET", path("import-templates"), params=asked).body

    def put_mapping(self, record: str, source_system: str, **body: object) -> ImportMapping:
        """Keep what the columns of a source system's sheets mean, for its next file."""
        return self._put(ImportMapping, "import-mappings", _key(record, source_system), body)

    def get_mapping(self, record: str, source_system: str) -> ImportMapping:
        """Return the mapping that is kept for the sheets of a source system."""
        asked = _key(record, source_system)
        answer = self._transport.send("GET", path("import-mappings"), params=asked)
        return ImportMapping(answer.members(), answer)

    def delete_mapping(self, record: str, source_system: str) -> None:
        """Forget it: the next sheet is read by its headings."""
        asked = _key(record, source_system)
        self._transport.send("DELETE", path("import-mappings"), params=asked)


def _key(record: str, source_system: str) -> dict[str, object]:
    return {"record": record, "source_system": source_system}
