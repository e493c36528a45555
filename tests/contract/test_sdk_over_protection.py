"""A reprisal, from the worker's word to the open site, by the client and real webhooks alone."""

from __future__ import annotations

import json

import pytest

from openredress import Client, errors
from tests.contract.test_sdk_over_the_server import client_of
from tests.factories import protection
from tests.factories.cases import CASE, SUMMARY
from tests.factories.parties import World
from tests.rooms.subscriptions.post_office import PostOffice


def opened(institute: Client, site: str) -> str:
    """A case that the supplier may hear of."""
    case = institute.cases.open(**CASE, site=site)
    scope = "share_deidentified_employer"
    said = {"state": "granted", "method": "spoken", "language": "my"}
    institute.cases.record_consent(case.id, scope=scope, **said)
    return case.id


def test_r15_a_retaliation_freeze_from_end_to_end(world: World, post_office: PostOffice) -> None:
    """The site is held, the brand's receiver hears that and no reason, releases wait, and go on.

    row 11.
    """
    supplier, brand = world.party("supplier"), world.party("brand")
    site = world.site(supplier)
    world.related(brand, supplier, site)
    post_office.endpoint(brand, event_patterns=["site.*"])
    institute = client_of(world, world.institute)
    other = client_of(world, protection.colleague(world, "releaser"))
    releaser = client_of(world, world.releaser)

    def offer(case: str) -> str:
        body = {"to": supplier.id, "purpose": "remediate", "summary": SUMMARY}
        drafted = institute.referrals.draft(case=case, **body)
        return str(releaser.referrals.release(drafted.id, etag=drafted.etag).id)

    def states() -> list[str]:
        bodies = [json.loads(body) for _, body in post_office.receiver.received]
        told = [body["data"] for body in bodies if body["type"] == "site.safeguard_hold"]
        assert all(set(data) == {"id", "state"} and data["id"] == site for data in told)
        return [data["state"] for data in told]

    case = opened(institute, site)
    offer(case)
    (watch,) = institute.retaliation_watches.list(case=case)
    institute.retaliation_watches.check_back(watch.id, "retaliation", "2026-03-09T19:00:00Z")
    (hold,) = institute.site_holds.list(site=site)
    assert hold.cases == [case]
    post_office.until(lambda: states() == ["placed"])
    waiting = opened(institute, site)
    with pytest.raises(errors.Conflict, match="safeguard_hold"):
        offer(waiting)
    with pytest.raises(errors.Forbidden):
        institute.site_holds.clear(hold.id, "remedied")
    seen = other.site_holds.get(hold.id)
    assert other.site_holds.clear(hold.id, "remedied", etag=seen.etag).clear_reason == "remedied"
    assert offer(waiting)
    post_office.until(lambda: states() == ["placed", "cleared"])


def test_r19_an_identity_by_two_people(world: World) -> None:
    """Put in, asked for, granted and read once; assessed and named, all by the client."""
    institute = client_of(world, world.institute)
    custodian = client_of(world, protection.colleague(world, "custodian"))
    case = opened(institute, world.site(world.party("supplier")))
    assessed = institute.safety_assessments.add(case, **protection.ASSESSMENT)
    assert [one.id for one in institute.safety_assessments.list(case)] == [assessed.id]
    worker = institute.workers.add(case, **protection.WORKER | {"phone": protection.phone()})
    assert [one.id for one in institute.workers.list(case)] == [worker.id]
    assert institute.workers.pseudonym(case, worker.id).within == "recipient"
    asked = [
        institute.identity_requests.ask(worker=worker.id, case=case, purpose="pay")
        for _ in range(2)
    ]
    assert custodian.identity_requests.refuse(asked[0].id).status == "refused"
    assert custodian.identity_requests.grant(asked[1].id).status == "granted"
    found = institute.identity_requests.identity(asked[1].id)
    assert (found.name, found.worker) == (protection.WORKER["name"], worker.id)
    assert protection.WORKER["name"] not in repr(found)
    with pytest.raises(errors.ApiError) as gone:
        institute.identity_requests.identity(asked[1].id)
    assert gone.value.status == 410
    assert institute.identity_requests.get(asked[1].id).read_at is not None
    assert {one.id for one in institute.identity_requests.list()} >= {one.id for one in asked}
