"""A reprisal freezes the site: nothing new leaves, the brand hears that, the supplier nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from tests.factories import protection, remediation
from tests.factories.cases import case, consent, offer, send
from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice

HELD = (409, "safeguard_hold")


@dataclass
class Town:
    """A supplier's site with a brand and an agency, and a referral that is out."""

    world: World
    supplier: Party
    brand: Party
    agency: Party
    site: str
    case: str
    watch: str

    def fresh(self) -> str:
        """Another case at the site, which both may hear of."""
        made = str(case(self.world, self.site)["id"])
        for scope in ("share_deidentified_employer", "share_agency"):
            consent(self.world, made, scope)
        return made

    def offered(self, made: str, to: Party) -> tuple[int, Any]:
        """What became of a release that had all the time it needs."""
        answer = send(self.world, offer(made, to))
        return answer.status_code, answer.json.get("code")

    def reprisal(self, by: Party | None = None) -> dict[str, Any]:
        """A worker reports one; returns the hold."""
        answer = protection.checked(by or self.world.institute, self.watch, result="retaliation")
        assert answer.status_code == 201, answer.json
        return self.hold

    @property
    def hold(self) -> dict[str, Any]:
        """The last hold of the site."""
        return protection.holds(self.world, self.site)[-1]

    def cleared(self, by: Party, reason: str = "remedied", **headers: str) -> Any:
        """One person opens the site again."""
        return by.post(f"/v1/site-holds/{self.hold['id']}/clear", {"reason": reason}, **headers)

    def told(self, party: Party) -> list[dict[str, Any]]:
        """What a party's feed says."""
        rows = party.get("/v1/events?limit=500").json["data"]
        return [row["event"] for row in rows]


@pytest.fixture
def town(world: World) -> Iterator[Town]:
    """A town of its own."""
    supplier, brand, agency = (world.party(kind) for kind in ("supplier", "brand", "agency"))
    site = world.site(supplier)
    for partner in (brand, agency):
        world.related(partner, supplier, site)
    made = Town(world, supplier, brand, agency, site, "", "")
    made.case = made.fresh()
    assert made.offered(made.case, supplier) == (200, None)
    made.watch = protection.watches(world, made.case)[0]["id"]
    return made


def test_r15_a_reprisal_freezes_the_site(town: Town) -> None:
    """No referral to supplier or agency and no request; a CSO is reached, other sites go on."""
    made = town.fresh()
    hold = town.reprisal()
    assert (hold["site"], hold["cases"], hold["cleared_at"]) == (town.site, [town.case], None)
    assert town.offered(made, town.supplier) == HELD
    assert town.offered(made, town.agency) == HELD
    asked = town.world.institute.post(remediation.BASE, remediation.body(made, town.site))
    assert (asked.status_code, asked.json["code"]) == HELD
    consent(town.world, made, "share_cso")
    assert town.offered(made, town.world.party("cso")) == (200, None)
    assert remediation.asked(town.world).status == "issued"


@pytest.mark.parametrize("when", ["as the case opens", "later"])
def test_r15_an_issue_of_retaliation_freezes_it_as_well(town: Town, when: str) -> None:
    """Whether a case begins with it or it is heard of later."""
    made = town.fresh()
    if when == "as the case opens":
        case(town.world, town.site, categories=["retaliation.any"])
    else:
        path = f"/v1/cases/{town.case}/issues"
        assert town.world.institute.post(path, {"category": "retaliation.any"}).status_code == 201
    assert town.offered(made, town.supplier) == HELD


def test_r15_what_is_out_stays_out(town: Town) -> None:
    """Referrals are not recalled: that would tell the supplier that something happened."""
    (sent,) = town.supplier.get("/v1/referrals").json["data"]
    town.reprisal()
    read = town.supplier.get(f"/v1/referrals/{sent['id']}")
    assert (read.status_code, read.json["status"]) == (200, "opened")


def test_r15_the_brand_hears_of_a_hold_without_a_reason(town: Town) -> None:
    """Placed and cleared, each once, about the site alone; later reports make no further event."""
    town.reprisal()
    case(town.world, town.site, categories=["retaliation.any"])
    assert town.cleared(protection.colleague(town.world, "releaser")).status_code == 200
    town.reprisal()
    told = [event for event in town.told(town.brand) if event["type"] == "site.safeguard_hold"]
    assert [(event["data"], event["subject_seq"]) for event in told] == [
        ({"id": town.site, "state": state}, number)
        for number, state in enumerate(("placed", "cleared", "placed"), start=1)
    ]
    assert town.brand.get(f"/v1/sites/{town.site}").status_code == 200


def test_r15_a_brand_without_a_valid_relation_hears_nothing(world: World) -> None:
    """Stated and not confirmed, or over: neither is a relation."""
    supplier, stated, over = world.party("supplier"), world.party("brand"), world.party("brand")
    site = world.site(supplier)
    body = {"site": site, "partner": stated.id, "valid_from": "2020-01-01"}
    assert stated.post("/v1/relations", body).status_code == 201
    world.related(over, supplier, site, valid_to="2021-01-01")
    case(world, site, categories=["retaliation.any"])
    for brand in (stated, over):
        assert brand.get("/v1/events").json["data"] == []


def test_r15_r16_the_supplier_hears_nothing(town: Town) -> None:
    """Its feed, its site and its referral are the same before and after."""

    def seen() -> list[str]:
        paths = ("/v1/events", f"/v1/sites/{town.site}", "/v1/referrals", "/v1/relations")
        return [town.supplier.get(path).get_data(as_text=True) for path in paths]

    town.supplier.get("/v1/events")
    before = seen()
    town.reprisal()
    assert seen() == before
    assert [event["type"] for event in town.told(town.agency)] == []


def test_r15_r19_another_releaser_clears_it(town: Town) -> None:
    """Neither who reported, nor who has not the duty; then releases go on."""
    world = town.world
    reporter = protection.colleague(world, "case_worker", "releaser")
    made = town.fresh()
    town.reprisal(reporter)
    for person in (reporter, world.institute, protection.colleague(world, "administrator")):
        refused = town.cleared(person)
        assert (refused.status_code, refused.json["code"]) == (403, "not_permitted")
    other = protection.colleague(world, "releaser")
    stale = town.cleared(other, If_Match='"v9-institute"')
    assert (stale.status_code, stale.json["code"]) == (412, "precondition_failed")
    done = town.cleared(other)
    assert (done.status_code, done.json["clear_reason"]) == (200, "remedied")
    assert town.cleared(other).json["code"] == "state_transition_not_allowed"
    assert town.offered(made, town.supplier) == (200, None)


def test_r19_every_reporter_is_kept_from_clearing(town: Town) -> None:
    """A second report while the site is held adds its person and its case."""
    world = town.world
    one, two = (protection.colleague(world, "case_worker", "releaser") for _ in range(2))
    town.reprisal(one)
    body = {"category": "retaliation.any"}
    made = town.fresh()
    assert two.post(f"/v1/cases/{made}/issues", body).status_code == 201
    assert set(town.hold["cases"]) == {town.case, made}
    for person in (one, two):
        assert town.cleared(person).status_code == 403
    assert len(protection.holds(world, town.site)) == 1


def test_r15_a_report_is_work_for_somebody_else(town: Town) -> None:
    """The hold is a task, due within a day."""
    hold = town.reprisal()
    (task,) = protection.tasks(town.world, "decide_site_hold", hold["id"])
    assert task["state"] == "open"


def test_r15_webhooks_that_wait_keep_waiting(town: Town, post_office: PostOffice) -> None:
    """Nothing new reaches the employer; in its list a delivery looks due. Cleared, all of it comes.

    What is taken back is told all the same.
    """
    world, receiver = town.world, post_office.receiver
    endpoint, _ = post_office.endpoint(town.supplier, event_patterns=["referral.*"])
    (sent,) = town.supplier.get("/v1/referrals").json["data"]
    post_office.until(lambda: "referral.offered" in receiver.types())
    made = town.fresh()
    assert town.offered(made, town.supplier) == (200, None)
    town.reprisal()

    def waiting() -> list[tuple[str, Any, int]]:
        with world.installation.as_owner() as connection:
            rows = connection.execute(
                text(
                    "SELECT d.state, d.state_reason, d.attempt_count FROM delivery d "
                    "WHERE d.organisation_id = :me AND d.cause <> 'verify' "
                    "AND d.due_at > now() + interval '5 minutes'"
                ),
                {"me": town.supplier.organisation_id},
            )
            return [tuple(row) for row in rows]

    post_office.until(waiting)
    assert set(waiting()) == {("due", None, 0)}
    listed = town.supplier.get(f"{endpoint}/deliveries?state=due").json["data"]
    assert [one["due_at"] <= one["created_at"] for one in listed] == [True]
    revoked = world.institute.post(
        f"/v1/referrals/{sent['id']}/revoke", {"reason": "sent_in_error"}
    )
    assert revoked.status_code == 200
    post_office.until(lambda: "referral.revoked" in receiver.types())
    assert receiver.types().count("referral.offered") == 1
    town.cleared(protection.colleague(world, "releaser"))
    with world.installation.as_owner() as connection:
        mine = {"me": town.supplier.organisation_id}
        later = "UPDATE delivery SET due_at = now() WHERE organisation_id = :me AND state = 'due'"
        connection.execute(text(later), mine)
    post_office.until(lambda: receiver.types().count("referral.offered") == 2)
