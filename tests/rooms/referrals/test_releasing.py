"""Two people stand behind each referral, and time between it and an employer."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation.identifiers import decode
from openredress_api.organisations import set_sandbox_clock
from openredress_api.referrals import release_delay, rules
from tests.factories import cases, remediation
from tests.factories.cases import (
    SCOPE_FOR,
    SUMMARY,
    case,
    consent,
    let_pass,
    offer,
    referral,
    release,
    send,
)
from tests.factories.parties import Party, World

PATH = "/v1/referrals"
# All that an employer reads of a referral, to the last member.
LEAVES = {
    *("id", "sender", "to", "to_country", "site", "purpose", "status", "summary"),
    *("due_at", "released_at", "updated_at", "decline_reason", "revoke_reason", "outcomes"),
}


def draft(world: World, to: Party, **fields: Any) -> dict[str, Any]:
    """A draft of a consented case of `to`."""
    owner = to if to.kind == "supplier" else world.party("supplier")
    made = case(world, world.site(owner))["id"]
    consent(world, made, SCOPE_FOR[to.kind])
    drafted = world.institute.post(PATH, offer(made, to, **fields))
    assert drafted.status_code == 201, drafted.json
    return dict(drafted.json)


def let_go(world: World, made: dict[str, Any], by: Party | None = None, **headers: str) -> Any:
    """The release of a draft."""
    return cases.let_go(world, f"{PATH}/{made['id']}", by, **headers)


def seen_by(to: Party) -> list[Any]:
    """Whatever an organisation could notice: what is listed for it, and its feed."""
    places = (PATH, remediation.BASE, "/v1/events?limit=500")
    return [one for place in places for one in to.get(place).json.get("data", ())]


def turn(world: World, hours: float) -> None:
    """Let it be so many hours later for the institute, and the worker do its chore."""
    with world.installation.as_owner() as connection:
        institute = world.institute.organisation_id
        set_sandbox_clock(connection, [institute], timedelta(hours=hours))
        connection.execute(text("SELECT gate.release_due_referrals('http://127.0.0.1')"))


@pytest.fixture
def clock(world: World) -> Any:
    """The institute's clock, put right again afterwards."""
    yield lambda hours: turn(world, hours)
    turn(world, 0)


# Two people.


def test_r7_a_draft_is_the_institutes_alone(world: World) -> None:
    """To its recipient a draft does not exist: not in a list, not by id, not for any act."""
    to = world.party("supplier")
    made = draft(world, to)
    assert (made["status"], made["released_at"], made["due_at"]) == ("draft", None, None)
    assert seen_by(to) == []
    assert to.get(f"{PATH}/{made['id']}").status_code == 404
    for verb in ("accept", "confirm-deletion"):
        assert to.post(f"{PATH}/{made['id']}/{verb}").status_code == 404


@pytest.mark.parametrize("kind", SCOPE_FOR)
def test_r7_no_text_leaves(world: World, kind: str) -> None:
    """A summary is codes, a count and a month, for every recipient alike."""
    to = world.party(kind, scopes=("events:read",)) if kind == "government" else world.party(kind)
    owner = to if kind == "supplier" else world.party("supplier")
    made = case(world, world.site(owner))["id"]
    for fields in ({"note": "She"}, {"summary": SUMMARY | {"text": "She"}}):
        refused = world.institute.post(PATH, offer(made, to) | fields)
        assert (refused.status_code, refused.json["code"]) == (422, "unknown_field")


def test_r19_nobody_releases_what_they_wrote(world: World) -> None:
    """The author is refused with every duty there is; another person is not."""
    me, duties = world.institute.organisation_id, ("case_worker", "reviewer", "releaser")
    author = world.colleague(me, "institute", duties=duties)
    to = world.party("supplier")
    made = case(world, world.site(to))["id"]
    consent(world, made, SCOPE_FOR["supplier"])
    drafted = author.post(PATH, offer(made, to)).json
    refused = let_go(world, drafted, by=author)
    assert (refused.status_code, refused.json["code"]) == (403, "second_person_needed")
    done = let_go(world, drafted)
    assert done.status_code == 200, done.json
    assert done.json["author"] != done.json["released_by"]
    assert done.json["author"] == drafted["author"]


def test_r7_what_was_read_is_what_is_released(world: World) -> None:
    """A draft that was written anew since is refused; so is one that nobody says to have read."""
    to = world.party("supplier")
    made = draft(world, to)
    path = f"{PATH}/{made['id']}"
    read = world.releaser.get(path).headers["ETag"]
    again = {name: offer(made["case"], to)[name] for name in ("to", "purpose", "summary")}
    assert world.institute.put(path, again, If_Match=read).status_code == 200
    late = let_go(world, made, If_Match=read)
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    blind = world.releaser.post(f"{path}/release")
    assert (blind.status_code, blind.json["code"]) == (428, "precondition_required")
    assert let_go(world, made).status_code == 200


def test_r19_each_duty_is_its_own(world: World) -> None:
    """Without the duty nobody drafts or releases, whatever the scope."""
    to = world.party("supplier")
    made = draft(world, to)
    idle = world.colleague(world.institute.organisation_id, "institute")
    assert let_go(world, made, by=idle).json["code"] == "not_permitted"
    assert let_go(world, made, by=world.institute).json["code"] == "not_permitted"
    body = offer(made["case"], to)
    assert idle.post(PATH, body).json["code"] == "not_permitted"
    assert world.releaser.post(PATH, body).json["code"] == "not_permitted"


def test_r19_the_database_asks_for_the_second_person(world: World) -> None:
    """No statement of the application brings a draft to its recipient without a releaser."""
    made = draft(world, world.party("cso"))
    database = world.app.extensions["openredress"]
    digest = hashlib.sha256(world.institute.token.encode()).hexdigest()
    with database.transaction(digest) as transaction:
        session, now = transaction.session, transaction.context.now
        for target in ("consent_checked", "offered"):
            step = func.gate.move("referral", decode("ref", made["id"]), target, None, now)
            if target == "offered":
                with pytest.raises(ProgrammingError, match="a second person"):
                    session.execute(select(step))
            else:
                session.execute(select(step))


def test_a_draft_is_rewritten_by_its_author_alone(world: World) -> None:
    """Of the version that was read, while it is a draft, and checked like a new one."""
    to, agency = world.party("supplier"), world.party("agency")
    made = draft(world, to)
    path = f"{PATH}/{made['id']}"
    body = {"to": agency.id, "purpose": "fee_repayment", "summary": SUMMARY | {"workers": 5}}
    body["respond_in_days"] = 30
    colleague = world.colleague(
        world.institute.organisation_id, "institute", duties=("case_worker",)
    )
    current = '"v1-institute"'
    assert colleague.put(path, body, If_Match=current).json["code"] == "not_permitted"
    assert world.institute.put(path, body).json["code"] == "precondition_required"
    bad = body | {"summary": SUMMARY | {"categories": ["osh.ppe"]}}
    assert world.institute.put(path, bad, If_Match=current).status_code == 422
    again = world.institute.put(path, body, If_Match=current).json
    assert (again["to"], again["site"], again["purpose"]) == (agency.id, None, "fee_repayment")
    assert (again["summary"]["workers"], again["respond_in_days"]) == (5, 30)
    assert world.institute.put(path, body, If_Match=current).status_code == 412
    consent(world, made["case"], "share_agency")
    assert let_go(world, made, If_Match='"v1-institute"').status_code == 412
    assert let_go(world, made, If_Match='"v2-institute"').status_code == 200
    late = world.institute.put(path, body, If_Match='"v3-institute"')
    assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")
    let_pass(world)
    assert seen_by(to) == []
    assert agency.get(path).json["summary"]["workers"] == 5


def test_a_draft_is_discarded(world: World) -> None:
    """It ends revoked, with a reason; nobody can release it, and its recipient never knew."""
    to = world.party("supplier")
    made = draft(world, to)
    gone = world.institute.post(f"{PATH}/{made['id']}/revoke", {"reason": "sent_in_error"})
    assert (gone.json["status"], gone.json["revoke_reason"]) == ("revoked", "sent_in_error")
    assert let_go(world, made).status_code == 409
    let_pass(world)
    assert to.get(f"{PATH}/{made['id']}").status_code == 404
    assert seen_by(to) == []


def test_r7_everything_is_checked_at_the_release(world: World) -> None:
    """A suspended recipient, a consent that is gone: what held for the draft is asked anew."""
    to = world.party("agency")
    made = draft(world, to)
    with world.installation.as_owner() as connection:
        suspend = text("UPDATE organisation SET suspended_at = :at WHERE organisation_id = :id")
        connection.execute(suspend, {"at": datetime.now().astimezone(), "id": to.organisation_id})
    refused = let_go(world, made)
    assert [one["pointer"] for one in refused.json["errors"]] == ["/to"]
    with world.installation.as_owner() as connection:
        connection.execute(suspend, {"at": None, "id": to.organisation_id})
    consent(world, made["case"], "share_agency", "withdrawn")
    assert let_go(world, made).json["code"] in {"consent_missing", "state_transition_not_allowed"}
    assert seen_by(to) == []


# Time.


def test_r5_the_moment_is_drawn_from_three_days() -> None:
    """Between 1 and 72 hours, never twice the same, for employers; at once for all others."""
    drawn = {release_delay(kind, "s2_severe") for kind in rules.EMPLOYERS for _ in range(500)}
    assert min(drawn) >= timedelta(hours=1)
    assert max(drawn) <= timedelta(hours=72)
    assert max(drawn) - min(drawn) > timedelta(hours=60)
    assert len(drawn) > 900
    at_once = [("cso", "s2_severe"), ("government", "s4_minor"), ("supplier", "s1_critical")]
    assert {release_delay(*one) for one in at_once} == {timedelta()}


@pytest.mark.parametrize("kind", ["supplier", "agency"])
def test_r5_an_employer_is_shown_it_at_a_moment_that_tells_nothing(
    world: World, clock: Any, kind: str
) -> None:
    """Nothing is seen before the drawn moment; then event, list and reading come together."""
    to = world.party(kind)
    made = draft(world, to)
    released = let_go(world, made).json
    assert (released["status"], released["released_at"]) == ("consent_checked", None)
    moment = datetime.fromisoformat(released["release_at"])
    wait = (moment - datetime.fromisoformat(released["updated_at"])).total_seconds() / 3600
    assert 1 <= wait <= 72
    clock(wait - 0.01)
    assert seen_by(to) == []
    assert to.get(f"{PATH}/{made['id']}").status_code == 404
    assert to.post(f"{PATH}/{made['id']}/accept").status_code == 404
    clock(wait + 0.01)
    listed, event = seen_by(to)
    assert (listed["id"], listed["status"]) == (made["id"], "offered")
    assert (event["event"]["type"], event["event"]["subject"]) == ("referral.offered", made["id"])
    assert event["event"]["data"]["due_at"][:19] == listed["due_at"][:19]
    shown = datetime.fromisoformat(listed["released_at"])
    assert shown >= moment
    assert datetime.fromisoformat(listed["due_at"]) - shown == timedelta(days=14)


@pytest.mark.parametrize("kind", ["cso", "government"])
def test_r5_others_are_shown_it_at_once(world: World, kind: str) -> None:
    """A CSO or an authority protects: no time is lost."""
    to = world.party(kind, scopes=("events:read",)) if kind == "government" else world.party(kind)
    released = let_go(world, draft(world, to)).json
    assert (released["status"], released["released_at"]) == ("offered", released["release_at"])
    told = to.get("/v1/events").json["data"]
    assert [one["event"]["type"] for one in told] == ["referral.offered"] * (kind == "cso")


@pytest.mark.parametrize("total", [40, 900])
def test_r5_nothing_finer_than_the_month_leaves(world: World, total: int) -> None:
    """Whatever the size of the site, an employer reads these members and none else."""
    to = world.party("supplier")
    site = world.site(to)
    to.put(f"/v1/headcounts?site={site}&month=2026-03", {"total": total, "source": "payroll"})
    made = case(world, site, received_at="2026-03-17T09:30:00Z")["id"]
    consent(world, made, SCOPE_FOR["supplier"])
    sent = send(world, offer(made, to)).json
    answer = to.get(f"{PATH}/{sent['id']}")
    assert answer.json.keys() == LEAVES
    assert answer.json["summary"] == SUMMARY | {"workers": None}
    told = answer.get_data(as_text=True) + to.get("/v1/events").get_data(as_text=True)
    assert "2026-03-17" not in told
    days = {str(answer.json[name])[:10] for name in ("released_at", "updated_at")}
    assert days == {world.institute.get(f"{PATH}/{sent['id']}").json["released_at"][:10]}


def test_r5_a_request_that_rests_on_no_referral_waits_too(world: World, clock: Any) -> None:
    """The supplier sees nothing of it before its moment; it can be cancelled unseen."""
    supplier, site, made = remediation.prepared(world)
    body = remediation.body(made, site, due_in_days=30)
    asked = world.institute.post(remediation.BASE, body).json
    unseen = world.institute.post(remediation.BASE, body).json
    assert (asked["status"], asked["released_at"]) == ("issued", None)
    path = f"{remediation.BASE}/{unseen['id']}"
    world.institute.post(f"{path}/cancel", {"reason": "duplicate"})
    assert seen_by(supplier) == []
    for verb in ("acknowledge", "contest"):
        answer = supplier.post(
            f"{remediation.BASE}/{asked['id']}/{verb}",
            {"reason": "duplicate"} if verb == "contest" else None,
        )
        assert answer.status_code == 404
    clock(73)
    listed, event = seen_by(supplier)
    assert (listed["id"], event["event"]["type"]) == (asked["id"], "remediation.requested")
    assert event["event"]["data"]["due_at"][:19] == listed["due_at"][:19]
    shown = datetime.fromisoformat(listed["released_at"])
    assert datetime.fromisoformat(listed["due_at"]) - shown == timedelta(days=30)
    assert supplier.get(path).status_code == 404


def test_r5_a_request_on_a_referral_that_was_shown_comes_at_once(world: World) -> None:
    """The supplier knows of the matter; a referral that it was not shown does not count."""
    supplier, site, made = remediation.prepared(world)
    consent(world, made, "share_cso")
    elsewhere = send(world, offer(made, world.party("cso"))).json["id"]
    shown = send(world, offer(made, supplier)).json["id"]
    late = release(world, offer(made, supplier)).json["id"]
    for known, at_once in ((late, False), (elsewhere, False), (shown, True)):
        asked = world.institute.post(
            remediation.BASE, remediation.body(made, site, referral=known)
        ).json
        assert (asked["released_at"] is not None) is at_once
    assert [one["id"] for one in supplier.get(remediation.BASE).json["data"]] == [asked["id"]]


def test_r23_consent_is_asked_again_when_the_moment_comes(world: World, clock: Any) -> None:
    """A consent that ran out in the meantime: revoked and cancelled, and nobody outside hears."""
    supplier, site, made = remediation.prepared(world)
    soon = (datetime.now().astimezone() + timedelta(minutes=30)).isoformat()
    consent(world, made, SCOPE_FOR["supplier"], expires_at=soon)
    sent = release(world, offer(made, supplier)).json["id"]
    asked = world.institute.post(remediation.BASE, remediation.body(made, site)).json["id"]
    clock(73)
    assert seen_by(supplier) == []
    assert supplier.get(f"{PATH}/{sent}").status_code == 404
    mine = world.institute.get(f"{PATH}/{sent}").json
    assert (mine["status"], mine["revoke_reason"], mine["released_at"]) == (
        "revoked",
        "recalled",
        None,
    )
    request = world.institute.get(f"{remediation.BASE}/{asked}").json
    assert (request["status"], request["cancelled_for"]) == ("cancelled", "consent_withdrawn")


# Few workers.


@pytest.mark.parametrize("kind", ["supplier", "agency"])
def test_r6_fewer_than_three_need_the_consent_to_be_named(world: World, kind: str) -> None:
    """Without it the draft is refused; with it two workers are told, and it all rests on it.

    row 11.
    """
    to = world.party(kind)
    made = case(world, world.site(to if kind == "supplier" else world.party("supplier")))["id"]
    consent(world, made, SCOPE_FOR[kind])
    two = offer(made, to, summary=SUMMARY | {"workers": 2})
    refused = world.institute.post(PATH, two)
    assert refused.json["errors"][0]["code"] == "too_few_workers"
    consent(world, made, "identify_to_employer")
    sent = send(world, two).json
    assert to.get(f"{PATH}/{sent['id']}").json["summary"]["workers"] == 2
    three = send(world, offer(made, to, summary=SUMMARY | {"workers": 3})).json
    waiting = world.institute.post(PATH, two).json
    consent(world, made, "identify_to_employer", "withdrawn")
    assert to.get(f"{PATH}/{sent['id']}").status_code == 410
    assert to.get(f"{PATH}/{three['id']}").status_code == 200
    assert let_go(world, waiting).status_code == 409


def test_r6_a_cso_may_be_told_of_one(world: World) -> None:
    """Whoever protects knows of one worker with the consent to share alone."""
    told = referral(world, world.party("cso"), summary=SUMMARY | {"workers": 1})
    assert told["summary"]["workers"] == 1
