"""The main loop, walked once by every role: what openapi/examples shows was really answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from openredress_api import organisations
from openredress_api.app import create_app
from openredress_api.cli.running import do_chores
from openredress_api.foundation.installation import Installation
from tests.contract.following_up import follow_up
from tests.contract.joining import join
from tests.contract.keeping import keep
from tests.contract.protecting import protect
from tests.contract.recorder import Recorder, done, events_of, read
from tests.contract.repaying import repay
from tests.factories import evidence, files, imports, mechanisms
from tests.factories.cases import (
    CASE,
    ONWARD,
    SUMMARY,
    let_go,
    let_pass,
)
from tests.factories.parties import Party, World
from tests.factories.registers import grievance
from tests.factories.remediation import BASE, CLAIM, PLAN, SAID, SAYING, investigated

HOP = {"seq": 1, "role": "village_sub_agent", "country": "NP", "admin1": "Bagmati"}
FEE = {
    "fee_type": "cost.medical",
    "amount": "45.50",
    "currency": "USD",
    "paid_by": "worker",
    "stage": "origin",
    "paid_at": "2026-02",
    "paid_to_hop": 1,
    "repaid_amount": "20.00",
    "repaid_at": "2026-03-15",
}
PLACEMENT = {
    "worker_pseudonym": "W-2041",
    "origin": "NP",
    "destination": "MY",
    "status": "arrived",
    "arrived_on": "2026-03-01",
    "fee_lines": [FEE],
    "agent_chain": [HOP],
}
HEADCOUNT = {
    "total": 420,
    "segments": {
        "sex": {"female": 260, "male": 150},
        "migrant_status": {"national_local": 240, "cross_border": 180},
    },
    "source": "payroll",
    "is_synthetic": True,
}
CONTRACT = {
    "signed_on": "2026-01-20",
    "job_title": "Sewing machine operator",
    "occupation_code": "8153",
    "employer_name": "Made-up supplier",
    "wage": {"amount": "1500.00", "currency": "MYR", "period": "month"},
    "hours_per_week": "48.00",
    "housing": "provided_free",
}
CONTRACTS = {
    "contract_origin": CONTRACT,
    "contract_arrival": CONTRACT | {"signed_on": "2026-03-02", "housing": "provided_charged"},
}
JOB_ORDER = {
    "employer_name": "Made-up supplier",
    "title": "Sewing machine operator",
    "occupation_code": "8153",
    "occupation_system": "isco_08",
    "sector_code": "1410",
    "sector_system": "isic_4",
    "origin": "NP",
    "destination": "MY",
    "workers_requested": 40,
    "workers_certified": 35,
    "status": "partly_certified",
    "submitted_on": "2025-11-03",
    "decided_on": "2025-12-01",
    "wage": CONTRACT["wage"],
    "hours_per_week": "48.00",
}
LISTING = {
    "job_order_ref": "JO/17",
    "organisation_name": "Made-up Recruiters Pvt. Ltd.",
    "role": "licensed_agency_origin",
    "city": "Kathmandu",
    "country": "NP",
    "persons_named": 2,
    "registered": "yes",
}
LICENCE = {
    "kind": "licence",
    "subject_name": "Made-up agency",
    "country": "NP",
    "register": "Department of Foreign Employment",
    "reference": "1234/077",
    "valid_from": "2025-07-16",
    "valid_until": "2026-07-15",
}
RECEIVER = {
    "url": "https://hooks.example.com/openredress",
    "description": "HR portal",
    "event_patterns": ["*"],
    "headers": {"X-Tenant": "plant-7"},
    "oauth": {
        "token_url": "https://login.example.com/oauth2/token",
        "client_id": "openredress",
        "client_secret": "shown-to-nobody-again",
        "scope": "hooks.write",
    },
}
# What the worker would have written of a receiver that is down.
ATTEMPT = """INSERT INTO attempt (organisation_id, delivery_id, started_at, n, duration_ms, peer_ip,
        status, error_code, retry_after_s, response_head, tls_version, worker)
    SELECT organisation_id, id, now(), 1, 84, '192.0.2.1', 503, 'not_accepted', 120,
        'Down for maintenance', 'TLSv1.3', gen_random_uuid()
    FROM delivery WHERE state = 'due'"""
RETRIED = """UPDATE delivery SET state = 'waiting', state_reason = 'not_accepted',
    attempt_count = 1, due_at = now() + interval '2 minutes' WHERE state = 'due'"""
SHEET = b"""external_id,Place,category,channel,status,received_at,workers_affected
GRV/2026/0101,TH-01,wages.late_payment,hr_open_door,received,03/04/2026 08:15,12
GRV/2026/0102,TH-01,wages.late_paymant,suggestion_box,received,28/05/2026 17:40,1
"""
SHOWN_FROM = 5
SCOPES = ("share_deidentified_employer", "share_brand_aggregate", "share_cso", "share_agency")


class Walk:
    """One sandbox installation, its parties, and what they do in order."""

    def __init__(self, installation: Installation) -> None:
        app = create_app(installation)
        self.recorder = Recorder(app)
        self.world = World(installation, app)
        duties = ("case_worker", "releaser")
        self.institute = self.world.institute
        make = self.world.colleague
        self.releaser = make(self.institute.organisation_id, "institute", duties=duties)
        self.second = make(self.institute.organisation_id, "institute", duties=duties)
        kinds = ("supplier", "agency", "brand", "cso")
        self.supplier, self.agency, self.brand, self.cso = (
            self.world.party(kind, name=f"Made-up {kind}") for kind in kinds
        )
        self.other_cso = self.world.party("cso", name="Made-up CSO at home", country="NP")
        self.parties = (
            *(self.institute, self.supplier, self.agency, self.brand, self.cso),
            self.other_cso,
        )

    def clock(self, moment: datetime) -> None:
        """Set every party's sandbox clock, so that the walk is in the same quarter every year."""
        with self.world.installation.as_owner() as connection:
            ids = [party.organisation_id for party in self.parties]
            organisations.set_sandbox_clock(connection, ids, moment - datetime.now(UTC))

    def whole(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Walk, and return what was recorded per operation and per event type."""
        self.clock(datetime(2026, 7, 6, 9, 30, tzinfo=UTC))
        site = self.sites_and_relations()
        self.endpoints()
        self.mechanisms(site)
        self.register(site)
        self.placements()
        self.agencies()
        self.evidence()
        self.imports()
        case = self.case(site)
        follow_up(self, case, site)
        self.referrals(case)
        self.onward(self.case(site))
        self.remedy(case, site)
        for _ in range(SHOWN_FROM - 1):
            self.straight_remedy(self.case(site), site)
        protect(self, site)
        repay(self, self.fees(self.case(site), site), site)
        join(self)
        keep(self, site)
        self.ended(site)
        self.reading()
        self.figures(site)
        return self.recorder.operations, events_of(*self.parties)

    def sites_and_relations(self) -> str:
        """A supplier describes its site; brand and agency say that they work with it."""
        body = {"name": "Sewing hall 2", "country": "TH", "time_zone": "Asia/Bangkok"}
        site = self.world.site(self.supplier, "TH-01", **body)
        read(self.supplier, "/v1/sites", f"/v1/sites/{site}")
        self.heads(site, "2026-06", "2026-07")
        for partner in (self.brand, self.agency):
            relation = self.world.related(partner, self.supplier, site)
            read(partner, f"/v1/relations/{relation}")
        read(self.supplier, "/v1/headcounts", "/v1/relations")
        return site

    def heads(self, site: str, *months: str) -> None:
        """The supplier counts its workers."""
        for month in months:
            url = f"/v1/headcounts?site={site}&month={month}"
            done(self.supplier.put(url, HEADCOUNT))

    def endpoints(self) -> None:
        """A receiver is made, changed, paused, resumed, given new keys; another one is deleted."""
        us = self.supplier
        url = done(us.post("/v1/webhook-endpoints", RECEIVER)).headers["Location"]
        etag = us.get(url).headers["ETag"]
        done(us.call("PATCH", url, {"rate_per_min": 600, "ordered": True}, If_Match=etag))
        done(us.post(f"{url}/pause"))
        done(us.post(f"{url}/resume", {"events": "all"}))
        done(us.post(f"{url}/rotate-secret", {"overlap_hours": 24}))
        done(us.post(f"{url}/revoke-secret"))
        asked = done(us.post(f"{url}/verify")).headers["Location"]
        with self.world.installation.as_owner() as connection:
            for statement in (ATTEMPT, RETRIED):
                connection.execute(text(statement))
        done(us.post(f"{url}/replays", {"types": ["referral.*"], "since": "2026-07-01T00:00:00Z"}))
        replay = done(us.post(f"{url}/replays", {"only": "all"})).headers["Location"]
        read(us, asked, replay, *(f"{url}/{part}" for part in ("deliveries", "replays", "keys")))
        done(us.post(f"{replay}/cancel"))
        read(us, url, "/v1/webhook-endpoints", f"{url}/log")
        other = done(us.post("/v1/webhook-endpoints", RECEIVER)).headers
        done(us.call("DELETE", other["Location"], If_Match=other["ETag"]))

    def consumers(self) -> None:
        """A reader of the feed commits, goes back, and is forgotten; an event is made up."""
        us = self.supplier
        with self.world.installation.as_owner() as connection:
            connection.execute(text("SELECT gate.sequence_events()"))
        begun = done(us.post("/v1/event-consumers", {"name": "hr-portal", "position": "0"}))
        path, consumer = begun.headers["Location"], begun.json["id"]
        read(us, f"/v1/events?consumer={consumer}&types=referral.*&limit=2")
        done(us.post(f"{path}/commit", {"position": "2"}))
        done(us.post(f"{path}/seek", {"position": "1"}))
        read(us, path, "/v1/event-consumers")
        done(us.call("DELETE", path))
        done(us.post("/v1/sandbox/events", {"type": "referral.offered"}))

    def mechanisms(self, site: str) -> None:
        """The supplier describes how its workers can complain; the institute tries it."""
        body = mechanisms.WHOLE | {"sites": [site]}
        described = done(mechanisms.put(self.supplier, "mechanisms", "SPEAK-UP", body)).json["id"]
        read(self.supplier, "/v1/mechanisms", f"/v1/mechanisms/{described}")
        done(mechanisms.volume(self.supplier, "2026-06", mechanism=described))
        talk = mechanisms.EVENT | {"sites": [site], "workers_reached": 180, "languages": ["my"]}
        done(mechanisms.put(self.supplier, "engagement-events", "TALK-7", talk))
        asked = mechanisms.SURVEY | {"site": site}
        done(mechanisms.put(self.supplier, "awareness-surveys", "ASKED-3", asked))
        answered = {"channel": "factory_hotline", "answered_in_seconds": 41, "language": "my"}
        tried = mechanisms.PROBE | {"mechanism": described} | answered
        done(mechanisms.put(self.institute, "reachability-probes", "TRIAL-12", tried))
        read(self.supplier, "/v1/contact-volumes", "/v1/engagement-events", "/v1/awareness-surveys")
        read(self.institute, "/v1/reachability-probes")

    def register(self, site: str) -> None:
        """The supplier's own register: a push, its steps, a reopening and a void."""
        url = "/v1/grievances?external_id=GRV/2026/{}&source_system=hr"
        pushed = self.supplier.put(url.format("0001"), grievance(site, severity="s2_severe"))
        path = f"/v1/grievances/{done(pushed).json['id']}"
        for step in ("acknowledged", "triaged", "in_investigation", "action_agreed"):
            done(self.supplier.post(f"{path}/status-changes", {"to": step}))
        for step in ("resolved_reported", "closed_unvalidated"):
            done(self.supplier.post(f"{path}/status-changes", {"to": step}))
        done(self.institute.post(f"{path}/reopen"))
        read(self.supplier, "/v1/grievances", path, f"{path}/status-changes")
        read(self.supplier, f"{path}/clocks")
        other = done(self.supplier.put(url.format("0002"), grievance(site))).json["id"]
        done(self.supplier.post(f"/v1/grievances/{other}/void", {"reason": "entered_twice"}))
        third = done(self.supplier.put(url.format("0003"), grievance(site))).json["id"]
        first = path.rpartition("/")[2]
        done(self.supplier.post(f"/v1/grievances/{third}/merge", {"into": first}))

    def placements(self) -> None:
        """An agency states a placement; the institute records what the worker says of it."""
        url = "/v1/placements?external_id=P/{}&source_system=ats"
        placed = PLACEMENT | CONTRACTS | {"job_order_ref": "JO/17"}
        path = f"/v1/placements/{done(self.agency.put(url.format(2041), placed)).json['id']}"
        read(self.agency, "/v1/placements", path)
        other = done(self.agency.put(url.format(2042), PLACEMENT)).json["id"]
        done(self.agency.post(f"/v1/placements/{other}/void", {"reason": "entered_twice"}))
        said = {"stated_on": "2026-04-01", "method": "call_back_all", "share_in_aggregates": True}
        body = said | {"fee_lines": [FEE], "agent_chain": [HOP]}
        body |= {"contract_arrival": CONTRACT | {"wage": CONTRACT["wage"] | {"amount": "1200.00"}}}
        made = done(self.institute.post(f"{path}/worker-statements", body))
        read(self.institute, f"{path}/worker-statements", made.headers["Location"])
        held = {"held_on": "2026-04-20", "method": "in_person", "share_in_aggregates": True}
        held |= {"document_in_hand": "yes", "in_debt": "yes", "debt_months": 3}
        made = done(self.institute.post(f"{path}/interviews", held))
        read(self.institute, f"{path}/interviews", made.headers["Location"])

    def agencies(self) -> None:
        """An agency's job order with a recruiter, and what a public register says of the agency."""
        url = "/v1/{}?external_id={}&source_system=ats"
        order = done(self.agency.put(url.format("job-orders", "JO/17"), JOB_ORDER))
        done(self.agency.put(url.format("recruiter-listings", "JO/17/1"), LISTING))
        read(self.agency, "/v1/job-orders", order.headers["Location"], "/v1/recruiter-listings")
        again = LISTING | {"organisation_name": LISTING["organisation_name"].upper()}
        done(self.agency.put(url.format("recruiter-listings", "JO/17/2"), again))
        read(self.agency, "/v1/recruiter-listings/proposals")
        licence = LICENCE | {"subject_organisation": self.agency.id}
        entry = done(self.agency.put(url.format("register-entries", "1234/077"), licence))
        read(self.agency, entry.headers["Location"], "/v1/register-entries?valid_on=2026-07-06")

    def evidence(self) -> None:
        """The supplier hands in a payslip; the institute opens its copy; another one is voided."""
        slip = evidence.handed_in(self.supplier, files.pdf(), files.PDF, label="Sewing, June")
        path = f"{evidence.BASE}/{slip}"
        read(self.supplier, evidence.BASE, path)
        done(self.supplier.get(f"{path}/original"))
        evidence.shown(self.institute, slip)
        other = evidence.handed_in(self.supplier, purpose="receipt")
        done(self.supplier.post(f"{evidence.BASE}/{other}/void", {"reason": "entered_twice"}))

    def imports(self) -> None:
        """A sheet with a bad row is checked, put right by its mapping, and stored."""
        told = {"format": "csv", "mode": "check", "source_system": "hr sheet"}
        import_id = imports.hand_in(self.supplier, SHEET, **told)
        imports.work(self.world)
        path = f"/v1/imports/{import_id}"
        key = "?record=grievance&source_system=hr sheet"
        said = {"columns": {"Place": "site"}, "dates": {"order": "dmy"}}
        done(self.supplier.put(f"/v1/import-mappings{key}", said))
        done(self.supplier.post(f"{path}/commit", {"mode": "upsert", "commit": "row"}))
        imports.work(self.world)
        read(self.supplier, path, "/v1/imports", f"{path}/findings", f"{path}/receipts")
        read(self.supplier, f"/v1/import-mappings{key}")
        done(self.supplier.get(f"{path}/corrections"))
        done(self.supplier.get("/v1/import-templates?record=grievance&language=my"))
        other = imports.announce(self.supplier, SHEET, **told).json["id"]
        done(self.supplier.post(f"/v1/imports/{other}/cancel"))
        done(self.supplier.call("DELETE", f"/v1/import-mappings{key}"))

    def case(self, site: str) -> str:
        """A case with consents, assigned to the CSO and under investigation."""
        case = done(self.institute.post("/v1/cases", CASE | {"site": site})).json["id"]
        path = f"/v1/cases/{case}"
        done(self.institute.post(f"{path}/issues", {"category": "wages.late_payment"}))
        answer = {"state": "granted", "method": "spoken", "language": "my"}
        for scope in SCOPES:
            done(self.institute.post(f"{path}/consents", answer | {"scope": scope}))
        done(self.institute.post(f"{path}/assignments", {"organisation": self.cso.id}))
        investigated(self.world, case)
        read(self.institute, path, "/v1/cases", f"{path}/consents", f"{path}/status-changes")
        return str(case)

    def offer(self, case: str, to: Party, **fields: Any) -> str:
        """A referral of a case that its recipient has been shown; returns its path."""
        path = self.draft(case, to, **fields)
        done(let_go(self.world, path, self.releaser))
        let_pass(self.world)
        return path

    def draft(self, case: str, to: Party, **fields: Any) -> str:
        """The draft of a referral; returns its path."""
        body = {"case": case, "to": to.id, "purpose": "remediate", "summary": SUMMARY} | fields
        return str(done(self.institute.post("/v1/referrals", body)).headers["Location"])

    def referrals(self, case: str) -> None:
        """One referral goes all the way, one is declined, one taken back, one left unanswered."""
        path = self.offer(case, self.supplier)
        read(self.supplier, "/v1/referrals", path)
        done(self.supplier.post(f"{path}/accept"))
        came = {"outcomes": ["wages_paid"]}
        for verdict in ("return", "complete"):
            done(self.supplier.post(f"{path}/start"))
            done(self.supplier.post(f"{path}/respond", came))
            done(self.institute.post(f"{path}/{verdict}"))
        done(self.institute.post(f"{path}/close"))
        declined = self.offer(case, self.agency)
        done(self.agency.post(f"{declined}/decline", {"reason": "not_our_worker"}))
        back = self.offer(case, self.agency)
        done(self.institute.post(f"{back}/revoke", {"reason": "sent_in_error"}))
        done(self.agency.post(f"{back}/confirm-deletion"))
        self.offer(case, self.agency)
        drafted = self.draft(case, self.supplier)
        body = {"to": self.supplier.id, "purpose": "inform_only", "summary": SUMMARY}
        done(self.institute.put(drafted, body, If_Match='"v1-institute"'))
        done(self.institute.post(f"{drafted}/revoke", {"reason": "sent_in_error"}))

    def onward(self, case: str) -> None:
        """A CSO asks twice that a case goes on; it does once, until the worker says no."""
        path = self.offer(case, self.cso, purpose="shelter")
        read(self.cso, path)
        asked = [
            done(self.cso.post(f"{path}/onward-requests", ONWARD | {"to_country": "NP"}))
            for _ in range(2)
        ]
        answers = {"purpose": "shelter", "onward_request": asked[0].json["id"]}
        self.offer(case, self.other_cso, **answers)
        done(self.institute.post(f"{asked[1].headers['Location']}/decline"))
        read(self.cso, asked[0].headers["Location"], "/v1/onward-requests")
        said = {"scope": "share_cso", "state": "withdrawn", "method": "spoken", "language": "ne"}
        done(self.institute.post(f"/v1/cases/{case}/consents", said))

    def ask(self, case: str, site: str) -> str:
        """A remediation request that its supplier has been shown; returns its path."""
        body = {"case": case, "site": site, "asked_outcome": "wages_paid", "workers": 14}
        path = str(done(self.institute.post(BASE, body)).headers["Location"])
        let_pass(self.world)
        return path

    def fees(self, case: str, site: str) -> str:
        """A request that fees are repaid, which its supplier has been shown; returns its id."""
        body = {"case": case, "site": site, "asked_outcome": "fees_repaid", "workers": 14}
        made = str(done(self.institute.post(BASE, body)).json["id"])
        let_pass(self.world)
        return made

    def remedy(self, case: str, site: str) -> None:
        """A request is contested, asked again, planned twice, disputed once and then validated."""
        path = self.ask(case, site)
        acts = [
            (self.supplier, "contest", {"reason": "insufficient_information"}),
            (self.institute, "reissue", {}),
            (self.supplier, "acknowledge", {}),
            (self.supplier, "plan", PLAN),
            (self.institute, "plan/return", {}),
            (self.supplier, "plan", PLAN),
            (self.institute, "plan/agree", {}),
            (self.supplier, "start", {}),
            *self.round(SAYING["disputed"]),
            (self.institute, "next-round", {}),
            *self.round({}),
            (self.institute, "close", {}),
        ]
        for party, verb, body in acts:
            done(party.post(f"{path}/{verb}", body))
        claims = read(self.supplier, f"{path}/completion-claims")
        read(self.supplier, f"{path}/completion-claims/{claims['data'][0]['id']}", path, BASE)
        read(self.institute, f"{path}/validations")

    def round(self, said: dict[str, Any]) -> list[tuple[Party, str, Any]]:
        """From the supplier's claim to what the CSO hears from workers."""
        return [
            (self.supplier, "completion-claims", CLAIM),
            (self.institute, "review", {}),
            (self.institute, "await-validation", {}),
            (self.cso, "validations", SAID | {"validator_type": "cso"} | said),
        ]

    def straight_remedy(self, case: str, site: str) -> None:
        """A request without detours: a figure of fewer than five cases would be hidden."""
        path = self.ask(case, site)
        for party, verb, body in self.straight():
            done(party.post(f"{path}/{verb}", body))

    def straight(self) -> list[tuple[Party, str, Any]]:
        """The acts of a request without detours."""
        return [
            (self.supplier, "acknowledge", {}),
            (self.supplier, "plan", PLAN),
            (self.institute, "plan/agree", {}),
            (self.supplier, "start", {}),
            *self.round({}),
            (self.institute, "close", {}),
        ]

    def ended(self, site: str) -> None:
        """A request is cancelled and its case voided; unanswered offers expire."""
        case = self.case(site)
        done(self.institute.post(f"{self.ask(case, site)}/cancel", {"reason": "duplicate"}))
        done(self.institute.post(f"/v1/cases/{case}/void", {"reason": "entered_twice"}))

    def reading(self) -> None:
        """What everybody may read, and the institute's work list."""
        read(self.supplier, "/v1/me", "/v1/taxonomies", "/v1/taxonomies/channel_class")
        read(self.supplier, "/v1/metrics/definitions")
        task = read(self.institute, "/v1/tasks?kind=review_claim")["data"][0]["id"]
        read(self.institute, f"/v1/tasks/{task}")
        done(self.institute.post(f"/v1/tasks/{task}/complete", {"note_code": "done"}))
        read(self.supplier, "/v1/audit-entries?limit=2")
        organisation = read(self.institute, "/v1/organisations")["data"][0]["id"]
        read(self.institute, f"/v1/organisations/{organisation}")

    def figures(self, site: str) -> None:
        """The quarter is drafted, approved by a second person and published after its preview."""
        self.clock(datetime(2026, 10, 6, 9, 30, tzinfo=UTC))
        self.heads(site, "2026-08", "2026-09")
        self.clock(datetime(2026, 11, 10, 9, 30, tzinfo=UTC))
        do_chores(self.world.installation, self.world.app.extensions["openredress"])
        drafted = self.releaser.post("/v1/metric-releases", {"period": "2026-Q3"})
        path = done(drafted).headers["Location"]
        done(self.releaser.post(f"{path}/preview"))
        done(self.second.post(f"{path}/approve"))
        self.clock(datetime(2026, 12, 1, 9, 30, tzinfo=UTC))
        done(self.releaser.post(f"{path}/publish"))
        read(self.institute, path, "/v1/metric-releases")
        report = read(self.brand, "/v1/metric-reports")["data"][0]["id"]
        read(self.brand, f"/v1/metric-reports/{report}", "/v1/metrics/M20")
        self.consumers()
