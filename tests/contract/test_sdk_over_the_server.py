"""The client calls the application itself: real tokens, real routes, a real database."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from openredress import Client, errors, scopes
from openredress.uploads import PART
from openredress_api import access
from openredress_api.foundation.identifiers import encode, random_id
from tests.factories.cases import SUMMARY, let_pass
from tests.factories.mechanisms import EVENT, MECHANISM, PROBE, SURVEY
from tests.factories.parties import Party, World
from tests.factories.remediation import CLAIM, PLAN, SAID, SAYING

ISSUER = "http://127.0.0.1:8321"
CONSENTS = ("share_deidentified_employer", "share_brand_aggregate")

_numbers = itertools.count(1)


class InProcess(HTTPAdapter):
    """Hands requests to a WSGI application and its answers back, without any socket."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Serve one request, whole."""
        http = self._app.test_client(use_cookies=False)
        answer = http.open(
            str(request.path_url),
            base_url=ISSUER,
            method=str(request.method),
            headers=list(request.headers.items()),
            data=request.body,
        )
        raw = HTTPResponse(
            body=io.BytesIO(answer.data),
            headers=HTTPHeaderDict(answer.headers.items()),
            status=answer.status_code,
            preload_content=False,
        )
        return self.build_response(request, raw)


def registered(world: World, party: Party) -> tuple[str, str]:
    """The id and secret of a party's software, as the operator registers it."""
    with world.installation.as_owner() as connection:
        client_id, secret = access.add_client(
            connection,
            party.organisation_id,
            name="software",
            person_id=party.person_id,
            scopes=sorted(access.SCOPES_BY_ROLE[party.kind]),
            jwk=None,
            is_sandbox=True,
        )
    return client_id, str(secret)


def client_of(
    world: World,
    party: Party,
    asked: tuple[str, ...] | None = None,
    adapter: Callable[[Flask], HTTPAdapter] = InProcess,
) -> Client:
    """The client of a party's software."""
    client_id, secret = registered(world, party)

    def session() -> requests.Session:
        made = requests.Session()
        made.mount(ISSUER, adapter(world.app))
        return made

    role = getattr(scopes, party.kind.upper())
    return Client(ISSUER, client_id, secret=secret, scopes=asked or role, session_factory=session)


@dataclass
class Loop:
    """The parties of one story, each with its own software."""

    institute: Client
    supplier: Client
    brand: Client
    supplier_id: str
    brand_id: str
    world: World

    def site(self) -> str:
        """A site as its supplier stores it."""
        stored = self.supplier.sites.upsert(
            f"S/{next(_numbers)}",
            source_system="hr",
            name="Site",
            country="TH",
            time_zone="Asia/Bangkok",
        )
        assert (stored.outcome, stored.organisation) == ("created", self.supplier_id)
        return str(stored.id)

    def case(self, site: str) -> Any:
        """A case at a site, with the worker's consent to act on it."""
        case = self.institute.cases.open(
            site=site,
            categories=["wages.withheld"],
            channel="hotline_call",
            severity="s3_serious",
            received_at="2026-03-02T09:30:00Z",
            received_at_basis="stated",
        )
        for scope in CONSENTS:
            self.institute.cases.record_consent(
                case.id, scope=scope, state="granted", method="spoken", language="my"
            )
        return case

    def asked(self, case: str, site: str, **body: Any) -> Any:
        """A remediation request about a case, which its supplier has been shown."""
        request = self.institute.remediation.request(
            case=case, site=site, asked_outcome="wages_paid", workers=14, **body
        )
        let_pass(self.world)
        return self.institute.remediation.get(request.id)

    def offered(self, case: str | None = None) -> str:
        """A referral of a case to the supplier, which has been shown it."""
        body = {"to": self.supplier_id, "purpose": "remediate", "summary": SUMMARY}
        theirs = self.institute.referrals
        first = theirs.draft(case=case or self.case(self.site()).id, **body)
        draft = theirs.replace_draft(first.id, etag=str(first.etag), **body)
        second_person = client_of(self.world, self.world.releaser)
        released = second_person.referrals.release(draft.id, etag=draft.etag)
        assert (released.status, released.released_at) == ("consent_checked", None)
        let_pass(self.world)
        return str(released.id)


@pytest.fixture(scope="module")
def loop(world: World) -> Loop:
    """An institute, a supplier and a brand that call the interface by the client alone."""
    supplier, brand = world.party("supplier"), world.party("brand")
    clients = (client_of(world, party) for party in (world.institute, supplier, brand))
    return Loop(*clients, supplier.id, brand.id, world)


def test_the_token_is_the_clients_own(world: World, loop: Loop) -> None:
    """The token endpoint gives the client a token of its organisation, with the scopes asked."""
    me = loop.supplier.me.get()
    assert (me.organisation, me.organisation_type) == (loop.supplier_id, "supplier")
    assert set(me.scopes) == set(scopes.SUPPLIER)
    narrow = client_of(world, world.party("supplier"), ("sites:read",))
    with pytest.raises(errors.Forbidden) as refused:
        next(narrow.grievances.list())
    assert refused.value.code == "insufficient_scope"


def test_a_register_is_kept(loop: Loop) -> None:
    """A supplier stores a grievance again and again, moves it on and reads its steps."""
    site = loop.site()
    body = {"site": site, "category": "wages.late_payment", "channel": "hr_open_door"}
    row = {"source_system": "hr", "received_at": "2026-03-01T08:15:00+07:00", **body}
    first = loop.supplier.grievances.upsert("GRV/2026/../1", **row)
    again = loop.supplier.grievances.upsert("GRV/2026/../1", **row)
    assert (first.outcome, again.outcome, again.id) == ("created", "unchanged", first.id)
    step = loop.supplier.grievances.change_status(first.id, "acknowledged", etag=first.etag)
    assert (step.grievance, step.to) == (first.id, "acknowledged")
    steps = [each.to for each in loop.supplier.grievances.status_changes(first.id)]
    assert steps == ["received", "acknowledged"]
    (listed,) = loop.supplier.grievances.list(site=site)
    assert (listed.id, listed.status) == (first.id, "acknowledged")
    voided = loop.supplier.grievances.void(first.id, "entered_twice", etag=step.etag)
    assert voided.void_reason == "entered_twice"


def test_a_headcount_stored_twice(loop: Loop) -> None:
    """A headcount that says what is stored already is unchanged, and has no address."""
    site = loop.site()
    first = loop.supplier.headcounts.upsert(site, "2026-05", total=120, source="payroll")
    again = loop.supplier.headcounts.upsert(site, "2026-05", total=120, source="payroll")
    assert (first.outcome, again.outcome) == ("created", "unchanged")
    assert dict(again) == {"site": site, "month": "2026-05"}
    assert [each.total for each in loop.supplier.headcounts.list(site=site)] == [120]


def test_a_mechanism_and_how_it_reaches_workers(loop: Loop) -> None:
    """A supplier describes its mechanism and counts contacts; the institute asks and tries."""
    site, ours, theirs = loop.site(), loop.supplier, loop.institute
    row = {"source_system": "hr", **MECHANISM, "sites": [site]}
    made = ours.mechanisms.upsert("M/1", **row)
    assert (made.outcome, ours.mechanisms.upsert("M/1", **row).id) == ("created", made.id)
    assert ours.mechanisms.get(made.id).sites == [site]
    assert [each.id for each in theirs.mechanisms.list(site=site)] == [made.id]
    counted = ours.contact_volumes.upsert("operational", "2026-05", mechanism=made.id, calls=7)
    assert (counted.calls, counted.visits, counted.provenance) == (7, None, "supplier_reported")
    assert [each.id for each in ours.contact_volumes.list(mechanism=made.id)] == [counted.id]
    talk = ours.engagement_events.upsert("E/1", source_system="hr", **EVENT, sites=[site])
    assert [each.id for each in ours.engagement_events.list(site=site)] == [talk.id]
    asked = theirs.awareness_surveys.upsert("A/1", source_system="hr", **SURVEY, site=site)
    assert [each.provenance for each in theirs.awareness_surveys.list(site=site)] == ["verified"]
    assert list(ours.awareness_surveys.list(site=asked.site)) == []
    tried = theirs.reachability_probes.upsert("P/1", source_system="hr", **PROBE, mechanism=made.id)
    assert [each.id for each in theirs.reachability_probes.list(mechanism=made.id)] == [tried.id]


def test_a_file_is_handed_in(loop: Loop, tmp_path: Path) -> None:
    """A supplier uploads a file by its path, in parts; the institute downloads its marked copy."""
    path, ours, theirs = tmp_path / "payslip.txt", loop.supplier.evidence, loop.institute.evidence
    path.write_bytes(b"paid in full\n" * (PART // 13 + 1))
    handed = ours.upload(path, purpose="payslip", label="June")
    assert (handed.state, handed.received, handed.scan) == ("ready", handed.size, "not_scanned")
    assert ours.original(handed.id) == path.read_bytes()
    assert [each.id for each in theirs.list(purpose="payslip", state="ready")] == [handed.id]
    first, _, rest = theirs.download(handed.id).partition(b"\n")
    assert rest == path.read_bytes()
    assert b"evl_" in first
    assert ours.void(handed.id, "entered_twice", etag=ours.get(handed.id).etag).state == "voided"
    with pytest.raises(errors.Conflict):
        theirs.link(handed.id)
    path.write_bytes(b"\x00")
    with pytest.raises(errors.InvalidRequest, match="evidence_refused"):
        ours.upload(path, purpose="payslip")


def test_from_a_call_to_a_remedy_that_workers_confirm(loop: Loop) -> None:
    """The main loop by the client alone: from an open case to one that is closed_validated."""
    site = loop.site()
    case = loop.case(site)
    assert [each.scope for each in loop.institute.cases.consents(case.id)] == list(CONSENTS)
    _referred(loop, case.id)
    _investigated(loop, case.id)
    request = loop.asked(case.id, site).id
    _remedied(loop, request)
    said = loop.institute.remediation.validate(request, **SAID)
    assert (said.result, said.remediation_request) == ("full", request)
    assert [each.id for each in loop.institute.remediation.validations(request)] == [said.id]
    assert loop.institute.remediation.close(request).status == "closed"
    assert loop.institute.cases.get(case.id).status == "closed_validated"
    last = list(loop.institute.cases.status_changes(case.id))[-1]
    assert last.to == "closed_validated"
    _told(loop, request)


def _referred(loop: Loop, case: str) -> None:
    """The institute offers the case, the supplier finds the referral, reads it and accepts it."""
    offered = loop.offered(case)
    assert loop.institute.referrals.get(offered).case == case
    entry = next(each for each in loop.supplier.referrals.list() if each.id == offered)
    assert "summary" not in entry
    read = loop.supplier.referrals.get(entry.id)
    assert (read.status, read.summary.severity) == ("opened", "s3_serious")
    assert loop.supplier.referrals.accept(read.id, etag=read.etag).status == "accepted"


def _investigated(loop: Loop, case: str) -> None:
    """The institute brings the case to where a remedy may close it."""
    etag = loop.institute.cases.get(case).etag
    for status in ("acknowledged", "triaged", "in_investigation"):
        etag = loop.institute.cases.change_status(case, status, etag=etag).etag


def _remedied(loop: Loop, request: str) -> None:
    """The supplier plans, works and claims; the institute agrees, reads and has workers asked."""
    ours, theirs = loop.supplier.remediation, loop.institute.remediation
    assert request in [each.id for each in ours.list(status="issued")]
    assert ours.acknowledge(request).status == "acknowledged"
    assert ours.submit_plan(request, PLAN["actions"]).plan.plan_no == 1
    assert theirs.agree_plan(request).status == "plan_agreed"
    assert ours.start(request).status == "in_progress"
    claim = ours.claim_completion(request, **CLAIM)
    assert theirs.get_claim(request, claim.id) == claim
    assert [each.claim_no for each in theirs.claims(request)] == [1]
    assert theirs.review(request).status == "evidence_review"
    assert theirs.await_validation(request).status == "worker_validation"


def _told(loop: Loop, request: str) -> None:
    """The supplier's feed told of each step of the others, and can be read on from any event."""
    feed = loop.supplier.events.after("0", limit=2)
    told = {event.type: feed.position for event in feed if event.subject == request}
    assert {"remediation.requested", "remediation.validated", "remediation.closed"} <= set(told)
    requested = told["remediation.requested"]
    rest = loop.supplier.events.after(requested, types=["remediation.*"])
    assert "remediation.requested" not in [event.type for event in rest if event.subject == request]


def test_a_brand_reads_figures(loop: Loop) -> None:
    """Before a release a brand reads definitions and no figure; an unknown metric is NotFound."""
    codes = [each.code for each in loop.brand.metrics.definitions()]
    assert "M20" in codes
    assert list(loop.brand.metrics.get("M20", period="2026-Q1", include=["mixed"])) == []
    assert list(loop.brand.metrics.reports.list()) == []
    with pytest.raises(errors.NotFound):
        next(loop.brand.metrics.get("M99"))


def test_code_lists_are_read(loop: Loop) -> None:
    """Each code list that is named can be read with its codes."""
    names = [each.name for each in loop.brand.taxonomies.list()]
    taxonomy = loop.brand.taxonomies.get(names[0])
    assert taxonomy.name == names[0]
    assert taxonomy.codes[0].code


def test_a_stale_version_is_told(loop: Loop) -> None:
    """A step from a version that is no longer the present one is refused as Stale."""
    case = loop.case(loop.site())
    fresh = loop.institute.cases.get(case.id)
    loop.institute.cases.change_status(case.id, "acknowledged", etag=fresh.etag)
    with pytest.raises(errors.Stale) as refused:
        loop.institute.cases.change_status(case.id, "triaged", etag=fresh.etag)
    assert refused.value.code == "precondition_failed"


def test_nobody_reads_what_is_not_theirs(world: World, loop: Loop) -> None:
    """A record of others is NotFound, exactly as one that is nowhere."""
    stranger = client_of(world, world.party("supplier"))
    site = loop.site()
    request = loop.asked(loop.case(site).id, site)
    for read, found in (
        (stranger.sites.get, site),
        (stranger.remediation.get, request.id),
        (stranger.remediation.acknowledge, request.id),
        (stranger.sites.get, encode("site", random_id())),
    ):
        with pytest.raises(errors.NotFound):
            read(found)


def test_a_repeated_key_repeats_nothing(loop: Loop) -> None:
    """The same call under the same key is answered again and done once."""
    site = loop.site()
    case = loop.case(site)

    def ask() -> Any:
        body = {"case": case.id, "site": site, "asked_outcome": "wages_paid", "workers": 14}
        key = f"ask-{case.id}"
        return loop.institute.remediation.request(**body, idempotency_key=key)

    first, again = ask(), ask()
    assert (first.replayed, again.replayed, again.id) == (False, True, first.id)
    with pytest.raises(errors.InvalidRequest) as refused:
        loop.asked(case.id, site, due_in_days=9, idempotency_key=f"ask-{case.id}")
    assert refused.value.code == "idempotency_key_reused"


def test_an_objection_becomes_a_task(loop: Loop) -> None:
    """A contested request is on the institute's list until it is decided and done."""
    site = loop.site()
    request = loop.asked(loop.case(site).id, site)
    contested = loop.supplier.remediation.contest(request.id, "not_our_facility", etag=request.etag)
    assert (contested.status, contested.contested_for) == ("contested", "not_our_facility")
    found = loop.institute.tasks.list(state="open", kind="decide_contested_request")
    task = next(each for each in found if each.subject == request.id)
    assert loop.institute.remediation.reissue(request.id).status == "issued"
    assert loop.institute.remediation.cancel(request.id, "duplicate").cancelled_for == "duplicate"
    seen = loop.institute.tasks.get(task.id)
    done = loop.institute.tasks.complete(task.id, etag=seen.etag, note_code="handed_on")
    assert (done.state, done.note_code) == ("done", "handed_on")


def test_a_referral_is_answered_at_last(loop: Loop) -> None:
    """The supplier works on a referral, answers twice, and the institute closes it."""
    ours, theirs = loop.supplier.referrals, loop.institute.referrals
    referral = loop.offered()
    ours.accept(referral)
    assert ours.start(referral).status == "in_progress"
    assert ours.respond(referral, ["wages_paid"]).outcomes == ["wages_paid"]
    assert theirs.return_response(referral).status == "returned"
    ours.start(referral)
    ours.respond(referral, ["wages_paid"])
    assert theirs.complete(referral).status == "completed"
    assert theirs.close(referral).status == "closed"


def test_a_referral_comes_to_nothing(loop: Loop) -> None:
    """A declined referral tells why; a revoked one is gone for its recipient."""
    refused, recalled = loop.offered(), loop.offered()
    declined = loop.supplier.referrals.decline(refused, "no_capacity")
    assert (declined.status, declined.decline_reason) == ("declined", "no_capacity")
    assert loop.institute.referrals.revoke(recalled, "sent_in_error").status == "revoked"
    with pytest.raises(errors.ApiError) as gone:
        loop.supplier.referrals.get(recalled)
    assert (gone.value.status, gone.value.code) == (410, "gone")


def test_a_plan_and_a_round_that_do_not_suffice(loop: Loop) -> None:
    """A plan is returned and handed in anew; a disputed round is followed by the next."""
    site = loop.site()
    request = loop.asked(loop.case(site).id, site).id
    ours, theirs = loop.supplier.remediation, loop.institute.remediation
    ours.acknowledge(request)
    ours.submit_plan(request, PLAN["actions"])
    assert theirs.return_plan(request).status == "plan_returned"
    assert ours.submit_plan(request, PLAN["actions"]).plan.plan_no == 2
    theirs.agree_plan(request)
    ours.start(request)
    ours.claim_completion(request, **CLAIM)
    theirs.review(request)
    theirs.await_validation(request)
    said = theirs.validate(request, **{**SAID, **SAYING["disputed"]})
    assert said.result == "disputed"
    assert theirs.next_round(request).round == 2


def test_a_case_is_shared_and_voided(world: World, loop: Loop) -> None:
    """An assigned CSO reads the case without what points at the call; a voided case stays."""
    party = world.party("cso")
    cso = client_of(world, party)
    case = loop.case(loop.site()).id
    loop.institute.cases.record_consent(
        case, scope="share_cso", state="granted", method="spoken", language="my"
    )
    assert loop.institute.cases.assign(case, party.id).organisation == party.id
    assert loop.institute.cases.add_issue(case, "wages.late_payment").category
    seen = cso.cases.get(case)
    assert [each.id for each in cso.cases.list()] == [case]
    assert len(seen.issues) == 2
    assert "received_at" not in seen
    etag = loop.institute.cases.get(case).etag
    assert loop.institute.cases.void(case, "entered_twice", etag=etag).void_reason


def test_a_relation_is_stated_and_confirmed(loop: Loop) -> None:
    """A brand states that it buys from a site, the supplier confirms, and the brand sees it."""
    site = loop.site()
    stated = loop.brand.relations.state(site, loop.brand_id, valid_from="2026-01-01", tier=2)
    assert stated.confirmed_at is None
    confirmed = loop.supplier.relations.confirm(stated.id)
    assert confirmed.confirmed_by == loop.supplier_id
    assert loop.brand.sites.get(site).id == site
    assert loop.brand.relations.get(stated.id).id in [
        each.id for each in loop.brand.relations.list()
    ]
    known = {each.id for each in loop.institute.organisations.list()}
    assert {loop.brand_id, loop.supplier_id} <= known
    assert loop.institute.organisations.get(loop.brand_id).type == "brand"


def test_a_release_needs_two_people(world: World) -> None:
    """One person drafts and previews a quarter, another approves it; it waits out its preview."""
    institute = world.institute.organisation_id
    first, second = (
        client_of(world, world.colleague(institute, "institute", duties=("releaser",)))
        for _ in range(2)
    )
    draft = first.metrics.releases.create("2026-Q1")
    assert first.metrics.releases.preview(draft.id).status == "preview"
    with pytest.raises(errors.ApiError) as alone:
        first.metrics.releases.approve(draft.id)
    assert alone.value.code == "second_person_needed"
    assert second.metrics.releases.approve(draft.id).status == "approved"
    with pytest.raises(errors.Conflict) as early:
        second.metrics.releases.publish(draft.id)
    assert early.value.code == "preview_not_over"
    assert second.metrics.releases.get(draft.id).status == "approved"
    assert [each.id for each in second.metrics.releases.list()] == [draft.id]
