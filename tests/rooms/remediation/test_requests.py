"""A request for a remedy: who may ask, what the supplier learns, who may take which step."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.remediation import rules
from tests.factories import cases, remediation
from tests.factories.parties import World
from tests.factories.remediation import BASE, CLAIM, PLAN

CONTEST = {"reason": "not_our_facility"}


def events_of(world: World, organisation: Any, kind: str = "remediation.%") -> list[Any]:
    """The bodies of an organisation's events, oldest first."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT convert_from(body, 'UTF8')::jsonb AS body FROM event "
                "WHERE organisation_id = :id AND type LIKE :kind ORDER BY subject_seq, type"
            ),
            {"id": organisation, "kind": kind},
        )
        return [row.body for row in rows]


def test_asking(world: World) -> None:
    """The supplier reads what is asked of it and hears of it; due is counted from the release."""
    request = remediation.asked(
        world, amount={"amount": "1520.50", "currency": "THB"}, due_in_days=30
    )
    seen = request.supplier.get(request.path)
    assert seen.headers["ETag"] == '"v1-supplier"'
    assert seen.json["amount"] == {"amount": "1520.50", "currency": "THB"}
    assert (seen.json["workers"], seen.json["worded"]) == (14, "counted")
    assert seen.json["categories"] == ["hours.excessive", "wages.withheld"]
    assert seen.json["status"] == "issued"
    assert seen.json["due_at"][:10] > seen.json["released_at"][:10]
    (event,) = events_of(world, request.supplier.organisation_id)
    assert event["type"] == "remediation.requested"
    assert event["data"] == {
        "id": request.id,
        "status": "issued",
        "round": 1,
        "due_at": seen.json["due_at"],
    } | {"due_at": event["data"]["due_at"]}


def test_the_supplier_never_learns_of_the_case(world: World) -> None:
    """Case, referral, count and reason of cancelling are members for the institute alone.

    row 11.
    """
    request = remediation.asked(world, workers=2)
    hidden = {"case", "referral", "workers_counted", "amount_agreed", "cancelled_for"}
    seen = request.supplier.get(request.path).json
    assert not hidden & seen.keys()
    assert (seen["workers"], seen["worded"]) == (None, "all_in_situation")
    known = world.institute.get(request.path).json
    assert (known["case"], known["workers_counted"]) == (request.case, 2)


@pytest.mark.parametrize("workers", [1, 2, None])
def test_money_of_a_few_needs_the_consent_to_be_named(world: World, workers: int | None) -> None:
    """A sum of fewer than three workers is told only if the worker agreed to be known (R6)."""
    supplier, site, case = remediation.prepared(world)
    money = {"amount": "14350.00", "currency": "THB"}
    body = remediation.body(case, site, workers=workers, amount=money)
    hidden = remediation.ask(world, body).json
    assert (hidden["amount"], hidden["amount_agreed"]) == (None, money)
    read = supplier.get(f"{BASE}/{hidden['id']}").json
    assert (read["amount"], read["asks_for_money"], read["worded"]) == (
        None,
        True,
        "all_in_situation",
    )
    assert "amount_agreed" not in read
    cases.consent(world, case, "identify_to_employer")
    told = remediation.ask(world, body).json
    assert supplier.get(f"{BASE}/{told['id']}").json["amount"] == money


def test_asking_needs_consent(world: World) -> None:
    """Without the worker's consent no supplier is asked."""
    site = world.site(world.party("supplier"))
    case = cases.case(world, site)["id"]
    refused = world.institute.post(BASE, remediation.body(case, site))
    assert (refused.status_code, refused.json["code"]) == (409, "consent_missing")


@pytest.mark.parametrize(
    "fields", [{"severity": "s1_critical"}, {"categories": ["retaliation.any"]}]
)
def test_a_sensitive_case_is_refused(world: World, fields: dict[str, Any]) -> None:
    """A critical case or a restricted category reaches no supplier before a safety assessment."""
    _, site, case = remediation.prepared(world, **fields)
    refused = world.institute.post(BASE, remediation.body(case, site))
    assert (refused.status_code, refused.json["code"]) == (409, "safety_assessment_missing")


def test_what_is_wrong_is_named(world: World) -> None:
    """Another site, another case's referral, too many decimals: each is named at its place."""
    _, _, case = remediation.prepared(world)
    supplier = world.party("supplier")
    other = cases.referral(world, supplier)["id"]
    body = remediation.body(
        case,
        world.site(supplier, "elsewhere"),
        referral=other,
        amount={"amount": "10.5", "currency": "JPY"},
    )
    refused = world.institute.post(BASE, body)
    assert refused.status_code == 422
    found = {error["pointer"]: error["code"] for error in refused.json["errors"]}
    assert found == {
        "/site": "not_the_cases_site",
        "/referral": "not_of_this_case",
        "/amount/amount": "too_many_decimals",
    }
    absent = world.institute.post(BASE, body | {"case": "case_" + "0" * 26})
    assert absent.json["errors"][0]["code"] == "not_a_case"


def test_only_the_institute_asks(world: World) -> None:
    """No other party holds the scope that asks for a remedy."""
    request = remediation.asked(world)
    for kind in ("supplier", "cso", "brand", "agency"):
        answer = world.party(kind).post(BASE, remediation.body(request.case, request.site))
        assert (answer.status_code, answer.json["code"]) == (403, "insufficient_scope")


def test_a_stranger_sees_what_an_absent_id_shows(world: World) -> None:
    """To another supplier a request does not exist, whatever it tries."""
    request, stranger = remediation.asked(world), world.party("supplier")
    absent = stranger.get(f"{BASE}/rem_{'0' * 26}")
    tries = [
        stranger.get(request.path),
        stranger.get(f"{request.path}/completion-claims"),
        stranger.post(f"{request.path}/acknowledge"),
        stranger.post(f"{request.path}/contest", CONTEST),
        stranger.post(f"{request.path}/plan", PLAN),
        stranger.post(f"{request.path}/completion-claims", CLAIM),
    ]
    for answer in tries:
        assert answer.status_code == 404
        assert answer.json["code"] == absent.json["code"]
        assert answer.json["detail"] == absent.json["detail"]
    assert stranger.get(BASE).json["data"] == []


def test_a_repeated_request_is_answered_once(world: World) -> None:
    """The same Idempotency-Key gives the same request, as it stands now, and no second one."""
    supplier, site, case = remediation.prepared(world)
    sent = (BASE, remediation.body(case, site))
    first = world.institute.post(*sent, Idempotency_Key="once")
    cases.let_pass(world)
    assert supplier.post(f"{BASE}/{first.json['id']}/acknowledge").status_code == 200
    again = world.institute.post(*sent, Idempotency_Key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.json["id"], again.json["status"]) == (first.json["id"], "acknowledged")
    assert len(supplier.get(BASE).json["data"]) == 1


def test_reads_and_acts_are_audited(world: World) -> None:
    """Every reading and every step leaves an entry that names the request (R18)."""
    request = remediation.asked(world)
    request.supplier.get(request.path)
    request.supplier_does("acknowledge")
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text("SELECT operation FROM audit WHERE content LIKE :id ORDER BY at, operation"),
            {"id": f"%{request.id}%"},
        )
        found = {row.operation for row in rows}
    assert found == {
        "request_remediation",
        "get_remediation_request",
        "acknowledge_remediation",
    }


def test_the_list_is_narrowed(world: World) -> None:
    """Status and updated_since narrow the list; a cursor fits only its own filters."""
    remediation.asked(world)
    request = remediation.asked(world)
    supplier = request.supplier
    moment = supplier.get(request.path).json["updated_at"]

    def listed(query: str) -> list[str]:
        return [one["id"] for one in supplier.get(f"{BASE}?{query}").json["data"]]

    assert listed("status=issued") == [request.id]
    assert listed("status=closed") == []
    assert listed(f"updated_since={moment.replace('+', '%2B')}") == [request.id]
    assert listed("updated_since=2027-01-01T00:00:00Z") == []
    known = world.institute.get(f"{BASE}?limit=1").json
    assert known["has_more"]
    assert known["data"][0]["id"] != request.id


def test_an_old_etag_moves_nothing(world: World) -> None:
    """If-Match names the version that was read; another one is a 412."""
    request = remediation.asked(world)
    etag = request.supplier.get(request.path).headers["ETag"]
    assert request.supplier_does("acknowledge").status_code == 200
    late = request.supplier.post(f"{request.path}/plan", PLAN, If_Match=etag)
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    assert request.status == "acknowledged"


def test_an_objection_is_answered(world: World) -> None:
    """A contested request is issued again or cancelled; the supplier hears which."""
    request = remediation.asked(world)
    contested = request.supplier_does("contest", CONTEST)
    assert (contested.json["status"], contested.json["contested_for"]) == (
        "contested",
        "not_our_facility",
    )
    assert request.supplier_does("acknowledge").status_code == 409
    assert request.institute_does("reissue").json["status"] == "issued"
    assert request.supplier_does("contest", {"reason": "duplicate"}).status_code == 200
    cancelled = request.institute_does("cancel", {"reason": "contest_accepted"})
    assert cancelled.json["cancelled_for"] == "contest_accepted"
    heard = [
        (event["type"], event["data"]["status"])
        for event in events_of(world, request.supplier.organisation_id)
    ]
    assert heard == [
        ("remediation.requested", "issued"),
        ("remediation.requested", "issued"),
        ("remediation.closed", "cancelled"),
    ]


def test_a_plan_is_returned_and_agreed(world: World) -> None:
    """A returned plan is followed by the next one; the agreed one is shown."""
    request = remediation.asked(world).until("plan_submitted")
    assert request.institute_does("plan/return").json["status"] == "plan_returned"
    assert request.supplier_does("plan", PLAN).json["plan"]["plan_no"] == 2
    agreed = request.institute_does("plan/agree").json
    assert agreed["plan"]["actions"] == PLAN["actions"]
    heard = [event["type"] for event in events_of(world, request.supplier.organisation_id)]
    assert heard == ["remediation.requested", "remediation.plan_returned"]


def test_the_supplier_takes_no_step_of_the_institute(world: World) -> None:
    """Agreeing, reviewing, validating and closing are not the supplier's."""
    request = remediation.asked(world).until("supplier_claims_completed")
    for verb in ("review", "await-validation", "close", "next-round", "plan/agree", "reissue"):
        answer = request.supplier_does(verb)
        assert (answer.status_code, answer.json["code"]) == (403, "insufficient_scope")
    assert request.status == "supplier_claims_completed"


def test_withdrawn_consent_takes_requests_back(world: World) -> None:
    """The worker's no cancels what rests on it, and the supplier does not learn why (R1)."""
    request = remediation.asked(world).until("in_progress")
    cases.consent(world, request.case, "contact_back", "withdrawn")
    assert request.status == "in_progress"
    cases.consent(world, request.case, "share_deidentified_employer", "withdrawn")
    assert request.supplier.get(request.path).status_code == 410
    assert request.supplier.get(BASE).json["data"] == []
    inside = world.institute.get(request.path).json
    assert (inside["status"], inside["cancelled_for"]) == ("cancelled", "consent_withdrawn")
    event = events_of(world, request.supplier.organisation_id)[-1]
    assert (event["type"], event["data"]["status"]) == ("remediation.closed", "cancelled")
    assert "result" not in event["data"]
    cases.consent(world, request.case, "share_deidentified_employer")
    assert request.supplier.get(request.path).status_code == 410, "a recall is for good"


def test_no_fewer_workers_than_the_case_counts(world: World) -> None:
    """What a request left out lowers no threshold: the case's number counts as well."""
    supplier, site, case = remediation.prepared(world, workers_affected=200)
    made = remediation.ask(world, remediation.body(case, site, workers=None)).json["id"]
    request = remediation.Asked(world, supplier, case, site, made).until("worker_validation")
    few = {"n_affected": 5, "n_contacted": 5, "n_confirmed": 5, "n_unreachable": 0}
    refused = request.says(world.institute, **few)
    assert refused.json["errors"][0]["pointer"] == "/n_affected"
    many = few | {"n_affected": 200, "n_unreachable": 195}
    assert request.says(world.institute, **many).json["result"] == "incomplete"


def test_an_ended_case_is_asked_for_nothing(world: World) -> None:
    """Until it is reopened."""
    request = remediation.asked(world)
    etag = world.institute.get(f"/v1/cases/{request.case}").headers["ETag"]
    ended = {"to": "withdrawn_by_worker", "withdrawal_reason": "left_job"}
    path = f"/v1/cases/{request.case}/status-changes"
    assert world.institute.post(path, ended, If_Match=etag).status_code == 200
    again = world.institute.post(BASE, remediation.body(request.case, request.site))
    assert (again.status_code, again.json["code"]) == (409, "state_transition_not_allowed")


def closed(request: remediation.Asked, said: str = "full") -> None:
    """A round with this result, and the end of the request."""
    request.until("worker_validation")
    assert request.says(request.world.institute, **remediation.SAYING[said]).status_code == 201
    assert request.institute_does("close").json["status"] == "closed"


@pytest.mark.parametrize("last", ["full", "disputed"])
def test_a_case_is_remedied_with_its_duplicates(world: World, last: str) -> None:
    """It closes as validated when the workers of both confirm, and not before."""
    one = remediation.asked(world)
    stays = str(cases.case(world, one.site)["id"])
    cases.consent(world, stays, "share_deidentified_employer")
    body = remediation.body(stays, one.site)
    other = remediation.Asked(
        world, one.supplier, stays, one.site, remediation.ask(world, body).json["id"]
    )
    remediation.investigated(world, stays)
    merged = world.institute.post(f"/v1/cases/{one.case}/merge", {"into": stays})
    assert merged.status_code == 200, merged.json
    closed(other)
    assert world.institute.get(f"/v1/cases/{stays}").json["status"] == "in_investigation"
    closed(one, last)
    found = world.institute.get(f"/v1/cases/{stays}").json["status"]
    assert found == ("closed_validated" if last == "full" else "in_investigation")


def test_withdrawn_consent_takes_ended_requests_back(world: World) -> None:
    """R1: what was closed before is read no longer either, and a later yes does not change that."""
    request = remediation.asked(world).until("worker_validation")
    remediation.investigated(world, request.case)
    assert request.says(world.institute).status_code == 201
    assert request.institute_does("close").json["status"] == "closed"
    claim = world.institute.get(f"{request.path}/completion-claims").json["data"][0]["id"]
    for state in ("withdrawn", "granted"):
        cases.consent(world, request.case, "share_deidentified_employer", state)
        for path in (request.path, f"{request.path}/completion-claims/{claim}"):
            assert request.supplier.get(path).status_code == 410
    assert world.institute.get(request.path).json["status"] == "closed"


def test_the_no_to_being_named_takes_back_what_named_somebody(world: World) -> None:
    """Only a sum of a few workers rests on the consent to be named."""
    supplier, site, case = remediation.prepared(world)
    cases.consent(world, case, "identify_to_employer")
    money = {"amount": "14350", "currency": "THB"}
    few = remediation.body(case, site, workers=1, amount=money)
    many = remediation.body(case, site, workers=14, amount=money)
    named, counted = (remediation.ask(world, one).json["id"] for one in (few, many))
    cases.consent(world, case, "identify_to_employer", "withdrawn")
    assert world.institute.get(f"{BASE}/{named}").json["status"] == "cancelled"
    assert supplier.get(f"{BASE}/{named}").status_code == 410
    assert [one["id"] for one in supplier.get(BASE).json["data"]] == [counted]
    assert supplier.get(f"{BASE}/{counted}").json["status"] == "issued"


def test_sql_and_python_tell_the_same_lifecycle(world: World) -> None:
    """gate.transition holds exactly the arrows of rules.LIFECYCLE."""
    with world.installation.as_owner() as connection:
        rows = connection.execute(
            text(
                "SELECT from_status, to_status, party FROM gate.transition "
                "WHERE kind = 'remediation_request'"
            )
        )
        stored = {tuple(row) for row in rows}
    assert stored == {(step.source, step.target, step.party) for step in rules.LIFECYCLE}
