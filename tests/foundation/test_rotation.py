"""A new master key: nothing that was sealed or signed is lost, and the old one opens nothing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from openredress_api.cli import main
from openredress_api.cli.opening import installation as opened
from openredress_api.foundation import audit, rotation
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.sealing import MasterKey, Sealer
from tests.factories.evidence import NOTE, handed_in, shown
from tests.factories.parties import World


@pytest.fixture
def key_file(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The key file of a fresh installation with a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="or-"))
    folder.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("OPENREDRESS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENREDRESS_DATA_DIR", f"{folder}/data")
    run("init", "--name", "Made-up institute", "--country", "TH", "--sandbox")
    yield folder / "data" / "master.key"
    cluster = opened().cluster
    assert cluster is not None
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def invoke(*words: str) -> Result:
    """One command of the server."""
    return CliRunner().invoke(main, list(words))


def run(*words: str) -> Any:
    """What a command says that must succeed."""
    done = invoke(*words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def wrapped(found: Installation) -> dict[Any, bytes]:
    """The data keys as they are stored."""
    with found.as_owner() as connection:
        rows = connection.execute(text("SELECT organisation_id, wrapped FROM data_key")).all()
        return {row.organisation_id: bytes(row.wrapped) for row in rows}


def test_everything_hangs_on_the_new_key(key_file: Path) -> None:
    """Sealed files open, the log verifies, the old key opens neither database nor data keys."""
    before = opened()
    world = World.around(before)
    supplier = world.party("supplier")
    evidence = handed_in(supplier)
    with before.as_owner() as connection:
        audit.sequence(connection, before.master.signing_key())
    old_keys = wrapped(before)
    world.app.extensions["openredress"].dispose()

    said = run("keys", "rotate-master")
    assert said["rotated"] == len(old_keys)
    after = opened()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert Path(said["former_key"]).read_text() != key_file.read_text()
    assert not key_file.with_name("master.key.next").exists()
    with pytest.raises(OperationalError), before.as_owner():
        pass
    new_keys = wrapped(after)
    assert new_keys.keys() == old_keys.keys()
    assert not set(new_keys.values()) & set(old_keys.values())

    again = World.around(after)
    supplier.http = again.app.test_client()
    assert NOTE in shown(supplier, evidence)
    assert supplier.get(f"/v1/evidence/{evidence}/original").data == NOTE
    with after.as_owner() as connection:
        assert audit.sequence(connection, after.master.signing_key()) > 0
    again.app.extensions["openredress"].dispose()
    assert run("audit", "verify")["verified"] > 0
    assert run("keys", "rotate-master")["rotated"] == len(old_keys)
    assert run("audit", "verify")["verified"] > 0


def test_a_database_in_use_keeps_its_key(key_file: Path) -> None:
    """While a process still works with the old key, nothing is changed."""
    found, key = opened(), key_file.read_text()
    database = found.database()
    with database.engine("delivery").connect() as connection:
        connection.execute(text("SELECT 1"))
        refused = invoke("keys", "rotate-master")
    database.dispose()
    assert refused.exit_code == 1
    assert "Stop `serve`" in refused.output
    assert key_file.read_text() == key
    assert run("migrate")


@pytest.mark.parametrize("place", ["make_roles", "_replace"])
def test_killed_on_the_way_it_goes_on(
    key_file: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Stopped before or after the database took the new key, the next run ends with that key."""
    with monkeypatch.context() as patched:
        patched.setattr(rotation, place, lambda *_: 1 / 0)
        assert isinstance(invoke("keys", "rotate-master").exception, ZeroDivisionError)
    pending = key_file.with_name("master.key.next").read_text()
    before = key_file.read_text()
    run("keys", "rotate-master")
    assert key_file.read_text() == pending != before
    for organisation_id, one in wrapped(opened()).items():
        sealer = Sealer(MasterKey.load(key_file))
        assert sealer.open_data_key(organisation_id, lambda one=one: one)


def test_killed_at_the_very_end_it_goes_on(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped when the new key was in its place, the next run makes another; nothing is lost."""
    with monkeypatch.context() as patched:
        patched.setattr(rotation, "write_names", lambda *_: 1 / 0)
        assert isinstance(invoke("keys", "rotate-master").exception, ZeroDivisionError)
    assert not key_file.with_name("master.key.next").exists()
    first = key_file.read_text()
    assert Path(run("keys", "rotate-master")["former_key"]).read_text() == first
    for organisation_id, one in wrapped(opened()).items():
        sealer = Sealer(MasterKey.load(key_file))
        assert sealer.open_data_key(organisation_id, lambda one=one: one)


# Where a process that writes a key may be killed; the name of the file comes with `link`.
@pytest.mark.parametrize("place", ["write", "first fsync", "link", "unlink", "second fsync"])
def test_killed_while_it_writes_a_key(tmp_path: Path, place: str) -> None:
    """There is a whole key of this name or none; the next run has a key and goes on with it."""
    path = tmp_path / "master.key.next"
    if (child := os.fork()) == 0:
        _die_at(place)
        MasterKey(b"1" * 32).save(path)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert path.exists() == (place in {"unlink", "second fsync"})
    after = MasterKey(b"2" * 32).save(path)
    expected = b"1" if path.exists() and place in {"unlink", "second fsync"} else b"2"
    assert after.derive("x") == MasterKey(expected * 32).derive("x")
    assert MasterKey.load(path).derive("x") == after.derive("x")
    assert path.stat().st_mode & 0o777 == 0o600


def _die_at(place: str) -> None:
    """End this process, as a kill does, when it comes to a step of writing."""
    number, _, name = place.rpartition(" ")
    owner: Any = Path if name == "unlink" else os
    real, left = getattr(os, name), [1 if number == "second" else 0]

    def dying(*given: Any, **more: Any) -> Any:
        if not left[0]:
            os._exit(9)
        left[0] -= 1
        return real(*given, **more)

    if name == "write":
        os.fdopen = lambda *_, **__: dying()
    else:
        setattr(owner, name, dying)


def test_the_new_key_is_on_the_disk_first(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and folder are written through before the database hears of the key."""
    steps: list[str] = []
    real = os.fsync

    def written(handle: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{handle}").resolve().is_dir() else "file")
        real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", written)
        patched.setattr(rotation, "_administrator", lambda *_: 1 / 0)
        assert isinstance(invoke("keys", "rotate-master").exception, ZeroDivisionError)
    assert steps == ["file", "folder"]
    left = key_file.with_name("master.key.next.x.partial")
    left.write_text("half a key")
    run("keys", "rotate-master")
    assert not left.exists()


def test_the_file_of_a_key(tmp_path: Path) -> None:
    """A key file holds one secret; of the keys before it, what verifies their signatures."""
    first = MasterKey.create(tmp_path / "first")
    second = first.successor().successor()
    second.save(tmp_path / "second")
    loaded = MasterKey.load(tmp_path / "second")
    assert loaded.derive("x") == second.derive("x") != first.derive("x")
    known = [one.public_bytes_raw() for one in loaded.verifying_keys()]
    assert len(known) == 3
    assert first.signing_key().public_key().public_bytes_raw() == known[2]
    secret = (tmp_path / "first").read_text().strip()
    assert secret not in (tmp_path / "second").read_text()
