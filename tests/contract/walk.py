"""The main loop, walked once by every role: what openapi/examples shows was really answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from openredress_api import organisations
from openredress_api.app import create_app
from openredress_api.cli.running import do_chores
from openredress_api.foundation.installation import Installation
from tests.contract.recorder import Recorder, events_of
from tests.factories.cases import CASE, SUMMARY
from tests.factories.parties import Party, World
from tests.factories.registers import grievance
from tests.factories.remediation import BASE, CLAIM, PLAN, SAID, SAYING, investigated

HOP = {"seq": 1, "role": "village_sub_agent", "country": "NP"}
FEE = {
    "fee_type": "cost.medical",
    "amount": "45.50",
    "currency": "USD",
    "paid_by": "worker",
    "stage": "origin",
    "paid_at": "2026-02",
    "paid_to_hop": 1,
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
        self.parties = (self.institute, self.supplier, self.agency, self.brand, self.cso)

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
        self.register(site)
        self.placements()
        case = self.case(site)
        self.referrals(case)
        self.remedy(case, site)
        for _ in range(SHOWN_FROM - 1):
            self.straight_remedy(self.case(site), site)
        self.ended(site)
        self.reading()
        self.figures()
        return self.recorder.operations, events_of(*self.parties)

    def sites_and_relations(self) -> str:
        """A supplier describes its site; brand and agency say that they work with it."""
        body = {"name": "Sewing hall 2", "country": "TH", "time_zone": "Asia/Bangkok"}
        site = self.world.site(self.supplier, "TH-01", **body)
        read(self.supplier, "/v1/sites", f"/v1/sites/{site}")
        for month in ("2026-06", "2026-07", "2026-08", "2026-09"):
            url = f"/v1/headcounts?site={site}&month={month}"
            done(self.supplier.put(url, {"total": 420, "source": "payroll", "is_synthetic": True}))
        for partner in (self.brand, self.agency):
            relation = self.world.related(partner, self.supplier, site)
            read(partner, f"/v1/relations/{relation}")
        read(self.supplier, "/v1/headcounts", "/v1/relations")
        return site

    def endpoints(self) -> None:
        """A receiver is made, paused, resumed, given a new key; another one is deleted."""
        body = {"url": "https://hooks.example.com/openredress", "event_patterns": ["*"]}
        url = done(self.supplier.post("/v1/webhook-endpoints", body)).headers["Location"]
        read(self.supplier, url, "/v1/webhook-endpoints")
        done(self.supplier.post(f"{url}/pause"))
        done(self.supplier.post(f"{url}/resume"))
        done(self.supplier.post(f"{url}/rotate-secret", {"overlap_hours": 24}))
        other = done(self.supplier.post("/v1/webhook-endpoints", body)).headers
        done(self.supplier.call("DELETE", other["Location"], If_Match=other["ETag"]))

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
        other = done(self.supplier.put(url.format("0002"), grievance(site))).json["id"]
        done(self.supplier.post(f"/v1/grievances/{other}/void", {"reason": "entered_twice"}))

    def placements(self) -> None:
        """An agency states a placement; the institute records what the worker says of it."""
        url = "/v1/placements?external_id=P/2041&source_system=ats"
        path = f"/v1/placements/{done(self.agency.put(url, PLACEMENT)).json['id']}"
        read(self.agency, "/v1/placements", path)
        said = {"stated_on": "2026-04-01", "method": "call_back_all", "share_in_aggregates": True}
        body = said | {"fee_lines": [FEE], "agent_chain": [HOP]}
        made = done(self.institute.post(f"{path}/worker-statements", body))
        read(self.institute, f"{path}/worker-statements", made.headers["Location"])

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

    def offer(self, case: str, to: Party) -> str:
        """A referral of a case; returns its path."""
        body = {"case": case, "to": to.id, "purpose": "remediate", "summary": SUMMARY}
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
        self.offer(case, self.agency)

    def ask(self, case: str, site: str) -> str:
        """A remediation request; returns its path."""
        body = {"case": case, "site": site, "asked_outcome": "wages_paid", "workers": 14}
        return str(done(self.institute.post(BASE, body)).headers["Location"])

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
        for party, verb, body in (
            (self.supplier, "acknowledge", {}),
            (self.supplier, "plan", PLAN),
            (self.institute, "plan/agree", {}),
            (self.supplier, "start", {}),
            *self.round({}),
            (self.institute, "close", {}),
        ):
            done(party.post(f"{path}/{verb}", body))

    def ended(self, site: str) -> None:
        """A request is cancelled and its case voided; unanswered offers expire."""
        case = self.case(site)
        done(self.institute.post(f"{self.ask(case, site)}/cancel", {"reason": "duplicate"}))
        done(self.institute.post(f"/v1/cases/{case}/void", {"reason": "entered_twice"}))

    def reading(self) -> None:
        """What everybody may read, and the institute's work list."""
        read(self.supplier, "/v1/me", "/v1/taxonomies", "/v1/taxonomies/channel_class")
        read(self.supplier, "/v1/metrics/definitions")
        task = read(self.institute, "/v1/tasks")["data"][0]["id"]
        read(self.institute, f"/v1/tasks/{task}")
        done(self.institute.post(f"/v1/tasks/{task}/complete", {"note_code": "done"}))
        organisation = read(self.institute, "/v1/organisations")["data"][0]["id"]
        read(self.institute, f"/v1/organisations/{organisation}")

    def figures(self) -> None:
        """The quarter is drafted, approved by a second person and published after its preview."""
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
        read(self.supplier, "/v1/events?limit=2")


def done(answer: Any) -> Any:
    """The answer, which must be a success."""
    assert answer.status_code < 300, answer.json
    return answer


def read(party: Party, *paths: str) -> Any:
    """Read each path; returns what the last one answered."""
    for path in paths:
        body = done(party.get(path)).json
    return body
