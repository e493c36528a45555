"""Agreements to repay fees, brought as far as a test needs them by the parties' own calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.factories import remediation
from tests.factories.parties import Party, World

BASE = "/v1/repayment-agreements"
COUNTED = {
    "label": "a",
    "fee_types": ["fee.service_matching", "cost.medical"],
    "workers": 14,
    "amount_per_worker": "1500.00",
}
FEW = {"label": "b", "fee_types": ["cost.travel_lodging"], "workers": 2, "amount": "700.01"}
THIRDS = [
    {"n": 1, "due_on": "2026-07-31", "share": 1},
    {"n": 2, "due_on": "2026-08-31", "share": 1},
    {"n": 3, "due_on": "2026-09-30", "share": 1},
]
TERMS = {"currency": "THB", "groups": [COUNTED], "instalments": THIRDS}
PAID = {
    "instalment_no": 1,
    "group": "a",
    "amount": "7000.00",
    "workers": 14,
    "paid_on": "2026-05-28",
    "method": "bank",
}
SAID = {
    name: value for name, value in remediation.SAID.items() if name != "money_confirmed_in_full"
} | {"amount_confirmed": "7000.00"}
# What leads to each result of a claim of the whole instalment.
SAYING: Mapping[str, dict[str, Any]] = {
    "full": {},
    "partial": {"amount_confirmed": "6500.00"},
    "disputed": {"n_confirmed": 1, "n_disputed": 9, "amount_confirmed": "500.00"},
    "not_possible": remediation.SAYING["not_possible"] | {"amount_confirmed": None},
    "incomplete": {"n_confirmed": 4},
}


@dataclass
class Agreed:
    """An agreement and its parties."""

    world: World
    payer: Party
    id: str

    @property
    def path(self) -> str:
        """The agreement's address."""
        return f"{BASE}/{self.id}"

    def payer_does(self, verb: str, body: Any = None) -> TestResponse:
        """One act of the payer."""
        return self.payer.post(f"{self.path}/{verb}", body)

    def institute_does(self, verb: str, body: Any = None) -> TestResponse:
        """One act of the institute."""
        return self.world.institute.post(f"{self.path}/{verb}", body)

    def until(self, status: str) -> Agreed:
        """Go the straight way from `drafted` to `status`."""
        ways = {
            "drafted": [],
            "offered": [self.institute_does],
            "accepted": [self.institute_does, self.payer_does],
        }
        for act, verb in zip(ways[status], ("offer", "accept"), strict=False):
            answer = act(verb)
            assert answer.status_code == 200, answer.json
        return self

    def pays(self, **fields: Any) -> TestResponse:
        """The payer reports a payment."""
        return self.payer_does("payments", PAID | fields)

    def paid(self, **fields: Any) -> str:
        """A payment that was taken; returns its id."""
        answer = self.pays(**fields)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def says(self, payment: str, validator: Party | None = None, **fields: Any) -> TestResponse:
        """What a validator, else the institute, heard from workers of a payment."""
        path = f"{self.path}/payments/{payment}/validations"
        return (validator or self.world.institute).post(path, SAID | fields)

    def result(self, payment: str, validator: Party | None = None, **fields: Any) -> str:
        """The result of what was heard."""
        answer = self.says(payment, validator, **fields)
        assert answer.status_code == 201, answer.json
        return str(answer.json["result"])

    def balance(self, reader: Party | None = None) -> dict[str, Any]:
        """Where it stands for the payer, or another reader."""
        answer = (reader or self.payer).get(f"{self.path}/balance")
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    @property
    def status(self) -> str:
        """Where it stands, as the institute reads it."""
        return str(self.world.institute.get(self.path).json["status"])


def drafted(world: World, payer: Party | None = None, **fields: Any) -> Agreed:
    """An agreement that nobody but the institute has seen."""
    payer = payer or world.party("supplier")
    answer = world.institute.post(BASE, TERMS | {"payer": payer.id} | fields)
    assert answer.status_code == 201, answer.json
    return Agreed(world, payer, str(answer.json["id"]))


def linked(world: World, request: remediation.Asked, **fields: Any) -> Agreed:
    """A draft that came of a remediation request for fees."""
    return drafted(world, request.supplier, request=request.id, **fields)
