"""Audit: a salted leaf per entry in the transaction, sequenced afterwards into an RFC 6962 tree.

An entry is tamper-evident from its sequencing on (about a second), not before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Row, text
from sqlalchemy.engine import Connection

from openredress_api.foundation.clock import rfc3339
from openredress_api.foundation.database import Context
from openredress_api.foundation.identifiers import dated_id
from openredress_delivery.prepared import Prepared

SALT_BYTES = 16
BATCH = 500
INSERT = Prepared(
    "audit",
    "uuid, uuid, text, text, bytea, bytea",
    "INSERT INTO public.audit (organisation_id, id, operation, content, salt, leaf) "
    "VALUES ($1, $2, $3, $4, $5, $6)",
)


class AuditBroken(Exception):
    """The log does not fit its checkpoints; the message names the first bad entry."""


def leaf_of(salt: bytes, content: bytes) -> bytes:
    """The leaf hash: salted, so erasing salt and content leaves nothing to guess from."""
    return hashlib.sha256(b"\x00" + hashlib.sha256(salt + content).digest()).digest()


def entry(
    context: Context, operation: str, request_id: str, subjects: Iterable[str]
) -> tuple[object, ...]:
    """The values of INSERT for one entry: who did or read what, when; never any content."""
    entry_id = dated_id()
    content = orjson.dumps(
        {
            "at": rfc3339(context.now),
            "client": str(context.client_id),
            "id": str(entry_id),
            "operation": operation,
            "organisation": str(context.organisation_id),
            "person": str(context.person_id) if context.person_id else None,
            "request": request_id,
            "subjects": list(subjects),
        }
    )
    salt = os.urandom(SALT_BYTES)
    return (
        context.organisation_id,
        entry_id,
        operation,
        content.decode(),
        salt,
        leaf_of(salt, content),
    )


def sequence(connection: Connection, key: Ed25519PrivateKey) -> int:
    """Give waiting entries their places and sign the new checkpoint; returns the log's size."""
    found = connection.execute(
        text("SELECT size, root FROM gate.sequence_audit(:n)"), {"n": BATCH}
    ).first()
    if found is None:
        return 0
    signature = key.sign(checkpoint_text(found.size, found.root))
    connection.execute(
        text("SELECT gate.sign_checkpoint(:size, :signature)"),
        {"size": found.size, "signature": signature},
    )
    size: int = found.size
    return size


def checkpoint_text(size: int, root: bytes) -> bytes:
    """What a checkpoint's signature covers."""
    return f"openredress audit\n{size}\n{root.hex()}\n".encode()


def verify(connection: Connection, *keys: Ed25519PublicKey) -> int:
    """Recompute every leaf and root as owner; raises AuditBroken naming the first fault.

    `keys`: each checkpoint was signed by one of them.

    Returns the number of entries verified.
    """
    checkpoints = {
        row.size: row
        for row in connection.execute(
            text("SELECT size, root, signature FROM gate.audit_checkpoint")
        )
    }
    size = 0
    for size, root in enumerate(_roots(_checked_leaves(connection)), 1):
        found = checkpoints.pop(size, None)
        if found is not None and found.root != root():
            raise AuditBroken(f"the root after entry {size - 1} is not the one that was signed")
        if found is not None:
            _check_signature(found.size, found.root, found.signature, keys)
    if checkpoints:
        raise AuditBroken(f"{max(checkpoints)} entries were signed, only {size} are there")
    return size


def _check_signature(
    size: int, root: bytes, signature: bytes | None, keys: tuple[Ed25519PublicKey, ...]
) -> None:
    for key in keys:
        with suppress(InvalidSignature):
            key.verify(signature or b"", checkpoint_text(size, root))
            return
    raise AuditBroken(f"the checkpoint of size {size} is not signed by our key")


def _checked_leaves(connection: Connection) -> Iterator[bytes]:
    query = text(
        "SELECT seq, organisation_id, operation, content, salt, leaf FROM audit "
        "WHERE seq IS NOT NULL ORDER BY seq"
    )
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        for place, row in enumerate(rows):
            if row.seq != place:
                raise AuditBroken(f"entry {place} is missing; the next one there is {row.seq}")
            erased = row.salt is None and row.content is None
            if not erased and not _fits(row):
                raise AuditBroken(f"entry {place} does not fit its leaf")
            yield row.leaf


def _fits(row: Row[Any]) -> bool:
    """Whether the leaf is that of the content, and the columns beside it say the same."""
    if row.salt is None or row.content is None:
        return False
    told = orjson.loads(row.content)
    beside = (str(row.organisation_id), row.operation)
    fits: bool = leaf_of(row.salt, row.content.encode()) == row.leaf
    return fits and beside == (told["organisation"], told["operation"])


def _roots(leaves: Iterable[bytes]) -> Iterator[Callable[[], bytes]]:
    """After each leaf a function that computes the root so far."""
    frontier: list[bytes] = []
    for place, leaf in enumerate(leaves):
        node, count = leaf, place
        while count % 2:
            node = hashlib.sha256(b"\x01" + frontier.pop() + node).digest()
            count //= 2
        frontier.append(node)
        yield lambda: _fold(frontier)


def _fold(frontier: list[bytes]) -> bytes:
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = hashlib.sha256(b"\x01" + node + root).digest()
    return root
