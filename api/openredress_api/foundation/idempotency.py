"""Idempotency-Key: the answer is stored in the same transaction as the effect (api.md §2.1)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import orjson

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import (
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
)
from openredress_delivery.prepared import Prepared

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
INSERT = Prepared(
    "remember",
    "uuid, uuid, bytea, bytea, bytea",
    "INSERT INTO public.idempotency (organisation_id, client_id, key_digest, fingerprint, "
    "sealed_answer) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organisation_id, client_id, "
    "key_digest) DO UPDATE SET fingerprint = excluded.fingerprint, sealed_answer = "
    "excluded.sealed_answer, expires_at = excluded.expires_at "
    "WHERE idempotency.expires_at <= now()",
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given: enough to give it again."""

    status: int
    headers: dict[str, str]
    body: str | None
    subject: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One keyed request: digest of operation and key, fingerprint of what it carries."""

    digest: bytes
    fingerprint: bytes

    @classmethod
    def read(cls, header: str, operation: str, target: str, body: bytes) -> Attempt:
        """`header` may be bare or a quoted structured-field string."""
        bare = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
        if not _KEY.fullmatch(bare):
            raise IdempotencyKeyMissing
        digest = hashlib.sha256(f"{operation}\0{bare}".encode()).digest()
        return cls(digest, hashlib.sha256(target.encode() + b"\0" + canonical(body)).digest())

    def recalled(self, transaction: Transaction) -> Stored | None:
        """The stored answer of an earlier request with this key, if there was one."""
        running, fingerprint, sealed = transaction.recalled or (False, None, None)
        if running:
            raise IdempotencyInProgress(headers={"Retry-After": "1"})
        if fingerprint is None or sealed is None:
            return None
        if fingerprint != self._kept(transaction):
            raise IdempotencyKeyReused
        return Stored(**orjson.loads(transaction.unseal(self._place, sealed)))

    def remember(self, transaction: Transaction, stored: Stored) -> None:
        """Store the answer beside the effect."""
        context = transaction.context
        sealed = transaction.seal(self._place, orjson.dumps(stored))
        values = (
            context.organisation_id,
            context.client_id,
            self.digest,
            self._kept(transaction),
            sealed,
        )
        transaction.defer(INSERT, values)

    def _kept(self, transaction: Transaction) -> bytes:
        """The fingerprint under a key: of a plain one a short body could be tried out."""
        return transaction.blind_index("idempotency", self.fingerprint.hex())

    @property
    def _place(self) -> str:
        return f"idempotency:{self.digest.hex()}"


def canonical(body: bytes) -> bytes:
    """The body with sorted keys and no spaces; one that is no JSON, or too deep, is itself."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return body
