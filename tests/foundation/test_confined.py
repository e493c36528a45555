"""A confined process: whatever a file does to it, the caller reads one exception and lives on."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from openredress_api.foundation.confined import ConfinedFault, program, run

MIB = 1024 * 1024


def confined(expression: str, **bounds: int) -> bytes:
    """What a confined process makes of an expression: the function it runs is Python's own eval."""
    return run(eval, expression.encode(), **bounds)


def test_it_answers() -> None:
    """The function reads what it is given and its answer comes back, in whole."""
    assert confined("b'given' * 1_000_000") == b"given" * 1_000_000


def test_much_is_read() -> None:
    """A file of many megabytes arrives in whole."""
    letters = b"a" * (30 * MIB)
    assert run(eval, b"str(len('" + letters + b"')).encode()") == str(len(letters)).encode()


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("__import__('faulthandler')._sigsegv()", "crash"),
        ("__import__('os')._exit(9)", "crash"),
        ("1 / 0", "crash"),
        ("'no octets'", "crash"),
        ("bytes(2_000_000_000)", "memory"),
        ("bytes(70 * 1024 * 1024)", "output"),
    ],
)
def test_each_end_has_its_reason(expression: str, reason: str) -> None:
    """A crash, too much memory and too long an answer are told apart."""
    with pytest.raises(ConfinedFault) as fault:
        confined(expression)
    assert fault.value.reason == reason


@pytest.mark.parametrize(
    "expression",
    ["__import__('time').sleep(60)", "[0 for _ in iter(int, 1)]"],
    ids=["idle", "busy"],
)
def test_time_ends(expression: str) -> None:
    """What sleeps and what computes without end are both stopped at the deadline."""
    begun = time.monotonic()
    with pytest.raises(ConfinedFault) as fault:
        confined(expression, seconds=1)
    assert fault.value.reason == "time"
    assert time.monotonic() - begun < 10


def test_who_does_not_read_is_ended() -> None:
    """A process that never reads its input blocks nobody beyond the deadline."""
    with pytest.raises(ConfinedFault) as fault:
        program((sys.executable, "-c", "import time; time.sleep(60)"), b"x" * MIB, seconds=1)
    assert fault.value.reason == "time"


def test_no_secret_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process sees nothing of our environment."""
    monkeypatch.setenv("OPENREDRESS_DATABASE_URL", "postgresql://canary")
    seen = confined("repr(dict(__import__('os').environ)).encode()")
    assert b"PATH" in seen
    assert b"canary" not in seen


def test_it_writes_no_file(tmp_path: Path) -> None:
    """The process can make no file with a content."""
    with pytest.raises(ConfinedFault, match="OSError"):
        confined(f"bytes(open({str(tmp_path / 'made')!r}, 'wb', 0).write(b'x'))")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may always start processes")
def test_it_starts_no_process() -> None:
    """The process cannot start another one."""
    with pytest.raises(ConfinedFault, match="BlockingIOError"):
        confined("__import__('os').fork()")


def test_nothing_survives_it(tmp_path: Path) -> None:
    """What an ended program had started ends with it."""
    held = tmp_path / "held"
    held.touch()
    code = (
        "import fcntl, os, time; os.fork() and time.sleep(60); "
        f"file = open({str(held)!r}); fcntl.flock(file, fcntl.LOCK_EX); time.sleep(60)"
    )
    with pytest.raises(ConfinedFault):
        program((sys.executable, "-c", code), b"", seconds=2)
    begun = time.monotonic()
    with held.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
    assert time.monotonic() - begun < 10


def test_what_a_crash_tells(capfd: pytest.CaptureFixture[str]) -> None:
    """A crash names its kind and its line; nothing of the file stands in it or on the console."""
    with pytest.raises(ConfinedFault) as fault:
        confined("int('canary')")
    assert "ValueError at " in str(fault.value)
    assert "canary" not in str(fault.value)
    assert "canary" not in "".join(capfd.readouterr())


def test_what_is_printed_is_no_answer() -> None:
    """What a library prints does not get into the answer."""
    assert confined("print('noise') or b'answer'") == b"answer"


@pytest.mark.parametrize("status", [0, 1, 70])
def test_a_program_is_judged_by_its_status(status: int) -> None:
    """An operator's program reads the file and says what it found by its exit status."""
    code = f"import sys; sys.exit({status} if sys.stdin.read() == 'file' else 9)"
    assert program((sys.executable, "-c", code), b"file", seconds=10) == status


@pytest.mark.parametrize(
    "command",
    [("/no/such/scanner",), (sys.executable, "-c", "import os; os.abort()")],
    ids=["absent", "aborted"],
)
def test_a_broken_program_is_a_fault(command: tuple[str, ...]) -> None:
    """A program that is not there, or that dies, has judged nothing."""
    with pytest.raises(ConfinedFault) as fault:
        program(command, b"file", seconds=10)
    assert fault.value.reason == "crash"


def test_many_at_once() -> None:
    """Threads do not wait for each other's processes."""
    found: list[bytes] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(confined("__import__('time').sleep(1) or b'x'"))
        )
        for _ in range(4)
    ]
    begun = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [b"x"] * 4
    assert time.monotonic() - begun < 4
