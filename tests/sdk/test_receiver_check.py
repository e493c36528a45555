"""The receiver check: a good receiver passes whole, and each fault is found by its own cases."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from openredress import Inbox, errors
from openredress.receiver_check import CASES, check
from openredress_webhooks import signing
from openredress_webhooks.keys import SigningKey
from openredress_webhooks.problems import ForgedWebhook
from tests.sdk.letters import SECRET

HOSTILE = {each.name for each in CASES if each.expected.startswith("refused")}
TAKEN = {each.name for each in CASES if each.expected == "taken"}
Answering = Callable[[str, dict[str, str], bytes], Any]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """The address of an application."""
    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks"
    server.shutdown()
    thread.join()
    server.server_close()


def application(answering: Answering) -> Any:
    """A receiver as somebody might write it; what it raises is a 500."""

    def called(environ: Any, start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        try:
            answer = answering(environ["REQUEST_METHOD"], headers, body)
        except ForgedWebhook:
            answer = 401
        except (ValueError, KeyError, TypeError):
            answer = 500
        status, said = (200, answer) if isinstance(answer, bytes) else (answer, b"")
        start(f"{status} Said", [("Content-Type", "application/json")])
        return [said]

    return called


def careful(
    method: str, headers: dict[str, str], body: bytes, *, tolerance: int = 300, raw: bool = True
) -> Any:
    """A receiver without fault, but for what it is told to get wrong."""
    if method != "POST":
        return 405
    if len(body) > 65_536:
        return 413
    if not raw:
        body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    signing.verify(headers, body, [SECRET], tolerance=tolerance)
    try:
        event = json.loads(body)
    except ValueError:
        return 400
    if event["type"] == "endpoint.verify":
        return json.dumps({"challenge": event["data"]["challenge"]}).encode()
    return event


def fails(answering: Answering) -> set[str]:
    """The cases that a receiver fails; each comes with a sentence of advice."""

    def answered(*request: Any) -> Any:
        found = answering(*request)
        return 204 if isinstance(found, dict) else found

    with serving(application(answered)) as url:
        results = list(check(url, SECRET.text))
    assert [each.case for each in results] == [each.name for each in CASES]
    for each in results:
        assert each.passed == (not each.advice)
    return {each.case for each in results if not each.passed}


def test_the_inbox_passes(tmp_path: Path) -> None:
    """A receiver that is an inbox passes every case."""
    inbox = Inbox(tmp_path / "inbox.db", [SECRET.text])
    with serving(inbox.wsgi()) as url:
        results = list(check(url, SECRET.text))
    assert len(results) >= 20
    assert [each.case for each in results if not each.passed] == []


def test_a_careful_receiver_passes() -> None:
    """So does one that somebody wrote with care."""
    assert fails(careful) == set()


def test_who_believes_everything_is_found() -> None:
    """A receiver that answers 200 to everybody fails every hostile case, and the challenge."""
    assert fails(lambda *_: 200) == HOSTILE | {"challenge"}


def test_who_believes_nothing_is_found() -> None:
    """A receiver that refuses everybody is not safe but useless."""
    assert fails(lambda *_: 401) == TAKEN | {"challenge"}


def test_who_has_no_clock_is_found() -> None:
    """Without a limit of time old copies can be played again."""
    found = fails(lambda *request: careful(*request, tolerance=10**9))
    assert found == {"6 minutes old", "6 minutes ahead"}


def test_who_parses_first_is_found() -> None:
    """A receiver that signs what it parsed takes bytes that nobody signed, and stumbles."""
    found = fails(lambda *request: careful(*request, raw=False))
    assert found == {"JSON written again", "no JSON", "no UTF-8"}


def test_who_stumbles_is_found() -> None:
    """A receiver whose verifier raises has 5xx for what is malformed."""

    def stumbling(method: str, headers: dict[str, str], body: bytes) -> Any:
        for item in headers.get("webhook-signature", "").split(" ") if method == "POST" else ():
            _, __ = item.split(",")
        int(headers["webhook-timestamp"])
        return careful(method, headers, body)

    assert fails(stumbling) == {"malformed signature", "timestamp no number", "no signature"}


def test_who_knows_one_key_at_a_time_is_found() -> None:
    """A receiver that looks at the first signature only is deaf while a secret is rotated."""

    def first_only(method: str, headers: dict[str, str], body: bytes) -> Any:
        headers["webhook-signature"] = headers.get("webhook-signature", "").split(" ")[0]
        return careful(method, headers, body)

    assert fails(first_only) == {"two signatures"}


def test_who_is_strict_is_found() -> None:
    """A receiver that refuses what it does not know, or what it has had, fails those cases."""
    seen: set[str] = set()

    def strict(*request: Any) -> Any:
        event = careful(*request)
        if not isinstance(event, dict):
            return event
        if event["type"] != "system.gap_detected" or "later" in event or not event["data"]:
            return 422
        if event["id"] in seen or event["subject_seq"] == 2:
            return 409
        seen.add(event["id"])
        return 204

    strangers = {"unknown type", "unknown member", "tombstone"}
    assert fails(strict) == strangers | {"second copy", "version 2 after it"}


@pytest.mark.parametrize("status", [302, 500, 410])
def test_statuses_that_say_something_else(status: int) -> None:
    """A redirect, a fault and a good-bye are neither a yes nor a no."""
    assert fails(lambda *_: status) == HOSTILE | TAKEN | {"challenge"}


def test_a_good_bye_is_explained() -> None:
    """Who answers 410 is told that this switches the endpoint off."""
    with serving(application(lambda *_: 410)) as url:
        advice = {each.advice for each in check(url, SECRET.text)}
    assert advice == {"Never answer 410 but to end everything: it switches the endpoint off."}


def test_nobody_there() -> None:
    """Where nobody listens the check ends with that, and no grades."""
    with pytest.raises(errors.ConnectionFailed, match="nobody answers at http://127"):
        list(check("http://127.0.0.1:9/hooks", SECRET.text))


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("my.example/hooks", SECRET.text, "no address"),
        ("https://my.example/hooks", SECRET.text.removeprefix("whsec_"), "prefix"),
        ("https://my.example/hooks", "whpk_AAAA", "another kind of key"),
    ],
    ids=["address", "prefix", "kind"],
)
def test_what_cannot_be_checked(url: str, secret: str, said: str) -> None:
    """An address or a secret that is none is named, and the secret is not repeated."""
    with pytest.raises(ValueError, match=said) as refused:
        check(url, secret)
    assert SECRET.text.removeprefix("whsec_") not in str(refused.value)


def test_ed25519_keys_sign_for_the_server_alone() -> None:
    """A private Ed25519 key is no secret to check with: receivers never hold one."""
    with pytest.raises(ValueError, match="another kind of key"):
        check("https://my.example/hooks", SigningKey.generate().text)
