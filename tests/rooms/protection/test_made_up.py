"""A sandbox holds nobody who exists: what looks like a real person's is refused there (R24)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.app import ENDPOINTS
from openredress_api.foundation.fields import Personal
from tests.factories import protection
from tests.factories.cases import case, receipt_code
from tests.factories.parties import Party, World

REAL = {
    "+66 81 234 5678": "phone",
    "call 081-234-5678 after six": "phone",
    "her passport AA1234567": "passport",
    "ID 1-2345-67890-12-1": "national_id",
    "lek@gmail.com": "email",
    "+999 5550 0100, or better +66 81 234 5678": "phone",
}
MADE_UP = ("+999 5550 0100", "(+999) 5550 0100 at night", "lek@mail.example", "passport TEST1")
LEGAL = {
    "received_on": "2026-03-01",
    "country": "TH",
    "authority": "Provincial court",
    "legal_basis": "court_order",
    "asked_for": ["identity"],
    "description": "All callers.",
}
Bodies = dict[str, tuple[Party, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def bodies(world: World) -> Bodies:
    """By operation who calls it, where, and a body that is right."""
    made = str(case(world, world.site(world.party("supplier")))["id"])
    code = receipt_code(world, made)
    worker = protection.WORKER | {"phone": protection.phone()}
    return {
        "add_case_worker": (world.institute, f"/v1/cases/{made}/workers", worker),
        "write_to_worker": (world.institute, f"/v1/cases/{made}/messages", {"text": "x"}),
        "send_follow_up": (
            world.institute,
            "/v1/follow-ups/messages",
            {"code": code, "text": "x"},
        ),
        "record_legal_request": (
            protection.colleague(world, "administrator"),
            "/v1/legal-requests",
            LEGAL,
        ),
    }


@contextmanager
def live(world: World) -> Iterator[None]:
    """The institute is no sandbox for as long."""
    change = text("UPDATE organisation SET is_sandbox = :marked WHERE type = 'institute'")
    with world.installation.as_owner() as connection:
        connection.execute(change, {"marked": False})
    yield
    with world.installation.as_owner() as connection:
        connection.execute(change, {"marked": True})


SEALED = [
    (endpoint.operation.name, name)
    for endpoint in ENDPOINTS
    if endpoint.operation.takes
    for name, field in endpoint.operation.takes.fields.items()
    if isinstance(field, Personal) and name != "phone"
]


@pytest.mark.parametrize(("operation", "name"), SEALED)
def test_r24_a_sandbox_takes_no_real_looking_text(
    world: World, bodies: Bodies, operation: str, name: str
) -> None:
    """Each sealed text of each operation: refused by place, told back nowhere."""
    caller, path, body = bodies[operation]
    for real, kind in REAL.items():
        refused = caller.post(path, body | {name: real})
        assert (refused.status_code, refused.json["code"]) == (422, "personal_data_detected")
        (error,) = refused.json["errors"]
        assert (error["pointer"], error["code"]) == (f"/{name}", "real_in_sandbox")
        assert kind in error["detail"]
        assert real not in refused.get_data(as_text=True)
    for made_up in MADE_UP:
        assert caller.post(path, body | {name: made_up}).status_code == 201
    with live(world):
        assert all(caller.post(path, body | {name: real}).status_code == 201 for real in REAL)


def test_r24_a_phone_in_a_sandbox_is_of_no_country(world: World, bodies: Bodies) -> None:
    """The vault takes a number of the code that nobody has; live it takes those of people."""
    caller, path, body = bodies["add_case_worker"]
    refused = caller.post(path, body | {"phone": "+66 81 234 5678"})
    assert [one["code"] for one in refused.json["errors"]] == ["real_in_sandbox"]
    with live(world):
        assert caller.post(path, body | {"phone": "+66 81 234 5678"}).status_code == 201
