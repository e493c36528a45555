"""Plain text and comma-separated text."""

from __future__ import annotations

import csv
import re
from io import StringIO

from openredress_api.evidence.copies.kinds import CSV, decoded

_NUMBER = re.compile(r"[+-]?[\d.,\s]*%?")


def rebuilt(octets: bytes, media_type: str, mark: str) -> bytes:
    """Text in UTF-8 without a byte order mark; `mark` becomes its first line."""
    if media_type == CSV:
        return _table(octets, mark)
    lines = decoded(octets).splitlines()
    return "".join(f"{line}\n" for line in ([mark, *lines] if mark else lines)).encode()


def _table(octets: bytes, mark: str) -> bytes:
    """Comma-separated text in which no cell is a formula."""
    said = decoded(octets)
    written = StringIO()
    writer = csv.writer(written)
    if mark:
        writer.writerow([mark])
    for row in csv.reader(StringIO(said, newline=""), _dialect(said)):
        writer.writerow([harmless(cell) for cell in row])
    return written.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell as a spreadsheet program shows it instead of computing it."""
    starts = cell.lstrip()[:1]
    if starts in {"=", "@"} or (starts in {"+", "-"} and not _NUMBER.fullmatch(cell)):
        return f"'{cell}"
    return cell


def _dialect(said: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(said[:8192], delimiters=",;\t|")
    except csv.Error:
        return csv.excel
