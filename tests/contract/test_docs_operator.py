"""The operator's pages run: each shell block of the first hour, and the way back from a dump."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from openredress_api.cli import main
from openredress_api.cli.opening import installation as opened

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "start" / "operator.md"
BLOCK = re.compile(r"^(<!-- keeps running -->\n\n)?```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A fresh data folder and a free port; our own PostgreSQL is stopped at the end."""
    # A short path: PostgreSQL's socket addresses end at 107 bytes.
    folder = tempfile.mkdtemp(prefix="or-")
    Path(folder).chmod(0o755)
    for name in [name for name in os.environ if name.startswith("OPENREDRESS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENREDRESS_DATA_DIR", f"{folder}/data")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    yield dict(os.environ)
    for data in sorted(Path(folder).iterdir()):
        monkeypatch.setenv("OPENREDRESS_DATA_DIR", str(data))
        cluster = opened().cluster
        assert cluster is not None
        cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def script(port: int) -> str:
    """All blocks as one program that echoes nothing and ends at the first fault."""
    text = PAGE.read_text(encoding="utf-8").replace("8321", str(port))
    text = text.replace("-server serve &", f"-server serve --workers 1 --port {port} &")
    return "set -eu -o pipefail\n" + "\n".join(code for _, code in BLOCK.findall(text))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.slow  # a score of process starts: `make check` runs it, `make test` does not
def test_an_operators_first_hour(environment: dict[str, str], tmp_path: Path) -> None:
    """Each command of the page, copied into a shell, does what the page says."""
    with subprocess.Popen(
        ["bash", "-c", script(free_port())],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            # The two services hold the pipes, so the shell's own end is what is waited for.
            running.wait(600)
        finally:
            os.killpg(running.pid, signal.SIGTERM)
        said, complaints = running.communicate(timeout=60)
    assert running.returncode == 0, complaints
    facts = [json.loads(line) for line in re.findall(r"\{[^{}]*\}", said)]
    names = {name for fact in facts for name in fact}
    assert {"kid", "removed", "suspended", "migrated", "dumped", "verified", "moved"} <= names
    assert {"status": "ready"} in facts
    assert (tmp_path / "backup.dump").stat().st_mode & 0o777 == 0o600


def run(*words: str) -> dict[str, object]:
    """What one command of the server says."""
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    said: dict[str, object] = json.loads(done.stdout)
    return said


def may_make_temporary_tables() -> list[str]:
    """The roles with that right on the opened installation's database."""
    with opened().as_owner() as owner:
        query = text("SELECT has_database_privilege(:role, current_database(), 'TEMPORARY')")
        roles = [f"openredress_{role}" for role in ("app", "access", "delivery", "import")]
        return [role for role in roles if owner.scalar(query, {"role": role})]


def test_the_way_back(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines of the page bring a dump into a fresh folder, and the gate stands there as here."""
    dump = str(tmp_path / "one.dump")
    run("init", "--name", "Made-up institute", "--country", "TH", "--sandbox")
    dumped = run("db", "dump", dump)
    here = Path(environment["OPENREDRESS_DATA_DIR"])
    there = here.with_name("other")
    there.mkdir()
    shutil.copy(here / "master.key", there)
    monkeypatch.setenv("OPENREDRESS_DATA_DIR", str(there))
    assert run("db", "restore", dump)["rows"] == dumped["rows"]
    run("migrate")
    run("audit", "verify")
    assert may_make_temporary_tables() == ["openredress_import"]
