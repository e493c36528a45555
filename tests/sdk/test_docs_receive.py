"""The pages of docs/receive run: each block and each command, in its order."""

from __future__ import annotations

import asyncio
import itertools
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client as WsgiClient

from openredress import Inbox, PrivateKey
from tests.sdk.letters import ENDPOINT, SECRET, Feed, body_of, event, signed
from tests.sdk.test_inbox_adapters import configured
from tests.sdk.test_receiver_check import serving

PAGES = Path(__file__).parents[2] / "docs" / "receive"
PARTS = re.compile(r"^<!-- stage: (\w+) -->$|^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A shell that started these tests in the background had interrupts ignored, for children too.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
PROGRAM = (sys.executable, "-u", "-c", LISTENING + "from openredress.cli import main; main()")
HOOK = "/hooks/openredress"
PLACE = "http://localhost:8000"


class Stage:
    """The other side of a page: the server, and a receiver that stands there already."""

    def __init__(self, server: Any, variables: dict[str, Any], things: ExitStack) -> None:
        self.feed = Feed(server, hold=0.2)
        self._server = server
        self.variables = variables
        self._things = things
        self._numbers = itertools.count(1)
        self.url = ""

    def _next(self) -> tuple[dict[str, str], bytes]:
        number = next(self._numbers)
        members = event(number, subject=f"ref_{number}", seq=1, data={"due_at": "tomorrow"})
        return signed(body_of(members)), body_of(members)

    def flask(self) -> None:
        """An event reaches the Flask application."""
        headers, body = self._next()
        answer = self.variables["app"].test_client().post(HOOK, data=body, headers=headers)
        assert answer.status_code == 204

    def django(self) -> None:
        """An event reaches the Django view."""
        configured()
        from django.test import RequestFactory  # noqa: PLC0415 - needs its settings

        headers, body = self._next()
        request = RequestFactory().post(HOOK, body, "application/json", headers=headers)
        (pattern,) = self.variables["urlpatterns"]
        assert pattern.callback(request).status_code == 204

    def fastapi(self) -> None:
        """An event reaches the FastAPI application."""
        headers, body = self._next()
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": HOOK,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        asyncio.run(self.variables["api"](scope, receive, send))
        assert said[0]["status"] == 204

    def wsgi(self) -> None:
        """An event reaches the bare application, and then it comes again."""
        headers, body = self._next()
        for _ in range(2):
            client = WsgiClient(self.variables["application"])
            assert client.post(HOOK, data=body, headers=headers).status_code == 204

    def pulled(self) -> None:
        """The page's service has three rounds."""
        self.feed.put(event(100))
        self.variables["run"](range(3))

    def receiver(self) -> None:
        """A receiver that trusts the secret of the tests."""
        inbox = Inbox(Path("theirs.db"), [SECRET.text])
        self.url = self._things.enter_context(serving(inbox.wsgi())).removesuffix("/hooks")
        self.feed.put(event(101, subject="ref_x", seq=1))

    def sandbox(self) -> None:
        """The server of a sandbox, and an endpoint with twelve events behind it."""
        says = self._server.says
        made = {"id": "evt_1", "type": "referral.offered"}
        replayed = {"id": "rpl_1", "state": "running", "matched": 12, "made": 0}
        self._server.then("/v1/sandbox/events", says(made, 201))
        path = f"/v1/webhook-endpoints/{ENDPOINT}/replays"
        self._server.then(path, says({"matched": 12}), says(replayed, 202))

    def typed(self, lines: str) -> str:
        """What a command prints: to its end, or up to its first event if it has none."""
        said = ""
        for words in map(shlex.split, lines.splitlines()):
            assert words[0] == "openredress"
            command = [word.replace(PLACE, self.url) for word in words[1:]]
            with subprocess.Popen(
                (*PROGRAM, *command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process:
                if command[0] in {"listen", "bridge"}:
                    said += self._watched(process)
                else:
                    said += process.communicate()[0]
                    assert process.returncode == 0, said
        return said

    def _watched(self, process: Any) -> str:
        said = ""
        while " ms, " not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
            if line.startswith("forwarding"):
                self.feed.put(event(102, subject="ref_y", seq=1))
        process.send_signal(signal.SIGINT)
        return said


@pytest.fixture
def played(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, dict[str, Any]], str]]:
    """Plays a page; gives what its commands printed."""
    monkeypatch.chdir(tmp_path)
    PrivateKey.generate().to_file("key.pem")
    ours = {"URL": server.url, "CLIENT_ID": "cli_1", "KEY_FILE": "key.pem"}
    for name, value in {**ours, "HOOK_SECRET": SECRET.text}.items():
        monkeypatch.setenv(f"OPENREDRESS_{name}", value)
    monkeypatch.setenv("HOOK_SECRET", SECRET.text)
    with ExitStack() as things:

        def play(page: str, variables: dict[str, Any]) -> str:
            stage, said = Stage(server, variables, things), ""
            for act, language, code in PARTS.findall((PAGES / page).read_text(encoding="utf-8")):
                if act:
                    getattr(stage, act)()
                elif language == "sh":
                    said += stage.typed(code)
                else:
                    exec(compile(code, page, "exec"), variables)  # noqa: S102 - our own pages
            return said

        yield play


def test_an_inbox_in_each_framework(played: Any) -> None:
    """The page's handlers write one ticket for each event, whichever framework it came by."""
    with closing(sqlite3.connect("inbox.db")) as connection:
        connection.execute("CREATE TABLE ticket (subject TEXT, due TEXT)")
        played("inbox.md", {"__name__": "receiver"})
        found = connection.execute("SELECT subject, due FROM ticket ORDER BY subject").fetchall()
    assert found == [(f"ref_{number}", "tomorrow") for number in range(1, 5)]


def test_without_a_public_address(played: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The page's inbox pulls, and its bridge brings what happens to a receiver."""
    Path("bridge.secret").write_text(SECRET.text, encoding="ascii")
    said = played("without-a-public-address.md", {})
    assert capsys.readouterr().out == "referral.offered ref_1\n"
    assert re.fullmatch(r"referral\.offered evt_100 204 \d+ ms, .* behind\n", said)


def test_trying_out(played: Any) -> None:
    """The page's commands print what it says that they print; its receiver passes the check."""
    inbox = Inbox("ours.db", [SECRET.text])
    with serving(inbox.wsgi()) as url:
        variables = {"url": url, "secret": SECRET.text}
        said = played("trying-it-out.md", variables)
    assert variables["failed"] == []
    assert re.search(r"^secret of this run: whsec_\S+$", said, re.MULTILINE)
    assert re.search(r"^referral\.offered evt_102 401 NOT TAKEN \d+ ms", said, re.MULTILINE)
    assert "\nreferral.offered evt_1\n12 events would be sent\nrpl_1 running: 12 events, " in said
    assert re.search(r"^24 of 24 as it should be$", said, re.MULTILINE)
