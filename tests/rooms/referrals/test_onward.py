"""From one CSO to another: one asks, the institute refers, and neither learns of the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.cases import ONWARD, let_go, offer, referral, send
from tests.factories.parties import Party, World

PATH, BASE = "/v1/referrals", "/v1/onward-requests"


def held(world: World, cso: Party) -> dict[str, Any]:
    """A referral that a CSO has read."""
    made = referral(world, cso)
    assert cso.get(f"{PATH}/{made['id']}").status_code == 200
    return made


def ask(cso: Party, made: dict[str, Any], **fields: Any) -> Any:
    """The question whether a case may go on."""
    return cso.post(f"{PATH}/{made['id']}/onward-requests", ONWARD | fields)


def test_a_case_goes_from_one_cso_to_another(world: World) -> None:
    """The asker reads that a referral was made; the other one reads a referral like any other.

    row 9.
    """
    here, there = world.party("cso", country="TH"), world.party("cso", country="MM")
    made = held(world, here)
    asked = ask(here, made)
    assert (asked.status_code, asked.json["status"]) == (201, "asked")
    tasks = world.institute.get("/v1/tasks?kind=answer_onward_request&limit=500").json["data"]
    assert asked.json["id"] in [one["subject"] for one in tasks]
    sent = send(world, offer(made["case"], there, onward_request=asked.json["id"])).json
    assert (sent["onward_request"], sent["to_country"]) == (asked.json["id"], "MM")
    answered = here.get(f"{BASE}/{asked.json['id']}")
    assert answered.json["status"] == "referred"
    read = there.get(f"{PATH}/{sent['id']}")
    assert (read.status_code, read.json["to_country"]) == (200, "MM")
    # Neither side's texts name the other one, the case, or the other one's referral.
    seen = answered.get_data(as_text=True) + here.get(BASE).get_data(as_text=True)
    seen += here.get("/v1/events?limit=500").get_data(as_text=True)
    assert not [one for one in (there.id, sent["id"], made["case"]) if one in seen]
    seen = read.get_data(as_text=True) + there.get("/v1/events?limit=500").get_data(as_text=True)
    assert not [one for one in (here.id, made["id"], asked.json["id"]) if one in seen]
    assert there.get(BASE).json["data"] == []


def test_a_draft_alone_answers_nothing(world: World) -> None:
    """Until the referral is shown the request is open; once answered it is answered for good."""
    here, there = world.party("cso"), world.party("cso")
    made = held(world, here)
    asked = ask(here, made).json["id"]
    body = offer(made["case"], there, onward_request=asked)
    drafted = world.institute.post(PATH, body).json
    assert here.get(f"{BASE}/{asked}").json["status"] == "asked"
    declined = world.institute.post(f"{BASE}/{asked}/decline")
    assert (declined.status_code, declined.json["status"]) == (200, "declined")
    late = let_go(world, f"{PATH}/{drafted['id']}")
    assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")
    assert there.get(PATH).json["data"] == []
    assert world.institute.post(f"{BASE}/{asked}/decline").status_code == 409


def test_an_answer_fits_its_question(world: World) -> None:
    """Of the same case, and to another CSO."""
    here, there = world.party("cso"), world.party("cso")
    made, other = held(world, here), held(world, here)
    asked = ask(here, made).json["id"]

    def fault(**fields: Any) -> tuple[str, str]:
        body = offer(made["case"], there, onward_request=asked) | fields
        refused = world.institute.post(PATH, body)
        assert refused.status_code == 422, refused.json
        (error,) = refused.json["errors"]
        return error["pointer"], error["code"]

    assert fault(case=other["case"]) == ("/onward_request", "not_of_this_case")
    assert fault(onward_request="onw_" + "0" * 26) == ("/onward_request", "not_of_this_case")
    assert fault(to=here.id) == ("/to", "not_another_cso")
    assert fault(to=world.party("agency").id) == ("/to", "not_another_cso")


@pytest.mark.parametrize("state", ["unread", "declined", "revoked"])
def test_only_who_has_it_in_hand_asks(world: World, state: str) -> None:
    """Not before it was read, not after it was declined, not once it was taken back."""
    here = world.party("cso")
    made = referral(world, here) if state == "unread" else held(world, here)
    if state == "declined":
        here.post(f"{PATH}/{made['id']}/decline", {"reason": "no_capacity"})
    if state == "revoked":
        world.institute.post(f"{PATH}/{made['id']}/revoke", {"reason": "duplicate"})
    assert ask(here, made).status_code == (410 if state == "revoked" else 409)


def test_nobody_else_asks_or_reads(world: World) -> None:
    """Suppliers and agencies have no such act; a stranger finds neither referral nor request."""
    here = world.party("cso")
    made = held(world, here)
    asked = ask(here, made).json["id"]
    for kind in ("supplier", "agency", "brand"):
        party = world.party(kind)
        assert ask(party, made).status_code == 403
        assert party.get(f"{BASE}/{asked}").status_code == 403
    stranger = world.party("cso")
    assert ask(stranger, made).status_code == 404
    assert stranger.get(f"{BASE}/{asked}").status_code == 404
    assert here.post(f"{BASE}/{asked}/decline").status_code == 403
    idle = world.colleague(world.institute.organisation_id, "institute")
    assert idle.post(f"{BASE}/{asked}/decline").json["code"] == "not_permitted"


def test_the_list_is_narrowed_by_status(world: World) -> None:
    """What waits for an answer is found by its status."""
    here = world.party("cso")
    made = held(world, here)
    first, second = (ask(here, made).json["id"] for _ in range(2))
    world.institute.post(f"{BASE}/{first}/decline")
    assert [one["id"] for one in here.get(f"{BASE}?status=asked").json["data"]] == [second]
    assert [one["id"] for one in here.get(f"{BASE}?status=declined").json["data"]] == [first]
