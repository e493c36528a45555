"""Sets a whole installation up and starts its processes, each as an operator would start it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from openredress_api.foundation.installation import Installation
from openredress_api.settings import read_settings

PORT = 8321
PATIENCE_S = 60.0
SERVER = str(Path(sys.executable).with_name("openredress-server"))


@dataclass(frozen=True, slots=True)
class Town:
    """A running installation: `url` is its interface, `hooks` where the receiver listens."""

    installation: Installation
    url: str
    hooks: str
    hooks_folder: Path
    data_dir: Path

    def secret_file(self, endpoint: str) -> Path:
        """Where the receiver looks for an endpoint's secret."""
        return self.hooks_folder / f"{endpoint}.secret"


@contextmanager
def town(log: Path, wanted_port: int) -> Iterator[Town]:
    """PostgreSQL, the interface, the delivery worker and a receiver, until the block ends.

    What the processes say goes to the file `log`; port 0 is any free one.
    """
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    with ExitStack() as kept:
        # A short path, passable for the account that PostgreSQL runs as.
        folder = Path(tempfile.mkdtemp(prefix="openredress-"))
        kept.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        port, hook_port = _port(wanted_port), _port(0)
        url = f"http://127.0.0.1:{port}"
        environment = _environment(folder, url)
        settings = read_settings(environment, default_data_dir=folder)
        installation = Installation.open(settings, create=True)
        installation.prepare()
        if installation.cluster is not None:
            kept.callback(installation.cluster.stop)
        hooks_folder = folder / "receiver"
        hooks_folder.mkdir()
        for command in (
            [SERVER, "serve", "--port", str(port)],
            [SERVER, "deliver"],
            [sys.executable, "-m", "demo.receiver", str(hook_port), str(hooks_folder)],
        ):
            kept.enter_context(_running(command, environment, log))
        _wait(f"{url}/readyz")
        hooks = f"http://127.0.0.1:{hook_port}/hooks"
        yield Town(installation, url, hooks, hooks_folder, folder)


def _environment(folder: Path, url: str) -> dict[str, str]:
    """The settings of a trial: everything in one folder, receivers on the loopback allowed."""
    settings = {
        "OPENREDRESS_DATA_DIR": str(folder),
        "OPENREDRESS_PUBLIC_URL": url,
        "OPENREDRESS_ENVIRONMENT": "development",
    }
    kept = {name: each for name, each in os.environ.items() if not name.startswith("OPENREDRESS_")}
    return {**kept, **settings, "PYTHONPATH": str(Path(__file__).parents[1])}


def _port(wanted: int) -> int:
    """The wanted port, or where it is taken any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("no port is free")


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # noqa: S603 - our own commands
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own loopback address
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer within {PATIENCE_S:.0f} s")


def random_name() -> str:
    """A name that nobody guesses, for an endpoint's path."""
    return secrets.token_hex(8)
