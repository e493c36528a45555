"""Agreements to repay fees: who writes and reads what, who may take which step, what is refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.organisations import set_sandbox_clock
from openredress_api.repayments import rules
from openredress_webhooks.events import Event
from tests.factories import cases, remediation, repayments
from tests.factories.parties import Party, World
from tests.factories.repayments import BASE, COUNTED, FEW, TERMS, THIRDS
from tests.rooms.remediation.test_requests import events_of

OVERDUE = text("SELECT gate.tell_of_overdue_repayments('https://api.example.org')")


def told(world: World, party: Party) -> list[str]:
    """The types of repayment events in a party's feed, oldest first."""
    return [event["type"] for event in events_of(world, party.organisation_id, "repayment.%")]


def refused(world: World, **fields: Any) -> dict[str, str]:
    """The faults of a draft by their places."""
    payer = fields.pop("payer", None) or world.party("supplier").id
    answer = world.institute.post(BASE, TERMS | {"payer": payer} | fields)
    assert answer.status_code == 422, answer.json
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}


def test_a_draft_is_the_institutes_alone(world: World) -> None:
    """Before it is offered the payer sees no agreement, and hears of none."""
    agreed = repayments.drafted(world)
    assert agreed.payer.get(agreed.path).status_code == 404
    assert agreed.payer.get(BASE).json["data"] == []
    agreed.institute_does("cancel", {"reason": "entered_by_mistake"})
    assert agreed.payer.get(agreed.path).status_code == 404
    assert told(world, agreed.payer) == []


def test_an_offer_is_read_and_accepted(world: World) -> None:
    """The payer reads the sums of each instalment, accepts, and the institute hears of it."""
    agreed = repayments.drafted(world, corridor={"origin": "MM", "destination": "TH"})
    agreed.until("offered")
    seen = agreed.payer.get(agreed.path)
    assert seen.headers["ETag"] == '"v2-supplier"'
    assert seen.json["corridor"] == {"origin": "MM", "destination": "TH"}
    assert seen.json["groups"] == [
        {
            "label": "a",
            "fee_types": COUNTED["fee_types"],
            "worded": "counted",
            "workers": 14,
            "amount": "21000.00",
        }
    ]
    assert [one["parts"] for one in seen.json["instalments"]] == [
        [{"group": "a", "amount": "7000.00"}]
    ] * 3
    accepted = agreed.payer_does("accept").json
    assert accepted["status"] == "accepted"
    assert accepted["agreed_at"] >= seen.json["offered_at"]
    assert told(world, agreed.payer) == ["repayment.offered"]
    heard = events_of(world, world.institute.organisation_id, "repayment.accepted")
    assert agreed.id in [event["data"]["id"] for event in heard]


def test_r6_a_few_workers_are_not_counted_for_the_payer(world: World) -> None:
    """R6: of fewer than three, or an unknown number, the payer reads neither number nor sum."""
    unknown = FEW | {"label": "c", "workers": None}
    agreed = repayments.drafted(world, groups=[FEW, COUNTED, unknown]).until("offered")
    seen = agreed.payer.get(agreed.path).json
    assert [
        (one["label"], one["worded"], one["workers"], one["amount"]) for one in seen["groups"]
    ] == [
        ("b", "all_in_situation", None, None),
        ("a", "counted", 14, "21000.00"),
        ("c", "all_in_situation", None, None),
    ]
    assert {part["group"] for one in seen["instalments"] for part in one["parts"]} == {"a"}
    balance = agreed.balance()
    assert balance["agreed"] == "21000.00"
    assert {one["due"] for one in balance["parts"] if one["group"] != "a"} == {None}
    inside = world.institute.get(agreed.path).json
    assert inside["groups"][0]["workers"] == 2
    assert agreed.balance(world.institute)["agreed"] == "22400.02"


def test_r6_what_is_told_does_not_depend_on_what_is_not(world: World) -> None:
    """R6: the payer reads the same sums, whatever is owed to groups that it is not told of."""
    seen = []
    for amount in ("0.01", "100.01", "99999.98"):
        groups = [FEW | {"amount": amount}, COUNTED | {"amount_per_worker": "0.37"}]
        agreed = repayments.drafted(world, groups=groups).until("offered")
        shown = agreed.payer.get(agreed.path).json
        seen.append((shown["groups"], shown["instalments"]))
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"currency": "JPY"}, {}),
        (
            {"currency": "JPY", "groups": [COUNTED | {"amount_per_worker": "10.5"}]},
            {"/groups/0/amount_per_worker": "too_many_decimals"},
        ),
        ({"groups": [COUNTED, FEW | {"label": "a"}]}, {"/groups/1/label": "repeated"}),
        (
            {"groups": [COUNTED | {"amount": "1"}]},
            {"/groups/0/amount_per_worker": "one_of_two"},
        ),
        ({"groups": [FEW | {"amount": None}]}, {"/groups/0/amount": "required"}),
        ({"groups": [COUNTED | {"workers": None}]}, {"/groups/0/amount_per_worker": "needs"}),
        ({"groups": [FEW | {"amount": "0"}]}, {"/groups/0/amount": "nothing_owed"}),
        (
            {"groups": [COUNTED | {"amount_per_worker": "99999999999999"}]},
            {"/groups/0/amount_per_worker": "more_than"},
        ),
        ({"instalments": [THIRDS[1]]}, {"/instalments/0/n": "not_numbered"}),
        (
            {"instalments": [THIRDS[0], THIRDS[1] | {"due_on": "2026-07-30"}]},
            {"/instalments/1/due_on": "before"},
        ),
        (
            {"instalments": [THIRDS[0], THIRDS[1] | {"share": None, "amount": "1"}]},
            {"/instalments/1/amount": "one_of_two"},
        ),
        (
            {"instalments": [THIRDS[0] | {"share": None, "amount": "20999.99"}]},
            {"/instalments": "sum_differs"},
        ),
    ],
)
def test_terms_that_do_not_fit_are_named(
    world: World, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    """Each fault of groups and instalments is named at its place; sums must fit exactly."""
    if not expected:
        groups = [COUNTED | {"amount_per_worker": "1500"}]
        assert repayments.drafted(world, groups=groups, **fields).id
    else:
        assert refused(world, **fields) == expected


def test_instalments_by_amounts_fit_exactly(world: World) -> None:
    """Given sums of instalments are kept to the cent, and each group gets all that is owed."""
    sums = ("100.01", "5000.00", "16600.00")
    instalments = [
        one | {"share": None, "amount": amount} for one, amount in zip(THIRDS, sums, strict=True)
    ]
    groups = [COUNTED, FEW | {"workers": 3}]
    agreed = repayments.drafted(world, groups=groups, instalments=instalments)
    shown = world.institute.get(agreed.path).json
    cents = [
        [int(part["amount"].replace(".", "")) for part in one["parts"]]
        for one in shown["instalments"]
    ]
    assert [sum(row) for row in cents] == [10001, 500000, 1660000]
    assert [sum(column) for column in zip(*cents, strict=True)] == [2100000, 70001]


def test_parties_that_do_not_fit_are_named(world: World) -> None:
    """A payer is a supplier or an agency, its site its own, its request one for fees."""
    supplier, brand = world.party("supplier"), world.party("brand")
    site = world.site(supplier)
    wages, fees = (
        remediation.asked(world, asked_outcome=outcome).id
        for outcome in ("wages_paid", "fees_repaid")
    )
    assert refused(world, payer=brand.id) == {"/payer": "not_a_payer"}
    assert refused(world, site=site) == {"/site": "not_the_payers_site"}
    assert refused(world, site="site_" + "0" * 26) == {"/site": "not_a_site"}
    for request in (wages, fees, "rem_" + "0" * 26):
        assert refused(world, request=request) == {"/request": "asks_for_something_else"}
    assert refused(world, asked_outcome="apology") == {"/asked_outcome": "not_in_list"}
    agency = world.party("agency")
    assert repayments.drafted(world, agency, site=site, request=fees).id


def test_wages_are_paid_in_instalments_too(world: World) -> None:
    """Of a request for wages comes an agreement on wages, in parts, whose groups have no fees."""
    asked = remediation.asked(world, asked_outcome="wages_paid")
    terms = {"asked_outcome": "wages_paid", "request": asked.id, "site": asked.site}
    place = "/groups/0/fee_types"
    assert refused(world, payer=asked.supplier.id, **terms) == {place: "only_with_fees_repaid"}
    unnamed = [{name: value for name, value in COUNTED.items() if name != "fee_types"}]
    assert refused(world, groups=unnamed) == {place: "only_with_fees_repaid"}
    agreed = repayments.drafted(world, asked.supplier, groups=unnamed, **terms).until("accepted")
    seen = agreed.payer.get(agreed.path).json
    assert (seen["asked_outcome"], seen["groups"][0]["fee_types"]) == ("wages_paid", [])
    assert agreed.result(agreed.paid()) == "full"
    assert agreed.balance(world.institute)["validated"] == "7000.00"


def test_the_database_knows_the_same_outcomes(world: World) -> None:
    """What can be paid in instalments is the money of the vocabulary, in table and rules."""
    with world.installation.as_owner() as connection:
        check = connection.scalar(
            text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conname = 'repayment_agreement_asked_outcome_check'"
            )
        )
    assert set(re.findall(r"'(\w+)'", check)) == set(rules.OUTCOMES)


def test_an_objection_is_answered(world: World) -> None:
    """A contested agreement makes a task, and is offered again or taken back."""
    agreed = repayments.drafted(world).until("offered")
    contested = agreed.payer_does("contest", {"reason": "insufficient_information"})
    assert contested.json["contested_for"] == "insufficient_information"
    tasks = world.institute.get("/v1/tasks?kind=decide_contested_repayment&limit=500").json
    assert agreed.id in [task["subject"] for task in tasks["data"]]
    assert agreed.payer_does("accept").status_code == 409
    assert agreed.institute_does("offer").json["status"] == "offered"
    assert agreed.payer_does("contest", {"reason": "duplicate"}).status_code == 200
    cancelled = agreed.institute_does("cancel", {"reason": "duplicate"}).json
    assert cancelled["cancelled_for"] == "duplicate"
    read = agreed.payer.get(agreed.path).json
    assert read["status"] == "cancelled"
    assert not {"request", "cancelled_for"} & read.keys()
    assert told(world, agreed.payer) == [
        "repayment.offered",
        "repayment.offered",
        "repayment.closed",
    ]


def test_only_the_institute_writes_and_decides(world: World) -> None:
    """No other party drafts, offers, closes or cancels."""
    agreed = repayments.drafted(world).until("accepted")
    for kind in ("supplier", "agency", "cso", "brand"):
        party = agreed.payer if kind == "supplier" else world.party(kind)
        tries = [
            party.post(BASE, TERMS | {"payer": party.id}),
            party.get(f"{BASE}/proposal"),
            *(party.post(f"{agreed.path}/{verb}") for verb in ("offer", "close")),
            party.post(f"{agreed.path}/cancel", {"reason": "duplicate"}),
        ]
        assert {one.json["code"] for one in tries} == {"insufficient_scope"}


def test_a_stranger_sees_what_an_absent_id_shows(world: World) -> None:
    """To another payer an agreement does not exist, whatever it tries; a brand has no way in."""
    agreed, stranger = repayments.drafted(world).until("accepted"), world.party("agency")
    absent = stranger.get(f"{BASE}/rpa_{'0' * 26}")
    tries = [
        stranger.get(agreed.path),
        stranger.get(f"{agreed.path}/balance"),
        stranger.get(f"{agreed.path}/payments"),
        stranger.post(f"{agreed.path}/accept"),
        stranger.post(f"{agreed.path}/contest", {"reason": "duplicate"}),
        stranger.post(f"{agreed.path}/payments", repayments.PAID),
    ]
    for answer in tries:
        assert answer.status_code == 404
        assert (answer.json["code"], answer.json["detail"]) == (
            absent.json["code"],
            absent.json["detail"],
        )
    assert stranger.get(BASE).json["data"] == []
    brand = world.party("brand")
    assert brand.get(agreed.path).json["code"] == "insufficient_scope"


def test_the_list_is_narrowed(world: World) -> None:
    """Status and updated_since narrow the list."""
    agreed = repayments.drafted(world).until("offered")

    def listed(query: str) -> list[str]:
        return [one["id"] for one in agreed.payer.get(f"{BASE}?{query}").json["data"]]

    assert listed("status=offered") == [agreed.id]
    assert listed("status=closed") == []
    assert listed("updated_since=2027-01-01T00:00:00Z") == []


def test_a_repeated_draft_is_answered_once(world: World) -> None:
    """The same Idempotency-Key gives the same agreement, as it stands now."""
    payer = world.party("supplier")
    sent = (BASE, TERMS | {"payer": payer.id})
    first = world.institute.post(*sent, Idempotency_Key="once")
    world.institute.post(f"{BASE}/{first.json['id']}/offer")
    again = world.institute.post(*sent, Idempotency_Key="once")
    assert (again.json["id"], again.json["status"]) == (first.json["id"], "offered")


def test_an_old_etag_moves_nothing(world: World) -> None:
    """If-Match names the version that was read; another one is a 412."""
    agreed = repayments.drafted(world).until("offered")
    etag = agreed.payer.get(agreed.path).headers["ETag"]
    assert agreed.payer_does("accept").status_code == 200
    late = agreed.payer.post(f"{agreed.path}/payments", repayments.PAID, If_Match=etag)
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")


def fee_request(world: World) -> remediation.Asked:
    """A remediation request for fees, about a case of its own."""
    return remediation.asked(world, asked_outcome="fees_repaid")


def test_withdrawn_consent_takes_an_agreement_back(world: World) -> None:
    """What came of a case rests on its worker's consent; the payer does not learn why it ends."""
    request = fee_request(world)
    agreed, free = repayments.linked(world, request), repayments.drafted(world, request.supplier)
    for one in (agreed, free):
        one.until("accepted")
    payment = agreed.paid()
    cases.consent(world, request.case, "contact_back", "withdrawn")
    assert agreed.status == "in_progress"
    cases.consent(world, request.case, "share_deidentified_employer", "withdrawn")
    for path in (agreed.path, f"{agreed.path}/balance", f"{agreed.path}/payments/{payment}"):
        assert agreed.payer.get(path).status_code == 410
    assert [one["id"] for one in agreed.payer.get(BASE).json["data"]] == [free.id]
    assert agreed.pays().status_code == 410
    inside = world.institute.get(agreed.path).json
    assert (inside["status"], inside["cancelled_for"]) == ("cancelled", "consent_withdrawn")
    cases.consent(world, request.case, "share_deidentified_employer")
    assert agreed.payer.get(agreed.path).status_code == 410, "a recall is for good"
    assert inside["request"] == request.id


def test_r5_an_offer_does_not_go_before_its_request(world: World) -> None:
    """What a supplier has not been shown yet is not told by an agreement either."""
    supplier, site, case = remediation.prepared(world)
    body = remediation.body(case, site, asked_outcome="fees_repaid")
    made = world.institute.post(remediation.BASE, body).json["id"]
    waiting = repayments.linked(world, remediation.Asked(world, supplier, case, site, made))
    early = waiting.institute_does("offer")
    assert (early.status_code, early.json["code"]) == (409, "state_transition_not_allowed")
    assert supplier.get(BASE).json["data"] == []
    cases.let_pass(world)
    assert waiting.institute_does("offer").status_code == 200


def test_money_that_is_owed_in_instalments_is_not_confirmed(world: World) -> None:
    """Whatever else workers confirm, the remedy is partial until the agreement is paid in full."""
    request = fee_request(world)
    repayments.linked(world, request).until("accepted")
    request.until("worker_validation")
    unsaid = request.says(world.institute)
    assert unsaid.json["errors"][0]["pointer"] == "/money_confirmed_in_full"
    said = request.says(world.institute, money_confirmed_in_full=True)
    assert (said.status_code, said.json["result"]) == (201, "partial")


def test_events_of_a_withdrawn_case_are_tombstones(world: World) -> None:
    """What the payer's feed held of the agreement is empty once the consent is withdrawn."""
    request = fee_request(world)
    agreed = repayments.linked(world, request).until("accepted")
    assert agreed.result(agreed.paid(), **repayments.SAYING["partial"]) == "partial"
    cases.consent(world, request.case, "share_deidentified_employer", "withdrawn")
    rows = agreed.payer.get("/v1/events?after=0&types=repayment.*").json["data"]
    assert {row["event"]["type"] for row in rows} == {
        "repayment.offered",
        "repayment.validated",
        "repayment.closed",
    }
    assert [row["event"].get("tombstone") for row in rows] == [True] * 3


def test_an_agency_needs_its_own_consent(world: World) -> None:
    """An agency is offered what came of a case only with share_agency; a draft can wait for it."""
    request, agency = fee_request(world), world.party("agency")
    agreed = repayments.drafted(world, agency, request=request.id)
    missing = agreed.institute_does("offer")
    assert (missing.status_code, missing.json["code"]) == (409, "consent_missing")
    cases.consent(world, request.case, "share_agency")
    assert agreed.institute_does("offer").status_code == 200
    cases.consent(world, request.case, "share_deidentified_employer", "withdrawn")
    assert agency.get(agreed.path).status_code == 200
    cases.consent(world, request.case, "share_agency", "withdrawn")
    assert agency.get(agreed.path).status_code == 410


def test_a_voided_case_takes_its_agreement_back(world: World) -> None:
    """What came of a case that should never have been is cancelled, drafts too."""
    request = fee_request(world)
    agreed = repayments.linked(world, request)
    etag = world.institute.get(f"/v1/cases/{request.case}").headers["ETag"]
    path = f"/v1/cases/{request.case}/void"
    assert world.institute.post(path, {"reason": "entered_twice"}, If_Match=etag).status_code == 200
    assert world.institute.get(agreed.path).json["cancelled_for"] == "case_voided"


def test_the_assigned_cso_reads_what_was_offered(world: World) -> None:
    """The CSO at work on the case reads every sum of an offer, and nothing once consent ends."""
    request, cso = fee_request(world), world.party("cso")
    cases.consent(world, request.case, "share_cso")
    path = f"/v1/cases/{request.case}/assignments"
    assert world.institute.post(path, {"organisation": cso.id}).status_code == 201
    agreed = repayments.linked(world, request, groups=[COUNTED, FEW])
    assert cso.get(agreed.path).status_code == 404
    agreed.until("offered")
    assert [one["amount"] for one in cso.get(agreed.path).json["groups"]] == ["21000.00", "700.01"]
    assert "request" not in cso.get(agreed.path).json
    assert [one["id"] for one in cso.get(BASE).json["data"]] == [agreed.id]
    cases.consent(world, request.case, "share_cso", "withdrawn")
    assert cso.get(agreed.path).status_code == 404


def test_overdue_is_told_by_the_clock(world: World) -> None:
    """Past its day an instalment is overdue by the sandbox clock; it is told once per round.

    row 10.
    """
    today = datetime.now(UTC).date()
    instalments = [one | {"due_on": f"{today + timedelta(days=10 * one['n'])}"} for one in THIRDS]
    agreed = repayments.drafted(world, instalments=instalments).until("accepted")

    def late_after(days: int) -> tuple[list[int], list[int]]:
        """What is overdue by the balance, and what was told so far."""
        ids = [world.institute.organisation_id, agreed.payer.organisation_id]
        with world.installation.as_owner() as connection:
            set_sandbox_clock(connection, ids, timedelta(days=days))
            for _ in range(2):
                connection.execute(OVERDUE)
        found = events_of(world, agreed.payer.organisation_id, "repayment.overdue")
        overdue = agreed.balance()["overdue"]
        with world.installation.as_owner() as connection:
            set_sandbox_clock(connection, ids, timedelta(0))
        return overdue, sorted(one["data"]["instalment"] for one in found)

    assert late_after(10) == ([], [])
    assert late_after(11) == ([1], [1])
    agreed.paid(amount="0", workers=0)
    agreed.paid(instalment_no=2, amount="0", workers=0)
    assert late_after(11) == ([1], [1]), "who says 0 has not paid"
    payment = agreed.paid()
    assert late_after(21) == ([2], [1, 2])
    assert agreed.result(payment, **repayments.SAYING["disputed"]) == "disputed"
    assert late_after(22) == ([1, 2], [1, 1, 2])
    (event, *_) = events_of(world, agreed.payer.organisation_id, "repayment.overdue")
    assert event["links"]["self"].endswith(agreed.path)
    assert json.loads(Event.parse(json.dumps(event).encode()).render()) == event
    tasks = world.institute.get("/v1/tasks?kind=chase_repayment&limit=500").json["data"]
    assert [task["subject"] for task in tasks].count(agreed.id) == 1


def test_sql_and_python_tell_the_same_lifecycle(world: World) -> None:
    """gate.transition holds exactly the arrows of rules.LIFECYCLE."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT from_status, to_status, party FROM gate.transition "
                "WHERE kind = 'repayment_agreement'"
            )
        )
        stored = {tuple(row) for row in rows}
    assert stored == {(step.source, step.target, step.party) for step in rules.LIFECYCLE}


def test_a_payers_own_steps_complete_nothing() -> None:
    """From every state that is not an end, a payer's own steps lead to no end."""
    own = [step for step in rules.LIFECYCLE if step.party == "recipient"]
    reached = set(rules.OPEN)
    for _ in own:
        reached |= {step.target for step in own if step.source in reached}
    assert not reached & {"completed", "closed", "cancelled"}
