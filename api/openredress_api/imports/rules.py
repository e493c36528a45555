"""Rules of imports in plain Python: what may be asked of a file, and when."""

from __future__ import annotations

from collections.abc import Mapping

FORMATS = ("ndjson", "csv", "xlsx")
COMPRESSIONS = ("none", "gzip", "zstd")
CHARSETS = ("utf-8", "cp874", "cp1252")
MODES = ("check", "upsert", "replace_period")
# `row`: good rows are stored though others are refused. `all`: none, unless every one is good.
COMMITS = ("row", "all")
STATES = (
    *("receiving", "waiting", "checking", "merging"),
    *("checked", "done", "refused", "failed", "cancelled"),
)
ENDED = ("checked", "done", "refused", "failed", "cancelled")
WEIGHTS = ("must_fix", "please_check", "information")
COUNTS = ("read", "new", "changed", "unchanged", "outdated", "refused", "flagged", "removed")
# More rows are sent as several files; more findings are read by nobody.
MAX_ROWS = 3_000_000
MAX_FINDINGS = 50_000
MAX_SIZE = 1024**3
# What a compressed file may hold: a bomb stops here.
MAX_INFLATED = 4 * 1024**3
# A spreadsheet is read whole by its parser; this is far more than a sheet can hold rows.
MAX_XLSX = 64 * 1024**2
# What is sent may hold more than is kept of it: files and findings go after so many days.
KEPT_DAYS = 7


def nothing_counted() -> dict[str, int]:
    """The counts of a file of which no row was read."""
    return dict.fromkeys(COUNTS, 0)


def may_commit(state: str) -> bool:
    """Whether a file may be stored as it was checked."""
    return state == "checked"


def may_cancel(state: str) -> bool:
    """Whether anything is left to stop."""
    return state not in ENDED


def has_refused(counts: Mapping[str, int]) -> bool:
    """Whether any row was refused: then no period is replaced, and nothing committed as a whole."""
    return counts["refused"] > 0
