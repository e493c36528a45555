"""Files of records by the client and its command line, as the server really takes them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests
from click.testing import CliRunner, Result
from requests.adapters import HTTPAdapter
from structlog.testing import capture_logs

from openredress import Client, errors, uploads
from openredress.cli.commands import main
from openredress.cli.connection import WRITING
from openredress_api import imports
from openredress_api.imports.kinds import INTAKES
from tests.contract.test_sdk_over_the_server import ISSUER, InProcess, client_of, registered
from tests.factories.imports import row
from tests.factories.parties import Party, World

HR = {"record": "grievance", "source_system": "hr"}


class Working(InProcess):
    """An application whose import worker is always awake."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Serve one request; work that it asked for is done before the next."""
        answer = super().send(request)
        if request.method != "GET" and "/v1/imports/" in str(request.url):
            worker = imports.Worker(self._app.extensions["openredress"])
            while worker.turn():
                pass
        return answer


@dataclass
class Sender:
    """A supplier with a site, and its software."""

    world: World
    party: Party
    site: str
    client: Client

    def rows(self, number: int) -> Iterator[dict[str, Any]]:
        """Good grievances."""
        return (row(self.site, f"G{n}") for n in range(number))

    def stored(self) -> list[str]:
        """The external ids in the register."""
        return sorted(one.external_id for one in self.client.grievances.list())


@pytest.fixture
def sender(world: World) -> Sender:
    """A supplier that has sent nothing yet."""
    party = world.party("supplier")
    return Sender(world, party, world.site(party), client_of(world, party, adapter=Working))


def test_records_are_checked_then_stored(sender: Sender, tmp_path: Path) -> None:
    """A push checks; its commit stores the good rows; the bad one is explained and written out."""
    rows = [*sender.rows(3), row(sender.site, "BAD", channel="pigeon")]
    checked = sender.client.imports.push(rows, **HR)
    assert (checked.state, checked.counts.new, checked.counts.refused) == ("checked", 3, 1)
    assert sender.stored() == []
    (failed,) = checked.failed_rows()
    assert (failed.line, failed.external_id, failed.read) == (4, "BAD", "pigeon")
    assert (failed.pointer, failed.code) == ("/channel", "not_in_list")
    checked.write_corrections(tmp_path / "fix-me.ndjson")
    (line,) = (tmp_path / "fix-me.ndjson").read_text().splitlines()
    assert json.loads(line)["external_id"] == "BAD"
    assert checked.commit().wait().state == "done"
    assert sender.stored() == ["G0", "G1", "G2"]
    done = sender.client.imports.get(checked.id)
    assert [(one.line, one.outcome) for one in done.receipts()] == [(n, "new") for n in (1, 2, 3)]


def test_the_same_push_changes_nothing(sender: Sender) -> None:
    """A second run of the same data is an import of its own, which finds every row unchanged."""
    first, again = (
        sender.client.imports.push(sender.rows(5), **HR, mode="upsert") for _ in range(2)
    )
    assert (first.counts.new, again.counts.unchanged) == (5, 5)
    assert [one.id for one in sender.client.imports.list()] == [first.id, again.id]


class Killed(BaseException):
    """What no loop catches: as if the process were gone."""


class Dying(Working):
    """Serves parts of files until the process dies, before or after the server has the part."""

    def __init__(self, app: Any, *, parts: int, late: bool) -> None:
        super().__init__(app)
        self._left, self._late = parts, late

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Serve, or die."""
        if request.method == "PUT":
            if self._left == 0:
                if self._late:
                    super().send(request)
                raise Killed
            self._left -= 1
        return super().send(request)


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("noted", [True, False])
def test_a_killed_push_goes_on(
    sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, late: bool, noted: bool
) -> None:
    """A push killed at any moment ends as one that was not, with a state file or without."""
    monkeypatch.setattr(uploads, "PART", 1000)
    state = tmp_path / "import.state" if noted else None

    def push(adapter: Callable[..., HTTPAdapter]) -> Any:
        session = requests.Session()
        session.mount(ISSUER, adapter(sender.world.app))
        sender.client.imports._transport._wire._sessions.get().mine = session
        rows = (one | {"external_id": f"{n * n:x}"} for n, one in enumerate(sender.rows(1500)))
        return sender.client.imports.push(rows, **HR, mode="upsert", resume=state)

    sender.client.me.get()
    with pytest.raises(Killed):
        push(partial(Dying, parts=3, late=late))
    (begun,) = sender.client.imports.list()
    assert (begun.state, begun.received) == ("receiving", 4000 if late else 3000)
    done = push(Working)
    assert (done.id, done.state, done.counts.new) == (begun.id, "done", 1500)
    assert not (tmp_path / "import.state").exists()


class Frame:
    """What pandas makes of a sheet, as far as the client knows."""

    columns = ("Case No", "Facility", "Complaint", "Reported via", "Received", "Workers")

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self._rows = rows

    def itertuples(self, *, index: bool, name: str | None) -> Iterator[tuple[Any, ...]]:
        """The rows as plain tuples."""
        assert (index, name) == (False, None)
        return iter(self._rows)


COLUMNS = {
    "Case No": "external_id",
    "Facility": "site",
    "Complaint": "category",
    "Reported via": "channel",
    "Received": "received_at",
    "Workers": "workers_affected",
}


def test_a_data_frame_and_its_corrections(sender: Sender, tmp_path: Path) -> None:
    """A frame is read by a saved mapping; the corrected sheet brings the rows that were wrong."""
    saved = {"columns": COLUMNS, "time_zone": "Asia/Bangkok"}
    assert sender.client.imports.put_mapping("grievance", "hr", **saved).outcome == "created"
    good = ("C1", sender.site, "wages.late_payment", "hr_open_door", "2026-03-01T08:15:00", 14.0)
    bad = ("C2", sender.site, "wages.late_payment", "pigeon", "2026-03-02", float("nan"))
    pushed = sender.client.imports.push(Frame(good, bad), **HR, mode="upsert")
    assert (pushed.state, pushed.counts.new, pushed.counts.refused) == ("done", 1, 1)
    (stored,) = sender.client.grievances.list()
    assert (stored.workers_affected, stored.received_at) == (14, "2026-03-01T01:15:00Z")
    (failed,) = pushed.failed_rows()
    assert (failed.heading, failed.read) == ("Reported via", "pigeon")
    sheet = tmp_path / "fix-me.xlsx"
    pushed.write_corrections(sheet)
    corrected(sheet, "pigeon", "hr_open_door")
    again = sender.client.imports.push(sheet, **HR, mode="upsert")
    assert (again.counts.read, again.counts.new) == (1, 1)
    assert sender.stored() == ["C1", "C2"]


def corrected(path: Path, wrong: str, right: str) -> None:
    """Put a cell right, as its sender does."""
    book = openpyxl.load_workbook(path)
    for cells in book.active.iter_rows():
        for cell in cells:
            if cell.value == wrong:
                cell.value = right
    book.save(path)


def test_personal_data_is_taken_out_on_request(sender: Sender) -> None:
    """A record that the server would refuse is taken without what made it so, and that is told."""
    named = {"country": "TH", "time_zone": "Asia/Bangkok"}
    rows = [{"external_id": "S1", "name": "Hall 2, call +66 81 234 5678", **named}]
    pushed = {"record": "site", "source_system": "hr", "mode": "upsert"}
    refused = sender.client.imports.push(rows, **pushed)
    assert [one.code for one in refused.failed_rows()] == ["personal_data_detected"]
    taken = sender.client.imports.push(rows, **pushed, redact=True)
    assert (taken.counts.new, [tuple(one) for one in taken.redactions]) == (
        1,
        [(1, "/name", "phone")],
    )


def test_mappings_and_templates(sender: Sender) -> None:
    """A mapping is kept, read and forgotten; a template is a workbook."""
    calls = sender.client.imports
    calls.put_mapping("grievance", "hr", columns=COLUMNS, values={"channel": {"door": "x"}})
    kept = calls.get_mapping("grievance", "hr")
    assert (kept.columns["Facility"], kept["values"]["channel"]["door"]) == ("site", "x")
    again = calls.put_mapping("grievance", "hr", columns=COLUMNS, values=kept["values"])
    assert again.outcome == "unchanged"
    calls.delete_mapping("grievance", "hr")
    with pytest.raises(errors.NotFound):
        calls.get_mapping("grievance", "hr")
    book = openpyxl.load_workbook(io.BytesIO(calls.template("grievance", language="my")))
    assert book.sheetnames


def test_an_import_is_cancelled(sender: Sender) -> None:
    """What has not been sent to its end is cancelled, and stores nothing."""
    begun = sender.client.imports.announce(
        **HR, format="ndjson", size=10, sha256="0" * 64, mode="upsert"
    )
    assert begun.cancel().state == "cancelled"
    with pytest.raises(errors.Conflict) as late:
        begun.commit()
    assert late.value.code == "import_not_ready"


# The command line.


@pytest.fixture
def run(
    sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """Run a command in an empty folder, as the sender."""

    def session() -> requests.Session:
        made = requests.Session()
        made.mount(ISSUER, Working(sender.world.app))
        return made

    client_id, secret = registered(sender.world, sender.party)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("openredress.client.Client", partial(Client, session_factory=session))
    for name, value in (("URL", ISSUER), ("CLIENT_ID", client_id), ("SECRET", secret)):
        monkeypatch.setenv(f"OPENREDRESS_{name}", value)
    with capture_logs():  # the server's own, which would stand between the lines
        yield lambda line, *more: CliRunner().invoke(main, [*line.split(), *more])


def test_the_command_line_knows_who_sends_what() -> None:
    """The kinds of record and the scope that each needs are those of the server."""
    assert {name: dict(intake.senders) for name, intake in INTAKES.items()} == WRITING


def sheet(site: str, *rows: str) -> None:
    """Write grievances.csv into the present folder."""
    lines = [",".join(Frame.columns), *(line.replace("SITE", site) for line in rows)]
    Path("grievances.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


GOOD = "C1,SITE,wages.late_payment,hr_open_door,2026-03-01T08:15:00+07:00,14"
BAD = "C2,SITE,wages.late_payment,pigeon,2026-03-01T08:15:00+07:00,14"
IMPORT = "import grievances.csv --record grievance --source-system hr"


def test_a_file_is_checked_stored_and_sent_again(
    sender: Sender, run: Callable[..., Result]
) -> None:
    """Without --store nothing is stored; with it good rows are; a second run changes nothing."""
    Path("map.json").write_text(json.dumps({"columns": COLUMNS}), encoding="utf-8")
    sheet(sender.site, GOOD, BAD)
    checked = run(f"{IMPORT} --mapping-file map.json")
    assert checked.exit_code == 1, checked.output
    assert 'line 3, Reported via: "pigeon":' in checked.output
    assert "2 rows: 1 new, 1 refused" in checked.output
    assert "checked, nothing is stored" in checked.output
    assert "grievances.csv.corrections.xlsx" in checked.output
    assert sender.stored() == []
    stored = run(f"{IMPORT} --mapping-file map.json --store --json")
    told = json.loads(stored.stdout)
    assert (stored.exit_code, told["state"], told["counts"]["new"]) == (1, "done", 1)
    assert [one["line"] for one in told["findings"]] == [3]
    assert told["corrections"] == "grievances.csv.corrections-2.xlsx"
    corrected(Path(told["corrections"]), "pigeon", "hr_open_door")
    mended = run(
        f"{IMPORT} --mapping-file map.json --store".replace("grievances.csv", told["corrections"])
    )
    assert mended.exit_code == 0, mended.output
    assert sender.stored() == ["C1", "C2"]
    sheet(sender.site, GOOD, BAD.replace("pigeon", "hr_open_door"))
    again = run(f"{IMPORT} --mapping-file map.json --store --resume import.state")
    assert (again.exit_code, "2 rows: 2 unchanged" in again.output) == (0, True)
    assert not Path("import.state").exists()


def test_all_or_nothing(sender: Sender, run: Callable[..., Result]) -> None:
    """With --commit all one bad row keeps every row out, and --quiet says it by the exit code."""
    Path("map.json").write_text(json.dumps({"columns": COLUMNS}), encoding="utf-8")
    sheet(sender.site, GOOD, BAD)
    refused = run(f"{IMPORT} --mapping-file map.json --store --commit all --quiet")
    assert (refused.exit_code, refused.output, sender.stored()) == (1, "", [])


def test_a_question_is_asked(sender: Sender, run: Callable[..., Result]) -> None:
    """What headings leave open is shown with its answer; nothing is stored before it is given."""
    Path("grievances.csv").write_text(
        "external_id,category,channel,received_at\n"
        "C1,wages.late_payment,hr_open_door,03/04/2026 08:00\n",
        encoding="utf-8",
    )
    asked = run(IMPORT)
    assert asked.exit_code == 1
    for words in ("date_order", "03/04/2026", "no_column", "received_at", "exact"):
        assert words in asked.output
    unsettled = run(f"{IMPORT} --store")
    assert (unsettled.exit_code, "not settled" in unsettled.output) == (1, True)
    assert sender.stored() == []
    Path("map.json").write_text('{"dates": {"order": "dmy"}}', encoding="utf-8")
    assert run("mapping save map.json --record grievance --source-system hr").output == "created\n"
    assert run(f"{IMPORT} --store", "--site", sender.site).exit_code == 0
    (stored,) = sender.client.grievances.list()
    assert stored.received_at.startswith("2026-04-03")


def test_mappings_by_command(run: Callable[..., Result]) -> None:
    """A mapping is saved, shown as it can be saved again, and deleted."""
    of = "--record grievance --source-system hr"
    Path("map.json").write_text(json.dumps({"columns": COLUMNS}), encoding="utf-8")
    assert run(f"mapping save map.json {of}").output == "created\n"
    shown = run(f"mapping show {of}").output
    assert json.loads(shown)["columns"] == COLUMNS
    Path("map.json").write_text(shown, encoding="utf-8")
    assert run(f"mapping save map.json {of}").output == "unchanged\n"
    assert run(f"mapping delete {of}").output == "deleted\n"
    gone = run(f"mapping show {of}")
    assert (gone.exit_code, "not_found" in gone.output) == (2, True)


def test_a_template_overwrites_nothing(run: Callable[..., Result]) -> None:
    """A template is written once: a sheet that somebody began to fill in stays."""
    assert run("template grievance --language km").output == "grievance.xlsx\n"
    assert openpyxl.load_workbook("grievance.xlsx").sheetnames
    again = run("template grievance --language km")
    assert (again.exit_code, "File exists" in again.output) == (2, True)


def test_who_one_is(sender: Sender, run: Callable[..., Result]) -> None:
    """The command says for whom the server takes the client."""
    said = run("whoami").output
    assert f"organisation: {sender.party.id}" in said
    assert "organisation_type: supplier" in said
    assert "scopes: imports:write" in said


def test_a_file_of_somebody_elses_kind(run: Callable[..., Result]) -> None:
    """A supplier that sends placements is told who does; nothing else is said of it."""
    Path("placements.csv").write_text("external_id\nP1\n", encoding="utf-8")
    refused = run("import placements.csv --record placement --source-system ats")
    assert refused.exit_code == 2
    assert "Records of this kind come from: agency." in refused.output
