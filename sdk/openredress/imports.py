"""Imports: files of records, by the million; each bad row comes back explained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from openredress.bodies import encoded
from openredress.bookmarks import Bookmark
from openredress.errors import NotFound
from openredress.import_calls import ENDED, Finding, Import, ImportCalls, ImportMapping, Receipt
from openredress.import_sources import Prepared, Redacted, Source, prepared
from openredress.progress import Progress, Tell, reporter
from openredress.uploads import measured, sent

__all__ = ["ENDED", "Finding", "Import", "ImportMapping", "Imports", "Receipt", "Redacted"]

# What an import shows of its announcement, and a later commit does not change.
_SHOWN = ("record", "format", "compression", "source_system", "is_complete", "size")


class Imports(ImportCalls):
    """`/v1/imports`, `/v1/import-mappings` and `/v1/import-templates`."""

    def push(
        self,
        source: Source,
        *,
        record: str,
        source_system: str,
        mode: str = "check",
        commit: str = "row",
        mapping: Mapping[str, Any] | None = None,
        format: str | None = None,  # noqa: A002 - the API's word
        progress: Progress = None,
        resume: str | PathLike[str] | None = None,
        redact: bool = False,
        wait: bool = True,
        **body: object,
    ) -> Import:
        """Send records of one kind; by default they are checked and nothing is stored.

        A push that broke off goes on where it was when it is made again with the same data and
        parameters: for three days by itself, for longer with `resume`. Data that changed is sent
        anew.

        Args:
            source: a path (CSV, NDJSON or XLSX, also with .gz or .zst), a data frame, whose columns
                are read as those of a sheet, or records: mappings by the API's names.
            record: the kind of record, such as `grievance`.
            source_system: where records come from that do not say so themselves.
            mode: check, upsert, or for figures of a period replace_period.
            commit: row: good rows are stored; all: none, unless every one is good.
            mapping: what the headings do not tell, or the names of another system's records; see
                the API.
            format: csv, ndjson or xlsx, of a path whose name does not tell.
            progress: True: a line on standard error; or whatever is to be told of the import.
            resume: a small file that says how far a push is; gone when the push returns. An import
                that ended meanwhile is returned, not sent again.
            redact: take personal data out of records; see `redactions` of what is returned.
            wait: return when the import has ended, not when the server has the file.
            body: more of the announcement: is_complete, sheet, charset.

        Raises:
            InvalidRequest: the announcement is refused.
            TransportError: the server is away for longer than one call lasts; push again.
            ValueError: what is pushed has no form, or became shorter while it was sent.
        """
        tell = reporter(progress)
        asked = {"record": record, "source_system": source_system, "mode": mode, "commit": commit}
        with prepared(source, format=format, redacts=redact) as file:
            imported = self._sent(file, {**asked, "mapping": mapping, **body}, tell, resume)
        if wait:
            imported = self.wait(imported.id, progress=tell)
        if resume is not None:
            Path(resume).unlink()
        imported.redactions = tuple(file.redactions)
        return imported

    def _sent(
        self,
        file: Prepared,
        asked: Mapping[str, object],
        tell: Tell,
        resume: str | PathLike[str] | None,
    ) -> Import:
        size, sha256 = measured(file.octets)
        told = {"format": file.format, "compression": file.compression}
        facts = {**asked, **told, "size": size, "sha256": sha256}
        key = hashlib.sha256(encoded(facts)).hexdigest()
        bookmark = None if resume is None else Bookmark(resume, key)

        def noted(imported: Import) -> Import:
            if bookmark:
                bookmark.write(imported, sha256)
            tell(imported)
            return imported

        def put_content(import_id: str, *, offset: int, octets: bytes) -> Import:
            return noted(self.put_content(import_id, offset=offset, octets=octets))

        begun = noted(self._kept(bookmark) or self._announced(facts, key))
        return sent(begun, file.octets, put_content)

    def _kept(self, bookmark: Bookmark | None) -> Import | None:
        """The import that a state file tells of, if it is there."""
        known = bookmark.read() if bookmark else None
        if known is None:
            return None
        try:
            return self.get(known)
        except NotFound:
            return None

    def _announced(self, facts: Mapping[str, object], key: str) -> Import:
        imported = self.announce(idempotency_key=key, **facts)
        if not (imported.replayed and imported.state in ENDED):
            return imported
        # The same data once more, after its end: what is stored may have changed since. The key of
        # this push follows from the last one that ended, so that it too goes on after a break.
        alike = {name: imported[name] for name in _SHOWN}
        ended = [
            one
            for one in self.list(updated_since=imported.ended_at)
            if one.state in ENDED and alike == {name: one[name] for name in _SHOWN}
        ]
        last = max([imported, *ended], key=lambda one: str(one.created_at))
        following = hashlib.sha256(f"{key}/{last.id}".encode()).hexdigest()
        return self._announced(facts, following)
