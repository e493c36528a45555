"""One attempt from beginning to end: guard, resolve, guard again, sign, send."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from openredress_delivery.access import Access, Tokens
from openredress_delivery.claims import Claimed
from openredress_delivery.egress import Address, EgressRefusedError, allowed, target
from openredress_delivery.loop import Loop
from openredress_delivery.names import Names
from openredress_delivery.transport import Answer, Request, Transport
from openredress_webhooks import headers, signing

Keys = Sequence[signing.Secret | signing.SigningKey]
Answered = Callable[[Answer], None]

_CROCKFORD = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz"
)


class Sender:
    """Sends claimed deliveries; every answer or refusal comes back by a call."""

    def __init__(
        self,
        loop: Loop,
        *,
        development: bool,
        ca_file: str,
        user_agent: str,
        answer_begins: Callable[[], None],
        name_servers: Sequence[str] = (),
    ) -> None:
        """As `Transport` and `Names`; `development` admits the loopback."""
        self._development = development
        self._names = Names(loop, name_servers)
        self._transport = Transport(
            loop,
            ca_file=ca_file,
            user_agent=user_agent,
            admits=self._admits,
            answer_begins=answer_begins,
        )
        self._tokens = Tokens(self._fetch)

    def send(self, claimed: Claimed, keys: Keys, access: Access, answered: Answered) -> None:
        """Begin an attempt; `answered` is called once: at once, or within 23 s.

        Twice that where an OAuth token has to be fetched first.
        """
        source = access.token
        if not keys:
            answered(_refused("no_key"))
        elif source is None:
            self._post(claimed, keys, access.headers, answered)
        else:
            self._tokens.give(
                source, lambda token: self._post_with(token, claimed, keys, access, answered)
            )

    def close(self) -> None:
        """Close all connections and forget all questions."""
        self._transport.close()
        self._names.close()

    def _post_with(
        self, token: str | None, claimed: Claimed, keys: Keys, access: Access, answered: Answered
    ) -> None:
        source = access.token
        if token is None or source is None:
            answered(_refused("token_failed"))
            return

        def told(answer: Answer) -> None:
            if answer.status == HTTPStatus.UNAUTHORIZED:
                self._tokens.forget(source)
            answered(answer)

        self._post(claimed, keys, {**access.headers, "authorization": f"Bearer {token}"}, told)

    def _post(
        self, claimed: Claimed, keys: Keys, more: Mapping[str, str], answered: Answered
    ) -> None:
        def rendered() -> Mapping[str, str]:
            # Signed when it leaves: the time that is signed is that of this attempt.
            signed = signing.sign(keys, claimed.webhook_id, int(time.time()), claimed.body)
            return {**more, **_headers(signed, claimed)}

        self._call(claimed.url, rendered, claimed.body, claimed.attempt, answered)

    def _fetch(self, url: str, headers: Mapping[str, str], body: bytes, answered: Answered) -> None:
        self._call(url, lambda: headers, body, 1, answered)

    def _call(
        self,
        url: str,
        rendered: Callable[[], Mapping[str, str]],
        body: bytes,
        attempt: int,
        answered: Answered,
    ) -> None:
        try:
            where = target(url, development=self._development)
        except EgressRefusedError as refusal:
            answered(_refused(refusal.code))
            return

        def found(addresses: tuple[Address, ...]) -> None:
            if not addresses:
                answered(_refused("name_not_found"))
            elif not all(map(self._admits, addresses)):
                # One bad address spoils the answer: a mixed answer is an attack, not a spare.
                answered(_refused("address_refused"))
            else:
                request = Request(where, _choose(addresses, attempt), rendered(), body)
                self._transport.send(request, answered)

        if where.address:
            found((where.address,))
        else:
            self._names.resolve(where.host, found)

    def _admits(self, address: Address) -> bool:
        return allowed(address) or (self._development and address.is_loopback)


def _choose(addresses: tuple[Address, ...], attempt: int) -> Address:
    """IPv4 first, as every machine has it; the next attempt takes the next address."""
    ordered = sorted(addresses, key=lambda address: (address.version, int(address)))
    return ordered[(attempt - 1) % len(ordered)]


def _headers(signed: dict[str, str], claimed: Claimed) -> dict[str, str]:
    return {
        **signed,
        headers.DELIVERY_ID: "dlv_" + _letters(claimed.delivery_id),
        headers.ATTEMPT: str(claimed.attempt),
        **({headers.GAP: "true"} if claimed.gap else {}),
        "content-type": "application/json",
    }


def _letters(identifier: UUID) -> str:
    """The 26 letters (Crockford base32) that stand for an id outside."""
    # 130 bits: two that are zero, and 128; six more fill the last octet and are cut off again.
    filled = (identifier.int << 6).to_bytes(17, "big")
    return base64.b32encode(filled)[:26].translate(_CROCKFORD).decode("ascii")


def _refused(code: str) -> Answer:
    return Answer(started_at=datetime.now(UTC), duration_ms=0, fault=code)
