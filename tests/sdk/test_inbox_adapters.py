"""Each framework answers alike, over real HTTP: bytes are read as they came, and never too many."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from openredress import Inbox
from openredress.inbox import Context
from openredress.webhooks import Event
from openredress_webhooks.signing import Secret
from tests.sdk.letters import SECRET, body_of, event, signed
from tests.sdk.test_inbox import VERIFY

HOOK = "/hooks/openredress"
PROGRAM = """
import os
from fastapi import FastAPI
from openredress import Inbox

inbox = Inbox(os.environ["INBOX"], [os.environ["SECRET"]])

@inbox.on("*")
def handler(event, context):
    if event.subject == "ref_bad":
        raise RuntimeError("not today")

app = FastAPI()
app.include_router(inbox.fastapi("/hooks/openredress"))
"""


def failing(event: Event, _: Context) -> None:
    """Refuse one subject."""
    if event.subject == "ref_bad":
        raise RuntimeError("not today")


def flask_app(inbox: Inbox) -> Any:
    """A Flask application."""
    from flask import Flask  # noqa: PLC0415 - what is tried

    app = Flask("receiver")
    app.register_blueprint(inbox.flask(HOOK))
    return app


URLS: Any = ModuleType("receiver_urls")


def configured() -> None:
    """Django's settings, which a process has once."""
    from django.conf import settings  # noqa: PLC0415 - what is tried

    if not settings.configured:
        sys.modules[URLS.__name__] = URLS
        csrf = "django.middleware.csrf.CsrfViewMiddleware"
        hosts = ["127.0.0.1"]
        settings.configure(ROOT_URLCONF=URLS.__name__, MIDDLEWARE=[csrf], ALLOWED_HOSTS=hosts)


def django_app(inbox: Inbox) -> Any:
    """A Django project with its usual middleware."""
    configured()
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - needs its settings
    from django.urls import path  # noqa: PLC0415 - as above

    URLS.urlpatterns = [path(HOOK.lstrip("/"), inbox.django())]
    return get_wsgi_application()


def wsgi_app(inbox: Inbox) -> Any:
    """A bare application."""
    return inbox.wsgi()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing of each request."""


@contextmanager
def served(make: Callable[[Inbox], Any], folder: Path) -> Iterator[int]:
    """The port of a WSGI application in a thread."""
    inbox = Inbox(folder / "inbox.db", [SECRET.text])
    inbox.on("*")(failing)
    server = make_server("127.0.0.1", 0, make(inbox), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def granian(folder: Path) -> Iterator[int]:
    """The port of the FastAPI application in a server of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "receiver.py").write_text(PROGRAM)
    ours = {"INBOX": str(folder / "inbox.db"), "SECRET": SECRET.text}
    words = ("granian", "--interface", "asgi", "--port", str(port), "--no-access-log")
    process = subprocess.Popen(
        [sys.executable, "-m", *words, "receiver:app"],
        cwd=folder,
        env={**os.environ, **ours},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    yield port
    process.terminate()
    process.wait()


@pytest.fixture(scope="module", params=["flask", "django", "fastapi", "wsgi"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a receiver listens, written with one of the frameworks."""
    folder = tmp_path_factory.mktemp(request.param)
    makes = {"flask": flask_app, "django": django_app, "wsgi": wsgi_app}
    name = request.param
    with granian(folder) if name == "fastapi" else served(makes[name], folder) as found:
        yield found


def asked(
    port: int, body: Any, headers: Any, method: str = "POST"
) -> tuple[int, bytes, dict[str, str]]:
    """The answer to one request; headers are pairs, so that they can be repeated."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    connection.putrequest(method, HOOK)
    for name, value in pairs:
        connection.putheader(name, value)
    chunked = not isinstance(body, bytes)
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    else:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body, encode_chunked=chunked)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, dict(answer.getheaders())


def test_events_are_taken(port: int) -> None:
    """A signed event is answered 204 without a body, and so is its second copy."""
    body = body_of(event(1))
    for _ in range(2):
        assert asked(port, body, signed(body))[:2] == (204, b"")


def test_the_bytes_are_taken_as_they_came(port: int) -> None:
    """White space, order and escapes of the body are what was signed, and stay so."""
    body = json.dumps({**event(2, subject="ref_2"), "later": "\u1019"}, indent=3).encode() + b"\n"
    kinds = ("application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-16")
    for kind in kinds:
        assert asked(port, body, {**signed(body), "Content-Type": kind})[0] == 204


def test_a_challenge_is_answered(port: int) -> None:
    """`endpoint.verify` is answered 200 with its challenge as JSON."""
    body = body_of(VERIFY)
    status, content, headers = asked(port, body, signed(body))
    assert (status, json.loads(content)) == (200, {"challenge": "c" * 22})
    kinds = {value for name, value in headers.items() if name.lower() == "content-type"}
    assert kinds == {"application/json"}


def test_forged_requests(port: int) -> None:
    """Unsigned, foreign, stale, changed and repeated: 401 with a reason, which says no more."""
    body = body_of(event(3))
    good = signed(body)
    foreign = signed(body, key=Secret.generate())
    odd = {**good, "webhook-signature": "v1,\u00e9\u00e9 v1"}
    for headers, sent, reason in (
        ({}, body, "header_missing"),
        (foreign, body, "no_matching_signature"),
        (signed(body, age=360), body, "too_old"),
        (signed(body, age=-360), body, "too_new"),
        (good, body + b" ", "no_matching_signature"),
        (good, b"", "no_matching_signature"),
        (odd, body, "no_matching_signature"),
    ):
        status, content, _ = asked(port, sent, headers)
        assert (status, json.loads(content)) == (401, {"reason": reason})


def test_repeated_headers(port: int) -> None:
    """A header that stands twice is no header: nobody has to guess which one was checked."""
    body = body_of(event(3))
    pairs = [*signed(body).items(), ("webhook-id", "evt_other")]
    assert asked(port, body, pairs)[0] == 401


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b"null", b"{}", b"[" * 60_000])
def test_signed_but_unreadable(port: int, body: bytes) -> None:
    """A rightly signed body that is no event is answered 400, never 500."""
    assert asked(port, body, signed(body, name="evt_1"))[0] == 400


@pytest.mark.parametrize("size", [65_537, 1_000_000])
def test_too_large(port: int, size: int) -> None:
    """A body over 64 KiB is answered 413, however it is signed."""
    body = b" " * size
    assert asked(port, body, signed(body, name="evt_1"))[0] == 413


@pytest.mark.parametrize("length", ["Content-Length: 10000000", "Transfer-Encoding: chunked"])
def test_too_large_is_not_read_to_its_end(port: int, length: str) -> None:
    """Nobody can make a receiver read on: it answers while there is more to come."""
    lines = [f"POST {HOOK} HTTP/1.1", "Host: 127.0.0.1", length]
    lines += [f"{name}: {value}" for name, value in signed(b"x", name="evt_1").items()]
    piece = b"%x\r\n%s\r\n" % (10_000, b" " * 10_000)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + piece * 8)
        answered = connection.recv(100)
    assert answered.split()[1] in {b"413", b"401"}


def test_as_large_as_allowed(port: int) -> None:
    """A body of 64 KiB is read whole."""
    body = body_of(event(4, subject="ref_4", seq=1))
    body += b" " * (65_536 - len(body))
    assert asked(port, body, signed(body))[0] == 204


def test_bodies_without_a_length(port: int) -> None:
    """In pieces a body is read to its end or not at all, and never beyond what is allowed."""
    body = body_of(event(5, subject="ref_5", seq=1))
    assert asked(port, iter([body[:9], body[9:]]), signed(body))[0] in {204, 401}
    piece = b" " * 10_000
    assert asked(port, iter([piece] * 20), signed(piece, name="evt_1"))[0] in {413, 401}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_methods(port: int, method: str) -> None:
    """Nothing but POST is answered by anything but 405."""
    status, _, headers = asked(port, b"", {}, method)
    assert status == 405
    assert {value for name, value in headers.items() if name.lower() == "allow"} == {"POST"}


def test_a_handler_that_fails(port: int) -> None:
    """When a handler fails the answer is 500, so that the event comes again."""
    body = body_of(event(6, subject="ref_bad"))
    status, content, _ = asked(port, body, signed(body))
    assert (status, json.loads(content)) == (500, {"reason": "not_dealt_with"})


def test_senders_that_hang_up(port: int) -> None:
    """A sender that promises more than it sends leaves nothing behind, and others are served."""
    body = body_of(event(7, subject="ref_7", seq=1))
    lines = [f"POST {HOOK} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in signed(body).items()]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body[:-5])
        connection.shutdown(socket.SHUT_WR)
        answered = connection.recv(100)
    assert b" 204 " not in answered
    assert asked(port, body, signed(body))[0] == 204


def test_lengths_that_are_none(port: int) -> None:
    """A length that is no number is refused, by the server or by us."""
    head = f"POST {HOOK} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head)
        answered = connection.recv(100)
    assert not answered or answered.split()[1] in {b"400", b"401"}
