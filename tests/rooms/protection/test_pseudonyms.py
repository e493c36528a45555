"""One worker has another name at each recipient, and nobody can join them."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openredress_api.foundation.sealing import Sealer
from openredress_api.protection import rules
from openredress_webhooks import personal_data
from tests.factories import protection
from tests.factories.cases import case
from tests.factories.parties import World

KEYS = st.binary(min_size=32, max_size=32)
WORKERS = st.sets(st.uuids(), min_size=1, max_size=20)


def named(key: bytes, recipient: UUID, worker: UUID) -> str:
    """What a recipient calls a worker, by the institute's key."""
    return rules.spelt(Sealer.blind_index(key, f"pseudonym {recipient}", str(worker)))


@settings(max_examples=200)
@given(KEYS, st.uuids(), st.uuids(), WORKERS)
def test_r3_no_two_recipients_share_a_name(
    key: bytes, one: UUID, other: UUID, workers: set[UUID]
) -> None:
    """The names at two recipients are disjoint; at one recipient each worker has its own."""
    mine = {named(key, one, worker) for worker in workers}
    assert len(mine) == len(workers)
    theirs = {named(key, other, worker) for worker in workers}
    assert mine == theirs if one == other else mine.isdisjoint(theirs)


@settings(max_examples=200)
@given(KEYS, st.uuids(), st.uuids(), WORKERS)
def test_r3_one_recipients_key_makes_no_name_of_anothers(
    key: bytes, one: UUID, other: UUID, workers: set[UUID]
) -> None:
    """Whoever had the key of one recipient, and all ids, could name nobody as another does."""
    if one == other:
        return
    leaked = hmac.digest(key, f"lookup:pseudonym {one}".encode(), hashlib.sha256)

    def with_leaked(text: str) -> str:
        return rules.spelt(hmac.digest(leaked, text.encode(), hashlib.sha256))

    theirs = {named(key, other, worker) for worker in workers}
    assert {with_leaked(str(worker)) for worker in workers}.isdisjoint(theirs)
    assert {with_leaked(name) for name in theirs}.isdisjoint(theirs)
    mine = {named(key, one, worker) for worker in workers}
    assert {with_leaked(str(worker)) for worker in workers} == mine


@given(KEYS, st.uuids(), st.uuids())
def test_r3_a_name_is_taken_by_every_register(key: bytes, recipient: UUID, worker: UUID) -> None:
    """It has the form of pseudonyms, and looks like no number."""
    name = named(key, recipient, worker)
    assert re.fullmatch(r"[A-Za-z0-9_-]{4,40}", name)
    assert personal_data.in_pseudonym(name) is None


def told(world: World, made: str, worker: str, **query: str) -> Any:
    """The answer to who a worker is for somebody."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return world.institute.get(f"/v1/cases/{made}/workers/{worker}/pseudonyms?{asked}")


def test_r3_the_institute_reads_each_name(world: World) -> None:
    """Supplier, agency and CSO have three; without a recipient the site's supplier is meant."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    one, two = (case(world, site)["id"] for _ in range(2))
    number = protection.phone()
    worker = protection.worker(world.institute, one, phone=number)["id"]
    protection.worker(world.institute, two, phone=number)
    names = {
        kind: told(world, one, worker, recipient=party.id).json["pseudonym"]
        for kind, party in (
            ("supplier", supplier),
            ("agency", world.party("agency")),
            ("cso", world.party("cso")),
        )
    }
    assert len(set(names.values())) == 3
    assert told(world, one, worker).json["pseudonym"] == names["supplier"]
    assert told(world, two, worker).json["pseudonym"] == names["supplier"]
    within = [told(world, made, worker, within="case").json["pseudonym"] for made in (one, two)]
    assert len({*within, names["supplier"]}) == 3
    assert told(world, one, worker, within="case").json["pseudonym"] == within[0]


@pytest.mark.parametrize("kind", ["brand", "institute", "absent"])
def test_r3_brands_have_none(world: World, kind: str) -> None:
    """Nor has anybody who does nothing for a worker, or is not there."""
    made = case(world, world.site(world.party("supplier")))["id"]
    worker = protection.worker(world.institute, made)["id"]
    to = {"brand": world.party("brand").id, "institute": world.institute.id}
    answer = told(world, made, worker, recipient=to.get(kind, "org_" + "0" * 26))
    assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")
