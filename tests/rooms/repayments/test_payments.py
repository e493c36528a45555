"""What a payer says it paid and what workers say of it: two parties, one rule, rounds, balances."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from openredress_api.foundation.identifiers import decode
from tests.factories import cases, evidence, remediation, repayments
from tests.factories.parties import Party, World
from tests.factories.repayments import COUNTED, FEW, PAID, SAYING, Agreed
from tests.rooms.remediation.test_requests import events_of

WRITE = text(
    "INSERT INTO repayment_validation (organisation_id, id, payer_organisation_id, payment_id, "
    "agreement_id, validation_no, amount_confirmed, methods, validator_type, at, n_affected, "
    "n_contacted, n_confirmed, n_disputed, n_unreachable, attempts, days_of_attempts, "
    "independent_of_supplier, result, recorded_at) VALUES (:me, gen_random_uuid(), :payer, "
    ":payment, :agreement, 1, :amount, '{in_person}', 'worker', now(), 14, 14, 14, 0, 0, 1, 1, "
    "true, 'full', now())"
)
MONEY = ("agreed", "claimed", "validated", "outstanding")


def money(balance: dict[str, Any]) -> tuple[str | None, ...]:
    """Agreed, claimed, validated and outstanding."""
    return tuple(balance[name] for name in MONEY)


def cell(balance: dict[str, Any], instalment: int, group: str = "a") -> dict[str, Any]:
    """One instalment of one group."""
    (found,) = (
        one
        for one in balance["parts"]
        if (one["instalment_no"], one["group"]) == (instalment, group)
    )
    return dict(found)


def faults(answer: Any) -> dict[str, str]:
    """The faults of a refused body by their places."""
    assert answer.status_code == 422, answer.json
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}


@pytest.fixture
def agreed(world: World) -> Agreed:
    """An accepted agreement of three instalments to 14 workers."""
    return repayments.drafted(world).until("accepted")


def with_cso(world: World) -> tuple[Agreed, Party]:
    """An accepted agreement that came of a case, and the CSO at work on it."""
    request, cso = remediation.asked(world, asked_outcome="fees_repaid"), world.party("cso")
    cases.consent(world, request.case, "share_cso")
    path = f"/v1/cases/{request.case}/assignments"
    assert world.institute.post(path, {"organisation": cso.id}).status_code == 201
    return repayments.linked(world, request).until("accepted"), cso


def test_a_payment_is_reported(world: World, agreed: Agreed) -> None:
    """The first payment brings the agreement into progress, and makes a task for the institute."""
    file = evidence.handed_in(agreed.payer, purpose="bank_proof")
    made = agreed.pays(evidence=[file]).json
    assert {name: made[name] for name in PAID} == PAID
    assert (made["claim_no"], made["round"], made["state"]) == (1, 1, "claimed")
    assert (made["currency"], made["evidence"]) == ("THB", [file])
    assert agreed.status == "in_progress"
    path = f"{agreed.path}/payments"
    assert world.institute.get(f"{path}/{made['id']}").json == made
    assert agreed.payer.get(path).json["data"] == [made]
    heard = events_of(world, world.institute.organisation_id, "repayment.payment_reported")
    assert heard[-1]["data"] == {
        "id": made["id"],
        "agreement": agreed.id,
        "instalment": 1,
        "round": 1,
    }
    tasks = world.institute.get("/v1/tasks?kind=validate_repayment&limit=500").json["data"]
    assert made["id"] in [task["subject"] for task in tasks]


def test_what_is_wrong_with_a_payment_is_named(world: World, agreed: Agreed) -> None:
    """Instalment, group, sum, workers, day and files are each held against what was agreed."""
    stranger = evidence.handed_in(world.party("supplier"))
    assert faults(agreed.pays(instalment_no=4)) == {"/instalment_no": "not_in_agreement"}
    assert faults(agreed.pays(group="b")) == {"/group": "not_in_agreement"}
    assert faults(
        agreed.pays(amount="7000.01", workers=15, paid_on="2027-12-31", evidence=[stranger])
    ) == {
        "/amount": "more_than",
        "/workers": "more_than",
        "/paid_on": "in_the_future",
        "/evidence/0": "not_evidence",
    }
    assert faults(agreed.pays(amount="0.001", workers=0)) == {
        "/amount": "too_many_decimals",
        "/workers": "less_than",
    }
    assert agreed.status == "accepted"


def test_nothing_is_paid_before_it_is_agreed(world: World) -> None:
    """An offer takes no payment."""
    offered = repayments.drafted(world).until("offered")
    assert offered.pays().json["code"] == "state_transition_not_allowed"


def test_a_correction_replaces_a_claim(agreed: Agreed) -> None:
    """A claim is never changed: the next one of the same instalment replaces it, in its round."""
    first = agreed.paid(amount="6000.00")
    second = agreed.paid(amount="7000.00")
    shown = agreed.payer.get(f"{agreed.path}/payments").json["data"]
    assert [(one["id"], one["claim_no"], one["round"], one["state"]) for one in shown] == [
        (first, 1, 1, "replaced"),
        (second, 2, 1, "claimed"),
    ]
    assert shown[0]["amount"] == "6000.00"
    assert money(agreed.balance()) == ("21000.00", "7000.00", None, "21000.00")
    late = agreed.says(first)
    assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")


def test_unknown_zero_and_paid_are_three_things(agreed: Agreed) -> None:
    """Nothing said is null, nothing paid is 0, nothing received is 0, and none looks like paid."""
    assert money(agreed.balance()) == ("21000.00", None, None, "21000.00")
    nothing = agreed.paid(amount="0", workers=0)
    assert money(agreed.balance()) == ("21000.00", "0.00", None, "21000.00")
    said = {"n_confirmed": 0, "n_disputed": 8, "amount_confirmed": "0"}
    assert agreed.result(nothing, **said) == "disputed"
    assert money(agreed.balance()) == ("21000.00", "0.00", "0.00", "21000.00")
    assert agreed.result(agreed.paid()) == "full"
    assert money(agreed.balance()) == ("21000.00", "7000.00", "7000.00", "14000.00")
    assert [cell(agreed.balance(), n)["state"] for n in (1, 2, 3)] == [
        "full",
        "not_claimed",
        "not_claimed",
    ]


@pytest.mark.parametrize("result", SAYING)
def test_the_rule_of_remediation_gives_the_result(
    world: World, agreed: Agreed, result: str
) -> None:
    """Each result, what the payer hears of it, and the round that follows."""
    payment = agreed.paid()
    assert agreed.result(payment, **SAYING[result]) == result
    heard = [
        (event["type"], event["data"].get("result"))
        for event in events_of(world, agreed.payer.organisation_id, "repayment.%")
        if event["subject"] == payment
    ]
    told = {
        "full": [("repayment.validated", "full")],
        "partial": [("repayment.validated", "partial")],
        "disputed": [("repayment.disputed", None)],
    }
    assert heard == told.get(result, [])
    state = cell(agreed.balance(), 1)["state"]
    assert state == ("claimed" if result == "incomplete" else result)
    again = agreed.pays()
    assert again.status_code == (409 if result == "full" else 201)
    if result != "full":
        assert again.json["round"] == (1 if result == "incomplete" else 2)


def test_less_than_what_is_due_is_never_full(agreed: Agreed) -> None:
    """Workers who confirm a claim of half the instalment have not got what was agreed."""
    half = agreed.paid(amount="3500.00")
    assert agreed.result(half, amount_confirmed="3500.00") == "partial"
    assert cell(agreed.balance(), 1)["outstanding"] == "3500.00"


def test_r19_a_payer_cannot_validate(world: World, agreed: Agreed) -> None:
    """R19: neither a scope nor the database lets a payer say that the money came."""
    payment = agreed.paid()
    armed = replace(agreed.payer, token=f"ort_{'b' * 64}")
    world.grant(armed, ["validations:write", "remediation:read"])
    for party in (agreed.payer, armed):
        refused = agreed.says(payment, party)
        assert (refused.status_code, refused.json["code"]) == (403, "insufficient_scope")
    assert agreed.says(payment, world.party("cso")).status_code == 404
    with pytest.raises(ProgrammingError, match="row-level security"):
        written(world, agreed, payment, agreed.payer, "1.00")
    assert agreed.balance()["validated"] is None


def test_r19_the_database_lets_nobody_confirm_more_than_is_claimed(
    world: World, agreed: Agreed
) -> None:
    """R19: past every rule of the application a validator still confirms at most the claim."""
    payment = agreed.paid(amount="6000.00")
    written(world, agreed, payment, world.institute, "6000.00")
    with pytest.raises(ProgrammingError, match="row-level security"):
        written(world, agreed, payment, world.institute, "6000.01")


def written(world: World, agreed: Agreed, payment: str, party: Party, amount: str) -> None:
    """Write a validation as `party`, past every rule of the application; it is rolled back."""
    database = world.app.extensions["openredress"]
    digest = hashlib.sha256(party.token.encode()).hexdigest()
    with database.transaction(digest) as transaction:
        transaction.session.execute(
            WRITE,
            {
                "me": party.organisation_id,
                "payer": agreed.payer.organisation_id,
                "payment": decode("pay", payment),
                "agreement": decode("rpa", agreed.id),
                "amount": amount,
            },
        )


def test_workers_confirm_at_most_what_is_claimed(agreed: Agreed) -> None:
    """Sums that workers confirm are at most the claim's, in its currency, and have confirmers."""
    payment = agreed.paid(amount="6000.00")

    def wrong(**fields: Any) -> dict[str, str]:
        return faults(agreed.says(payment, **fields))

    assert wrong(amount_confirmed="6000.01") == {"/amount_confirmed": "more_than"}
    assert wrong(amount_confirmed="1.001") == {"/amount_confirmed": "too_many_decimals"}
    assert wrong(amount_confirmed=None) == {"/amount_confirmed": "required"}
    assert wrong(n_confirmed=0, amount_confirmed="1") == {"/amount_confirmed": "needs"}
    assert wrong(n_affected=13, amount_confirmed="1") == {"/n_affected": "less_than"}
    assert wrong(n_contacted=7, amount_confirmed="1") == {"/n_contacted": "less_than"}


def test_three_instalments_with_one_disputed(world: World, agreed: Agreed) -> None:
    """The disputed instalment gets a second round; confirmed, the agreement completes."""
    for n in (1, 3):
        assert agreed.result(agreed.paid(instalment_no=n)) == "full"
    assert agreed.result(agreed.paid(instalment_no=2), **SAYING["disputed"]) == "disputed"
    assert money(agreed.balance()) == ("21000.00", "21000.00", "14500.00", "6500.00")
    assert agreed.institute_does("close").status_code == 409
    second = agreed.pays(instalment_no=2, method="cash").json
    assert (second["round"], second["claim_no"]) == (2, 2)
    assert agreed.result(second["id"]) == "full"
    assert agreed.status == "completed"
    balance = agreed.balance(world.institute)
    assert money(balance) == ("21000.00", "21000.00", "21000.00", "0.00")
    assert balance["workers_validated"] == 8
    assert balance["last_validated_at"] >= balance["agreed_at"]
    assert "workers_validated" not in agreed.balance()
    tasks = world.institute.get("/v1/tasks?kind=close_repayment&limit=500").json["data"]
    assert agreed.id in [task["subject"] for task in tasks]
    assert agreed.institute_does("close").json["status"] == "closed"
    types = [one["type"] for one in events_of(world, agreed.payer.organisation_id, "repayment.%")]
    assert types.count("repayment.validated") == 3
    assert types.count("repayment.disputed") == types.count("repayment.completed") == 1


def test_what_nobody_can_confirm_can_be_closed(agreed: Agreed) -> None:
    """Where workers cannot be reached the agreement is closed without ever being completed."""
    for n in (1, 2, 3):
        assert agreed.institute_does("close").status_code == 409
        said = SAYING["not_possible"] if n == 2 else {}
        agreed.result(agreed.paid(instalment_no=n), **said)
    assert money(agreed.balance()) == ("21000.00", "21000.00", "14000.00", "7000.00")
    assert agreed.status == "in_progress"
    assert agreed.institute_does("close").json["status"] == "closed"


def test_the_assigned_cso_validates(world: World) -> None:
    """The CSO at work on the case completes an agreement; the institute hears by a task."""
    agreed, cso = with_cso(world)
    for n in (1, 2, 3):
        payment = agreed.paid(instalment_no=n)
        assert agreed.result(payment, cso, **SAYING["incomplete"]) == "incomplete"
        assert agreed.result(payment, cso) == "full"
    assert agreed.status == "completed"
    assert agreed.balance(cso)["workers_validated"] == 8
    path = f"{agreed.path}/payments/{payment}/validations"
    for reader in (cso, world.institute):
        said = reader.get(path).json["data"]
        assert [one["result"] for one in said] == ["incomplete", "full"]
        assert {one["validator"] for one in said} == {cso.id}
    assert agreed.payer.get(path).status_code == 403
    subjects = [
        task["data"]["kind"]
        for task in events_of(world, world.institute.organisation_id, "task.created")
    ]
    assert "close_repayment" in subjects


def test_the_payer_learns_the_result_and_not_who(world: World) -> None:
    """In nothing that the payer reads stands who was asked, how many, or by whom."""
    agreed, cso = with_cso(world)
    payment = agreed.paid()
    agreed.result(payment, cso, **SAYING["partial"])
    shown = [
        agreed.payer.get(path).get_data(as_text=True)
        for path in (
            agreed.path,
            f"{agreed.path}/balance",
            f"{agreed.path}/payments",
            f"{agreed.path}/payments/{payment}",
        )
    ]
    assert "n_confirmed" not in "".join(shown)
    assert cso.id not in "".join(shown)
    assert cell(agreed.balance(), 1)["validated"] == "6500.00"


def test_r6_a_hidden_sum_stays_hidden_when_it_is_paid(world: World) -> None:
    """R6: of a group that is not told the payer reads the result alone, and may claim any sum."""
    agreed = repayments.drafted(world, groups=[COUNTED, FEW]).until("accepted")
    payment = agreed.paid(group="b", amount="50000.00", workers=90)
    said = {"n_affected": 2, "n_contacted": 2, "n_confirmed": 2, "n_unreachable": 0}
    more = agreed.says(payment, **said, amount_confirmed="233.35")
    assert faults(more) == {"/amount_confirmed": "more_than"}, "no more is repaid than was owed"
    assert agreed.result(payment, **said, amount_confirmed="233.34") == "full"
    mine = cell(agreed.balance(), 1, "b")
    assert (mine["state"], mine["due"], mine["validated"]) == ("full", None, None)
    assert money(agreed.balance()) == ("21000.00", None, None, "21000.00")
    assert cell(agreed.balance(world.institute), 1, "b")["validated"] == "233.34"


def test_two_claims_at_once_are_numbered(agreed: Agreed) -> None:
    """Claims and validations that come at the same moment get numbers of their own."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: agreed.pays(), range(4)))
    assert sorted(one.json["claim_no"] for one in answers) == [1, 2, 3, 4]
    newest = max(answers, key=lambda one: one.json["claim_no"]).json["id"]
    with ThreadPoolExecutor(4) as pool:
        results = [one.status_code for one in pool.map(lambda _: agreed.says(newest), range(4))]
    assert sorted(results) == [201, 409, 409, 409]


def test_reads_and_acts_are_audited(world: World, agreed: Agreed) -> None:
    """Every reading and every act leaves an entry that names agreement or payment."""
    payment = agreed.paid()
    agreed.payer.get(f"{agreed.path}/payments/{payment}")
    agreed.balance()
    agreed.says(payment)
    with world.installation.as_owner() as connection:
        found = {
            row.operation
            for row in connection.execute(
                text("SELECT operation FROM audit WHERE content LIKE :one OR content LIKE :other"),
                {"one": f"%{agreed.id}%", "other": f"%{payment}%"},
            )
        }
    assert found >= {
        "draft_repayment_agreement",
        "offer_repayment_agreement",
        "accept_repayment_agreement",
        "report_repayment",
        "get_repayment",
        "get_repayment_balance",
    }
    assert decode("pay", payment)


def test_an_agency_pays(world: World) -> None:
    """An agency is a payer like a supplier."""
    agreed = repayments.drafted(world, world.party("agency")).until("accepted")
    assert agreed.result(agreed.paid()) == "full"
    assert agreed.balance()["validated"] == "7000.00"
