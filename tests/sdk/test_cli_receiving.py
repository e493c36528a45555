"""`listen`, `bridge` and `receiver-check` in processes of their own, over real HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from openredress import Inbox, webhooks
from tests.sdk.conftest import Hands, Unlucky
from tests.sdk.letters import SECRET, Feed, event
from tests.sdk.test_receiver_check import application, serving

# A shell that started these tests in the background had interrupts ignored, for children too.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
PROGRAM = (sys.executable, "-u", "-c", LISTENING + "from openredress.cli import main; main()")
LINE = r"{kind} {id} {said} \d+ ms, \d+\.\d s behind"


@pytest.fixture
def feed(server: Any) -> Feed:
    """An empty feed, whose server holds questions for a second."""
    return Feed(server, hold=1.0)


@pytest.fixture
def mine(hands: Hands) -> Iterator[Unlucky]:
    """A receiver of one's own."""
    with Unlucky(hands) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        running.then("/hook", running.says(b"", 204))
        yield running
        running.shutdown()
        thread.join()


class Running:
    """A command that goes on until it is told to end."""

    def __init__(self, process: Any) -> None:
        self._process = process
        self.said: list[str] = []

    def line(self) -> str:
        """The next line that it prints."""
        found = self._process.stdout.readline().rstrip("\n")
        self.said.append(found)
        return str(found)

    def end(self, number: int = signal.SIGINT) -> int:
        """End it; returns its exit code."""
        self._process.send_signal(number)
        self.said.append(self._process.stdout.read())
        return int(self._process.wait())


@contextmanager
def running(server: Any, folder: Path, *words: str) -> Iterator[Running]:
    """A command of a client of the server."""
    ours = {"URL": server.url, "CLIENT_ID": "sup_1", "SECRET": "s3cret"}
    with subprocess.Popen(
        (*PROGRAM, *words),
        cwd=folder,
        env={**os.environ, **{f"OPENREDRESS_{name}": value for name, value in ours.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def shown(line: str, number: int, said: str, kind: str = "referral.offered") -> bool:
    """Whether a line tells of an attempt."""
    pattern = LINE.format(kind=re.escape(kind), id=f"evt_{number}", said=re.escape(said))
    return re.fullmatch(pattern, line) is not None


def listening(server: Any, mine: Any, folder: Path, *words: str) -> Any:
    """`openredress listen`."""
    return running(server, folder, "listen", "--forward-to", f"{mine.url}/hook", *words)


def test_listen(server: Any, feed: Feed, mine: Any, tmp_path: Path) -> None:
    """What happens from now on is shown and forwarded, signed with the secret that is shown."""
    feed.put(event(1))
    mine._steps["/hook"].clear()
    mine.then("/hook", mine.says(b"", 204), mine.refuses(500), mine.says(b"", 204))
    with listening(server, mine, tmp_path, "--types", "referral.*,endpoint.*") as command:
        secret = command.line().removeprefix("secret of this run: ")
        assert command.line() == "forwarding what comes behind position 1"
        feed.put(event(2), event(3, type="metrics.published"), event(4))
        assert shown(command.line(), 2, "204")
        assert shown(command.line(), 4, "500 NOT TAKEN")
        feed.put(event(5, data={}, tombstone=True))
        assert shown(command.line(), 5, "204", "referral.offered (tombstone)")
        assert command.end() == 0
    received = [
        webhooks.receive(seen.headers, seen.raw_body, [secret]).id for seen in mine.at("/hook")
    ]
    assert received == ["evt_2", "evt_4", "evt_5"]
    assert {seen.query.get("types") for seen in server.at("/v1/events")[2:]} == {
        "referral.*,endpoint.*"
    }


def test_listen_goes_on(server: Any, feed: Feed, mine: Any, tmp_path: Path) -> None:
    """With a state file a second run goes on where the first one was ended."""
    words = ("--since", "0", "--state", "place.json")
    for number in (1, 2):
        feed.put(event(number))
        with listening(server, mine, tmp_path, *words) as command:
            command.line()
            assert command.line() == f"forwarding what comes behind position {number - 1}"
            assert shown(command.line(), number, "204")
            place = tmp_path / "place.json"
            while not place.exists() or json.loads(place.read_text())["position"] != str(number):
                pass
            assert command.end() == 0


def test_listen_pretends(server: Any, feed: Feed, mine: Any, tmp_path: Path) -> None:
    """With --fail each event comes twice, as if the sender had not liked the first answer."""
    feed.put(event(1))
    with listening(server, mine, tmp_path, "--since", "0", "--fail", "503") as command:
        command.line(), command.line()
        assert shown(command.line(), 1, "503 pretended (204)")
        assert shown(command.line(), 1, "204")
    assert [seen.headers["webhook-id"] for seen in mine.at("/hook")] == ["evt_1"] * 2


def test_bridge(server: Any, feed: Feed, mine: Any, tmp_path: Path) -> None:
    """A bridge makes its secret once, shows it to nobody, and is killed without losing anything."""
    words = ("bridge", "--forward-to", f"{mine.url}/hook", "--state", "s", "--secret-file", "k")
    mine._steps["/hook"].clear()
    mine.then("/hook", mine.refuses(503), mine.says(b"", 204))
    feed.put(event(1))
    lines: list[str] = []
    with running(server, tmp_path, *words) as command:
        assert shown(command.line(), 1, "503 NOT TAKEN")
        command.end(signal.SIGKILL)
        lines += command.said
    feed.put(event(2))
    with running(server, tmp_path, *words) as command:
        assert shown(command.line(), 1, "204")
        assert shown(command.line(), 2, "204")
        command.end()
        lines += command.said
    secret = (tmp_path / "k").read_text().strip()
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    assert secret.removeprefix("whsec_") not in "".join(lines)
    for seen in mine.at("/hook"):
        assert webhooks.receive(seen.headers, seen.raw_body, [secret])


def checked(folder: Path, *words: str, **variables: str) -> Any:
    """`openredress receiver-check`, which needs no server."""
    return subprocess.run(
        (*PROGRAM, "receiver-check", *words),
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_receiver_check(tmp_path: Path) -> None:
    """Each case is a line, and the exit code tells; the secret comes from a file or a variable."""
    inbox = Inbox(tmp_path / "inbox.db", [SECRET.text])
    (tmp_path / "secret").write_text(f"{SECRET.text}\n")
    with serving(inbox.wsgi()) as url:
        done = checked(tmp_path, url, "--secret-file", "secret")
        again = checked(tmp_path, url, "--secret-env", "HOOK", HOOK=SECRET.text)
    assert (done.returncode, again.returncode) == (0, 0)
    lines = done.stdout.splitlines()
    assert all(re.fullmatch(r"PASS .+ \d{3}, \d+ ms", line) for line in lines[:-1])
    assert lines[-1] == f"{len(lines) - 1} of {len(lines) - 1} as it should be"
    assert SECRET.text not in done.stdout + done.stderr


def test_receiver_check_finds(tmp_path: Path) -> None:
    """A fault is a line with what was expected, a sentence of advice, and exit code 1."""
    with serving(application(lambda *_: 200)) as url:
        done = checked(tmp_path, url, "--secret-env", "HOOK", HOOK=SECRET.text)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("FAIL 6 minutes old"))
    assert re.search(r"200, \d+ ms, expected: refused$", lines[place])
    assert lines[place + 1].startswith("     Refuse a webhook-timestamp")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--secret-env or --secret-file"),
        (("--secret-env", "HOOK", "--secret-file", "secret"), "--secret-env or --secret-file"),
        (("--secret-env", "NONE"), "NONE is not set"),
        (("--secret-env", "HOOK"), "HOOK: raw key without its prefix"),
        (("--secret-file", "secret"), "nobody answers"),
    ],
)
def test_receiver_check_needs(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """What is missing or wrong is said in words, never with the secret; exit code 2."""
    (tmp_path / "secret").write_text(SECRET.text)
    material = SECRET.text.removeprefix("whsec_")
    done = checked(tmp_path, "http://127.0.0.1:9/", *words, HOOK=material)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert material not in done.stdout + done.stderr


def asked(server: Any, folder: Path, *words: str) -> tuple[int, str]:
    """The exit code of a command that ends, and what it said."""
    with running(server, folder, *words) as command:
        said = command._process.stdout.read()
        return int(command._process.wait()), str(said)


def test_trigger(server: Any, tmp_path: Path) -> None:
    """A synthetic event is asked for by its type; outside a sandbox the refusal is told."""
    made = {"id": "evt_1", "type": "referral.offered"}
    refusal = server.refuses(403, "sandbox_only")
    server.then("/v1/sandbox/events", server.says(made, 201), refusal)
    assert asked(server, tmp_path, "trigger", "referral.offered") == (0, "referral.offered evt_1\n")
    code, said = asked(server, tmp_path, "trigger", "referral.offered")
    assert (code, "sandbox_only" in said) == (2, True)
    assert server.at("/v1/sandbox/events")[0].body == {"type": "referral.offered"}


def test_replay(server: Any, tmp_path: Path) -> None:
    """What is sent once more is chosen by options; a dry run counts it."""
    answers = (
        server.says({"matched": 12}),
        server.says({"id": "rpl_1", "state": "running", "matched": 12, "made": 0}, 202),
    )
    server.then("/v1/webhook-endpoints/whe_1/replays", *answers)
    words = ("replay", "--endpoint", "whe_1", "--types", "referral.*, task.created")
    times = ("--since", "2026-11-01T00:00:00Z", "--until", "2026-11-02T00:00:00Z")
    dry = asked(server, tmp_path, *words, *times, "--only", "all", "--dry-run")
    assert dry == (0, "12 events would be sent\n")
    real = asked(server, tmp_path, "replay", "--endpoint", "whe_1")
    assert real == (0, "rpl_1 running: 12 events, 0 made ready\n")
    first, second = (seen.body for seen in server.at("/v1/webhook-endpoints/whe_1/replays"))
    assert first == {
        "types": ["referral.*", "task.created"],
        "since": "2026-11-01T00:00:00Z",
        "until": "2026-11-02T00:00:00Z",
        "only": "all",
        "dry_run": True,
    }
    assert second == {"only": "undelivered", "dry_run": False}
