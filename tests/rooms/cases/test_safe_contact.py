"""Nobody is called back until it was agreed how, and then only so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api import organisations
from tests.factories.cases import SAFE_CONTACT, case, consent
from tests.factories.parties import World

# A Sunday evening in Bangkok, and the Monday after it; a grant counts from when it was recorded.
SUNDAY = datetime(2030, 6, 2, 12, 0, tzinfo=UTC)
MONDAY = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def made(world: World) -> str:
    """A case."""
    return str(case(world, world.site(world.party("supplier")))["id"])


def agree(world: World, case_id: str, **said: Any) -> Any:
    """Put down what was agreed."""
    return world.institute.put(f"/v1/cases/{case_id}/safe-contact", SAFE_CONTACT | said)


def now(world: World, case_id: str, at: datetime) -> Any:
    """By which channels the worker may be contacted at a moment of the institute's clock."""
    with world.installation.as_owner() as connection:
        ahead = at - datetime.now(UTC)
        organisations.set_sandbox_clock(connection, [world.institute.organisation_id], ahead)
    answer = world.institute.get(f"/v1/cases/{case_id}/safe-contact/now")
    with world.installation.as_owner() as connection:
        organisations.set_sandbox_clock(connection, [world.institute.organisation_id], at - at)
    return answer.json["channels"]


def test_r1_nothing_is_allowed_by_default(world: World, made: str) -> None:
    """R1: a case of which nothing was agreed is shown with nothing allowed."""
    consent(world, made, "contact_back")
    read = world.institute.get(f"/v1/cases/{made}/safe-contact")
    assert (read.status_code, read.headers["ETag"]) == (200, '"v0-institute"')
    assert read.json == {
        "may_contact": False,
        "channels": [],
        "days": [],
        "from_hour": None,
        "until_hour": None,
        "time_zone": None,
        "who_answers": None,
        "leave_messages": False,
    }
    assert now(world, made, SUNDAY) == []


def test_what_was_agreed_is_kept_and_replaced(world: World, made: str) -> None:
    """A rule is read back as told; a later one takes its place, a stale one does not."""
    first = agree(world, made)
    assert (first.status_code, first.headers["ETag"]) == (200, '"v1-institute"')
    assert first.json == SAFE_CONTACT | {"leave_messages": False}
    url = f"/v1/cases/{made}/safe-contact"
    never = world.institute.put(url, {"may_contact": False}, If_Match=first.headers["ETag"])
    assert (never.status_code, never.json["may_contact"]) == (200, False)
    stale = world.institute.put(url, SAFE_CONTACT, If_Match=first.headers["ETag"])
    assert stale.status_code == 412
    assert world.institute.get(url).json == never.json


def test_hours_consent_and_channel_must_all_agree(world: World, made: str) -> None:
    """A channel may be used in the agreed hours, and for as long as contact_back is granted."""
    agree(world, made)
    assert now(world, made, SUNDAY) == []
    consent(world, made, "contact_back")
    assert now(world, made, SUNDAY) == SAFE_CONTACT["channels"]
    assert now(world, made, MONDAY) == []
    consent(world, made, "contact_back", "withdrawn")
    assert now(world, made, SUNDAY) == []


@pytest.mark.parametrize(
    ("said", "pointer", "fault"),
    [
        ({"channels": []}, "/channels", "required"),
        ({"time_zone": None}, "/time_zone", "required"),
        ({"time_zone": "Yangon"}, "/time_zone", "not_a_time_zone"),
        ({"until_hour": 18}, "/until_hour", "no_time_between"),
        ({"channels": ["supervisor"]}, "/channels/0", "not_in_list"),
        ({"days": ["sunday", "sunday"]}, "/days/1", "repeated"),
        ({"may_contact": False}, "/days", "says_more_about"),
        ({"phone": "+66812345678"}, "/phone", "unknown"),
    ],
)
def test_half_a_rule_is_refused(
    world: World, made: str, said: dict[str, Any], pointer: str, fault: str
) -> None:
    """A rule says by which channel, when and whom, or that there is no contact; never a number."""
    answer = agree(world, made, **said)
    assert answer.status_code == 422
    assert {error["pointer"]: error["code"] for error in answer.json["errors"]}[pointer] == fault


def test_an_assigned_cso_reads_the_rule(world: World, made: str) -> None:
    """A CSO at work on the case must know it too; another one, and every other role, must not."""
    agree(world, made)
    cso, stranger = world.party("cso"), world.party("cso")
    consent(world, made, "share_cso")
    world.institute.post(f"/v1/cases/{made}/assignments", {"organisation": cso.id})
    for part in ("safe-contact", "safe-contact/now"):
        path = f"/v1/cases/{made}/{part}"
        assert cso.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
        assert world.party("supplier").get(path).status_code == 403
    assert cso.put(f"/v1/cases/{made}/safe-contact", SAFE_CONTACT).status_code == 403
    consent(world, made, "share_cso", "withdrawn")
    assert cso.get(f"/v1/cases/{made}/safe-contact").status_code == 404


def test_r18_reads_of_the_rule_are_logged(world: World, made: str) -> None:
    """R18: whoever looks when a worker may be called leaves an entry without the hours."""
    agree(world, made, time_zone="Asia/Kathmandu")
    world.institute.get(f"/v1/cases/{made}/safe-contact")
    world.institute.get(f"/v1/cases/{made}/safe-contact/now")
    with world.installation.as_owner() as connection:
        found = connection.execute(
            text("SELECT operation, content FROM audit WHERE content LIKE :id"), {"id": f"%{made}%"}
        ).all()
    operations = {row.operation for row in found}
    assert {"get_safe_contact", "get_contact_now", "set_safe_contact"} <= operations
    assert not any("Kathmandu" in row.content for row in found)
