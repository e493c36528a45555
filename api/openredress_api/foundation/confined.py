"""Strangers' files are taken apart in a process of their own, with bounds on memory and time.

A file that was made to bring down whoever reads it brings down that process, and the caller
reads of it in one exception. The process inherits no environment, hence no secret, and can
neither write a file nor start another process. A program of the operator's, such as a virus
scanner, gets the same bare environment and the same deadline.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Literal

MEMORY = 768 * 1024 * 1024
SECONDS = 20
MOST = 64 * 1024 * 1024

Reason = Literal["crash", "time", "memory", "output"]
_FAULT, _OUT_OF_MEMORY = 3, 4
_TIMED_OUT = (-signal.SIGKILL, -signal.SIGXCPU)


class ConfinedFault(Exception):
    """The confined process did not end well: it crashed, or it passed one of its bounds.

    `reason` is crash, time, memory or output; `detail` says where a crash began and never holds
    anything of the file.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


def run(
    function: Callable[[bytes], bytes],
    given: bytes,
    *,
    memory: int = MEMORY,
    seconds: int = SECONDS,
    most: int = MOST,
) -> bytes:
    """What `function`, one of a module of ours, makes of `given`. Raises ConfinedFault.

    `memory` bounds its address space in octets, `seconds` both its own computing and the wait for
    it, `most` the octets of its answer.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    command = (sys.executable, "-I", "-m", __name__, name, str(memory), str(seconds))
    status, said = _converse(command, given, seconds, most)
    if status == _OUT_OF_MEMORY:
        raise ConfinedFault("memory")
    if len(said) > most:
        raise ConfinedFault("output")
    if status in _TIMED_OUT:
        raise ConfinedFault("time")
    if status:
        raise ConfinedFault("crash", said.decode() if status == _FAULT else f"status {status}")
    return said


def program(command: Sequence[str], given: bytes, *, seconds: int) -> int:
    """The exit status of an operator's program that reads `given`. Raises ConfinedFault.

    Its memory is its own affair: a scanner holds all its signatures.
    """
    status, _ = _converse(command, given, seconds, 0)
    if status == -signal.SIGKILL:
        raise ConfinedFault("time")
    if status < 0:
        raise ConfinedFault("crash", f"status {status}")
    return status


def _converse(command: Sequence[str], given: bytes, seconds: float, most: int) -> tuple[int, bytes]:
    """Hand `given` to a process; its exit status and at most `most` + 1 octets of what it says."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, or what the operator named
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if most else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError as fault:
        raise ConfinedFault("crash", f"it cannot be started: {fault.strerror}") from fault
    deadline = threading.Timer(seconds, _end, (process,))
    deadline.start()
    try:
        _hand_over(process.stdin, given)
        said = process.stdout.read(most + 1) if process.stdout else b""
        if len(said) > most:
            _end(process)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    finally:
        deadline.cancel()
        deadline.join()
        # Before its number is given back: by then it may be another's.
        _end(process)
        status = process.wait()
        if process.stdout:
            process.stdout.close()
    return status, said


def _hand_over(pipe: IO[bytes] | None, given: bytes) -> None:
    """Write everything; whoever ends before reading all of it has its own reasons."""
    if pipe is not None:
        with suppress(BrokenPipeError), pipe:
            pipe.write(given)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _main(name: str, memory: str, seconds: str) -> None:
    """What the process does: bind itself, then run the function from stdin to stdout."""
    # The answer has its pipe to itself, whatever a library prints.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _bind(int(memory), int(seconds))
    try:
        given = sys.stdin.buffer.read()
        module, _, function = name.partition(":")
        made: bytes = getattr(import_module(module), function)(given)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    except Exception as fault:  # noqa: BLE001 - the fault itself may hold what the file holds
        place = traceback.extract_tb(fault.__traceback__)[-1]
        answer.write(
            f"{type(fault).__name__} at {Path(place.filename).name}:{place.lineno}".encode()
        )
        answer.flush()
        os._exit(_FAULT)
    answer.write(made)
    answer.close()


def _bind(memory: int, seconds: int) -> None:
    """Give up everything that taking a file apart does not need."""
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    _main(*sys.argv[1:])
