"""Claims and what workers say of them: two parties, one rule, and what follows from its result."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from openredress_api.foundation.identifiers import decode
from tests.factories import cases, remediation
from tests.factories.parties import Party, World
from tests.factories.remediation import BASE, CLAIM, SAYING, Asked
from tests.rooms.remediation.test_requests import events_of

STATUS_OF = {
    "full": "validated_full",
    "partial": "validated_partial",
    "disputed": "disputed_by_workers",
    "not_possible": "validation_not_possible",
    "incomplete": "worker_validation",
}


def assigned(world: World, request: Asked) -> Party:
    """A CSO to which the request's case is assigned."""
    cso = world.party("cso")
    cases.consent(world, request.case, "share_cso")
    answer = world.institute.post(f"/v1/cases/{request.case}/assignments", {"organisation": cso.id})
    assert answer.status_code in {200, 201}, answer.json
    return cso


@pytest.mark.parametrize("result", STATUS_OF)
def test_what_workers_say_moves_the_request(world: World, result: str) -> None:
    """Each result leads to its status; the supplier reads the result of the round and no count.

    row 2.
    """
    request = remediation.asked(world).until("worker_validation")
    answer = request.says(world.institute, **SAYING[result])
    assert (answer.status_code, answer.json["result"]) == (201, result)
    seen = request.supplier.get(request.path).json
    assert seen["status"] == STATUS_OF[result]
    assert [one["result"] for one in seen["results"]] == [result] * (result != "incomplete")
    assert "n_confirmed" not in str(seen)


def test_the_supplier_hears_the_result_and_not_who(world: World) -> None:
    """Validated carries the result, disputed the due date; an open round tells nothing.

    row 10.
    """
    request = remediation.asked(world).until("worker_validation")
    request.says(world.institute, **SAYING["incomplete"])
    request.says(world.institute, **SAYING["partial"])
    heard = events_of(world, request.supplier.organisation_id)
    assert [event["type"] for event in heard] == [
        "remediation.requested",
        "remediation.validated",
    ]
    assert heard[-1]["data"] == {
        "id": request.id,
        "status": "validated_partial",
        "round": 1,
        "result": "partial",
    }


def test_an_incomplete_round_is_counted_on(world: World) -> None:
    """Records of one round are numbered; the one that suffices ends it."""
    request = remediation.asked(world).until("worker_validation")
    first = request.says(world.institute, **SAYING["incomplete"]).json
    second = request.says(world.institute).json
    assert [(one["validation_no"], one["result"]) for one in (first, second)] == [
        (1, "incomplete"),
        (2, "full"),
    ]
    late = request.says(world.institute)
    assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")
    listed = world.institute.get(f"{request.path}/validations").json["data"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]


def test_a_dispute_opens_the_next_round(world: World) -> None:
    """The round counts on, and the supplier claims anew; both claims stay as they were (row 2)."""
    request = remediation.asked(world).until("worker_validation")
    request.says(world.institute, **SAYING["disputed"])
    assert request.institute_does("next-round").json["round"] == 2
    request.again()
    assert request.says(world.institute).json["round"] == 2
    claims = request.supplier.get(f"{request.path}/completion-claims").json["data"]
    assert [(one["claim_no"], one["round"]) for one in claims] == [(1, 1), (2, 2)]
    seen = request.supplier.get(request.path).json
    assert [(one["round"], one["result"]) for one in seen["results"]] == [
        (1, "disputed"),
        (2, "full"),
    ]


def test_a_claim_is_told_and_read(world: World) -> None:
    """The institute hears of a claim and reads it where the event points."""
    request = remediation.asked(world).until("in_progress")
    money = {"amount": "1520.50", "currency": "THB"}
    made = request.supplier_does("completion-claims", CLAIM | {"amount": money})
    assert (made.status_code, made.json["amount"]) == (201, money)
    institute = world.institute
    event = next(
        one
        for one in events_of(world, institute.organisation_id, "claim.submitted")
        if one["subject"] == made.json["id"]
    )
    assert event["data"] == {
        "id": made.json["id"],
        "remediation_id": request.id,
        "round": 1,
    }
    path = event["links"]["self"].removeprefix("http://127.0.0.1:8321")
    assert institute.get(path).json == made.json
    again = request.supplier_does("completion-claims", CLAIM)
    assert (again.status_code, again.json["code"]) == (409, "state_transition_not_allowed")


def test_what_is_wrong_in_a_claim_is_named(world: World) -> None:
    """A day to come and an outcome that is no remedy are refused; nothing moves."""
    request = remediation.asked(world).until("in_progress")
    wrong = request.supplier_does("completion-claims", CLAIM | {"completed_on": "2027-01-31"})
    assert wrong.json["errors"][0]["code"] == "in_the_future"
    wrong = request.supplier_does("completion-claims", CLAIM | {"outcomes": ["unresolved"]})
    assert wrong.json["errors"][0]["code"] == "not_in_list"
    assert request.status == "in_progress"


def test_what_is_wrong_in_counts_is_named(world: World) -> None:
    """Counts that contradict each other, or lower what was asked, are refused at their place."""
    request = remediation.asked(world, amount={"amount": "9000", "currency": "THB"}).until(
        "worker_validation"
    )
    wrong = request.says(
        world.institute, n_affected=9, n_contacted=10, n_confirmed=10, n_disputed=1
    )
    found = [(error["pointer"], error["code"]) for error in wrong.json["errors"]]
    assert found == [
        ("/n_contacted", "less_than"),
        ("/n_affected", "less_than"),
        ("/n_affected", "less_than"),
        ("/money_confirmed_in_full", "required"),
    ]
    partly = request.says(world.institute, money_confirmed_in_full=False)
    assert partly.json["result"] == "partial"


def test_the_claimant_never_validates(world: World) -> None:
    """Neither the scope nor the database lets a supplier write what workers said (R19)."""
    request = remediation.asked(world).until("worker_validation")
    refused = request.says(request.supplier)
    assert (refused.status_code, refused.json["code"]) == (403, "insufficient_scope")
    armed = replace(request.supplier, token="ort_" + "a" * 64)
    world.grant(armed, ["validations:write"])
    refused = request.says(armed)
    assert refused.status_code == 403
    with pytest.raises(Exception, match="row-level security"):
        _insert_validation(world, request, request.supplier)
    assert request.status == "worker_validation"


def _insert_validation(world: World, request: Asked, party: Party) -> None:
    """Write a validation as `party`, past every rule of the application."""
    database = world.app.extensions["openredress"]
    digest = hashlib.sha256(party.token.encode()).hexdigest()
    with database.transaction(digest) as transaction:
        transaction.session.execute(
            text(
                "INSERT INTO worker_validation (organisation_id, id, request_id, round, "
                "validation_no, methods, validator_type, at, n_affected, n_contacted, "
                "n_confirmed, n_disputed, n_unreachable, attempts, days_of_attempts, "
                "independent_of_supplier, result, recorded_at) VALUES (:me, gen_random_uuid(), "
                ":request, 1, 1, '{in_person}', 'worker', now(), 14, 14, 14, 0, 0, 1, 1, true, "
                "'full', now())"
            ),
            {"me": party.organisation_id, "request": decode("rem", request.id)},
        )


def test_an_assigned_cso_validates(world: World) -> None:
    """The CSO of the case reads the request and validates; another CSO sees nothing (row 3)."""
    request = remediation.asked(world).until("worker_validation")
    other, cso = world.party("cso"), assigned(world, request)
    assert other.get(request.path).status_code == 404
    assert request.says(other).status_code == 404
    assert [one["id"] for one in cso.get(BASE).json["data"]] == [request.id]
    assert cso.get(f"{request.path}/completion-claims").json["data"][0]["claim_no"] == 1
    said = request.says(cso, validator_type="cso")
    assert (said.status_code, said.json["validator"]) == (201, cso.id)
    assert request.status == "validated_full"
    assert cso.id not in str(request.supplier.get(request.path).json)
    assert world.institute.get(f"{request.path}/validations").json["data"][0]["validator"] == cso.id
    heard = events_of(world, request.supplier.organisation_id)
    assert heard[-1]["type"] == "remediation.validated"


def test_a_cso_validates_only_while_the_worker_agrees(world: World) -> None:
    """When share_cso is withdrawn the assigned CSO sees the request no longer."""
    request = remediation.asked(world).until("worker_validation")
    cso = assigned(world, request)
    assert cso.get(request.path).status_code == 200
    cases.consent(world, request.case, "share_cso", "withdrawn")
    assert cso.get(request.path).status_code == 404
    assert request.says(cso).status_code == 404


def test_a_cso_takes_no_other_step(world: World) -> None:
    """An assigned CSO says what workers said, and moves nothing else."""
    request = remediation.asked(world).until("worker_validation")
    cso = assigned(world, request)
    for verb in ("close", "cancel", "next-round", "acknowledge", "completion-claims"):
        assert cso.post(f"{request.path}/{verb}", {}).status_code == 403


def test_a_full_validation_closes_the_case(world: World) -> None:
    """Closing the last request that workers confirmed in full closes the case as validated."""
    first = remediation.asked(world)
    remediation.investigated(world, first.case)
    second = remediation.ask(world, remediation.body(first.case, first.site)).json["id"]
    requests = [first, replace(first, id=second)]
    for request in requests:
        request.until("worker_validation").says(world.institute)
    assert _case(first)["status"] == "in_investigation"
    requests[0].institute_does("close")
    assert _case(first)["status"] == "in_investigation"
    closed = requests[1].institute_does("close")
    assert closed.json["status"] == "closed"
    assert _case(first)["status"] == "closed_validated"
    event = events_of(world, first.supplier.organisation_id, "remediation.closed")[-1]
    assert event["data"]["result"] == "full"


def test_any_other_ending_leaves_the_case_open(world: World) -> None:
    """A partly confirmed request closes without its case."""
    request = remediation.asked(world)
    remediation.investigated(world, request.case)
    request.until("worker_validation").says(world.institute, **SAYING["partial"])
    assert request.institute_does("close").json["status"] == "closed"
    assert _case(request)["status"] == "in_investigation"


def _case(request: Asked) -> dict[str, str]:
    return dict(request.world.institute.get(f"/v1/cases/{request.case}").json)


def test_claims_and_validations_are_never_changed(world: World) -> None:
    """No role of the application may update or delete a claim, a validation or a result."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
                "WHERE grantee = 'openredress_app' AND table_name IN ('completion_claim', "
                "'worker_validation', 'validation_result_notice', 'remediation_request', "
                "'remediation_plan', 'remediation_contest')"
            )
        )
        assert {row.privilege_type for row in rows} == {"SELECT", "INSERT"}


@pytest.mark.parametrize("told", [2, 14])
def test_nobody_counts_fewer_workers_than_are_known(world: World, told: int) -> None:
    """The number of the case is the least, also where it is not told to the supplier."""
    request = remediation.asked(world, workers=told).until("worker_validation")
    fewer = {"n_affected": 1, "n_contacted": 1, "n_confirmed": 1, "n_unreachable": 0}
    for validator in (world.institute, assigned(world, request)):
        refused = request.says(validator, **fewer)
        assert refused.status_code == 422
        assert refused.json["errors"][0]["pointer"] == "/n_affected"
    assert request.status == "worker_validation"


def test_a_round_counts_no_fewer_than_it_has_counted(world: World) -> None:
    """Where the number was unknown, what one record of a round says binds the next one."""
    request = remediation.asked(world, workers=None).until("worker_validation")
    first = {"n_affected": 100, "n_contacted": 20, "n_confirmed": 20, "n_unreachable": 80}
    assert request.says(world.institute, **first).json["result"] == "incomplete"
    refused = request.says(world.institute, **first | {"n_affected": 20, "n_unreachable": 0})
    assert (refused.status_code, request.status) == (422, "worker_validation")


def test_of_two_validations_at_once_one_concludes(world: World) -> None:
    """The second finds the round over; it is told so and stores nothing."""
    request = remediation.asked(world).until("worker_validation")
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: request.says(world.institute), range(4)))
    assert sorted(answer.status_code for answer in said) == [201, 409, 409, 409]
