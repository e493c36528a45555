"""Remediation requests, brought as far as a test needs them by the parties' own calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.factories import cases
from tests.factories.parties import Party, World

BASE = "/v1/remediation-requests"
PLAN = {"actions": [{"outcome": "wages_paid", "due_on": "2026-06-30"}]}
CLAIM = {"outcomes": ["wages_paid"], "workers": 14, "completed_on": "2026-05-31"}
SAID = {
    "methods": ["call_back_all"],
    "validator_type": "worker",
    "at": "2026-06-20T10:00:00+07:00",
    "n_affected": 14,
    "n_contacted": 10,
    "n_confirmed": 8,
    "n_disputed": 0,
    "n_unreachable": 4,
    "attempts": 2,
    "days_of_attempts": 5,
    "independent_of_supplier": True,
}
UNREACHED = {"n_contacted": 0, "n_confirmed": 0, "n_unreachable": 14, "attempts": 3}
# What leads to each result of a round.
SAYING: dict[str, dict[str, Any]] = {
    "full": {},
    "partial": {"n_disputed": 1},
    "disputed": {"n_confirmed": 1, "n_disputed": 2},
    "not_possible": UNREACHED | {"days_of_attempts": 14},
    "incomplete": {"n_confirmed": 4},
}


@dataclass
class Asked:
    """A remediation request and its parties."""

    world: World
    supplier: Party
    case: str
    site: str
    id: str

    @property
    def path(self) -> str:
        """The request's address."""
        return f"{BASE}/{self.id}"

    def supplier_does(self, verb: str, body: Any = None) -> TestResponse:
        """One act of the supplier."""
        return self.supplier.post(f"{self.path}/{verb}", body)

    def institute_does(self, verb: str, body: Any = None) -> TestResponse:
        """One act of the institute."""
        return self.world.institute.post(f"{self.path}/{verb}", body)

    def until(self, status: str) -> Asked:
        """Go the straight way from `issued` to `status`."""
        for way_status, act in self._way().items():
            answer = act()
            assert answer.status_code in {200, 201}, answer.json
            if way_status == status:
                return self
        raise AssertionError(f"{status} is not on the straight way")

    def _way(self) -> dict[str, Any]:
        return {
            "acknowledged": lambda: self.supplier_does("acknowledge"),
            "plan_submitted": lambda: self.supplier_does("plan", PLAN),
            "plan_agreed": lambda: self.institute_does("plan/agree"),
            "in_progress": lambda: self.supplier_does("start"),
            **self.round(),
        }

    def round(self) -> dict[str, Any]:
        """The acts of one round up to the question to workers."""
        return {
            "supplier_claims_completed": lambda: self.supplier_does("completion-claims", CLAIM),
            "evidence_review": lambda: self.institute_does("review"),
            "worker_validation": lambda: self.institute_does("await-validation"),
        }

    def again(self) -> None:
        """Bring a new round to the question to workers."""
        for act in self.round().values():
            answer = act()
            assert answer.status_code in {200, 201}, answer.json

    def says(self, validator: Party, **fields: Any) -> TestResponse:
        """What `validator` heard from workers."""
        return validator.post(f"{self.path}/validations", SAID | fields)

    @property
    def status(self) -> str:
        """Where the request stands, as the supplier reads it."""
        return str(self.supplier.get(self.path).json["status"])


def prepared(world: World, **fields: Any) -> tuple[Party, str, str]:
    """A supplier, its site, and a case there with consent to ask the supplier."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    case = cases.case(world, site, **fields)["id"]
    cases.consent(world, case, "share_deidentified_employer")
    return supplier, site, case


def body(case: str, site: str, **fields: Any) -> dict[str, Any]:
    """What the institute asks for."""
    asked = {"case": case, "site": site, "asked_outcome": "wages_paid", "workers": 14}
    return asked | fields


def ask(world: World, body: dict[str, Any]) -> TestResponse:
    """Ask for a remedy, and let the time pass until the supplier is shown it."""
    answer = world.institute.post(BASE, body)
    if answer.status_code != 201:
        return answer
    cases.let_pass(world)
    return world.institute.get(f"{BASE}/{answer.json['id']}")


def asked(world: World, **fields: Any) -> Asked:
    """A request that its supplier was just shown, about a case of its own."""
    supplier, site, case = prepared(world)
    answer = ask(world, body(case, site, **fields))
    assert answer.status_code == 200, answer.json
    return Asked(world, supplier, case, site, str(answer.json["id"]))


def investigated(world: World, case: str) -> None:
    """Bring a case to where a remedy may close it."""
    for status in ("acknowledged", "triaged", "in_investigation"):
        etag = world.institute.get(f"/v1/cases/{case}").headers["ETag"]
        path = f"/v1/cases/{case}/status-changes"
        answer = world.institute.post(path, {"to": status}, If_Match=etag)
        assert answer.status_code in {200, 201}, answer.json
