"""The inbox: what a receiver's own code sees of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from os import PathLike
from typing import TYPE_CHECKING, Any

from openredress.errors import ForgedWebhook, UnreadableWebhook
from openredress.inbox import adapters
from openredress.inbox.dispatch import VERIFY, Dispatcher
from openredress.inbox.handlers import H
from openredress.inbox.replies import (
    MOST_BYTES,
    TAKEN,
    Reply,
    not_allowed,
    refused,
    said,
    too_large,
)
from openredress.inbox.sqlite import SqliteStore
from openredress.inbox.store import Store
from openredress.positions import newest
from openredress.webhooks import trusted
from openredress_webhooks import events
from openredress_webhooks.events import Event

if TYPE_CHECKING:
    from fastapi import APIRouter
    from flask import Blueprint

    from openredress.client import Client

_LARGEST = 2**63 - 1
"""Largest number that a store has to hold."""

_log = logging.getLogger("openredress.inbox")


class Inbox:
    """Receives events, by webhook or from the feed, and hands each to its handlers once.

    What a handler writes through `context.connection` happens exactly once; whatever else it does
    happens at least once. Events of one subject come in order. While the inbox has a client, what
    is missing before an event is fetched from the feed first; without one, what comes late is
    handed over late, with `context.is_late`.

    Args:
        store: the path of an SQLite file, or another `Store`.
        keys: the endpoint's keys as they were shown, `whsec_...` or `whpk_...`; two while it is
            being rotated; none if events come from the feed only.
        client: with the scopes events:read and webhooks:manage.

    Raises:
        ValueError: a key is not what the server showed.
    """

    def __init__(
        self,
        store: str | PathLike[str] | Store,
        keys: Iterable[str] = (),
        *,
        client: Client | None = None,
    ) -> None:
        self._store = SqliteStore(store) if isinstance(store, (str, PathLike)) else store
        self._keys = trusted(keys)
        self._client = client
        self._dispatcher = Dispatcher(self._store, client)

    def on(self, *patterns: str) -> Callable[[H], H]:
        """Register a function for event types, families such as `referral.*`, or `*`.

        Raises:
            ValueError: no pattern, or one that no event type of this version fits.
            TypeError: the function is asynchronous.
        """

        def registered(handler: H) -> H:
            self._dispatcher.handlers.add(patterns, handler)
            return handler

        return registered

    def respond(self, method: str, headers: Mapping[str, str], raw_body: bytes) -> Reply:
        """Answer one request, whatever it is; the adapters do this for their frameworks.

        204: stored, and its handlers have returned. 200: the challenge of `endpoint.verify`.
        401: forged or stale. 400: signed, but no event. 405, 413: no POST, too large. 500: a
        handler or the feed failed, and the event waits; the server sends it again.
        """
        if method != "POST":
            return not_allowed()
        if len(raw_body) > MOST_BYTES:
            return too_large()
        try:
            event = self._read(headers, raw_body)
        except ForgedWebhook as forged:
            return refused(HTTPStatus.UNAUTHORIZED, forged.reason)
        except UnreadableWebhook:
            return refused(HTTPStatus.BAD_REQUEST, "unreadable")
        return self._taken(event, raw_body)

    def catch_up(self, *, wait: int | None = None) -> None:
        """Fetch what is new in the feed, and deal with it and with whatever waits.

        This alone is the pull mode of a receiver that nobody can reach: call it again and again.
        `wait` is how many seconds, at most 25, the server holds the question while nothing is new.

        Raises:
            CursorExpired: events behind the own position are no longer kept; see `seek`.
            Exception: what a handler raised first, after all other subjects had their turn.
            ValueError: the inbox has no client.
        """
        self._dispatcher.catch_up(self._needed_client(), wait)

    def seek(self, position: str) -> None:
        """Go on reading the feed behind a position: `0` from the start, `now` from its end.

        Whatever was dealt with stays so. A new inbox begins with the oldest event that is kept.
        """
        if position == "now":
            position = newest(self._needed_client().events)
        with self._store.transaction() as ledger:
            ledger.move(position)

    def waiting(self) -> list[Event]:
        """Events that are stored and not dealt with: their handlers failed, or have their turn."""
        with self._store.transaction() as ledger:
            return [each.event for each in ledger.waiting()]

    def flask(self, path: str) -> Blueprint:
        """A blueprint that answers at a path."""
        return adapters.flask(self.respond, path)

    def django(self) -> Callable[..., Any]:
        """A view, exempt from the check for forms of other sites."""
        return adapters.django(self.respond)

    def fastapi(self, path: str) -> APIRouter:
        """A router that answers at a path; handlers run beside the event loop."""
        return adapters.fastapi(self.respond, path)

    def wsgi(self) -> adapters.WsgiApplication:
        """A WSGI application that answers at every path."""
        return adapters.wsgi(self.respond)

    def _read(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        event = events.read(headers, raw_body, self._keys)
        if event.subject_seq > _LARGEST:
            raise UnreadableWebhook("subject_seq: larger than any store can hold")
        if event.type == VERIFY and not isinstance(event.data.get("challenge"), str):
            raise UnreadableWebhook("challenge: missing or malformed")
        return event

    def _taken(self, event: Event, raw_body: bytes) -> Reply:
        if event.type == VERIFY:
            return said({"challenge": str(event.data["challenge"])})
        try:
            self._dispatcher.take(event, raw_body)
        except Exception:  # noqa: BLE001 - the edge: a handler may raise anything
            _log.exception("%s waits to be tried again", event.id)
            return refused(HTTPStatus.INTERNAL_SERVER_ERROR, "not_dealt_with")
        return TAKEN

    def _needed_client(self) -> Client:
        if self._client is None:
            raise ValueError("the feed is read by a client: Inbox(..., client=client)")
        return self._client
