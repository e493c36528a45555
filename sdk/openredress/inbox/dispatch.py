"""From stored to dealt with: in order per subject, with what is missing fetched from the feed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from openredress.errors import CursorExpired, NotFound
from openredress.inbox import manifests
from openredress.inbox.handlers import Context, Handlers
from openredress.inbox.store import Ledger, Store, Waiting
from openredress.positions import oldest
from openredress_webhooks.events import Event

if TYPE_CHECKING:
    from openredress.client import Client

VERIFY = "endpoint.verify"
"""The type that is answered, not dealt with."""

Need = Literal["gap", "check"]
Failures = dict[str, Exception]
"""What a handler raised, by subject: the later events of that subject have to wait."""

_log = logging.getLogger("openredress.inbox")


class Dispatcher:
    """Hands stored events to handlers, each in a transaction of its own."""

    def __init__(self, store: Store, client: Client | None) -> None:
        self.handlers = Handlers()
        self._store = store
        self._client = client
        # Threads that miss something wait for the one that fetches it already.
        self._filling = threading.Lock()

    def take(self, event: Event, body: bytes) -> None:
        """Store what a webhook brought, and deal with it.

        Raises:
            Exception: what a handler raised, or that the feed cannot be read; the event waits.
        """
        with self._store.transaction() as ledger:
            waits = ledger.add(event, body, placed=False)
        if not waits:
            return
        try:
            self._deal(event.subject)
        except Exception:
            with self._store.transaction() as ledger:
                if ledger.is_waiting(event.id):
                    raise
            # This one is done: a later event of its subject failed, and is its own sender's.
            _log.exception("an event of %s waits to be tried again", event.subject)

    def catch_up(self, client: Client, wait: int | None) -> None:
        """Read the feed to its end, and deal with whatever waits.

        Raises:
            Exception: what a handler raised first, after all other subjects had their turn.
        """
        with self._store.transaction() as ledger:
            before = [each.event.id for each in ledger.waiting()]
        failures: Failures = {}
        for _ in self._read(client, failures, wait=wait):
            pass
        with self._store.transaction() as ledger:
            # Those that the feed does not hold cannot be late for anything that it does.
            for event_id in before:
                ledger.place(event_id)
        self._retry(failures)
        for failure in failures.values():
            raise failure

    def _deal(self, subject: str, *, alone: bool = False) -> None:
        """Work through what waits of a subject; `alone`: only as far as no feed is needed."""
        checked: dict[str, bool | None] = {}
        while needing := self._work(subject, checked):
            event, need = needing
            if self._client is None or (need == "gap" and alone):
                return
            if need == "gap":
                self._fill(self._client, event)
            else:
                checked[event.id] = self._checked(self._client, event)

    def _work(self, subject: str, checked: dict[str, bool | None]) -> tuple[Event, Need] | None:
        """Run handlers until nothing waits, or something that needs the feed first."""
        while True:
            with self._store.transaction() as ledger:
                waiting = ledger.first(subject)
                if waiting is None:
                    return None
                event, need = waiting.event, self._need(ledger, waiting)
                if need and event.id not in checked:
                    return event, need
                # A manifest's number is not a version of its endpoint.
                counted = event.type != manifests.TYPE
                late = counted and event.subject_seq < ledger.highest(subject)
                context = Context(ledger.connection, self._client, late, checked.get(event.id))
                self.handlers.run(event, context)
                ledger.done(event.id)

    def _need(self, ledger: Ledger, waiting: Waiting) -> Need | None:
        if self._client is None:
            return None
        event, is_manifest = waiting.event, waiting.event.type == manifests.TYPE
        follows = event.subject_seq <= ledger.highest(event.subject) + 1 and not is_manifest
        if not waiting.placed and not follows:
            return "gap"
        return "check" if is_manifest else None

    def _fill(self, client: Client, event: Event) -> None:
        """Read the feed up to an event, or to its end where it does not hold the event."""
        with self._filling:
            with self._store.transaction() as ledger:
                waiting = ledger.first(event.subject)
            if waiting is None or waiting.placed or waiting.event.id != event.id:
                return
            failures: Failures = {}
            for seen in self._read(client, failures, but=event.subject):
                if seen.id == event.id:
                    break
            with self._store.transaction() as ledger:
                ledger.place(event.id)
            self._retry(failures, but=event.subject)

    def _read(
        self, client: Client, failures: Failures, *, but: str = "", wait: int | None = None
    ) -> Iterator[Event]:
        """Store each event of the feed that is not known yet, and deal with all `but` a subject."""
        with self._store.transaction() as ledger:
            position = ledger.position()
        if position is None:
            position = oldest(client.events)
        feed = client.events.after(position, wait=wait, when_idle=True)
        for event in feed:
            with self._store.transaction() as ledger:
                waits = event.type != VERIFY and ledger.add(event, feed.body, placed=True)
                ledger.move(feed.position)
            if waits and event.subject != but:
                self._try(event.subject, failures)
            yield event

    def _retry(self, failures: Failures, *, but: str = "") -> None:
        with self._store.transaction() as ledger:
            waiting = ledger.waiting()
        for each in waiting:
            if each.event.subject != but:
                self._try(each.event.subject, failures)

    def _try(self, subject: str, failures: Failures) -> None:
        if subject in failures:
            return
        try:
            self._deal(subject, alone=True)
        except Exception as failure:  # noqa: BLE001 - a handler may raise anything
            _log.exception("an event of %s waits to be tried again", subject)
            failures[subject] = failure

    def _checked(self, client: Client, event: Event) -> bool | None:
        """Whether the feed holds what a manifest counts; None where that cannot be told."""
        try:
            manifest = manifests.Manifest.of(event)
            ids = list(_counted(client, manifest))
        except ValueError:
            _log.exception("manifest %s is malformed", event.id)
            return False
        except (CursorExpired, NotFound):
            _log.warning("manifest %s is about what is no longer kept", event.id)
            return None
        complete = manifest.counts(ids)
        if not complete:
            _log.error("manifest %s: the feed holds %d others", event.id, len(ids))
        return complete


def _counted(client: Client, manifest: manifests.Manifest) -> Iterator[str]:
    """The ids at a manifest's positions of the types that its endpoint wants."""
    types = client.webhook_endpoints.get(manifest.endpoint).event_patterns
    feed = client.events.after(str(max(0, manifest.first - 1)), types=types)
    for event in feed:
        if int(feed.at) > manifest.last:
            return
        if event.type.partition(".")[0] not in manifests.UNCOUNTED:
            yield event.id
