"""Files in sealed parts: each part follows the last, is bound to its place, and is one's own."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from openredress_api.foundation import contents
from openredress_api.foundation.contents import UploadOffsetMismatch
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import NotFound, PayloadTooLarge
from openredress_api.foundation.sealing import Unsealable
from tests.factories.parties import Party, World

WHOLE = b"one line\nanother line\n"


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier."""
    return world.party("supplier")


@contextmanager
def working(world: World, party: Party) -> Iterator[Transaction]:
    """A transaction of a party's that is committed at its end."""
    digest = hashlib.sha256(party.token.encode()).hexdigest()
    with world.app.extensions["openredress"].transaction(digest) as transaction:
        yield transaction
        transaction.commit()


def kept(world: World, party: Party, *parts: bytes) -> uuid.UUID:
    """A file of these parts."""
    with working(world, party) as transaction:
        whole = b"".join(parts)
        digest = hashlib.sha256(whole).digest()
        content = contents.announce(transaction, size=len(whole), sha256=digest)
        for part in parts:
            contents.append(transaction, content.id, content.received, part)
        assert content.is_complete
        return content.id


def test_parts_become_a_whole(world: World, supplier: Party) -> None:
    """What was appended part by part is read part by part, in order."""
    content = kept(world, supplier, WHOLE[:5], WHOLE[5:6], WHOLE[6:])
    with working(world, supplier) as transaction:
        assert list(contents.read(transaction, content)) == [WHOLE[:5], WHOLE[5:6], WHOLE[6:]]
        assert contents.get(transaction, content).sha256 == hashlib.sha256(WHOLE).digest()


def test_parts_follow_each_other(world: World, supplier: Party) -> None:
    """A gap, other octets at a place that is taken, and more than was announced are refused."""
    with working(world, supplier) as transaction:
        content = contents.announce(transaction, size=10, sha256=bytes(32))
        contents.append(transaction, content.id, 0, b"01234")
        with pytest.raises(UploadOffsetMismatch, match=r"begin at 6; the next .* is 5"):
            contents.append(transaction, content.id, 6, b"6789")
        for place, octets in ((0, b"x1234"), (0, b"0123"), (3, b"34")):
            with pytest.raises(UploadOffsetMismatch):
                contents.append(transaction, content.id, place, octets)
        with pytest.raises(PayloadTooLarge):
            contents.append(transaction, content.id, 5, b"567890")
        assert contents.append(transaction, content.id, 0, b"01234").received == 5
        assert contents.append(transaction, content.id, 5, b"").received == 5
        assert not content.is_complete


def test_a_stranger_has_nothing(world: World, supplier: Party) -> None:
    """Another organisation neither finds a file nor reads, goes on with or erases it."""
    content, stranger = kept(world, supplier, WHOLE), world.party("supplier")
    with working(world, stranger) as transaction:
        for refused in (
            lambda: contents.get(transaction, content),
            lambda: contents.append(transaction, content, 0, WHOLE),
        ):
            with pytest.raises(NotFound):
                refused()
        assert list(contents.read(transaction, content)) == []
        contents.drop(transaction, content)
    with working(world, supplier) as transaction:
        assert b"".join(contents.read(transaction, content)) == WHOLE


def test_what_is_dropped_is_gone(world: World, supplier: Party) -> None:
    """A dropped file leaves no row and no part."""
    content = kept(world, supplier, WHOLE[:9], WHOLE[9:])
    with working(world, supplier) as transaction:
        contents.drop(transaction, content)
    with world.installation.as_owner() as connection:
        for table, column in (("content", "id"), ("content_part", "content_id")):
            query = text(f"SELECT count(*) FROM {table} WHERE {column} = :id")  # noqa: S608 - names of this list
            assert connection.scalar(query, {"id": content}) == 0


def test_parts_cannot_change_places(world: World, supplier: Party) -> None:
    """Two sealed parts that were exchanged in the database are no file any more."""
    content = kept(world, supplier, b"pay 10", b"pay 99")
    exchange = text(
        "UPDATE content_part p SET sealed = o.sealed FROM content_part o "
        "WHERE p.content_id = :id AND o.content_id = :id AND o.first_byte <> p.first_byte"
    )
    with world.installation.as_owner() as connection:
        assert connection.execute(exchange, {"id": content}).rowcount == 2
    with working(world, supplier) as transaction, pytest.raises(Unsealable):
        list(contents.read(transaction, content))
