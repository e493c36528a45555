"""A whole sheet: its questions, their answers, and rows as the schema of their kind loads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from openredress_api.foundation.messages import LANGUAGES, texts
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.mapping import READY, plan, ready_made
from openredress_api.imports.reading import Header
from tests.rooms.imports.mapping.kinds import MILL_ID, SITES, codes, fields, planned

THAI = (
    "เลขที่ร้องเรียน",
    "วันที่รับเรื่อง",
    "โรงงาน",
    "ชื่อ-สกุล",
    "ประเภท",
    "ช่องทาง",
    "สถานะ",
    "จำนวนคนงานที่ได้รับผลกระทบ",
    "ค่าชดเชย",
    "ไม่ระบุชื่อ",
)
THAI_ROW = [
    *("ร-๑๒", "๑๓/๒/๒๕๖๙ ๑๔:๓๐", "F-1", "สมชาย ใจดี", "Paid late"),
    *("line", "received", "๑,๒๐๐", "฿1,500", "ใช่"),
]
PLACED = ("Contract No", "Worker pseudonym", "Origin", "Destination")
WORKER = ["P-1", "W-2041", "เมียนมา", "Thailand"]


def _loads(kind: str, record: dict[str, object]) -> dict[str, object]:
    defaults = {"source_system": "hr"}
    loaded: dict[str, object] = INTAKES[kind].schema().load({**defaults, **record})
    return loaded


def test_a_thai_register() -> None:
    """A Thai register is asked for its era, then read: digits, days, currency, yes and no."""
    asked = planned("grievance", THAI, [THAI_ROW])
    assert codes(asked) == [("received_at", "date_era")]
    assert not asked.is_settled
    made = planned("grievance", THAI, [THAI_ROW], dates={"order": None, "era": "buddhist"})
    assert made.is_settled
    record, faults, notices, headings = made.row(THAI_ROW)
    assert record == {
        "external_id": "ร-๑๒",
        "received_at": "2026-02-13T14:30:00+07:00",
        "site": MILL_ID,
        "category": "wages.late_payment",
        "channel": "line",
        "status": "received",
        "workers_affected": 1200,
        "agreed_remedy": {"amount": "1500", "currency": "THB"},
        "is_anonymous": True,
    }
    assert not faults
    assert [(one.pointer, str(one.fault), one.read) for one in notices] == [
        ("/received_at", "era_converted", "13/2/2569")
    ]
    assert headings["/agreed_remedy/amount"] == "ค่าชดเชย"
    assert not made.row(THAI_ROW)[2]
    assert _loads("grievance", record)


def test_nothing_of_a_person_is_taken() -> None:
    """A column about a person is in no record, and stands in the list as not taken."""
    made = planned("grievance", THAI, [THAI_ROW], dates={"era": "buddhist"})
    assert "สมชาย" not in json.dumps(made.row(THAI_ROW)[0], ensure_ascii=False)
    told = {one["heading"]: (one["field"], one["how"]) for one in made.columns}
    assert told["ชื่อ-สกุล"] == (None, "none")


def test_faults_name_their_cell() -> None:
    """A cell that cannot be read is a fault with its place, what was read and its heading."""
    headings = ("Case No", "Date received", "Site", "Category", "Channel", "Workers affected")
    bad = ["C-1", "2026-02-30", "F-9", "Paid lat", "line", "some"]
    record, faults, _, named = planned("grievance", headings, [bad]).row(bad)
    assert [(one.pointer, str(one.fault), one.read, named[one.pointer]) for one in faults] == [
        ("/received_at", "no_such_day", "2026-02-30", "Date received"),
        ("/site", "no_such_site", "F-9", "Site"),
        ("/category", "not_in_list", "Paid lat", "Category"),
        ("/workers_affected", "unreadable_count", "some", "Workers affected"),
    ]
    assert record == {"external_id": "C-1", "channel": "line"}


def test_what_is_asked() -> None:
    """Columns that are no more than proposed, fields without any, and times without a zone."""
    headings = ("Case No", "Date", "Dates received", "Status", "Case status", "ေန႔စြဲ")
    asked = planned("grievance", headings, [["1", "2026-03-01", "", "", "", ""]])
    assert codes(asked) == [
        ("received_at", "confirm_column"),
        ("status", "which_column"),
        ("status", "which_column"),
        ("", "zawgyi_text"),
        ("site", "no_column"),
        ("category", "no_column"),
        ("channel", "no_column"),
    ]
    answered = planned(
        "grievance",
        headings,
        [["1", "2026-03-01", "", "", "", ""]],
        columns={"Date": "received_at", "Status": "status", "Case status": None, "ေန႔စြဲ": None},
        constants={"site": "F-1", "category": "other.workplace", "channel": "hr_system"},
    )
    assert answered.is_settled
    [record, faults, _, _] = answered.row(["1", "2026-03-01", "x", "received", "y", ""])
    assert not faults
    assert record["received_at"] == "2026-03-01T00:00:00+07:00"
    assert record["site"] == MILL_ID


def test_wrong_words_of_the_sender() -> None:
    """A mapping that names no field, no column or no code is answered with a question."""
    made = planned(
        "grievance",
        ("Case No", "Place"),
        [],
        columns={"Place": "plant"},
        constants={"colour": "red", "severity": "high", "category": "{Kind}"},
    )
    assert {("plant", "no_such_field"), ("colour", "no_such_field")} <= set(codes(made))
    assert {("severity", "not_in_list"), ("category", "no_such_column")} <= set(codes(made))


@pytest.mark.parametrize(("zone", "asked"), [("Asia/Kathmandu", []), (None, ["time_zone"])])
def test_times_without_a_zone(zone, asked) -> None:
    """Times are by the zone of the mapping, else of the row's site, else the sender is asked."""
    made = planned(
        "grievance",
        ("Case No", "Date received"),
        [["1", "2026-03-01 08:00"]],
        time_zone=zone,
    )
    assert [code for _, code in codes(made) if code == "time_zone"] == asked
    record, faults, _, _ = made.row(["1", "2026-03-01 08:00"])
    if zone:
        assert record["received_at"] == "2026-03-01T08:00:00+05:45"
    else:
        assert [str(one.fault) for one in faults] == ["no_time_zone"]


@pytest.mark.parametrize(("site", "code"), [("", "required"), ("F-9", "no_such_site")])
def test_a_time_by_the_clocks_of_no_site(site, code) -> None:
    """Where a row's site is missing or wrong, that is its fault, and not its times."""
    made = planned("grievance", ("Case No", "Date received", "Closed on", "Site"), [])
    _, faults, _, _ = made.row(["1", "2026-03-01 08:00", "2026-03-02", site])
    assert [(one.pointer, str(one.fault)) for one in faults] == [("/site", code)]


def test_amounts_and_currencies() -> None:
    """An open amount is decided by its currency; a cell that names another one is refused."""
    headings = ("Case No", "Compensation", "Compensation currency")
    made = planned("grievance", headings, [["1", "1,234", "KWD"]])
    assert made.row(["1", "1,234", "USD"])[0]["agreed_remedy"]["amount"] == "1234"
    for row, code in (
        (["1", "1,234", "KWD"], "number_unclear"),
        (["1", "1,234", ""], "number_unclear"),
        (["1", "฿5", "MMK"], "other_currency"),
        (["1", "$5", ""], "code_unclear"),
    ):
        assert [str(one.fault) for one in made.row(row)[1]] == [code]
    assert made.row(["1", "$5", "CAD"])[0]["agreed_remedy"] == {"amount": "5", "currency": "CAD"}
    always = {"agreed_remedy.currency": "USD"}
    made = planned("grievance", headings[:2], [], constants=always)
    assert made.row(["1", "1,234"])[0]["agreed_remedy"] == {"amount": "1234", "currency": "USD"}
    assert [str(one.fault) for one in made.row(["1", "฿5"])[1]] == ["other_currency"]
    assert made.row(["1", ""])[0] == {"external_id": "1"}


def test_own_words_for_values() -> None:
    """The sender's own words for codes are taken, an empty one for nothing."""
    made = planned(
        "grievance",
        ("Case No", "Status", "Severity"),
        [],
        values={"status": {"Open": "received", "erledigt": "resolved"}, "severity": {"?": ""}},
    )
    assert made.row(["1", "OPEN", "?"])[0] == {"external_id": "1", "status": "received"}


def test_lists_and_objects() -> None:
    """Fees and agents in numbered columns become lists without gaps, contracts objects."""
    headings = (
        *PLACED,
        *("Fee 1 amount", "Fee 3 amount", "Fee 3 type", "Agent 1 country", "Agent 2 country"),
        *("Promised wage", "Promised job title"),
    )
    constants = {
        **{f"fee_lines.{number}.currency": "THB" for number in (1, 3)},
        **{f"fee_lines.{number}.paid_by": "worker" for number in (1, 3)},
        **{f"fee_lines.{number}.stage": "origin" for number in (1, 3)},
        "fee_lines.1.fee_type": "cost.medical",
        "agent_chain.1.role": "informal_broker",
        "agent_chain.2.role": "licensed_agency_origin",
        "contract_origin.wage.currency": "THB",
        "contract_origin.wage.period": "month",
    }
    made = planned("placement", headings, [], constants=constants)
    assert made.is_settled
    full = [*WORKER, "100", "250.50", "cost.medical", "MM", "TH", "15000", "Sewer"]
    record = made.row(full)[0]
    loaded = _loads("placement", record)
    assert [line["amount"] for line in record["fee_lines"]] == ["100", "250.5"]
    assert [hop["seq"] for hop in record["agent_chain"]] == [1, 2]
    assert loaded["contract_origin"]
    gaps = [*WORKER, "", "250.50", "cost.medical", "", "", "", ""]
    record, _, _, named = made.row(gaps)
    assert len(record["fee_lines"]) == 1
    assert named["/fee_lines/0/amount"] == "Fee 3 amount"
    assert "agent_chain" not in record
    assert "contract_origin" not in record
    assert _loads("placement", record)


def test_a_constant_made_of_columns() -> None:
    """An id may be made of columns; it is nothing where all of them are empty."""
    made = planned(
        "job_order",
        ("Case_Number", "Employer_Name", "Visa class"),
        [],
        constants={"external_id": "{Case_Number}/{visa CLASS}", "destination": "US"},
    )
    assert made.row(["H-1", "Farm", "H-2A"])[0]["external_id"] == "H-1/H-2A"
    assert "external_id" not in made.row(["", "Farm", ""])[0]


def test_ready_mappings(tmp_path, monkeypatch) -> None:
    """A file of ready mappings is used by its name, below what the sender says."""
    (tmp_path / "tracker.json").write_text(
        json.dumps(
            {
                "columns": {"Bearing": "severity", "Kind": "category"},
                "constants": {"channel": "hr_system"},
                "values": {"severity": {"bad": "s2_severe"}},
                "dates": {"order": "mdy", "era": None},
                "time_zone": "Asia/Yangon",
            }
        )
    )
    monkeypatch.setattr(ready_made, "_FOLDER", tmp_path)
    mapping = {"name": "tracker", "columns": {"Kind": None}, "dates": {"order": None, "era": None}}
    headings = ("Case No", "Bearing", "Kind", "Date received")
    made = plan(INTAKES["grievance"], Header(headings, 1), [], mapping, SITES)
    assert made.row(["1", "bad", "x", "3/4/2026"])[0] == {
        "external_id": "1",
        "severity": "s2_severe",
        "channel": "hr_system",
        "received_at": "2026-03-04T00:00:00+06:30",
    }


def test_ready_mappings_that_are_here() -> None:
    """Every ready mapping names its kind of record, and only fields that this has."""
    for name in READY:
        said = json.loads((ready_made._FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        named = {*said.get("columns", {}).values(), *said.get("constants", {})}
        assert named - {None} <= fields(said["record"]), name


def test_a_kind_of_a_month() -> None:
    """A headcount sheet with men and women becomes segments of the total."""
    headings = ("Month", "Factory code", "Total workers", "Female", "Male")
    made = planned("headcount", headings, [], constants={"source": "payroll"})
    record, faults, _, _ = made.row(["03/2026", "F-1", "1,200", "700", "500"])
    assert not faults
    assert record["segments"] == {"sex": {"female": 700, "male": 500}}
    assert record["month"] == "2026-03"


def test_every_code_has_its_text() -> None:
    """Each fault and question of the mapper has a text in every language."""
    sources = [
        file.read_text(encoding="utf-8") for file in Path(ready_made.__file__).parent.glob("*.py")
    ]
    faults = {code for source in sources for code in re.findall(r'Fault\(\s*"(\w+)"', source)}
    assert {"unreadable_day", "no_such_site", "era_converted"} <= faults
    questions = {"date_order", "date_era", "time_zone", "confirm_column", "which_column"}
    questions |= {"no_column", "no_such_field", "no_such_column"}
    assert all(f'"{code}"' in "".join(sources) for code in questions)
    for language in LANGUAGES:
        assert faults | questions <= texts(language).keys(), language
