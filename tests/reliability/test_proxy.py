"""The proxy that the documents name: what it writes down, and what it lets through."""

from __future__ import annotations

import getpass
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
FILE = Path(__file__).parents[2] / "docs" / "operate" / "nginx.conf"
TOKEN = "5e" * 32
LINK = f"/v1/evidence-links/{TOKEN}"
PART = 4 * 1024 * 1024

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


class Told(BaseHTTPRequestHandler):
    """A server that says how many octets came."""

    def do_GET(self) -> None:
        """Say it."""
        body = str(len(self.rfile.read(int(self.headers.get("Content-Length", 0))))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_GET  # noqa: N815 - the name that the library calls

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx with the file of the documents."""

    folder: Path
    port: int
    plain: int
    server: ThreadingHTTPServer

    def ask(self, path: str, body: bytes = b"") -> int:
        """The status of one call over TLS."""
        trusting = ssl._create_unverified_context()  # noqa: S323 - its own certificate
        connection = HTTPSConnection("127.0.0.1", self.port, context=trusting, timeout=10)
        with closing(connection):
            connection.request("PUT" if body else "GET", path, body or None)
            return connection.getresponse().status

    def logs(self) -> str:
        """Everything that it wrote down."""
        time.sleep(0.2)
        return "".join(one.read_text() for one in sorted(self.folder.glob("*.log")))


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """The proxy, with ports and a certificate of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=server.serve_forever).start()
    port, plain = free_port(), free_port()
    certificate(tmp_path)
    said = FILE.read_text()
    for old, new in {
        "127.0.0.1:8321": f"127.0.0.1:{server.server_port}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/etc/nginx/": f"{tmp_path}/",
        "/var/log/nginx/": f"{tmp_path}/",
    }.items():
        assert old in said
        said = said.replace(old, new)
    (tmp_path / "site.conf").write_text(said)
    (tmp_path / "nginx.conf").write_text(
        f"user {getpass.getuser()}; daemon off; pid {tmp_path}/pid;\n"
        f"error_log {tmp_path}/error.log info;\n"
        "events { }\n"
        f"http {{ access_log {tmp_path}/all.log; client_body_temp_path {tmp_path}/body;\n"
        f"proxy_temp_path {tmp_path}/proxy; fastcgi_temp_path {tmp_path}/f;\n"
        f"uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n"
        f"include {tmp_path}/site.conf; }}\n"
    )
    running = subprocess.Popen([str(NGINX), "-p", str(tmp_path), "-c", f"{tmp_path}/nginx.conf"])
    try:
        wait_for(port)
        yield Proxy(tmp_path, port, plain, server)
    finally:
        running.terminate()
        running.wait()
        server.shutdown()
        server.server_close()


def test_no_log_holds_what_opens_a_link(proxy: Proxy) -> None:
    """Answered, unanswered, spelt otherwise or without TLS: the path is cut off in every log."""
    assert proxy.ask(LINK) == 200
    assert proxy.ask(f"/v1/x/..//evidence-links/{TOKEN}?a={TOKEN}") == 200
    assert proxy.ask("/v1/evidence?label=canary") == 200
    with closing(HTTPConnection("127.0.0.1", proxy.plain, timeout=10)) as plain:
        plain.request("GET", LINK)
        assert plain.getresponse().status == 308
    proxy.server.shutdown()
    proxy.server.server_close()
    assert proxy.ask(LINK) == 502
    said = proxy.logs()
    assert TOKEN not in said
    assert "canary" not in said
    assert said.count("GET /v1/evidence-links/***") == 3
    assert '"GET /v1/evidence"' in said


def test_a_part_of_a_file_comes_through(proxy: Proxy) -> None:
    """A part as large as the server takes passes; no other body of that size does."""
    part = bytes(PART)
    assert proxy.ask("/v1/evidence/evd_1/content?offset=0", part) == 200
    assert proxy.ask("/v1/imports/imp_1/content?offset=0", part) == 200
    assert proxy.ask("/v1/grievances", part[:2_000_000]) == 413


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int) -> None:
    """Return when somebody listens there."""
    for _ in range(100):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")


def certificate(folder: Path) -> None:
    """A certificate that nobody trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]), datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now, now + timedelta(days=1)
    ).sign(key, hashes.SHA256())
    (folder / "openredress.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "openredress.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
