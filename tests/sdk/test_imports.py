"""Pushing records by the million: what is sent, how it goes on after a break, what is told."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openredress import Client, errors, uploads
from openredress.imports import Import
from openredress.progress import Line

PUSHED = {"record": "grievance", "source_system": "hr"}
ROWS = [{"external_id": f"G{n}", "workers_affected": n} for n in range(3)]
COUNTS = {"read": 3, "new": 2, "changed": 0, "unchanged": 0, "outdated": 0, "refused": 1}
CONTENT, IMPORT = "/v1/imports/imp_1/content", "/v1/imports/imp_1"


def shown(state: str, **members: Any) -> dict[str, Any]:
    """An import as the server shows it, as far as the client looks."""
    known = {"id": "imp_1", "format": "ndjson", "received": 0, "size": 10, "counts": COUNTS}
    known |= {**PUSHED, "compression": "gzip", "is_complete": False}
    known |= {"created_at": "2026-11-25T00:00:00Z"}
    pace = {"rows_per_second": 1200.4, "seconds_left": 75, "ended_at": None}
    return {**known, **pace, "state": state, **members}


def ended(state: str, **members: Any) -> dict[str, Any]:
    """An import at its end."""
    return shown(state, ended_at="2026-11-26T00:00:00Z", seconds_left=None, **members)


@pytest.fixture
def taking(server: Any) -> Any:
    """A server that takes a file in one part and has checked it when it is asked again."""
    server.then("/v1/imports", server.says(shown("receiving"), 202))
    server.then(CONTENT, server.says(shown("waiting")))
    server.then(IMPORT, server.says(ended("checked")))
    return server


def sent(server: Any) -> bytes:
    """All octets that were sent."""
    return b"".join(seen.raw_body for seen in server.at(CONTENT))


def test_records_go_as_one_packed_file(client: Client, taking: Any) -> None:
    """Mappings become NDJSON, packed, announced by size and digest; nothing is to be stored."""
    done = client.imports.push(iter(ROWS), **PUSHED, is_complete=True)
    assert (done.state, done.redactions) == ("checked", ())
    (announced,) = taking.at("/v1/imports")
    octets = sent(taking)
    assert announced.body == {
        "record": "grievance",
        "source_system": "hr",
        "mode": "check",
        "commit": "row",
        "mapping": None,
        "is_complete": True,
        "format": "ndjson",
        "compression": "gzip",
        "size": len(octets),
        "sha256": hashlib.sha256(octets).hexdigest(),
    }
    assert [json.loads(line) for line in gzip.decompress(octets).splitlines()] == ROWS


@pytest.mark.parametrize(
    ("name", "told", "packed"),
    [
        ("Somchai.csv", ("csv", "gzip"), True),
        ("v1.2/rows.JSONL", ("ndjson", "gzip"), True),
        ("rows.ndjson.zst", ("ndjson", "zstd"), False),
        ("rows.csv.gz", ("csv", "gzip"), False),
        ("rows.xlsx", ("xlsx", "none"), False),
    ],
)
def test_a_path_tells_its_format(
    client: Client, taking: Any, tmp_path: Path, name: str, told: tuple[str, str], *, packed: bool
) -> None:
    """The end of a name says how the file is read; what is packed already goes as it is."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"external_id\nG1\n")
    client.imports.push(str(path) if packed else path, **PUSHED)
    (announced,) = taking.at("/v1/imports")
    assert (announced.body["format"], announced.body["compression"]) == told
    octets = gzip.decompress(sent(taking)) if packed else sent(taking)
    assert octets == path.read_bytes()
    assert not [seen for seen in taking.seen if b"Somchai" in seen.raw_body]


def test_a_name_that_tells_nothing(client: Client, taking: Any, tmp_path: Path) -> None:
    """A format that nobody can guess is asked for; nothing is sent before."""
    path = tmp_path / "export.txt"
    path.write_bytes(b"external_id\nG1\n")
    with pytest.raises(ValueError, match=r"\.txt tells no format that is taken: csv, ndjson"):
        client.imports.push(path, **PUSHED)
    assert taking.seen == []
    client.imports.push(path, **PUSHED, format="csv")
    assert taking.at("/v1/imports")[0].body["format"] == "csv"


class Frame:
    """A data frame as far as the client knows one."""

    columns = ("Case No", "Workers", "Opened", "Amount", "Urgent")

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self._rows = rows

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterator[Any]:  # noqa: FBT001, FBT002 - as pandas has it
        """The rows, as plain tuples only if no name is given."""
        assert not index
        assert name is None
        return iter(self._rows)


class Unsaid:
    """Like pandas.NA: compares as itself, and is neither true nor false."""

    def __ne__(self, other: object) -> Any:
        return self

    def __eq__(self, other: object) -> Any:
        return self

    __hash__ = None  # type: ignore[assignment] # as pandas has it

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


def test_a_data_frame_is_a_sheet(client: Client, taking: Any) -> None:
    """Columns are headings; gaps are empty cells, whole floats whole numbers, times ISO 8601."""
    opened = datetime(2026, 3, 1, 8, 15, tzinfo=timezone.utc)
    frame = Frame(
        ("GRV, 1", 14.0, opened, Decimal("45.50"), True),
        ("GRV\n2", math.nan, None, 1.25, Unsaid()),
    )
    mapping = {"columns": {"Case No": "external_id"}}
    client.imports.push(frame, **PUSHED, mapping=mapping)
    (announced,) = taking.at("/v1/imports")
    assert (announced.body["format"], announced.body["mapping"]) == ("csv", mapping)
    text = gzip.decompress(sent(taking)).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        list(Frame.columns),
        ["GRV, 1", "14", "2026-03-01T08:15:00+00:00", "45.50", "True"],
        ["GRV\n2", "", "", "1.25", ""],
    ]


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ([{"external_id": "A"}, ["B"]], TypeError, "record 2 is a list; mappings are needed"),
        ([{"workers_affected": math.nan}], ValueError, "record 1: Out of range float"),
        ([{"site": object()}], ValueError, "record 1: object has no form on the wire"),
        ({"external_id": "A"}, TypeError, "record 1 is a str; mappings are needed"),
        (Frame(("A", [], 1, 1, 1)), TypeError, "column 'Workers' holds a list"),
    ],
)
def test_what_has_no_form_is_not_sent(
    client: Client, server: Any, source: Any, kind: type[Exception], words: str
) -> None:
    """Data that cannot be written is refused with its place before anything is sent."""
    with pytest.raises(kind, match=words):
        client.imports.push(source, **PUSHED)
    assert server.seen == []


def test_redaction_is_reported_by_line(client: Client, taking: Any) -> None:
    """On request personal data is taken out of records, and each place is told."""
    rows = [{"external_id": "A", "note": "late"}, {"external_id": "B", "note": "ring 0812345678"}]
    done = client.imports.push(rows, **PUSHED, redact=True)
    assert [tuple(one) for one in done.redactions] == [(2, "/note", "phone")]
    assert b"0812345678" not in gzip.decompress(sent(taking))
    assert rows[1]["note"] == "ring 0812345678"


@pytest.mark.parametrize("source", ["rows.csv", Path("rows.ndjson"), Frame()])
def test_a_sheet_is_not_redacted(client: Client, server: Any, source: Any) -> None:
    """A sender's own file is sent as it is or not at all."""
    with pytest.raises(ValueError, match=r"redact takes records, such as frame\.to_dict"):
        client.imports.push(source, **PUSHED, redact=True)
    assert server.seen == []


PUSHER = """
import sys
from openredress import Client, uploads
uploads.PART = 20
client = Client(sys.argv[1], "sup_1", secret="s3cret", scopes=["imports:write"])
client.imports.push(sys.argv[2], record="grievance", source_system="hr", resume=sys.argv[3])
"""


def killed(server: Any, file: Path, state: Path) -> None:
    """Push in a process that is killed when its second part arrives."""
    process = subprocess.Popen([sys.executable, "-c", PUSHER, server.url, file, state])

    def kills(handler: Any, _: Any) -> None:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        handler.close_connection = True

    server.then(CONTENT, server.says(shown("receiving", received=20)), kills)
    assert process.wait() == -signal.SIGKILL


def test_a_killed_push_goes_on(
    client: Client, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push killed between two parts sends the rest when it is made again, and only that."""
    monkeypatch.setattr(uploads, "PART", 20)
    file, state = tmp_path / "rows.csv.gz", tmp_path / "import.state"
    file.write_bytes(bytes(range(50)))
    server.then("/v1/imports", server.says(shown("receiving", size=50), 202))
    killed(server, file, state)
    told = json.loads(state.read_text())
    assert (told["import"], told["size"], told["offset"]) == ("imp_1", 10, 20)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()

    before = len(server.at(CONTENT))
    server._steps[CONTENT].clear()
    rest = (shown("receiving", received=40), shown("waiting", received=50))
    server.then(CONTENT, *map(server.says, rest))
    server.then(IMPORT, server.says(shown("receiving", received=20)), server.says(ended("checked")))
    assert client.imports.push(file, **PUSHED, resume=state).state == "checked"
    again = server.at(CONTENT)[before:]
    assert [(seen.query["offset"], seen.raw_body) for seen in again] == [
        ("20", bytes(range(20, 40))),
        ("40", bytes(range(40, 50))),
    ]
    assert len(server.at("/v1/imports")) == 1
    assert not state.exists()


@pytest.fixture
def broken_off(client: Client, taking: Any, tmp_path: Path) -> Path:
    """The state file of a push of the three rows that broke off when its octets were sent."""
    state = tmp_path / "import.state"
    taking._steps[CONTENT].clear()
    taking.then(CONTENT, taking.refuses(403, "not_permitted"))
    with pytest.raises(errors.Forbidden):
        client.imports.push(ROWS, **PUSHED, resume=state)
    taking._steps[CONTENT].clear()
    taking.then(CONTENT, taking.says(shown("waiting")))
    return state


@pytest.mark.parametrize("change", ["data", "mode", "gone"])
def test_another_push_begins_anew(
    client: Client, taking: Any, broken_off: Path, change: str
) -> None:
    """Other data or parameters, or an import that is gone, are announced again."""
    if change == "gone":
        taking._steps[IMPORT].clear()
        taking.then(IMPORT, taking.refuses(404, "not_found"))
    rows = ROWS[:2] if change == "data" else ROWS
    mode = "upsert" if change == "mode" else "check"
    client.imports.push(rows, **PUSHED, mode=mode, resume=broken_off, wait=False)
    assert len(taking.at("/v1/imports")) == 2
    assert len(taking.at(IMPORT)) == (change == "gone")
    assert not broken_off.exists()


@pytest.mark.parametrize("wait", [True, False])
def test_what_ended_while_nobody_looked(
    client: Client, taking: Any, broken_off: Path, *, wait: bool
) -> None:
    """An import that ended after its client died is returned, and nothing is sent again."""
    before = len(taking.at(CONTENT))
    again = client.imports.push(ROWS, **PUSHED, resume=broken_off, wait=wait)
    assert (again.id, again.state) == ("imp_1", "checked")
    assert (len(taking.at("/v1/imports")), len(taking.at(CONTENT))) == (1, before)
    assert not broken_off.exists()


def test_a_state_that_is_none(client: Client, server: Any, tmp_path: Path) -> None:
    """A file that holds something else is neither believed nor overwritten."""
    state = tmp_path / "letters.json"
    for text in ("no JSON", "[1]", "{}"):
        state.write_text(text)
        with pytest.raises(ValueError, match=r"letters\.json is no state of an import"):
            client.imports.push(ROWS, **PUSHED, resume=state)
        assert state.read_text() == text
    assert server.seen == []


def test_the_same_push_has_the_same_key(client: Client, taking: Any) -> None:
    """A push that is repeated while it is under way meets itself, by its data and parameters."""
    for options in ({}, {}, {"commit": "all"}):
        client.imports.push(ROWS, **PUSHED, **options)
    keys = keys_of(taking)
    assert keys[0] == keys[1] != keys[2]


def keys_of(server: Any) -> list[str]:
    """The keys of all announcements."""
    seen = [seen for seen in server.at("/v1/imports") if seen.method == "POST"]
    return [one.headers["Idempotency-Key"] for one in seen]


def test_after_its_end_a_push_is_a_new_one(client: Client, server: Any) -> None:
    """Its key follows from the last of its like that ended: it too meets itself after a break."""
    replays = {"status": 202, "Idempotency_Replayed": "true"}
    first = ended("checked")
    second = ended("checked", id="imp_2", created_at="2026-11-26T00:00:00Z")
    other = ended("checked", id="imp_3", created_at="2026-11-27T00:00:00Z", size=11)
    third = shown("waiting", id="imp_4", created_at="2026-11-28T00:00:00Z")
    for listed in ([first], [first, other], [first, second, other, third]):
        page = {"data": listed, "next_cursor": None, "has_more": False}
        news = (server.says(first, **replays), server.says(page), server.says(third, 202))
        server.then("/v1/imports", *news)
        assert client.imports.push(ROWS, **PUSHED, wait=False).id == "imp_4"
        server._steps["/v1/imports"].clear()
    asked = [seen.query for seen in server.at("/v1/imports") if seen.method == "GET"]
    assert [one["updated_since"] for one in asked] == [first["ended_at"]] * 3
    old, once, _, again, _, later = keys_of(server)
    assert old != once == again != later != old


def test_a_file_that_shrinks(client: Client, server: Any, tmp_path: Path) -> None:
    """A file that became shorter while it was sent is an error, not an endless loop."""
    file = tmp_path / "rows.xlsx"
    file.write_bytes(b"0123456789")
    server.then("/v1/imports", server.says(shown("receiving", received=10, size=20), 202))
    with pytest.raises(ValueError, match="shorter"):
        client.imports.push(file, **PUSHED)


def test_waiting_outlasts_a_server_that_is_away(client: Client, server: Any, hands: Any) -> None:
    """Pauses grow up to two seconds; a failing server is asked again as long as it takes."""
    merging = server.says(shown("merging"))
    away = [server.refuses(503)] * 8 + [server.resets] * 8
    server.then(IMPORT, *[merging] * 9, *away, merging, server.says(ended("done")))
    assert client.imports.wait("imp_1").state == "done"
    pauses = [round(pause, 2) for pause in hands.pauses if pause < 2]
    assert pauses[:6] == [0.2, 0.3, 0.45, 0.68, 1.01, 1.52]
    assert hands.pauses[6:9] == [2.0, 2.0, 2.0]


def test_waiting_may_have_an_end(client: Client, server: Any, hands: Any) -> None:
    """A deadline ends the waiting, not the import."""
    server.then(IMPORT, server.says(shown("merging")))
    with pytest.raises(errors.DeadlineExceeded, match="imp_1 has not ended yet"):
        client.imports.wait("imp_1", deadline=10)
    assert 8 < hands.passed <= 10
    assert {seen.method for seen in server.at(IMPORT)} == {"GET"}


def test_a_refusal_is_not_waited_for(client: Client, server: Any) -> None:
    """An import that is not there is an error at once."""
    server.then(IMPORT, server.refuses(404, "not_found"))
    with pytest.raises(errors.NotFound):
        client.imports.wait("imp_1")


@pytest.mark.usefixtures("taking")
def test_progress_is_told(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """A callable hears of every step; True writes a line for each new state where nobody types."""
    heard: list[str] = []
    client.imports.push(ROWS, **PUSHED, progress=lambda one: heard.append(one.state))
    assert heard == ["receiving", "waiting", "checked"]
    client.imports.push(ROWS, **PUSHED, progress=True)
    out, err = capsys.readouterr()
    assert (out, err.splitlines()) == (
        "",
        [
            "sending: 0.0 of 0.0 MB",
            "waiting: 3 rows, 1,200/s, 2 good, 1 bad, 1:15 left",
            "checked: 3 rows, 1,200/s, 2 good, 1 bad",
        ],
    )


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_a_terminal_has_one_line() -> None:
    """On a terminal the line is written over, and ends with the import."""
    terminal = Terminal()
    tell = Line(terminal)
    for members in (shown("merging"), ended("done")):
        tell(Import(members))
    first, second = terminal.getvalue().removeprefix("\r").split("\r")
    assert len(second) == len(first) + 1
    assert (first.strip(), second.strip()) == (
        "merging: 3 rows, 1,200/s, 2 good, 1 bad, 1:15 left",
        "done: 3 rows, 1,200/s, 2 good, 1 bad",
    )


def test_an_import_is_asked_for_more(client: Client, server: Any, tmp_path: Path) -> None:
    """A record of an import, also one of a list, has the verbs of its import."""
    page = {"data": [ended("checked")], "next_cursor": None, "has_more": False}
    server.then("/v1/imports", server.says(page))
    (checked,) = client.imports.list()
    finding = {"line": 7, "code": "not_in_list", "weight": "must_fix"}
    receipt = {"line": 8, "outcome": "changed", "id": "grv_1"}
    for verb, row in (("findings", finding), ("receipts", receipt)):
        server.then(f"{IMPORT}/{verb}", server.says({**page, "data": [row]}))
    assert [(row.line, row.code) for row in checked.failed_rows()] == [(7, "not_in_list")]
    assert server.at(f"{IMPORT}/findings")[0].query == {"weight": "must_fix"}
    assert [(row.line, row.outcome) for row in checked.receipts()] == [(8, "changed")]
    server.then(f"{IMPORT}/commit", server.says(shown("waiting"), 202))
    server.then(f"{IMPORT}/cancel", server.says(ended("cancelled"), 202))
    server.then(IMPORT, server.says(ended("done")))
    assert checked.commit(commit="all").wait().state == "done"
    assert server.at(f"{IMPORT}/commit")[0].body == {"mode": "upsert", "commit": "all"}
    assert checked.cancel().state == "cancelled"
    server.then(f"{IMPORT}/corrections", server.says(b"{}\n"))
    with pytest.raises(ValueError, match=r"ends in \.ndjson"):
        checked.write_corrections(tmp_path / "fix-me.csv")
    checked.write_corrections(tmp_path / "fix-me.ndjson")
    assert (tmp_path / "fix-me.ndjson").read_bytes() == b"{}\n"
