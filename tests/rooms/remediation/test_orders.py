"""Whatever is called by whom in whatever order: a remedy is validated by workers' word alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from openredress_api.access.scopes import ALL_SCOPES
from openredress_api.app import ENDPOINTS
from openredress_api.remediation import rules
from tests.factories import remediation
from tests.factories.parties import Party, World
from tests.factories.remediation import CLAIM, PLAN, SAID, SAYING, Asked
from tests.rooms.remediation.test_validation import assigned

_ACT = re.compile(r"/v1/remediation-requests/\{id\}/(.+)")
VERBS = [
    found[1]
    for endpoint in ENDPOINTS
    if endpoint.operation.method == "POST" and (found := _ACT.fullmatch(endpoint.operation.path))
]
BODIES = {
    "contest": {"reason": "no_capacity"},
    "plan": PLAN,
    "completion-claims": CLAIM,
    "validations": SAID,
    "progress-reports": {"planned_outcome": "wages_paid", "state": "under_way"},
    "request-evidence": {"purposes": ["payslip"]},
    "cancel": {"reason": "duplicate"},
    "escalate": {"reason": "no_answer"},
    "sponsorships": {},
    "worker-responses": {"text": "Wages are paid on Friday."},
}
RESULTS = set(rules.STATUS_OF.values())
STEPS = {(step.source, step.target) for step in rules.LIFECYCLE}
CONCLUSIVE = set(rules.STATUS_OF)


class Remedies(RuleBasedStateMachine):
    """One request; its supplier with every scope there is, two of the institute, and a CSO."""

    world: World
    request: Asked

    @initialize(begun=st.booleans())
    def begin(self, *, begun: bool) -> None:
        """A request that was just shown, or one that waits for the word of workers."""
        self.request = remediation.asked(self.world)
        self.cso = assigned(self.world, self.request)
        if begun:
            self.request.until("worker_validation")
        mine = self.request.supplier
        # Without what is the institute's, the supplier could pass for it; with its role it cannot.
        self.supplier = replace(mine, token=f"ort_{self.request.id[4:].ljust(64, 'x')}")
        self.world.grant(self.supplier, sorted(ALL_SCOPES))
        self.status, self.heard = self.request.status, []
        self.claims: list[Any] = []
        self.look(self._read("completion-claims"))

    @rule(verb=st.sampled_from(VERBS), saying=st.sampled_from([*SAYING]))
    def supplier_acts(self, verb: str, saying: str) -> None:
        """The supplier tries any act, its own ones and those of the others."""
        before = self.status
        self._act(self.supplier, verb, saying)
        assert (self.status == before) or self.status not in RESULTS | {"closed"}

    @rule(verb=st.sampled_from([one for one in VERBS if one != "validations"]))
    def institute_acts(self, verb: str) -> None:
        """The institute tries any act but the word of workers."""
        before = self.status
        self._act(self.world.institute, verb, "full")
        assert (self.status == before) or self.status not in RESULTS

    @rule(by_cso=st.booleans(), saying=st.sampled_from([*SAYING]))
    def workers_are_asked(self, *, by_cso: bool, saying: str) -> None:
        """Whoever may ask them writes down what they said; the rule, and nobody else, concludes."""
        before = self.status
        validator = self.cso if by_cso else self.world.institute
        answer = self.request.says(validator, **SAYING[saying])
        assert (answer.status_code == 201) == (before == "worker_validation"), answer.json
        if answer.status_code == 201:
            assert answer.json["result"] == saying
            self.heard.append(answer.json)
        self._look()
        if answer.status_code == 201:
            assert self.status == rules.STATUS_OF.get(saying, before)

    def _act(self, party: Party, verb: str, saying: str) -> None:
        body = BODIES.get(verb, {}) | (SAYING[saying] if verb == "validations" else {})
        answer = party.post(f"{self.request.path}/{verb}", body)
        assert answer.status_code in {200, 201, 403, 404, 409, 422}, answer.json
        self._look()

    def _look(self) -> None:
        """One step at most, along the lifecycle; what was said is only added to, and numbered."""
        now = self.request.status
        assert now == self.status or (self.status, now) in STEPS
        self.status = now
        self.look(self._read("completion-claims"))

    def look(self, claims: list[Any]) -> None:
        """Claims and validations are what they were, and perhaps one more."""
        assert claims[: len(self.claims)] == self.claims
        assert [one["claim_no"] for one in claims] == list(range(1, len(claims) + 1))
        self.claims = claims
        said = self._read("validations")
        assert [one["id"] for one in said] == [one["id"] for one in self.heard]
        # A round is over with its first conclusive word; a validated state always rests on one.
        last = [one for one in said if one["result"] in CONCLUSIVE][-1:]
        if self.status in RESULTS:
            assert rules.STATUS_OF[last[0]["result"]] == self.status
        if self.status == "closed":
            assert last

    def _read(self, what: str) -> list[Any]:
        return list(self.world.institute.get(f"{self.request.path}/{what}?limit=500").json["data"])


@pytest.mark.parametrize("server", ["wheel-18"], indirect=True, scope="session")
def test_r19_no_order_of_calls_validates_without_workers(world: World) -> None:
    """Acts of supplier, institute and validators in any order (R19, row 2)."""
    machine = type("RemediesHere", (Remedies,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=25, suppress_health_check=list(HealthCheck)
        ),
    )
