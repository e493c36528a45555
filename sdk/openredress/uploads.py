"""Files on their way to the server: measured, sent part by part, gone on with after a break."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from openredress.records import Record

PART = 1024 * 1024
"""Octets sent at once. The server takes 4 MiB; a line of 100 kbit/s does not carry them in time."""

SLOW_S = 60.0
"""Seconds that a file, or a part of one, may take beside what every call may."""

R = TypeVar("R", bound=Record)


def measured(octets: BinaryIO) -> tuple[int, str]:
    """The size of an open file, and its SHA-256 in hexadecimal digits."""
    digest, size = hashlib.sha256(), 0
    octets.seek(0)
    while part := octets.read(PART):
        digest.update(part)
        size += len(part)
    return size, digest.hexdigest()


def sent(record: R, octets: BinaryIO, put_content: Callable[..., R]) -> R:
    """Send what the server lacks of an open file; returns its record when nothing is missing.

    `put_content` is the verb of that name: it takes an id, `offset` and `octets`.

    Raises:
        ValueError: the file has become shorter than it was announced.
    """
    while record.state == "receiving":
        octets.seek(record.received)
        part = octets.read(PART)
        if not part:
            raise ValueError("the file became shorter while it was sent")
        record = put_content(record.id, offset=record.received, octets=part)
    return record
