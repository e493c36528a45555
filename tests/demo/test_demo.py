"""`make demo` as a newcomer runs it, and its report against the file it read."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RECORDS = ROOT.parent / "shared" / "realdata" / "us_dol_whd_sf_district_2016.csv"
# Of the whole file.
ACCEPTED, WITH_BACK_WAGES, UNKNOWN = 1425, 1327, 6
FIRST_YEARS = 2008
EAST_BAY = {"Alameda County", "Contra Costa County"}


def _play(report: Path, *options: str) -> dict[str, Any]:
    """Play the demo; its report."""
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--exit", "--report", str(report), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "docs")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return told


def test_the_samples_play_to_the_end(tmp_path: Path) -> None:
    """Every row of the closing table is what the sample files and the seed say."""
    told = _play(tmp_path / "demo.json")
    wrong = [row for row in told["table"] if not row["ok"]]
    assert not wrong
    reasons = {figure["reason"] for figure in told["figures"]}
    assert {None, "suppressed"} <= reasons, "the samples show figures and hidden ones"


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _some(folder: Path) -> Path:
    """A sixth of the records of the first years."""
    rows = [row for row in _rows(RECORDS) if _end(row).year <= FIRST_YEARS][::6]
    file = folder / "some.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.fixture(scope="module", params=["some", pytest.param("all", marks=pytest.mark.slow)])
def played(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Real enforcement records, and the report on them."""
    if not RECORDS.exists():
        pytest.skip("the real enforcement records are not on this machine")
    folder = tmp_path_factory.mktemp("whd")
    file = RECORDS if request.param == "all" else _some(folder)
    return file, _play(folder / "demo.json", "--data", str(file))


def test_every_real_record_is_taken(played: tuple[Path, dict[str, Any]]) -> None:
    """Every record is accepted, none is refused, and each webhook arrives once."""
    file, report = played
    rows = {row["what"]: row["seen"] for row in report["table"]}
    records = _rows(file)
    owed = [row for row in records if Decimal(row["Backwages"])]
    unknown = [row for row in owed if row["EEs Paid in Violation"] == "0"]
    if file == RECORDS:
        assert (len(records), len(owed), len(unknown)) == (ACCEPTED, WITH_BACK_WAGES, UNKNOWN)
    assert (rows["records pushed"], rows["records refused"]) == (len(records), 0)
    assert rows["remediation requests"] == rows["referrals"] == len(owed)
    assert len(report["workers_unknown"]) == len(unknown)
    assert rows["webhooks received and verified"] == rows["distinct per endpoint"]


def test_sums_are_those_of_the_file(played: tuple[Path, dict[str, Any]]) -> None:
    """Requests, workers and money per quarter and brand equal what the file itself adds up to."""
    file, report = played
    assert report["by_quarter_and_brand"] == _sums(_rows(file))


def _end(row: dict[str, str]) -> datetime:
    return datetime.strptime(row["End Date"], "%m/%d/%Y")  # noqa: DTZ007 - a day


def _sums(rows: Any) -> dict[str, Any]:
    """What `demo.closing` reads back, added up here from the columns alone."""
    found: dict[str, Any] = defaultdict(lambda: [0, 0, Decimal(0)])
    for row in rows:
        if not Decimal(row["Backwages"]):
            continue
        end = _end(row)
        county = row["County"]
        brand = "South Bay" if county == "Santa Clara County" else "Coast"
        brand = "East Bay" if county in EAST_BAY else brand
        cell = found[f"{end.year}-Q{(end.month + 2) // 3} Brand {brand}"]
        cell[0] += 1
        cell[1] += int(row["EEs Paid in Violation"])
        cell[2] += Decimal(row["Backwages"])
    return {
        name: {"requests": count, "workers": workers, "money": {"USD": f"{money:.2f}"}}
        for name, (count, workers, money) in found.items()
    }
