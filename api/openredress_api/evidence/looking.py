"""Files are looked at in processes of their own, few at a time: each takes memory and a core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from openredress_api.evidence.copies import making
from openredress_api.evidence.copies.kinds import Refused
from openredress_api.foundation.confined import ConfinedFault, program, run
from openredress_api.foundation.problems import Overloaded, Problem

# Less than the places at the database: looking at files never stops everything else.
PLACES, PATIENCE_S = 2, 2.0
SCAN_S = 30
# What could be copied within its time can be marked within twice of it, whatever the load.
COPY_S, MARK_S = 20, 40
CLEAN, INFECTED = 0, 1
_places = threading.BoundedSemaphore(PLACES)


class ScanUnavailable(Problem):
    """The scanner gave no answer, so the last part was not stored; send it again later."""

    status, code, title = 503, "scan_unavailable", "Scan unavailable"


def scanned(command: tuple[str, ...], octets: bytes) -> Literal["clean", "infected", "not_scanned"]:
    """What the operator's scanner says of a file. Raises ScanUnavailable, Overloaded."""
    if not command:
        return "not_scanned"
    with _place():
        try:
            status = program(command, octets, seconds=SCAN_S)
        except ConfinedFault as fault:
            raise ScanUnavailable(headers={"Retry-After": "60"}) from fault
    if status not in {CLEAN, INFECTED}:
        raise ScanUnavailable(headers={"Retry-After": "60"})
    return "infected" if status == INFECTED else "clean"


def copied(media_type: str, octets: bytes) -> bytes:
    """The clean copy of a file that is of this type. Raises Refused, Overloaded."""
    try:
        given = making.framed({"media_type": media_type}, octets)
        answer = _confined(making.copy, given, COPY_S)
    except ConfinedFault as fault:
        refusal = "unreadable" if fault.reason == "crash" else "too_large_inside"
        raise Refused(refusal) from fault
    facts, copy = making.unframed(answer)
    if facts:
        raise Refused(facts["refusal"], facts["found"])
    return copy


def marked(media_type: str, copy: bytes, mark: str) -> bytes:
    """A clean copy with its recipient's mark in it. Raises Overloaded."""
    try:
        given = making.framed({"media_type": media_type, "mark": mark}, copy)
        return _confined(making.mark, given, MARK_S)
    except ConfinedFault as fault:
        # It was read before: what fails now is this moment.
        raise Overloaded(headers={"Retry-After": "5"}) from fault


def _confined(function: Callable[[bytes], bytes], given: bytes, seconds: int) -> bytes:
    with _place():
        return run(function, given, seconds=seconds)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE_S):
        raise Overloaded(headers={"Retry-After": "5"})
    try:
        yield
    finally:
        _places.release()
