"""What a supplier or agency tells workers: read by a reviewer before anybody else (row 14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import cases, protection, remediation
from tests.factories.parties import Party, World
from tests.factories.remediation import Asked

PATH = "/v1/worker-responses"
TEXT = "The wages of March are paid on Friday, to everybody on the night shift."


@pytest.fixture
def asked(world: World) -> Asked:
    """A request that its supplier has received."""
    return remediation.asked(world)


def submitted(asked: Asked, text: str = TEXT) -> Any:
    """A message to the workers behind a request."""
    return asked.supplier_does("worker-responses", {"text": text})


def reviewed(by: Party, response: str, verb: str, body: Any = None) -> Any:
    """One decision about it."""
    return by.post(f"{PATH}/{response}/{verb}", body)


def test_a_message_reaches_the_worker_after_its_review(world: World, asked: Asked) -> None:
    """Approved by a reviewer, told to its sender, and read by the worker with the receipt code.

    row 14.
    """
    code = cases.receipt_code(world, asked.case)
    sent = submitted(asked)
    assert (sent.status_code, sent.json["status"]) == (201, "submitted"), sent.json
    response = sent.json["id"]
    early = reviewed(world.institute, response, "deliver")
    assert (early.status_code, early.json["code"]) == (409, "state_transition_not_allowed")
    assert len(protection.tasks(world, "review_response", response)) == 1
    assert reviewed(world.institute, response, "approve").json["text"] == TEXT
    told = [row["event"] for row in asked.supplier.get("/v1/events?limit=500").json["data"]]
    (event,) = [one for one in told if one["type"] == "response.approved"]
    assert event["data"] == {"id": response, "status": "approved", "answers": asked.id}
    assert reviewed(world.institute, response, "deliver").json["status"] == "delivered"
    opened = world.institute.post("/v1/follow-ups/open", {"code": code})
    assert [one["text"] for one in opened.json["messages"]] == [TEXT]


def test_a_returned_message_reaches_nobody(world: World, asked: Asked) -> None:
    """Its sender learns why; it cannot be approved or delivered any more (row 14)."""
    code = cases.receipt_code(world, asked.case)
    response = submitted(asked, "Whoever complains will lose the bonus.").json["id"]
    returned = reviewed(world.institute, response, "return", {"reason": "threatening"})
    assert returned.json["returned_for"] == "threatening"
    assert asked.supplier.get(f"{PATH}/{response}").json["returned_for"] == "threatening"
    for verb in ("approve", "deliver"):
        assert reviewed(world.institute, response, verb).status_code == 409
    assert world.institute.post("/v1/follow-ups/open", {"code": code}).json["messages"] == []


def test_r19_only_a_reviewer_lets_a_message_pass(world: World, asked: Asked) -> None:
    """Neither another person of the institute nor its sender."""
    response = submitted(asked).json["id"]
    assert reviewed(world.releaser, response, "approve").status_code == 403
    assert reviewed(asked.supplier, response, "approve").status_code == 403


def test_r7_what_names_somebody_is_refused_at_the_door(asked: Asked) -> None:
    """A telephone number or an address never becomes a message."""
    refused = submitted(asked, "Call Mr. Lee on +66 81 234 5678 about your money.")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["code"] == "personal_data_detected"


def test_only_what_was_received_is_answered(world: World, asked: Asked) -> None:
    """A foreign and an absent request give the same answer."""
    other = world.party("supplier")
    absent = "rem_7zzzzzzzzzzzzzzzzzzzzzzzzz"
    for record in (asked.id, absent):
        path = f"{remediation.BASE}/{record}/worker-responses"
        assert other.post(path, {"text": TEXT}).status_code == 404


def test_an_agency_answers_its_referral(world: World) -> None:
    """Whoever holds a referral may write to the workers behind it, until it is taken back."""
    agency = world.party("agency")
    sent = cases.referral(world, agency)
    path = f"/v1/referrals/{sent['id']}/worker-responses"
    assert agency.post(path, {"text": TEXT}).status_code == 201
    cases.consent(world, sent["case"], "share_agency", "withdrawn")
    assert agency.post(path, {"text": TEXT}).status_code == 410


def test_the_words_are_sealed(world: World, asked: Asked) -> None:
    """Nothing of a message stands in a plain column."""
    submitted(asked)
    with world.installation.as_owner() as connection:
        rows = connection.exec_driver_sql("SELECT w::text FROM worker_response w").scalars().all()
    assert rows
    assert not any("night shift" in row for row in rows)
