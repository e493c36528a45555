"""Plays the main loop by quarters: each step is a call of the interface with a real token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from demo.parties import Parties, Party, set_clock
from demo.records import Dataset, Grievance, Placement, Quarter, Refused, Site
from demo.story import Fate, heads
from demo.town import Town, random_name
from openredress.errors import InvalidRequest

AT_ONCE = 8
RELATED_FROM = "2007-09-30"
FIRST_DAY = datetime(2007, 9, 30, 12, tzinfo=UTC)
# Days after a quarter's end on which its parts fall; figures are counted after the cut-off.
# What goes to an employer waits up to three days before it is shown (R5).
RECEIVED, ANSWERED, CLAIMED, VALIDATED, DRAFTED, PUBLISHED = 1, 5, 6, 20, 32, 47
SHOWN_WITHIN = 60.0
"""Seconds in which the worker has to see that the moment of a referral has come."""
T = TypeVar("T")


@dataclass
class Matter:
    """A case on its way, with the ids that the interface gave."""

    fate: Fate
    grievance: str
    case: str = ""
    etag: str = ""
    referral: str = ""
    request: str = ""


@dataclass
class Loop:
    """One run, and every case of it with the ids that the interface gave."""

    town: Town
    parties: Parties
    dataset: Dataset
    seed: int
    say: Callable[[str], None]
    sites: dict[Site, str] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self) -> None:
        """Endpoints, sites, and relations that one side states and the other confirms."""
        self.clock(FIRST_DAY)
        self.each(self.parties.suppliers.values(), self._endpoint)
        self.each(self.dataset.sites, self._site)

    def clock(self, moment: datetime) -> None:
        """Let it be `moment` for everybody."""
        self.now = moment
        set_clock(self.town, self.parties, moment)

    def each(self, things: Iterable[T], act: Callable[[T], None]) -> None:
        """Do `act` with each of `things`, several at once."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(act, things):
                pass

    @property
    def claimed(self) -> list[Matter]:
        """The cases whose suppliers say that they are remedied."""
        return [one for one in self.matters if one.fate.result is not None]

    def supplier(self, site: Site) -> Party:
        """Whose site it is."""
        return self.parties.suppliers[site.supplier]

    def _endpoint(self, supplier: Party) -> None:
        name = random_name()
        made = supplier.client.webhook_endpoints.create(
            f"{self.town.hooks}/{name}", event_patterns=["*"]
        )
        self.town.secret_file(name).write_text(made.secret, encoding="utf-8")
        # The first question came before the receiver had its secret.
        supplier.client.webhook_endpoints.verify(made.id)

    def _site(self, site: Site) -> None:
        supplier, brand = self.supplier(site), self.parties.brands[site.brand]
        stored = supplier.client.sites.upsert(
            site.external_id,
            source_system=self.dataset.source_system,
            name=site.name,
            city=site.city,
            country=site.country,
            time_zone=site.time_zone,
        )
        self.sites[site] = stored.id
        partners = [brand]
        if any(one.site == site for one in self.dataset.placements):
            partners.append(self.parties.agency)
        for partner in partners:
            stated = partner.client.relations.state(stored.id, partner.id, valid_from=RELATED_FROM)
            supplier.client.relations.confirm(stated.id)

    def play(self, quarter: Quarter, fates: Sequence[Fate]) -> None:
        """One quarter from the records to the published figures."""
        by_grievance = {fate.grievance: fate for fate in fates}
        records = [one for one in self.dataset.grievances if one.quarter == quarter]
        matters: list[Matter] = []

        def receive(record: Grievance) -> None:
            pushed = self._push(record)
            if pushed and record in by_grievance:
                matters.append(self._refer(by_grievance[record], pushed))

        self.clock(quarter.day(RECEIVED))
        self.each(self.dataset.active(quarter), lambda site: self._heads(quarter, site))
        self.each(records, receive)
        arrived = [one for one in self.dataset.placements if one.quarter == quarter]
        self.each(arrived, self._place)
        self.clock(quarter.day(ANSWERED))
        self.each(matters, self._answer)
        claimed = [one for one in matters if one.fate.result is not None]
        self.matters += matters
        self.clock(quarter.day(CLAIMED))
        self.each(claimed, self._claim)
        self.clock(quarter.day(VALIDATED))
        self.each(claimed, self._validate)
        self._release(quarter)
        self.say(
            f"{quarter.name}  {len(records):4} records  {len(matters):4} referred  "
            f"{len(claimed):4} claimed  {len(self.claimed):5} asked of workers so far"
        )

    def _heads(self, quarter: Quarter, site: Site) -> None:
        here = [one for one in self.dataset.grievances if one.site == site]
        concerned = max((one.workers or 0 for one in here), default=0)
        total = heads(concerned, self.seed, site.external_id)
        for month in quarter.months:
            self.supplier(site).client.headcounts.upsert(
                self.sites[site], month, total=total, source="estimate", is_synthetic=True
            )

    def _push(self, record: Grievance) -> str | None:
        """The supplier's own system reports a row of its register."""
        try:
            stored = self._upsert(record)
        except InvalidRequest as fault:
            for error in fault.errors:
                self.refused.append(Refused(record.line, str(error["pointer"]), str(error["code"])))
            return None
        return str(stored)

    def _upsert(self, record: Grievance, **more: object) -> str:
        remedy = {"amount": str(record.owed), "currency": record.currency} if record.owed else None
        body = {
            "site": self.sites[record.site],
            "category": record.category,
            "channel": record.channel,
            "received_at": record.received_at,
            "received_at_basis": record.received_at_basis,
            "workers_affected": record.workers,
            "agreed_remedy": remedy,
            **more,
        }
        stored = self.supplier(record.site).client.grievances.upsert(
            record.external_id, source_system=self.dataset.source_system, **body
        )
        return str(stored.id)

    def _refer(self, fate: Fate, grievance: str) -> Matter:
        """The institute opens a case; one person drafts its referral, another one releases it."""
        matter = Matter(fate, grievance)
        self._open(matter)
        matter.referral = self._draft(matter)
        other = self.parties.second_releaser.client
        other.referrals.release(matter.referral, etag=other.referrals.get(matter.referral).etag)
        return matter

    def _answer(self, matter: Matter) -> None:
        """The supplier is shown the referral and takes it on; it is asked, and begins."""
        self._await_showing(matter.referral)
        supplier = self.supplier(matter.fate.grievance.site).client
        supplier.referrals.get(matter.referral)
        supplier.referrals.accept(matter.referral)
        self._ask(matter)
        supplier.remediation.acknowledge(matter.request)
        due_on = (self.now + timedelta(days=30)).date()
        plan = [{"outcome": "wages_paid", "due_on": due_on}]
        supplier.remediation.submit_plan(matter.request, plan)
        self.parties.institute.client.remediation.agree_plan(matter.request)
        supplier.remediation.start(matter.request)

    def _await_showing(self, referral: str) -> None:
        end = time.monotonic() + SHOWN_WITHIN
        while self.parties.institute.client.referrals.get(referral).released_at is None:
            if time.monotonic() > end:
                raise TimeoutError(f"{referral} was due and is not shown; does the worker run?")
            time.sleep(0.2)

    def _open(self, matter: Matter) -> None:
        institute, record = self.parties.institute.client, matter.fate.grievance
        case = institute.cases.open(
            site=self.sites[record.site],
            categories=[record.category],
            channel="outreach_visit",
            severity="s3_serious",
            received_at=record.received_at,
            received_at_basis=record.received_at_basis,
            workers_affected=record.workers,
            external_ref=record.external_id,
        )
        matter.case, matter.etag = case.id, case.etag
        for scope in ("share_brand_aggregate", "share_deidentified_employer"):
            self._consent(matter, scope)
        if matter.fate.by_cso:
            self._consent(matter, "share_cso")
            institute.cases.assign(case.id, self.parties.cso.id)
        self._move(matter, "acknowledged", "triaged", "in_investigation")

    def _consent(self, matter: Matter, scope: str) -> None:
        self.parties.institute.client.cases.record_consent(
            matter.case, scope=scope, state="granted", method="spoken", language="en"
        )

    def _move(self, matter: Matter, *statuses: str) -> None:
        for status in statuses:
            changed = self.parties.institute.client.cases.change_status(
                matter.case, status, etag=matter.etag
            )
            matter.etag = changed.etag

    def _draft(self, matter: Matter) -> str:
        record = matter.fate.grievance
        many = record.workers is not None and record.workers >= 3  # noqa: PLR2004 - the bound of R6
        summary = {
            "categories": [record.category],
            "workers": record.workers if many else None,
            "event_month": f"{record.received_at:%Y-%m}",
            "severity": "s3_serious",
        }
        referral = self.parties.institute.client.referrals.draft(
            case=matter.case,
            to=self.supplier(record.site).id,
            purpose="remediate",
            summary=summary,
        )
        return str(referral.id)

    def _ask(self, matter: Matter) -> None:
        record = matter.fate.grievance
        request = self.parties.institute.client.remediation.request(
            case=matter.case,
            referral=matter.referral,
            site=self.sites[record.site],
            asked_outcome="wages_paid",
            amount={"amount": str(record.owed), "currency": record.currency},
            workers=record.workers,
            due_in_days=30,
        )
        matter.request = request.id

    def _claim(self, matter: Matter) -> None:
        """The supplier says that it is done, and closes the row of its own register."""
        record = matter.fate.grievance
        self.supplier(record.site).client.remediation.claim_completion(
            matter.request,
            outcomes=["wages_paid"],
            amount={"amount": str(record.owed), "currency": record.currency},
            workers=record.workers,
            completed_on=self.now.date(),
        )
        done = {"status": "closed_unvalidated", "resolved_at": self.now, "closed_at": self.now}
        self._upsert(record, acknowledged_at=record.received_at, **done)

    def _validate(self, matter: Matter) -> None:
        """The institute or a CSO asks workers; the published rule gives the result."""
        institute, fate = self.parties.institute.client, matter.fate
        institute.remediation.review(matter.request)
        institute.remediation.await_validation(matter.request)
        validator = self.parties.cso.client if fate.by_cso else institute
        said = validator.remediation.validate(matter.request, at=self.now, **fate.answers)
        if said.result == "incomplete":
            return
        institute.remediation.close(matter.request)
        if said.result != "full":
            ending = "unreachable" if said.result == "not_possible" else "unvalidated"
            self._move(matter, "action_agreed", "resolved_reported", f"closed_{ending}")

    def _place(self, placement: Placement) -> None:
        """The agency states a placement; where the worker was asked the institute says so."""
        stored = self.parties.agency.client.placements.upsert(
            placement.external_id,
            source_system="agency",
            site=self.sites[placement.site],
            **placement.body,
        )
        if placement.statement is not None:
            self.parties.institute.client.placements.add_worker_statement(
                stored.id, **placement.statement
            )

    def _release(self, quarter: Quarter) -> None:
        """One person drafts, another one approves; ten working days lie between."""
        first = self.parties.institute.client.metrics.releases
        second = self.parties.second_releaser.client.metrics.releases
        self.clock(quarter.day(DRAFTED))
        release = first.create(quarter.name)
        first.preview(release.id)
        self.clock(quarter.day(PUBLISHED))
        second.approve(release.id)
        second.publish(release.id)
