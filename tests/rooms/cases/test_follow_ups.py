"""Capability 17: a worker comes back with a receipt code, without a name, and both sides write."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from openredress_api import organisations
from openredress_api.cases import rules
from tests.factories.cases import case, consent, receipt_code
from tests.factories.parties import Party, World

OPEN, SEND = "/v1/follow-ups/open", "/v1/follow-ups/messages"
WORDS = "The foreman Canarius said: call +999 5550 0177 or leave."
WRONG = "0000 1111 2222 3333"


@pytest.fixture
def channel(world: World) -> Party:
    """The client of a messaging channel, which has no scope over cases."""
    return world.colleague(world.institute.organisation_id, "institute", scopes=("followups:act",))


@pytest.fixture
def made(world: World) -> str:
    """A case."""
    return str(case(world, world.site(world.party("supplier")))["id"])


@pytest.fixture
def code(world: World, made: str) -> str:
    """Its receipt code."""
    return receipt_code(world, made)


def close(world: World, case_id: str) -> None:
    """Bring a case to its end."""
    way = ["acknowledged", "triaged", "in_investigation", "action_agreed", "resolved_reported"]
    for to in (*way, "closed_unvalidated"):
        moved = change(world, case_id, to)
        assert moved.status_code == 200, moved.json


def change(world: World, case_id: str, to: str) -> Any:
    """One step of a case."""
    path = f"/v1/cases/{case_id}"
    etag = world.institute.get(path).headers["ETag"]
    return world.institute.post(f"{path}/status-changes", {"to": to}, If_Match=etag)


def tasks(world: World, case_id: str) -> set[str]:
    """The kinds of open tasks about a case."""
    found = world.institute.get("/v1/tasks?state=open&limit=500").json["data"]
    return {task["kind"] for task in found if task["subject"] == case_id}


def dumped(world: World) -> str:
    """Everything that stands in the database, as its owner reads it."""
    with world.installation.as_owner() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        rows = [
            connection.scalars(text(f"SELECT t::text FROM {table} t")).all()  # noqa: S608 - ours
            for table in tables
        ]
    return "\n".join(str(row) for found in rows for row in found)


def test_a_code_is_shown_once(world: World, made: str) -> None:
    """16 digits in the first answer, none in its repetition; the case has one live code.

    row 17.
    """
    path = f"/v1/cases/{made}/receipt-codes"
    first = world.institute.post(path, Idempotency_Key="code-once")
    assert first.status_code == 201
    assert len(first.json["code"]) == 16
    assert first.json["code"].isdigit()
    again = world.institute.post(path, Idempotency_Key="code-once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert set(again.json) == {"case", "created_at"}
    other = world.institute.post(path)
    assert (other.status_code, other.json["code"]) == (409, "receipt_code_exists")


def test_a_revoked_code_opens_nothing(world: World, channel: Party, made: str, code: str) -> None:
    """A revoked code is unknown from then on, and a new one takes its place."""
    path = f"/v1/cases/{made}/receipt-codes"
    assert channel.post(OPEN, {"code": code}).status_code == 200
    ended = world.institute.post(f"{path}/revoke")
    assert (ended.status_code, ended.json["case"]) == (200, made)
    assert channel.post(OPEN, {"code": code}).status_code == 404
    none = world.institute.post(f"{path}/revoke")
    assert (none.status_code, none.json["code"]) == (409, "receipt_code_missing")
    assert channel.post(OPEN, {"code": receipt_code(world, made)}).status_code == 200


def test_both_sides_write_and_read(world: World, channel: Party, made: str, code: str) -> None:
    """The team writes, the worker reads and answers, the team reads; each in the order written.

    row 17.
    """
    path = f"/v1/cases/{made}/messages"
    for words in ("We have read it.", "Are you safe?"):
        assert world.institute.post(path, {"text": words}).status_code == 201
    opened = channel.post(OPEN, {"code": f"{code[:4]} {code[4:8]}-{code[8:]}"}).json
    assert opened == {
        "status": "received",
        "messages": [{"n": 1, "text": "We have read it."}, {"n": 2, "text": "Are you safe?"}],
        "has_more": False,
    }
    sent = channel.post(SEND, {"code": code, "text": WORDS})
    assert (sent.status_code, sent.json) == (201, {"n": 3})
    listed = world.institute.get(path).json["data"]
    told = [(each["n"], each["author"], each["text"]) for each in listed]
    assert told == [
        (1, "case_team", "We have read it."),
        (2, "case_team", "Are you safe?"),
        (3, "worker", WORDS),
    ]
    assert [each["written_by"] is None for each in listed] == [False, False, True]
    assert tasks(world, made) == {"answer_worker"}


def test_a_message_comes_until_it_was_confirmed(
    world: World, channel: Party, made: str, code: str
) -> None:
    """An answer that was lost is given again; read_until ends it, page by page."""
    path = f"/v1/cases/{made}/messages"
    for number in range(22):
        world.institute.post(path, {"text": f"Message {number}"})

    def opened(read_until: int) -> tuple[list[int], bool]:
        found = channel.post(OPEN, {"code": code, "read_until": read_until}).json
        return [each["n"] for each in found["messages"]], found["has_more"]

    assert opened(0) == opened(0) == ([*range(1, 21)], True)
    assert opened(20) == ([21, 22], False)
    assert opened(22) == opened(0) == ([], False)
    read = world.institute.get(f"{path}?limit=500").json["data"]
    assert all(each["read_at"] for each in read)


def test_nobody_writes_to_a_worker_who_cannot_read(world: World, made: str) -> None:
    """Without a live code a message of the team would reach nobody."""
    answer = world.institute.post(f"/v1/cases/{made}/messages", {"text": "Hello"})
    assert (answer.status_code, answer.json["code"]) == (409, "receipt_code_missing")


def test_the_answer_names_no_case_and_no_place(
    world: World, channel: Party, made: str, code: str
) -> None:
    """What the channel is told of a case holds no id of anything."""
    site = world.institute.get(f"/v1/cases/{made}").json["site"]
    for answer in (
        channel.post(OPEN, {"code": code}),
        channel.post(SEND, {"code": code, "text": "x"}),
    ):
        shown = f"{answer.headers} {answer.get_data(as_text=True)}"
        assert not any(mark in shown for mark in ("case_", "site_", "org_", made, site))
    assert channel.get(f"/v1/cases/{made}").status_code == 403
    assert channel.get(f"/v1/cases/{made}/messages").status_code == 403


def test_every_wrong_code_is_answered_alike(world: World, channel: Party, code: str) -> None:
    """Unknown, malformed, revoked and of a voided case: one answer, by the same statements."""
    gone, voided = (case(world, world.site(world.party("supplier")))["id"] for _ in range(2))
    codes = [receipt_code(world, one) for one in (gone, voided)]
    world.institute.post(f"/v1/cases/{gone}/receipt-codes/revoke")
    world.institute.post(f"/v1/cases/{voided}/void", {"reason": "entered_twice"})
    seen, work = set(), set()
    engine = world.app.extensions["openredress"].engine("app")
    statements: list[str] = []
    listen = lambda *given: statements.append(given[2])  # noqa: E731 - one object to add and remove
    event.listen(engine, "before_cursor_execute", listen)
    for wrong in (WRONG, "12", "", "letters", code[::-1], f"{code}0", *codes):
        for path, more in ((OPEN, {}), (SEND, {"text": "x"})):
            statements.clear()
            answer = channel.post(path, {"code": wrong} | more, X_Request_Id="same")
            drop = {"instance", "request_id"}
            seen.add(json.dumps({k: v for k, v in answer.json.items() if k not in drop}))
            work.add(tuple(statements))
    event.remove(engine, "before_cursor_execute", listen)
    assert [json.loads(one)["code"] for one in seen] == ["receipt_code_unknown"]
    assert len(work) == 1


def test_guessing_ends_within_the_hour(world: World, channel: Party, code: str) -> None:
    """After 100 wrong codes of a client even the right one waits; another client does not."""
    for _ in range(rules.TRIES_PER_HOUR):
        assert channel.post(OPEN, {"code": WRONG}).status_code == 404
    for path, more in ((OPEN, {}), (SEND, {"text": "x"})):
        for tried in (WRONG, code):
            answer = channel.post(path, {"code": tried} | more)
            assert (answer.status_code, answer.json["code"]) == (429, "too_many_tries")
            assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert world.institute.post(OPEN, {"code": code}).status_code == 200
    with world.installation.as_owner() as connection:
        us, hour = [world.institute.organisation_id], timedelta(hours=1)
        organisations.set_sandbox_clock(connection, us, hour)
    assert channel.post(OPEN, {"code": code}).status_code == 200
    with world.installation.as_owner() as connection:
        organisations.set_sandbox_clock(connection, us, timedelta(0))


def test_r18_what_was_said_stands_nowhere_in_the_open(
    world: World, channel: Party, made: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """R18: text and code are in no column, event, audit entry, error or log; reads are logged."""
    world.institute.post(f"/v1/cases/{made}/messages", {"text": f"Canarius, {WORDS}"})
    channel.post(SEND, {"code": code, "text": WORDS}, Idempotency_Key="said-once")
    channel.post(OPEN, {"code": code})
    world.institute.get(f"/v1/cases/{made}/messages")
    refused = [
        channel.post(SEND, {"code": code, "text": WORDS * 200}),
        channel.post(SEND, {"code": int(code), "text": WORDS}),
        channel.post(SEND, {"code": code, "text": f"{WORDS}\x00"}),
        world.institute.post(f"/v1/cases/{made}/messages", {"text": [WORDS]}),
    ]
    said = [*(answer.get_data(as_text=True) for answer in refused), dumped(world)]
    said.append("".join(capsys.readouterr()))
    assert {answer.status_code for answer in refused} == {422}
    for secret in ("Canarius", "+999 5550 0177", code):
        assert not any(secret in one for one in said)
    with world.installation.as_owner() as connection:
        logged = connection.scalars(
            text("SELECT operation FROM audit WHERE content LIKE :id"), {"id": f"%{made}%"}
        ).all()
    acts = {"write_to_worker", "send_follow_up", "open_follow_up", "list_case_messages"}
    assert acts <= {*logged}


def test_the_worker_asks_and_the_team_reopens(
    world: World, channel: Party, made: str, code: str
) -> None:
    """A closed case is told as ended; wants_reopen asks somebody to decide, at any time later."""
    close(world, made)
    assert channel.post(OPEN, {"code": code}).json["status"] == "ended"
    with world.installation.as_owner() as connection:
        us, years = [world.institute.organisation_id], timedelta(days=1200)
        organisations.set_sandbox_clock(connection, us, years)
    asking = {"code": code, "text": "It began again.", "wants_reopen": True}
    assert channel.post(SEND, asking).status_code == 201
    assert world.institute.get(f"/v1/cases/{made}").json["status"] == "closed_unvalidated"
    assert "decide_reopening" in tasks(world, made)
    assert change(world, made, "reopened").json["status"] == "reopened"
    assert channel.post(OPEN, {"code": code}).json["status"] == "in_work"
    with world.installation.as_owner() as connection:
        organisations.set_sandbox_clock(connection, us, timedelta(0))


def test_an_assigned_cso_reads_what_was_written(
    world: World, channel: Party, made: str, code: str
) -> None:
    """A CSO at work on the case reads the words, without times and names; others read nothing."""
    cso, stranger = world.party("cso"), world.party("cso")
    consent(world, made, "share_cso")
    world.institute.post(f"/v1/cases/{made}/assignments", {"organisation": cso.id})
    channel.post(SEND, {"code": code, "text": WORDS})
    path = f"/v1/cases/{made}/messages"
    (read,) = cso.get(path).json["data"]
    assert read == {"n": 1, "author": "worker", "text": WORDS, "wants_reopen": False}
    assert stranger.get(path).status_code == 404
    assert cso.post(path, {"text": "x"}).status_code == 403
    consent(world, made, "share_cso", "withdrawn")
    assert cso.get(path).status_code == 404
    for kind in ("supplier", "agency", "brand"):
        party = world.party(kind)
        assert party.get(path).status_code == 403
        assert party.post(OPEN, {"code": code}).status_code == 403


def test_a_cso_gets_the_key_with_consent_alone(world: World, made: str) -> None:
    """The key that opens messages leaves the database for an assigned CSO while consent stands."""
    cso = world.party("cso")
    consent(world, made, "share_cso")
    world.institute.post(f"/v1/cases/{made}/assignments", {"organisation": cso.id})
    world.institute.post(f"/v1/cases/{made}/receipt-codes")
    world.institute.post(f"/v1/cases/{made}/messages", {"text": "Hello"})
    path = f"/v1/cases/{made}/messages"
    sealer = world.app.extensions["openredress"].services.sealer
    sealer._open.clear()
    assert cso.get(path).json["data"][0]["text"] == "Hello"
