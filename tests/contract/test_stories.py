"""Stories from end to end: the client of each party, and webhooks that really leave."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openredress import Client, errors
from tests.contract.test_sdk_over_the_server import client_of
from tests.factories.cases import CASE, SUMMARY, let_pass
from tests.factories.parties import Party, World
from tests.factories.remediation import SAID
from tests.rooms.subscriptions.post_office import PostOffice

GRANTED = {"state": "granted", "method": "spoken", "language": "my"}
EMPLOYER, BRANDS = "share_deidentified_employer", "share_brand_aggregate"


def opened(institute: Client, site: str, *scopes: str) -> str:
    """A case whose worker agrees to these scopes."""
    case = institute.cases.open(**CASE, site=site)
    for scope in scopes:
        institute.cases.record_consent(case.id, scope=scope, **GRANTED)
    return str(case.id)


def asked(world: World, institute: Client, case: str, site: str) -> str:
    """A request that its supplier has been shown."""
    made = institute.remediation.request(
        case=case, site=site, asked_outcome="wages_paid", workers=14
    )
    let_pass(world)
    return str(made.id)


def bodies(post_office: PostOffice, prefix: str) -> list[dict[str, Any]]:
    """What the receiver was sent, of one family."""
    received = [json.loads(body) for _, body in post_office.receiver.received]
    return [one for one in received if one["type"].startswith(prefix)]


def test_a_shared_facility_is_asked_once(world: World, post_office: PostOffice) -> None:
    """Two mechanisms, two requests, two brands: joined, answered once, told to both sponsors.

    row 19.
    """
    supplier = world.party("supplier")
    brands = [world.party("brand") for _ in range(2)]
    site = world.site(supplier)
    for brand in brands:
        world.related(brand, supplier, site)
        post_office.endpoint(brand, event_patterns=["sponsorship.*"])
    institute, ours = client_of(world, world.institute), client_of(world, supplier)
    kept, double = (
        asked(world, institute, opened(institute, site, EMPLOYER, BRANDS), site) for _ in range(2)
    )
    for request, brand in zip((kept, double), brands, strict=True):
        invited = institute.sponsorships.invite(request, brand.id)
        client_of(world, brand).sponsorships.accept(invited.id)
    (pair,) = institute.duplicates.candidates(site=site)
    assert {pair.request, pair.other} == {kept, double}
    institute.duplicates.decide(kept, double, "joined")
    assert ours.remediation.get(kept).has_several_sponsors is True
    with pytest.raises(errors.ApiError):
        ours.remediation.acknowledge(double)
    answered(ours, institute, kept)
    assert institute.remediation.validate(kept, **SAID).result == "full"

    def told() -> list[str]:
        return [
            one["subject"]
            for one in bodies(post_office, "sponsorship.updated")
            if one["data"].get("result") == "full"
        ]

    post_office.until(lambda: len(told()) == 2)
    sponsorships = {one.id for one in institute.sponsorships.list(status="accepted")}
    assert set(told()) <= sponsorships
    for brand in brands:
        (mine,) = client_of(world, brand).sponsorships.list(status="accepted")
        assert client_of(world, brand).sponsorships.get(mine.id).result == "full"
    sent = json.dumps(bodies(post_office, "sponsorship."))
    assert kept not in sent
    assert double not in sent


def answered(ours: Client, institute: Client, request: str) -> None:
    """The supplier plans, reports, and says that it is done."""
    ours.remediation.acknowledge(request)
    ours.remediation.submit_plan(request, [{"outcome": "wages_paid", "due_on": "2026-12-20"}])
    institute.remediation.agree_plan(request)
    ours.remediation.start(request)
    ours.remediation.report_progress(request, planned_outcome="wages_paid", state="done")
    ours.remediation.claim_completion(
        request, outcomes=["wages_paid"], workers=14, completed_on="2026-11-20"
    )
    institute.remediation.review(request)
    institute.remediation.await_validation(request)


def test_r1_consent_is_withdrawn_while_a_webhook_waits(
    world: World, post_office: PostOffice
) -> None:
    """What waits leaves as a tombstone, the recall follows, and a deletion is confirmed.

    row 11.
    """
    supplier: Party = world.party("supplier")
    site = world.site(supplier)
    institute, ours = client_of(world, world.institute), client_of(world, supplier)
    post_office.endpoint(supplier, event_patterns=["referral.*"])
    post_office.receiver.status = 503
    case = opened(institute, site, EMPLOYER)
    body = {"to": supplier.id, "purpose": "remediate", "summary": SUMMARY}
    draft = institute.referrals.draft(case=case, **body)
    client_of(world, world.releaser).referrals.release(draft.id, etag=draft.etag)
    let_pass(world)
    post_office.until(lambda: bodies(post_office, "referral.offered"))
    institute.cases.record_consent(
        case, scope=EMPLOYER, state="withdrawn", method="spoken", language="my"
    )
    post_office.receiver.received.clear()
    post_office.receiver.status = 204
    with world.installation.as_owner() as connection:
        connection.exec_driver_sql("UPDATE delivery SET due_at = now() WHERE state = 'due'")
    post_office.until(lambda: bodies(post_office, "referral.revoked"))
    post_office.settled(supplier)
    for late in bodies(post_office, "referral.offered"):
        assert (late["data"], late["tombstone"]) == ({}, True)
    with pytest.raises(errors.ApiError) as gone:
        ours.referrals.get(draft.id)
    assert gone.value.status == 410
    ours.referrals.confirm_deletion(draft.id)
    assert institute.referrals.get(draft.id).deletion_confirmed_at is not None


def test_an_anonymous_case_is_followed_up_by_its_code(world: World) -> None:
    """The worker leaves no name, comes back with the code, is answered, and asks to reopen.

    row 17.
    """
    institute = client_of(world, world.institute)
    site = world.site(world.party("supplier"))
    case = opened(institute, site)
    code = institute.cases.make_receipt_code(case).code
    institute.cases.write(case, "Which month is missing?")
    read = institute.follow_ups.open(code)
    assert [one["text"] for one in read.messages] == ["Which month is missing?"]
    institute.follow_ups.send(code, "March, and half of April.")
    heard = [one.text for one in institute.cases.messages(case) if one.author == "worker"]
    assert heard == ["March, and half of April."]
    assert list(institute.workers.list(case)) == []
    institute.cases.revoke_receipt_code(case)
    with pytest.raises(errors.ApiError):
        institute.follow_ups.open(code)
