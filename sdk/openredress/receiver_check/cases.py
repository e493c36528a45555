"""The cases, in the order in which they are sent, and what a good receiver answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from openredress.receiver_check.letters import CHALLENGE, Desk, Letter
from openredress_webhooks import headers as names
from openredress_webhooks.signing import Secret

Expected = Literal["taken", "refused", "refused or cut off", "the challenge"]

STALE = 360
"""Seconds: a minute more than a receiver may bear."""

HUGE = 1_048_576


@dataclass(frozen=True)
class Case:
    """One request, what is expected, and what to do where it does not come."""

    name: str
    expected: Expected
    advice: str
    write: Callable[[Desk], Letter]


def _taken(name: str, advice: str, write: Callable[[Desk], Letter]) -> Case:
    return Case(name, "taken", advice, write)


def _refused(name: str, advice: str, write: Callable[[Desk], Letter]) -> Case:
    return Case(name, "refused", advice, write)


def _changed(letter: Letter) -> Letter:
    return replace(letter, body=letter.body.replace(b'"missing":0', b'"missing":1'))


def _rewritten(letter: Letter) -> Letter:
    return replace(letter, body=json.dumps(json.loads(letter.body), indent=1).encode("ascii"))


def _repeated(letter: Letter) -> Letter:
    return replace(letter, headers=(*letter.headers, (names.ID, "evt_another")))


_WRONGLY_SIGNED = "Compare the signature with your own of the bytes as they came, before all else."
_OLD = (
    "Refuse a webhook-timestamp more than 5 minutes from your clock, so that no copy is replayed."
)
_NEEDED = "Refuse a request without its three headers; do not go on as if it had been checked."
_RAW = "Verify the raw body, as it came, not an object that was parsed and written again."
_BYTES = "Answer 400 to what is signed and cannot be read; 5xx makes the server come again."
_VERSIONS = "Take events in any order: store both, and let the higher subject_seq win."
_LATER = "Take what you do not know, and ignore it: later versions add types and members."

CASES: tuple[Case, ...] = (
    Case(
        "challenge",
        "the challenge",
        'Answer endpoint.verify with 200 and {"challenge": "<the one from data>"}.',
        lambda desk: desk.letter(
            desk.event(
                "verify", type="endpoint.verify", data={"id": "whe_check", "challenge": CHALLENGE}
            )
        ),
    ),
    _taken(
        "valid event",
        "Answer 2xx to a rightly signed event within 20 seconds; redirects are not followed.",
        lambda desk: desk.letter(desk.event("valid")),
    ),
    _taken(
        "second copy",
        "Answer 2xx to a webhook-id that you know, and do nothing: events come at least once.",
        lambda desk: desk.letter(desk.event("valid")),
    ),
    _taken(
        "two signatures",
        "Try each signature of the header: while a secret is rotated there are two.",
        lambda desk: desk.rotated(desk.event("rotated")),
    ),
    _taken(
        "unknown type", _LATER, lambda desk: desk.letter(desk.event("type", type="check.unknown"))
    ),
    _taken(
        "unknown member", _LATER, lambda desk: desk.letter(desk.event("member", later={"a": 1}))
    ),
    _taken(
        "tombstone",
        "Take an event with `tombstone: true` and empty data: its content was withdrawn.",
        lambda desk: desk.letter(desk.event("tombstone", data={}, tombstone=True)),
    ),
    _taken("version 3", _VERSIONS, lambda desk: desk.letter(desk.event("third", subject_seq=3))),
    _taken(
        "version 2 after it",
        _VERSIONS,
        lambda desk: desk.letter(desk.event("second", subject_seq=2)),
    ),
    _refused(
        "made-up signature", _WRONGLY_SIGNED, lambda desk: desk.guessed(desk.event("made_up"))
    ),
    _refused(
        "another secret",
        "Trust the secrets of this endpoint and no other key.",
        lambda desk: desk.letter(desk.event("foreign"), secret=Secret.generate()),
    ),
    _refused(
        "malformed signature",
        "Pass over signatures that cannot be read; they are no reason for a 5xx.",
        lambda desk: desk.letter(desk.event("malformed")).with_header(
            names.SIGNATURE, "v1 v1,a,b v1,*** v9,AAAA"
        ),
    ),
    _refused("6 minutes old", _OLD, lambda desk: desk.letter(desk.event("old"), age=STALE)),
    _refused("6 minutes ahead", _OLD, lambda desk: desk.letter(desk.event("ahead"), age=-STALE)),
    _refused(
        "timestamp no number",
        "Refuse a webhook-timestamp that is not a whole number; do not let it raise.",
        lambda desk: desk.letter(desk.event("time")).with_header(names.TIMESTAMP, "now"),
    ),
    _refused(
        "no signature",
        _NEEDED,
        lambda desk: desk.letter(desk.event("unsigned")).without(names.SIGNATURE),
    ),
    _refused("no id", _NEEDED, lambda desk: desk.letter(desk.event("nameless")).without(names.ID)),
    _refused(
        "id stands twice",
        "Refuse a header that stands twice: what was checked must be what is used.",
        lambda desk: _repeated(desk.letter(desk.event("twice"))),
    ),
    _refused(
        "one byte changed", _WRONGLY_SIGNED, lambda desk: _changed(desk.letter(desk.event("byte")))
    ),
    _refused("JSON written again", _RAW, lambda desk: _rewritten(desk.letter(desk.event("again")))),
    _refused("no JSON", _BYTES, lambda desk: desk.signed(b"{", "evt_check_json")),
    _refused("no UTF-8", _BYTES, lambda desk: desk.signed(b'"\xff\xfe"', "evt_check_utf8")),
    Case(
        "1 MiB",
        "refused or cut off",
        "Stop reading at 64 KiB and answer 413: nothing that is sent to you is larger.",
        lambda desk: desk.signed(b" " * HUGE, "evt_check_huge"),
    ),
    _refused(
        "GET",
        "Answer 405 to everything but POST.",
        lambda desk: replace(desk.letter(desk.event("get")), body=b"", method="GET"),
    ),
)
"""All cases."""
