"""Promises about the inbox of a receiver that only gets webhooks."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from openredress import Inbox
from openredress.inbox import Context, SqliteStore, Waiting
from openredress.webhooks import Event
from openredress_webhooks.signing import Secret, SigningKey, sign
from tests.sdk.letters import SECRET, body_of, delivered, event, signed

VERIFY = event(1, type="endpoint.verify", data={"id": "whe_1", "challenge": "c" * 22})


class Diary:
    """An inbox whose handler writes what it sees into the inbox's own file."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.file = folder / "inbox.db"
        self.inbox = Inbox(self.file, [SECRET.text], **options)
        self.failing: set[str] = set()
        self.calls: list[str] = []
        self.inbox.on("*")(self.write)
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS effect (id TEXT, late INTEGER)")

    def write(self, event: Event, context: Context) -> None:
        """Write, and fail afterwards if it was told to."""
        self.calls.append(event.id)
        row = (event.id, context.is_late)
        context.connection.execute("INSERT INTO effect VALUES (?, ?)", row)
        if event.id in self.failing:
            raise RuntimeError("not today")

    def rows(self) -> list[tuple[str, int]]:
        """What was written, in order."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute("SELECT id, late FROM effect ORDER BY rowid").fetchall()

    def ids(self) -> list[str]:
        """The ids of what was written."""
        return [row[0] for row in self.rows()]


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    """A diary without a client."""
    return Diary(tmp_path)


def test_a_second_copy_has_no_effect(diary: Diary, tmp_path: Path) -> None:
    """An event that comes again is taken and not dealt with, after a restart too."""
    assert [delivered(diary.inbox, event(1)) for _ in range(2)] == [204, 204]
    assert delivered(Diary(tmp_path).inbox, event(1)) == 204
    assert diary.ids() == ["evt_1"]


def test_a_handler_that_fails_is_called_again(diary: Diary) -> None:
    """What a failing handler wrote is undone, 500 is answered, and the next copy is dealt with."""
    diary.failing = {"evt_1"}
    assert delivered(diary.inbox, event(1)) == 500
    assert (diary.ids(), [each.id for each in diary.inbox.waiting()]) == ([], ["evt_1"])
    diary.failing = set()
    assert delivered(diary.inbox, event(1)) == 204
    assert (diary.ids(), diary.inbox.waiting()) == (["evt_1"], [])


def test_later_events_wait_for_one_that_fails(diary: Diary) -> None:
    """Behind a failing event its subject waits, in order; other subjects go on."""
    diary.failing = {"evt_1"}
    answers = [delivered(diary.inbox, event(n)) for n in (1, 2)]
    answers.append(delivered(diary.inbox, event(3, subject="ref_2", seq=1)))
    assert (answers, diary.ids()) == ([500, 500, 204], ["evt_3"])
    diary.failing = set()
    assert delivered(diary.inbox, event(2)) == 204
    assert diary.ids() == ["evt_3", "evt_1", "evt_2"]


def test_an_answer_is_about_its_own_event(diary: Diary) -> None:
    """When a later event of the subject fails, the one that was dealt with is still taken."""
    diary.failing = {"evt_1", "evt_2"}
    assert [delivered(diary.inbox, event(n)) for n in (1, 2)] == [500, 500]
    diary.failing = {"evt_2"}
    assert delivered(diary.inbox, event(1)) == 204
    assert [each.id for each in diary.inbox.waiting()] == ["evt_2"]


def test_late_events_are_handed_over_and_say_so(diary: Diary) -> None:
    """Without a client an event that was overtaken is dealt with, marked as late."""
    for number in (3, 1, 4):
        delivered(diary.inbox, event(number))
    assert diary.rows() == [("evt_3", 0), ("evt_1", 1), ("evt_4", 0)]


def test_equal_versions_are_no_reason_to_be_late(diary: Diary) -> None:
    """Two events of one version of a record come in the order in which they happened."""
    diary.failing = {"evt_1"}
    first, last = event(1, seq=1), event(2, seq=1, timestamp="2026-11-01T09:00:00Z")
    for each in (first, last, event(3, seq=1)):
        delivered(diary.inbox, each)
    diary.failing = set()
    delivered(diary.inbox, first)
    assert diary.rows() == [("evt_1", 0), ("evt_3", 0), ("evt_2", 0)]


@pytest.mark.parametrize(
    ("patterns", "heard"),
    [
        (("referral.offered",), ["referral.offered"]),
        (("referral.*",), ["referral.offered", "referral.invented"]),
        (("*",), ["referral.offered", "referral.invented", "consent.withdrawn", "new.family"]),
        (("consent.withdrawn", "referral.offered"), ["referral.offered", "consent.withdrawn"]),
        (("metrics.*",), []),
    ],
)
def test_handlers_hear_what_they_asked_for(
    tmp_path: Path, patterns: tuple[str, ...], heard: list[str]
) -> None:
    """A type, a family, everything, several of them; types of later versions are borne."""
    inbox, seen = Inbox(tmp_path / "inbox.db", [SECRET.text]), []
    inbox.on(*patterns)(lambda event, _: seen.append(event.type))
    kinds = ["referral.offered", "referral.invented", "consent.withdrawn", "new.family"]
    for number, kind in enumerate(kinds, 1):
        assert delivered(inbox, event(number, type=kind)) == 204
    assert seen == heard


def test_several_handlers_stand_or_fall_together(diary: Diary) -> None:
    """The work of all handlers of an event is one transaction, in the order of their adding."""
    calls: list[str] = []

    @diary.inbox.on("referral.*")
    def second(event: Event, _: Context) -> None:
        calls.append(event.id)
        if len(calls) == 1:
            raise RuntimeError("not yet")

    assert (delivered(diary.inbox, event(1)), diary.ids()) == (500, [])
    assert (delivered(diary.inbox, event(1)), diary.ids()) == (204, ["evt_1"])


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ((), "name what it is for"),
        (("referral.ofered",), "did you mean 'referral.offered'"),
        (("referral",), "no event type"),
        (("referral.**",), "no event type"),
    ],
)
def test_a_pattern_that_nothing_fits(diary: Diary, patterns: Any, said: str) -> None:
    """A misspelt pattern is refused when the handler is added, not silently never met."""
    with pytest.raises(ValueError, match=said):
        diary.inbox.on(*patterns)(diary.write)


def test_asynchronous_handlers_are_refused(diary: Diary) -> None:
    """A coroutine that nobody would await is refused when it is added."""

    async def handler(_: Event, __: Context) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match="plain function"):
        diary.inbox.on("*")(handler)  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize(
    "spoil",
    [
        lambda connection: connection.commit(),
        lambda connection: connection.execute("COMMIT"),
        lambda connection: connection.executescript("SELECT 1"),
        lambda connection: connection.rollback(),
        lambda connection: connection.execute("INSERT OR ROLLBACK INTO once VALUES (1), (1)"),
        lambda connection: connection.close(),
    ],
)
def test_a_handler_cannot_break_the_promise(diary: Diary, spoil: Callable[[Any], Any]) -> None:
    """A handler that commits, rolls back or closes leaves no half done work, and no lost event."""
    with closing(sqlite3.connect(diary.file)) as connection:
        connection.execute("CREATE TABLE once (id INTEGER PRIMARY KEY)")
    spoiling = True

    @diary.inbox.on("*")
    def spoiler(_: Event, context: Context) -> None:
        if spoiling:
            try:
                spoil(context.connection)
            except sqlite3.IntegrityError:
                return

    assert delivered(diary.inbox, event(1)) == 500
    assert (diary.ids(), len(diary.inbox.waiting())) == ([], 1)
    spoiling = False
    assert (delivered(diary.inbox, event(1)), diary.ids()) == (204, ["evt_1"])


def test_a_challenge_is_answered_by_the_inbox(diary: Diary) -> None:
    """`endpoint.verify` is answered each time, and no handler hears of it."""
    body = body_of(VERIFY)
    for _ in range(2):
        reply = diary.inbox.respond("POST", signed(body), body)
        assert (reply.status, reply.body) == (200, b'{"challenge": "' + b"c" * 22 + b'"}')
    assert diary.ids() == []
    assert delivered(diary.inbox, {**VERIFY, "data": {}}) == 400


def test_a_challenge_of_a_stranger_is_not_answered(diary: Diary) -> None:
    """Only who holds the key learns that somebody answers challenges here."""
    body = body_of(VERIFY)
    headers = signed(body, key=Secret.generate())
    assert diary.inbox.respond("POST", headers, body).status == 401


def test_a_tombstone_reaches_its_handler(tmp_path: Path) -> None:
    """An event whose content was withdrawn is handed over without content, and says so."""
    inbox, seen = Inbox(tmp_path / "inbox.db", [SECRET.text]), []
    inbox.on("*")(lambda event, _: seen.append((event.data, event.tombstone)))
    delivered(inbox, event(1, data={}, tombstone=True))
    delivered(inbox, event(2))
    assert seen == [({}, True), ({"status": "offered"}, False)]


@pytest.mark.parametrize("tombstone_first", [True, False])
def test_withdrawn_content_is_not_handed_over(diary: Diary, *, tombstone_first: bool) -> None:
    """While an event waits its tombstone takes the place of its content, in whichever order."""
    full, tombstone = event(1), event(1, data={}, tombstone=True)
    diary.failing = {"evt_1"}
    for each in (tombstone, full) if tombstone_first else (full, tombstone):
        delivered(diary.inbox, each)
    (waiting,) = diary.inbox.waiting()
    assert (waiting.data, waiting.tombstone) == ({}, True)
    assert b'"status"' not in _bodies(diary.file)


def test_a_tombstone_of_what_was_dealt_with(diary: Diary) -> None:
    """It is a second copy: whoever had the content is told by `consent.withdrawn`."""
    delivered(diary.inbox, event(1))
    assert delivered(diary.inbox, event(1, data={}, tombstone=True)) == 204
    assert (diary.ids(), diary.inbox.waiting()) == (["evt_1"], [])


def test_the_content_goes_when_it_is_dealt_with(diary: Diary) -> None:
    """Ids are kept for good, so that no copy is ever dealt with twice; bodies are overwritten."""
    diary.failing = {"evt_1"}
    for number in range(1, 21):
        assert delivered(diary.inbox, event(number)) == 500
    diary.failing = set()
    delivered(diary.inbox, event(1))
    assert _bodies(diary.file) == b""
    with closing(sqlite3.connect(diary.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint (TRUNCATE)")
    assert b"evt_1" in diary.file.read_bytes()
    assert b"referral.offered" not in diary.file.read_bytes()


def test_what_the_feed_has_shown_is_placed(tmp_path: Path) -> None:
    """A store notes of an event that waits that the feed was read up to it, and keeps to it."""
    store, members = SqliteStore(tmp_path / "inbox.db"), event(1)
    found = Event.parse(body_of(members))
    for placed, kept in ((False, False), (True, True), (False, True)):
        with store.transaction() as ledger:
            assert ledger.add(found, body_of(members), placed=placed)
            waiting = ledger.first("ref_1")
            assert waiting == Waiting(found, kept)


def _bodies(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT body FROM openredress_event").fetchall()
    return b"".join(row[0] or b"" for row in rows)


def test_two_inboxes_in_one_file(tmp_path: Path) -> None:
    """The same event for two endpoints of one receiver is dealt with by each, on its own."""
    inboxes = {
        name: Inbox(SqliteStore(tmp_path / "inbox.db", name=name), [SECRET.text])
        for name in ("first", "second")
    }
    seen: list[str] = []
    failing = {"first"}
    for name, inbox in inboxes.items():

        @inbox.on("*")
        def note(event: Event, _: Context, name: str = name) -> None:
            if name in failing:
                raise RuntimeError("not today")
            seen.append(f"{name} {event.id}")

    assert [delivered(inbox, event(1)) for inbox in inboxes.values()] == [500, 204]
    assert [len(inbox.waiting()) for inbox in inboxes.values()] == [1, 0]
    failing.clear()
    assert [delivered(inbox, event(1)) for inbox in inboxes.values()] == [204, 204]
    assert seen == ["second evt_1", "first evt_1"]


@pytest.mark.parametrize("path", ["", ":memory:", "file:x?mode=memory"])
def test_memory_is_no_store(path: str) -> None:
    """A store that ends with its process would forget what it has promised."""
    with pytest.raises(ValueError, match="name a file"):
        Inbox(path)


def test_one_at_a_time(diary: Diary, tmp_path: Path) -> None:
    """Copies that arrive at the same moment, at several inboxes over one file, have one effect."""
    inboxes = [diary.inbox, Diary(tmp_path).inbox, Diary(tmp_path).inbox]
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(delivered(inboxes[n % 3], event(1))))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, diary.ids()) == ([204] * 12, ["evt_1"])


def test_both_keys_are_good_while_one_is_rotated(tmp_path: Path) -> None:
    """Old and new secret and an Ed25519 key may stand side by side."""
    old, new, asymmetric = Secret.generate(), Secret.generate(), SigningKey.generate()
    inbox = Inbox(tmp_path / "inbox.db", [new.text, old.text, asymmetric.public.text])
    for number, key in enumerate((old, new, asymmetric), 1):
        body = body_of(event(number))
        headers = sign([key], f"evt_{number}", int(time.time()), body)
        assert inbox.respond("POST", headers, body).status == 204


def test_keys_are_looked_at_at_once(tmp_path: Path) -> None:
    """A key that is none stops the program at its start; its text is not repeated."""
    with pytest.raises(ValueError, match="whsec_") as refused:
        Inbox(tmp_path / "inbox.db", ["c2VjcmV0"])
    assert "c2VjcmV0" not in str(refused.value)


def test_without_a_key_nothing_is_believed(tmp_path: Path) -> None:
    """An inbox for the feed alone does not answer requests as if they were verified."""
    body = body_of(event(1))
    with pytest.raises(ValueError, match="no key given"):
        Inbox(tmp_path / "inbox.db").respond("POST", signed(body), body)


def test_an_event_that_no_store_can_hold(diary: Diary) -> None:
    """A number beyond 64 bits is unreadable, not a crash."""
    assert delivered(diary.inbox, event(1, seq=2**63)) == 400
    assert delivered(diary.inbox, event(1, seq=2**63 - 1)) == 204
