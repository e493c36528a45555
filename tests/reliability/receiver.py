"""A webhook receiver in a process of its own: verifies, writes down for good, then answers."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from openredress.errors import WebhookError
from openredress.webhooks import receive
from tests.reliability.durable import append

# Receivers take their time. Something is on its way whenever the worker is killed: not stored
# here yet, or stored and not answered.
_BEFORE_S = _AFTER_S = 0.05


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, secrets: dict[str, str], file: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secrets, self.file = secrets, file
        self.lock = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """A connection broken by a killed worker is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer 204 to what is signed and stored, 400 to the rest."""
        at, to = time.monotonic(), self.path.strip("/")
        body = self.rfile.read(int(self.headers["content-length"]))
        entry = {"to": to, "at": at, "digest": hashlib.sha256(body).hexdigest()}
        try:
            event = receive(dict(self.headers), body, [self.server.secrets[to]])
            if event.type == "endpoint.verify":
                self._answer(200, json.dumps({"challenge": event.data["challenge"]}).encode())
                return
            entry |= {"id": event.id, "header": self.headers["webhook-id"]}
        except WebhookError as fault:
            entry |= {"refused": type(fault).__name__}
        time.sleep(_BEFORE_S)
        with self.server.lock:
            append(self.server.file, json.dumps(entry).encode() + b"\n")
        time.sleep(_AFTER_S)
        self._answer(400 if "refused" in entry else 204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Receive until standard input ends: with whoever started us, however that ends."""
    port, path, secrets = sys.argv[1:]
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    server = _Server(int(port), json.loads(secrets), file)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    print("listening", flush=True)  # noqa: T201 - whoever started us waits for it
    sys.stdin.read()


if __name__ == "__main__":
    main()
