"""The rivals' own virtual environment under build/, made from their hashed lock when it changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "tests" / "benchmarks" / "rivals.lock"
VENV = ROOT / "build" / "bench-venv"
BIN = VENV / "bin"
SHOWN = (
    "fastapi",
    "uvicorn",
    "pydantic",
    "sqlalchemy",
    "django",
    "djangorestframework",
    "gunicorn",
    "celery",
    "procrastinate",
    "pgqueuer",
    "aiohttp",
    "requests",
)


def ensure() -> None:
    """Install what the lock names, unless it is there."""
    stamp = VENV / "rivals.lock"
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    uv, environment = Path(sys.executable).with_name("uv"), {**os.environ, "VIRTUAL_ENV": str(VENV)}
    # uv does not read pip's settings: a mirror that is named there is handed on.
    if index := os.environ.get("UV_DEFAULT_INDEX") or _index():
        environment["UV_DEFAULT_INDEX"] = index
    for words in (
        ["venv", "--quiet", "--python", sys.executable, VENV],
        ["pip", "install", "--quiet", "--require-hashes", "-r", LOCK],
    ):
        subprocess.run([uv, *words], env=environment, check=True)
    shutil.copy(LOCK, stamp)


def versions() -> str:
    """Names and locked versions of the rivals, as they are installed."""
    program = (
        "from importlib.metadata import version\n"
        f"print(', '.join(f'{{name}} {{version(name)}}' for name in {SHOWN!r}))"
    )
    done = subprocess.run(
        [BIN / "python", "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _index() -> str | None:
    """The index of pip's settings; only the Python below our environment has pip."""
    done = subprocess.run(
        [sys._base_executable, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^\S*\.index-url='(.*)'$", done.stdout, re.MULTILINE)
    return found[1] if found else None
