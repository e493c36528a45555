"""An estate: two parties of each kind with records of every kind, so that each has a stranger.

Every text carries a mark of its own, so that a stranger's content is found in any answer.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from openredress_api.foundation.identifiers import dated_id, decode, random_id
from openredress_api.foundation.installation import Installation
from tests.factories import (
    cases,
    evidence,
    imports,
    mechanisms,
    protection,
    registers,
    remediation,
    repayments,
)
from tests.factories.parties import Party, World

KINDS = ("supplier", "agency", "brand", "cso")
FEE = {
    "fee_type": "fee.service_matching",
    "amount": "120.00",
    "currency": "THB",
    "paid_by": "worker",
    "stage": "origin",
}
PLACEMENT = {"origin": "MM", "destination": "TH", "status": "worker_registered"}
INTERVIEW = {
    "held_on": "2026-04-02",
    "method": "in_person",
    "document_in_hand": "yes",
    "in_debt": "no",
    "share_in_aggregates": True,
}
JOB_ORDER = {"employer_name": "Made-up Employer", "destination": "TH"}
LISTING = {"job_order_ref": "none", "organisation_name": "Made-up Recruiter", "country": "MM"}
LICENCE = {
    "kind": "licence",
    "subject_name": "Made-up Agency",
    "country": "MM",
    "register": "Made-up register",
    "valid_from": "2026-01-01",
}
LEGAL = {
    "received_on": "2026-03-01",
    "country": "TH",
    "authority": "Made-up court",
    "legal_basis": "court_order",
    "asked_for": ["identity"],
    "description": "All names.",
}
_numbers = itertools.count(1000)


def mark() -> str:
    """A text that stands nowhere else."""
    return f"mark{next(_numbers)}z"


@dataclass
class Estate:
    """All parties by name such as `supplier a`, and the facts about who may see what."""

    world: World
    parties: dict[str, Party] = field(default_factory=dict)
    # Facts as the tests state them, not as the product works them out.
    partners: dict[UUID, set[UUID]] = field(default_factory=dict)
    assigned: dict[UUID, set[UUID]] = field(default_factory=dict)
    published: set[UUID] = field(default_factory=set)
    # By kind of id what was there and was removed by its owner.
    deleted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def installation(self) -> Installation:
        """Where it stands."""
        return self.world.installation

    def of(self, kind: str) -> list[Party]:
        """Both parties of a kind."""
        return [self.parties[f"{kind} {letter}"] for letter in "ab"]


def estate(installation: Installation) -> Estate:
    """Build the estate in an empty database."""
    world = World(installation)
    made = Estate(world, {"institute": world.institute})
    for kind, letter in itertools.product(KINDS, "ab"):
        made.parties[f"{kind} {letter}"] = world.party(kind, name=mark())
    made.parties["government"] = world.party("government", name=mark(), scopes=("events:read",))
    halves = [_Half(made, letter) for letter in "ab"]
    for half in halves:
        half.build()
    for half in halves:
        half.waiting()
    _as_owner(made)
    for party in made.parties.values():
        placed(party)
    return made


class _Half:
    """One supplier with its partners, and what the institute knows of it."""

    def __init__(self, made: Estate, letter: str) -> None:
        self.made = made
        self.world = made.world
        named = (made.parties[f"{kind} {letter}"] for kind in KINDS)
        self.supplier, self.agency, self.brand, self.cso = named

    def build(self) -> None:
        self.registers()
        self.mechanisms()
        self.placements()
        self.registers_of_agencies()
        self.evidence()
        self.imports()
        self.cases()
        self.remedies()
        self.protection()
        self.repayments()
        self.dialogue()
        self.joint()
        self.keeping()
        for party in (self.supplier, self.agency, self.brand, self.cso, self.world.institute):
            endpoint(party)
            self._delete(party)

    def _delete(self, party: Party) -> None:
        """Two things of a party that it removes again; their ids lead nowhere from then on."""
        body = {"url": f"https://example.org/{mark()}", "event_patterns": ["*"]}
        for prefix, path, asked in (
            ("whe", "/v1/webhook-endpoints", body),
            ("csm", "/v1/event-consumers", {"name": mark()}),
        ):
            created = ok(party.post(path, asked))
            place = f"{path}/{created.json['id']}"
            etag = party.get(place).headers.get("ETag", "")
            ok(party.call("DELETE", place, **({"If_Match": etag} if etag else {})))
            self.made.deleted[prefix].append(created.json["id"])

    def registers(self) -> None:
        self.site, self.unrelated = (
            self.world.site(self.supplier, mark(), name=mark(), city=mark()) for _ in range(2)
        )
        for partner in (self.brand, self.agency):
            self.world.related(partner, self.supplier, self.site)
        seen_by = {self.brand.organisation_id, self.agency.organisation_id}
        self.made.partners[decode("site", self.site)] = seen_by
        # Stated and never confirmed: it opens no site.
        body = {"site": self.unrelated, "partner": self.brand.id, "valid_from": "2020-01-01"}
        ok(self.brand.post("/v1/relations", body))
        self.vouched()
        for site in (self.site, self.unrelated):
            pushed = registers.push(self.supplier, site, mark())
            ok(registers.step(self.supplier, pushed.json["id"], "acknowledged"))
            count = {"total": 100, "source": "payroll"}
            ok(self.supplier.put(f"/v1/headcounts?site={site}&month=2026-03", count))

    def mechanisms(self) -> None:
        """The supplier's own, and what the institute learned about the same site."""
        for party in (self.supplier, self.world.institute):
            described = mechanisms.mechanism(party, mark(), name=mark(), sites=[self.site])
            ok(mechanisms.volume(party, site=self.site))
            ok(mechanisms.volume(party, mechanism=described))
            for kind, body in (
                ("engagement-events", mechanisms.EVENT | {"sites": [self.site]}),
                ("awareness-surveys", mechanisms.SURVEY | {"site": self.site}),
                ("reachability-probes", mechanisms.PROBE | {"mechanism": described}),
            ):
                ok(mechanisms.put(party, kind, mark(), body))

    def vouched(self) -> None:
        """A relation that the supplier states and the institute confirms."""
        site = self.world.site(self.supplier, mark(), name=mark(), city=mark())
        body = {"site": site, "partner": self.brand.id, "valid_from": "2020-01-01"}
        stated = ok(self.supplier.post("/v1/relations", body))
        ok(self.world.institute.post(f"/v1/relations/{stated.json['id']}/confirm"))
        self.made.partners[decode("site", site)] = {self.brand.organisation_id}
        self.held_site = site

    def placements(self) -> None:
        for site in (self.site, None):
            path = f"/v1/placements?external_id={mark()}&source_system={mark()}"
            body = PLACEMENT | {"worker_pseudonym": mark(), "job_order_ref": mark(), "site": site}
            placed = ok(self.agency.put(path, body))
            said = {"stated_on": "2026-03-02", "method": "in_person", "share_in_aggregates": True}
            path = f"/v1/placements/{placed.json['id']}"
            ok(self.world.institute.post(f"{path}/worker-statements", said | {"fee_lines": [FEE]}))
            ok(self.world.institute.post(f"{path}/interviews", INTERVIEW))

    def registers_of_agencies(self) -> None:
        """A job order with its recruiters, a licence, and what the institute found about both."""
        ref, system = mark(), mark()
        order = JOB_ORDER | {"employer_name": mark(), "title": mark()}
        ok(self.agency.put(f"/v1/job-orders?external_id={ref}&source_system={system}", order))
        listing = {"job_order_ref": ref, "organisation_name": mark(), "country": "MM"}
        for form in ("", " Ltd."):
            path = f"/v1/recruiter-listings?external_id={mark()}&source_system={system}"
            spelt = {"organisation_name": f"{listing['organisation_name']}{form}"}
            ok(self.agency.put(path, listing | spelt))
        found = {"subject_organisation": self.agency.id, "subject_name": mark()}
        for party, kind in ((self.agency, "licence"), (self.world.institute, "debarment")):
            path = f"/v1/register-entries?external_id={mark()}&source_system={mark()}"
            ok(party.put(path, LICENCE | found | {"kind": kind, "reference": mark()}))

    def evidence(self) -> None:
        """A file of each sender's, with a link for it and one for the institute."""
        for sender in (self.supplier, self.agency):
            handed = evidence.handed_in(sender, label=mark())
            for party in (sender, self.world.institute):
                evidence.link(party, handed)

    def imports(self) -> None:
        """A file with a good row and a bad one, one that still waits for octets, and a mapping."""
        rows = [imports.row(self.site, mark()), imports.row(self.site, mark(), category=mark())]
        octets = imports.lines(rows)
        imports.imported(self.world, self.supplier, octets, source_system=mark())
        imports.announce(self.supplier, octets, source_system=mark())
        path = f"/v1/import-mappings?record=grievance&source_system={mark()}"
        ok(self.supplier.put(path, {"columns": {mark(): "site"}}))

    def cases(self) -> None:
        self.case, withdrawn = (
            cases.case(self.world, self.site, external_ref=mark()) for _ in range(2)
        )
        for case, scope in itertools.product((self.case, withdrawn), cases.SCOPE_FOR.values()):
            cases.consent(self.world, case["id"], scope)
        for case in (self.case, withdrawn):
            path = f"/v1/cases/{case['id']}"
            ok(self.world.institute.post(f"{path}/assignments", {"organisation": self.cso.id}))
            to, etag = {"to": "acknowledged"}, self.world.institute.get(path).headers["ETag"]
            ok(self.world.institute.post(f"{path}/status-changes", to, If_Match=etag))
        # The consent ends, the assignment stays: from here on its CSO must not see the case.
        cases.consent(self.world, withdrawn["id"], "share_cso", "withdrawn")
        for case in (self.case, withdrawn):
            self.follow_up(case["id"])
        self.made.assigned[decode("case", self.case["id"])] = {self.cso.organisation_id}
        government = self.made.parties["government"]
        self.unshown()
        for to in (self.supplier, self.agency, self.cso, government):
            sent = ok(cases.send(self.world, self.offer(to)))
            if to is not government:
                # Read once now: a first reading moves a referral on.
                ok(to.get(f"/v1/referrals/{sent.json['id']}"))
                ok(to.post(f"/v1/referrals/{sent.json['id']}/accept"))
            if to is self.cso:
                ok(to.post(f"/v1/referrals/{sent.json['id']}/onward-requests", cases.ONWARD))

    def unshown(self) -> None:
        """A referral that was taken back and confirmed; a draft, and one that was discarded."""
        error = {"reason": "sent_in_error"}
        for to in (self.supplier, self.agency, self.cso):
            path = f"/v1/referrals/{ok(cases.send(self.world, self.offer(to))).json['id']}"
            ok(self.world.institute.post(f"{path}/revoke", error))
            ok(to.post(f"{path}/confirm-deletion"))
            for ending in ("revoke", None):
                drafted = ok(self.world.institute.post("/v1/referrals", self.offer(to)))
                if ending:
                    ok(self.world.institute.post(f"{drafted.headers['Location']}/revoke", error))

    def waiting(self) -> None:
        """What was released to employers, and its moment has not come."""
        for to in (self.supplier, self.agency):
            ok(cases.release(self.world, self.offer(to)))
        body = remediation.body(self.case["id"], self.site)
        ok(self.world.institute.post(remediation.BASE, body))

    def follow_up(self, case: str) -> None:
        """A contact, an observation, safe hours, and what worker and case team wrote."""
        institute, path = self.world.institute, f"/v1/cases/{case}"
        ok(institute.post("/v1/contacts", cases.ARRIVAL | {"case": case}))
        ok(institute.post(f"{path}/observations", cases.OBSERVATION))
        ok(institute.put(f"{path}/safe-contact", cases.SAFE_CONTACT))
        code = cases.receipt_code(self.world, case)
        ok(institute.post(f"{path}/messages", {"text": mark()}))
        ok(institute.post("/v1/follow-ups/messages", {"code": code, "text": mark()}))
        assert institute.post("/v1/follow-ups/open", {"code": "0"}).status_code == 404

    def offer(self, to: Party) -> dict[str, Any]:
        return cases.offer(self.case["id"], to)

    def protection(self) -> None:
        """What is done for a worker of the case, and a partner's site that is held."""
        world, case = self.world, self.case["id"]
        ok(protection.assessed(world.institute, case))
        worker = protection.worker(world.institute, case, name=mark(), safe_contact=mark())
        ok(protection.identity_asked(world.institute, case, worker["id"]))
        cases.case(world, self.held_site, categories=["retaliation.any"])

    def remedies(self) -> None:
        asked = [self.asked() for _ in range(6)]
        _, contested, planned, claimed, waiting, concluded = asked
        ok(contested.supplier_does("contest", {"reason": "not_our_worker"}))
        planned.until("plan_submitted")
        claimed.until("supplier_claims_completed")
        waiting.until("worker_validation")
        concluded.until("worker_validation")
        for validator in (self.cso, self.world.institute):
            ok(waiting.says(validator, **remediation.SAYING["incomplete"]))
        ok(concluded.says(self.cso))

    def repayments(self) -> None:
        """Of both payers: a draft, one that is contested, and one in progress with a few told."""
        groups = [repayments.COUNTED, repayments.FEW]
        fees = self.asked(asked_outcome="fees_repaid").id
        for payer, request in ((self.supplier, fees), (self.agency, None)):
            made = [
                repayments.drafted(self.world, payer, groups=groups, request=request)
                for _ in range(3)
            ]
            made[1].until("offered")
            ok(made[1].payer_does("contest", {"reason": "no_capacity"}))
            running = made[2].until("accepted")
            validators = [self.world.institute, *([self.cso] if request else [])]
            for n, validator in enumerate(validators, 1):
                waiting, concluded = running.paid(instalment_no=n), running.paid(instalment_no=3)
                ok(running.says(waiting, validator, **repayments.SAYING["incomplete"]))
                ok(running.says(concluded, validator, **repayments.SAYING["partial"]))

    def dialogue(self) -> None:
        """A remedy under way: reported, asked about, escalated; answers, one of them returned."""
        running = self.asked().until("in_progress")
        shown = evidence.handed_in(self.supplier, label=mark())
        body = {"planned_outcome": "wages_paid", "state": "late", "evidence": [shown]}
        ok(running.supplier_does("progress-reports", body))
        ok(running.institute_does("request-evidence", {"purposes": ["payslip"]}))
        ok(running.institute_does("escalate", {"reason": "deadline_passed"}))
        for reason in (None, "not_agreed"):
            words = {"text": f"Wages of the night shift are paid on Friday {mark()}"}
            made = ok(running.supplier_does("worker-responses", words))
            if reason:
                path = f"/v1/worker-responses/{made.json['id']}/return"
                ok(self.world.institute.post(path, {"reason": reason}))

    def joint(self) -> None:
        """A request with a sponsor, another one that is different, and what changed for good."""
        cases.consent(self.world, self.case["id"], "share_brand_aggregate")
        sponsored, other = self.asked(), self.asked()
        invited = ok(sponsored.institute_does("sponsors", {"brand": self.brand.id}))
        ok(self.brand.post(f"{invited.headers['Location']}/accept"))
        ok(other.institute_does("sponsors", {"brand": self.brand.id}))
        decision = {"request": sponsored.id, "other": other.id, "decision": "different"}
        ok(self.world.institute.post("/v1/duplicate-decisions", decision))
        body = {"site": self.site, "kind": "training", "categories": ["wages.withheld"]}
        changed = {"requests": [sponsored.id], "effective_on": "2026-03-01"}
        stated = ok(self.supplier.post("/v1/systemic-actions", body | changed))
        found = {"verdict": "not_verified", "method": "in_person"}
        ok(self.world.institute.post(f"{stated.headers['Location']}/verdicts", found))

    def keeping(self) -> None:
        """A wish to be erased that waits, and what an authority asked for and was refused."""
        world = self.world
        ok(world.institute.post("/v1/erasure-requests", {"case": self.case["id"]}))
        grant = "UPDATE person SET duties = duties || '{custodian}' WHERE id = :person"
        with world.installation.as_owner() as connection:
            connection.execute(text(grant), {"person": world.institute.person_id})
        people = world.institute, protection.colleague(world, "custodian")
        for recording, deciding in (people, people[::-1]):
            asked = LEGAL | {"authority": mark(), "description": mark()}
            recorded = ok(recording.post("/v1/legal-requests", asked)).headers["Location"]
            decision = {"decision": "refused", "workers_told": "yes"}
            ok(deciding.post(f"{recorded}/decision", decision))

    def asked(self, **fields: Any) -> remediation.Asked:
        case, site = self.case["id"], self.site
        body = remediation.body(case, site, **fields)
        made = ok(remediation.ask(self.world, body)).json["id"]
        return remediation.Asked(self.world, self.supplier, case, site, str(made))


def ok(answer: Any) -> Any:
    """The answer, which must be a success."""
    assert answer.status_code in {200, 201, 202, 204}, answer.json
    return answer


def placed(party: Party) -> None:
    """Let every event of a feed have its place: without one it would be nobody's."""
    end = party.get("/v1/events?limit=500").json["next_cursor"]
    party.get(f"/v1/events?after={end}")


def endpoint(party: Party) -> None:
    """A webhook endpoint whose address and description are marks, a replay, and a consumer."""
    body = {
        "url": f"https://example.org/{mark()}",
        "description": mark(),
        "event_patterns": ["*"],
    }
    made = ok(party.post("/v1/webhook-endpoints", body))
    ok(party.post(f"{made.headers['Location']}/replays", {"types": ["referral.*"]}))
    ok(party.post("/v1/event-consumers", {"name": mark()}))


ALIAS = """INSERT INTO site_alias (organisation_id, site_id, os_id)
    SELECT organisation_id, id, 'TH2026' || right(replace(id::text, '-', ''), 9) FROM site"""
# What the worker would have written.
DELIVERY = """INSERT INTO delivery (organisation_id, id, event_id, endpoint_id, due_at)
    SELECT e.organisation_id, gen_random_uuid(), e.id, w.id, now()
    FROM event e JOIN webhook_endpoint w USING (organisation_id)"""
ATTEMPT = """INSERT INTO attempt (organisation_id, delivery_id, started_at, n, duration_ms, worker)
    SELECT organisation_id, id, now(), 1, 5, gen_random_uuid() FROM delivery"""
MANIFEST = """INSERT INTO webhook_manifest (organisation_id, endpoint_id, day, first_position,
    last_position, count, previous, digest)
    SELECT organisation_id, id, '2020-01-01', 1, 1, 1, decode(repeat('00', 32), 'hex'),
        sha256(id::text::bytea) FROM webhook_endpoint"""
NOTICE = """INSERT INTO remediation_notice (organisation_id, request_id, fact, due_at)
    SELECT organisation_id, id, 'remediation.overdue', due_at FROM remediation_request"""
RELEASE = """INSERT INTO metric_release (organisation_id, id, period, cut_off_at, status,
    drafted_by, drafted_at, preview_at, approved_by, published_at, updated_at)
    SELECT :institute, :release, :period, now(), :status, gen_random_uuid(), now(), out.at,
    CASE :status WHEN 'published' THEN gen_random_uuid() END, out.at, now()
    FROM (SELECT CASE :status WHEN 'published' THEN now() END) out (at)"""
REPORT = """INSERT INTO metric_report (organisation_id, id, recipient_id, release_id, period,
    created_at) VALUES (:institute, :report, :audience, :release, :period, now())"""
CELL = """INSERT INTO metric_cell (organisation_id, report_id, recipient_id, release_id, period,
    metric, definition_version, unit, provenance, value, numerator, denominator) VALUES
    (:institute, :report, :audience, :release, :period, :metric, 1, 'share', 'verified',
    :value, 40, 80)"""


def _as_owner(made: Estate) -> None:
    """Records that no call can make in a test's time: an operator's, a worker's, a quarter's."""
    with made.installation.as_owner() as connection:
        for statement in (ALIAS, DELIVERY, ATTEMPT, MANIFEST, NOTICE):
            connection.execute(text(statement))
        for period, status in (("2020-Q1", "published"), ("2020-Q2", "draft")):
            release = dated_id()
            values = {
                "institute": made.world.institute.organisation_id,
                "release": release,
                "period": period,
                "status": status,
            }
            connection.execute(text(RELEASE), values)
            if status == "published":
                made.published.add(release)
            for audience in (*made.of("brand"), *made.of("supplier")):
                about = values | {"report": random_id(), "audience": audience.organisation_id}
                connection.execute(text(REPORT), about)
                for metric in ("M08", "M09"):
                    mark = next(_numbers)
                    # Twice and an end: no time or share of something else looks like it.
                    value = f"0.77{mark}{mark}7"
                    connection.execute(text(CELL), about | {"metric": metric, "value": value})
