"""What a receiver does with events: its functions, and what each of them is handed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from openredress_webhooks.events import EVENT_TYPES, Event

if TYPE_CHECKING:
    from openredress.client import Client

_FAMILIES = {f"{name.partition('.')[0]}.*" for name in EVENT_TYPES}


@dataclass(frozen=True)
class Context:
    """What a handler is handed beside the event.

    Attributes:
        connection: of the open transaction, `sqlite3.Connection` with the store that needs
            nothing. What is written through it happens exactly once; whatever else a handler
            does happens at least once. It commits by itself when the handlers have returned.
        client: the inbox's client, or None.
        is_late: an event of this subject with a higher subject_seq was dealt with before. Never
            so while the inbox has a client, which fetches what is missing first.
        is_complete: of a `manifest.daily`: whether the feed holds what it counts; None where
            that was not or could not be checked, and for every other event.
    """

    connection: Any
    client: Client | None
    is_late: bool
    is_complete: bool | None


Handler = Callable[[Event, Context], None]
"""Raises when the event is to be tried again."""

H = TypeVar("H", bound=Handler)


class Handlers:
    """The functions of a receiver, by the events that they want."""

    def __init__(self) -> None:
        self._wanted: list[tuple[frozenset[str], Handler]] = []

    def add(self, patterns: tuple[str, ...], handler: Handler) -> None:
        """Register a function for event types, families such as `referral.*`, or `*`.

        Raises:
            ValueError: no pattern, or one that no event type of this version fits.
            TypeError: the function is asynchronous: nobody would wait for it.
        """
        if not patterns:
            raise ValueError('name what it is for: @inbox.on("referral.*")')
        for pattern in patterns:
            _check(pattern)
        if inspect.iscoroutinefunction(handler):
            raise TypeError("a handler is a plain function: nobody would await this one")
        self._wanted.append((frozenset(patterns), handler))

    def run(self, event: Event, context: Context) -> None:
        """Call each function that wants the event, in the order in which they were added."""
        names = {"*", event.type, f"{event.type.partition('.')[0]}.*"}
        for patterns, handler in self._wanted:
            if not names.isdisjoint(patterns):
                handler(event, context)


def _check(pattern: str) -> None:
    known = {"*", *_FAMILIES, *EVENT_TYPES}
    if pattern not in known:
        near = get_close_matches(pattern, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{pattern!r} is no event type, family or *{hint}")
