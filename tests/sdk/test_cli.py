"""The command line in a process of its own: what it prints, what it returns, what it never does."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openredress import PrivateKey

PROGRAM = "from openredress.cli import main; main()"
IMPORT = ("import", "rows.csv", "--record", "grievance", "--source-system", "hr")
COUNTS = dict.fromkeys(("new", "changed", "unchanged", "outdated", "refused", "flagged"), 0)
SHOWN = {
    "id": "imp_1",
    "format": "csv",
    "state": "checked",
    "received": 9,
    "size": 9,
    "counts": {**COUNTS, "read": 1200, "new": 1175, "refused": 25},
    "columns": [{"heading": "Case No", "field": "external_id", "how": "nearest", "score": 0.91}],
    "questions": [],
    "has_corrections": False,
    "rows_per_second": 800.0,
    "seconds_left": 0,
    "fault": None,
    "ended_at": "2026-11-26T00:00:00Z",
}
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def finding(line: int, **members: Any) -> dict[str, Any]:
    """A finding as the server shows it."""
    known = {"heading": "Case No", "pointer": "/external_id", "read": "?", "detail": "No id."}
    return {**known, "line": line, "weight": "must_fix", **members}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file to import."""
    (tmp_path / "rows.csv").write_text("Case No\nG1\n")
    return tmp_path


@pytest.fixture
def environment(server: Any) -> dict[str, str]:
    """The variables of a client of the server."""
    ours = {"URL": server.url, "CLIENT_ID": "sup_1", "SECRET": "s3cret"}
    return {**os.environ, **{f"OPENREDRESS_{name}": value for name, value in ours.items()}}


@pytest.fixture
def run(folder: Path, environment: dict[str, str]) -> Run:
    """Run a command and return what it printed."""

    def ran(*words: str, program: str = PROGRAM, **variables: str) -> Any:
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=folder,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return ran


@pytest.fixture
def taking(server: Any) -> Any:
    """A server that takes a file from a supplier and has checked it at once."""
    server.hands.clock = server.hands.clock.__class__()  # the process lives in real time
    server.then("/v1/me", server.says({"organisation_type": "supplier", "scopes": ["a", "b"]}))
    receiving = {**SHOWN, "state": "receiving", "received": 0, "ended_at": None}
    server.then("/v1/imports", server.says(receiving, 202))
    server.then("/v1/imports/imp_1/content", server.says({**SHOWN, "state": "waiting"}))
    server.then("/v1/imports/imp_1", server.says(SHOWN))
    return server


def finds(server: Any, *rows: dict[str, Any]) -> None:
    """Let the server have found these, on one page for each weight that is asked for."""

    def step(handler: Any, seen: Any) -> None:
        asked = [row for row in rows if row["weight"] == seen.query["weight"]]
        page = {"data": asked, "next_cursor": None, "has_more": False}
        server.says(page)(handler, seen)

    server.then("/v1/imports/imp_1/findings", step)


def test_what_is_found_is_shown(run: Run, taking: Any) -> None:
    """Columns, 20 findings, those that keep rows out first, and counts; the code says: bad."""
    check = finding(1, weight="please_check")
    finds(taking, check, *(finding(line) for line in range(2, 27)))
    done = run(*IMPORT)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("line ")] == [
        f'line {line}, Case No: "?": No id. (must_fix)' for line in range(2, 22)
    ]
    assert [cell.strip() for cell in lines[3].split("│")[1:4]] == [
        "Case No",
        "external_id",
        "nearest 91%",
    ]
    assert lines[-2] == "1,200 rows: 1,175 new, 25 refused"
    assert lines[-1] == "checked, nothing is stored; to store the good rows add --store"


def test_only_what_is_needed_is_asked_for(run: Run, taking: Any) -> None:
    """The client asks for the scopes of one file, which is checked unless --store is given."""
    finds(taking)
    run(*IMPORT)
    run(*IMPORT, "--store", "--commit", "all", "--sheet", "May", "--charset", "cp874")
    scopes = [seen.form["scope"] for seen in taking.at("/oauth2/token")]
    assert scopes == ["imports:write", "imports:write grievances:write"] * 2
    plain, asked = (seen.body for seen in taking.at("/v1/imports"))
    assert (plain["mode"], plain["mapping"], "sheet" in plain) == ("check", None, False)
    assert (asked["mode"], asked["commit"], asked["sheet"]) == ("upsert", "all", "May")
    assert asked["charset"] == "cp874"


def test_a_sheet_cannot_command_the_terminal(run: Run, taking: Any) -> None:
    """What a file says is shown without what a terminal would obey, and Burmese in any console."""
    finds(taking, finding(2, read="\x1b[2Jမြန်မာ\u202egnp.exe", detail="[red]No[/red]"))
    shown = run(*IMPORT, PYTHONIOENCODING="utf-8").stdout
    assert '"\ufffd[2Jမြန်မာ\ufffdgnp.exe": [red]No[/red]' in shown
    plain = run(*IMPORT, PYTHONIOENCODING="ascii")
    assert (plain.returncode, plain.stderr) == (1, "")
    assert "\\u1019\\u103c" in plain.stdout


def test_json_for_programs(run: Run, taking: Any) -> None:
    """With --json standard output is one JSON object: the import, and the first findings."""
    finds(taking, finding(2))
    told = json.loads(run(*IMPORT, "--json").stdout)
    assert (told["id"], told["counts"]["refused"], told["corrections"]) == ("imp_1", 25, None)
    assert told["findings"] == [finding(2)]


def test_a_bar_for_whoever_looks(folder: Path, environment: dict[str, str], taking: Any) -> None:
    """On a terminal standard error shows octets, rows, pace, good and bad; output stays clean."""
    finds(taking)
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *IMPORT, "--store"],
        cwd=folder,
        env={**environment, "TERM": "xterm", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    for words in ("sending: 0.0 of 0.0 MB", "1,200 rows, 800/s, 1,175 good, 25 bad"):
        assert words in seen
    assert b"\x1b" not in done.stdout


def test_interrupted_it_says_what_goes_on(
    folder: Path, environment: dict[str, str], taking: Any
) -> None:
    """Whoever stops the command while the server works is told that the server does not stop."""
    # A shell that started these tests in the background had interrupts ignored, for children too.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    process = subprocess.Popen(
        [sys.executable, "-c", listening + PROGRAM, *IMPORT],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )

    def interrupts(handler: Any, seen: Any) -> None:
        process.send_signal(signal.SIGINT)
        taking.says({**SHOWN, "state": "merging", "ended_at": None})(handler, seen)

    taking._steps["/v1/imports/imp_1"].clear()
    taking.then("/v1/imports/imp_1", interrupts)
    _, said = process.communicate()
    assert process.returncode != 0
    assert said.startswith("imp_1 goes on at the server\n")


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("URL", "OPENREDRESS_URL is not set: where the server is"),
        ("CLIENT_ID", "OPENREDRESS_CLIENT_ID is not set: as the operator"),
        ("SECRET", "OPENREDRESS_KEY_FILE is not set: the client's key"),
    ],
)
def test_what_is_not_set(run: Run, variable: str, words: str) -> None:
    """A connection that is half told ends with the name of what is missing, code 2."""
    done = run("whoami", **{f"OPENREDRESS_{variable}": ""})
    assert (done.returncode, words in done.stderr) == (2, True)


def test_a_key_that_cannot_be_used(run: Run, folder: Path) -> None:
    """A key that is missing, locked or none is named in words."""
    PrivateKey.generate().to_file(folder / "locked.pem", "password")
    key = {"OPENREDRESS_SECRET": ""}
    for name, words in (
        ("locked.pem", "locked.pem asks for a password"),
        ("none.pem", "No such file or directory: 'none.pem'"),
        ("rows.csv", "Unable to load PEM file"),
    ):
        done = run("--key-file", name, "whoami", **key)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr


def test_a_refusal_is_a_few_lines(run: Run, taking: Any) -> None:
    """What the server refuses is told field by field, without a trace; the code is 2."""
    fault = {"pointer": "/source_system", "code": "required", "detail": "Say where it is from."}
    problem = {"code": "validation_failed", "detail": "One member.", "errors": [fault]}
    taking._steps["/v1/imports"].clear()
    taking.then("/v1/imports", taking.says({**problem, "request_id": "r1"}, 422))
    done = run(*IMPORT)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Error: validation_failed: One member.",
        "  /source_system: Say where it is from.",
        "  request r1",
    ]


def test_a_mapping_file_that_is_none(run: Run, folder: Path, taking: Any) -> None:
    """A mapping file that is no JSON object is named; nothing is sent."""
    for text, words in (("{", "map.json is no JSON"), ("[]", "map.json is no object")):
        (folder / "map.json").write_text(text)
        done = run(*IMPORT, "--mapping-file", "map.json")
        assert (done.returncode, words in done.stderr) == (2, True)
    assert taking.at("/v1/imports") == []


def test_a_site_does_not_undo_what_is_saved(run: Run, taking: Any) -> None:
    """--site comes on top of the mapping that is kept for the source system, or of a ready one."""
    finds(taking)
    saved = {"columns": {"Case No": "external_id"}, "constants": {"channel": "other"}}
    kept = {"name": None, "values": {}, "dates": {"order": "dmy"}, "time_zone": None, **saved}
    taking.then("/v1/import-mappings", taking.says(kept), taking.refuses(404, "not_found"))
    for options in ((), (), ("--mapping", "odoo")):
        run(*IMPORT, "--site", "site_1", *options)
    first, alone, ready = (seen.body["mapping"] for seen in taking.at("/v1/imports"))
    assert first == {**kept, "constants": {"channel": "other", "site": "site_1"}}
    assert alone == {"constants": {"site": "site_1"}}
    assert ready == {"name": "odoo", "constants": {"site": "site_1"}}


def test_without_the_extra(run: Run) -> None:
    """Where click or rich is missing the command says what to install."""
    for name in ("click", "rich"):
        done = run(program=f"import sys; sys.modules[{name!r}] = None; {PROGRAM}")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "The command line needs its extra: install openredress[cli]\n"


def test_who_one_is(run: Run, taking: Any) -> None:
    """Whoever asks is told line by line; scopes are asked for by name."""
    done = run("whoami", "--scope", "events:read", "--scope", "sites:read")
    assert (done.returncode, done.stdout) == (0, "organisation_type: supplier\nscopes: a b\n")
    assert taking.at("/oauth2/token")[0].form["scope"] == "events:read sites:read"
