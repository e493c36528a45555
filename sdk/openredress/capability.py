"""What every capability can do with its path: get, list, upsert and act, one call each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from openredress.bodies import path
from openredress.paging import Listing, Page, page_of
from openredress.records import Outcome, Record
from openredress.transport import Transport

R = TypeVar("R", bound=Record)

_OUTCOMES: dict[int, Outcome] = {201: "created", 200: "updated", 204: "unchanged"}


class Capability:
    """Base of the capabilities; each names its calls in the server's words."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _get(self, kind: type[R], *segments: str) -> R:
        answer = self._transport.send("GET", path(*segments))
        return kind(answer.members(), answer)

    def _list(
        self, kind: type[R], /, *segments: str, cursor: str | None = None, **filters: object
    ) -> Listing[R]:
        def fetch(cursor: str | None) -> Page:
            params = {**filters, "cursor": cursor}
            return page_of(self._transport.send("GET", path(*segments), params=params))

        return Listing(fetch, kind, cursor)

    def _post(
        self,
        kind: type[R],
        *segments: str,
        body: Mapping[str, object] | None = None,
        key: str | None = None,
        etag: str | None = None,
    ) -> R:
        answer = self._transport.send(
            "POST", path(*segments), body=body, idempotency_key=key, etag=etag
        )
        return kind(answer.members(), answer)

    def _put(
        self, kind: type[R], name: str, identity: Mapping[str, object], body: Mapping[str, object]
    ) -> R:
        answer = self._transport.send("PUT", path(name), params=identity, body=body)
        outcome = _OUTCOMES.get(answer.status, "")
        if outcome == "unchanged":
            return kind(_stored(identity, answer.headers.get("Location", "")), answer, outcome)
        return kind(answer.members(), answer, outcome)


def _stored(identity: Mapping[str, object], location: str) -> dict[str, object]:
    # 204 has no body: of what is stored it tells the place, where the kind has places.
    stored = location.rpartition("/")[2]
    return {**identity, "id": stored} if stored else dict(identity)
