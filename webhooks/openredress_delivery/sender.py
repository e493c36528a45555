"""One attempt from beginning to end: guard, resolve, guard again, sign, send."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from openredress_delivery.claims import Claimed
from openredress_delivery.egress import Address, EgressRefusedError, Target, allowed, target
from openredress_delivery.loop import Loop
from openredress_delivery.names import Names
from openredress_delivery.transport import Answer, Request, Transport
from openredress_webhooks import headers, signing

Keys = Sequence[signing.Secret | signing.SigningKey]
Answered = Callable[[Answer], None]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


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

    def send(self, claimed: Claimed, keys: Keys, answered: Answered) -> None:
        """Begin an attempt; `answered` is called once, at once or within 23 s."""
        if not keys:
            answered(_refused("no_key"))
            return
        try:
            where = target(claimed.url, development=self._development)
        except EgressRefusedError as refusal:
            answered(_refused(refusal.code))
            return

        def found(addresses: tuple[Address, ...]) -> None:
            self._send_to(where, addresses, claimed, keys, answered)

        if where.address:
            found((where.address,))
        else:
            self._names.resolve(where.host, found)

    def close(self) -> None:
        """Close all connections and forget all questions."""
        self._transport.close()
        self._names.close()

    def _send_to(
        self,
        where: Target,
        addresses: tuple[Address, ...],
        claimed: Claimed,
        keys: Keys,
        answered: Answered,
    ) -> None:
        if not addresses:
            answered(_refused("name_not_found"))
        elif not all(map(self._admits, addresses)):
            # One bad address spoils the answer: a mixed answer is an attack, not a spare.
            answered(_refused("address_refused"))
        else:
            signed = signing.sign(keys, claimed.webhook_id, int(time.time()), claimed.body)
            request = Request(
                where, _choose(addresses, claimed.attempt), _headers(signed, claimed), claimed.body
            )
            self._transport.send(request, answered)

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
        "content-type": "application/json",
    }


def _letters(identifier: UUID) -> str:
    """The 26 letters (Crockford base32) that stand for an id outside."""
    return "".join(_ALPHABET[(identifier.int >> shift) & 31] for shift in range(125, -1, -5))


def _refused(code: str) -> Answer:
    return Answer(started_at=datetime.now(UTC), duration_ms=0, fault=code)
