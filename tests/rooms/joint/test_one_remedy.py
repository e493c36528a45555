"""Joined requests and merged cases are one remedy: what one of them knows counts for all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from openredress_api.vocabulary import TAXONOMIES, is_restricted
from tests.factories import cases, protection, remediation, repayments
from tests.factories.parties import Party, World
from tests.factories.remediation import Asked
from tests.factories.repayments import Agreed
from tests.rooms.remediation.test_validation import assigned

HARM = "violence.sexual"
FEES = {"asked_outcome": "fees_repaid"}
SAYING_NOTHING = repayments.SAYING["not_possible"]


def asked_at(world: World, supplier: Party, site: str, **fields: Any) -> Asked:
    """A request about a case of its own, which its supplier was just shown."""
    case = str(cases.case(world, site)["id"])
    for scope in ("share_deidentified_employer", "share_brand_aggregate"):
        cases.consent(world, case, scope)
    remediation.investigated(world, case)
    made = remediation.ask(world, remediation.body(case, site, **fields))
    return Asked(world, supplier, case, site, str(made.json["id"]))


def two(world: World, one: dict[str, Any], other: dict[str, Any]) -> tuple[Asked, Asked]:
    """Two requests of one site."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    return asked_at(world, supplier, site, **one), asked_at(world, supplier, site, **other)


def joined(kept: Asked, ended: Asked) -> None:
    """The two are one from now on."""
    body = {"request": kept.id, "other": ended.id, "decision": "joined"}
    answer = kept.world.institute.post("/v1/duplicate-decisions", body)
    assert answer.status_code == 201, answer.json


def merged(one: Asked, into: str) -> None:
    """The case behind a request repeats another one."""
    answer = one.world.institute.post(f"/v1/cases/{one.case}/merge", {"into": into})
    assert answer.status_code == 200, answer.json


def status_of(world: World, case: str) -> str:
    """Where a case stands."""
    return str(world.institute.get(f"/v1/cases/{case}").json["status"])


def closed(request: Asked, **said: Any) -> None:
    """A round that workers confirm in full, and the end of the request."""
    request.until("worker_validation")
    assert request.says(request.world.institute, **said).json["result"] == "full"
    assert request.institute_does("close").json["status"] == "closed"


def test_no_join_lowers_the_number_of_workers(world: World) -> None:
    """The largest number of all that were joined is the least that a validation speaks of."""
    kept, ended = two(world, {"workers": 10}, {"workers": 49})
    joined(kept, ended)
    kept.until("worker_validation")
    ten = {"n_affected": 10, "n_unreachable": 0}
    for validator in (world.institute, assigned(world, kept)):
        refused = kept.says(validator, **ten)
        assert refused.json["errors"][0]["pointer"] == "/n_affected"
    all_of_them = {"n_affected": 49, "n_unreachable": 39}
    assert kept.says(world.institute, **all_of_them).json["result"] == "incomplete"


def test_no_merge_lowers_the_number_of_workers(world: World) -> None:
    """A case of 200 is not remedied by what five of a duplicate said, but by what its own say."""
    one = remediation.asked(world, workers=5)
    stays = str(cases.case(world, one.site, workers_affected=200)["id"])
    cases.consent(world, stays, "share_deidentified_employer")
    remediation.investigated(world, stays)
    merged(one, stays)
    one.until("worker_validation")
    five = {"n_affected": 5, "n_contacted": 5, "n_confirmed": 5, "n_unreachable": 0}
    refused = one.says(world.institute, **five)
    assert refused.json["errors"][0]["pointer"] == "/n_affected"


def test_a_merge_after_the_validation_is_counted_too(world: World) -> None:
    """The case that stays closes once as many have confirmed as it counts."""
    one = remediation.asked(world, workers=5)
    stays = str(cases.case(world, one.site, workers_affected=200)["id"])
    cases.consent(world, stays, "share_deidentified_employer")
    remediation.investigated(world, stays)
    one.until("worker_validation")
    five = {"n_affected": 5, "n_contacted": 5, "n_confirmed": 5, "n_unreachable": 0}
    assert one.says(world.institute, **five).json["result"] == "full"
    merged(one, stays)
    assert one.institute_does("close").json["status"] == "closed"
    assert status_of(world, stays) == "in_investigation"
    body = remediation.body(stays, one.site, workers=200)
    more = Asked(world, one.supplier, stays, one.site, remediation.ask(world, body).json["id"])
    closed(more, n_affected=200, n_contacted=70, n_confirmed=60, n_unreachable=130)
    assert status_of(world, stays) == "closed_validated"


@pytest.mark.parametrize("by", ["sum", "agreement"])
def test_no_join_forgets_the_money(world: World, by: str) -> None:
    """What one of the two asked to be paid is asked about at the one that stays."""
    money = {"amount": {"amount": "14350", "currency": "THB"}} if by == "sum" else {}
    kept, ended = two(world, FEES, FEES | money)
    if by == "agreement":
        repayments.linked(world, ended).until("accepted")
    joined(kept, ended)
    kept.until("worker_validation")
    unsaid = kept.says(world.institute)
    assert unsaid.json["errors"][0]["pointer"] == "/money_confirmed_in_full"
    said = kept.says(world.institute, money_confirmed_in_full=True).json["result"]
    assert said == ("full" if by == "sum" else "partial")


def paid(agreed: Agreed, **last: Any) -> None:
    """Three instalments, of which the last one ends as `last` says, and the agreement's end."""
    for n in (1, 2, 3):
        agreed.result(agreed.paid(instalment_no=n), **(last if n == 3 else {}))
    assert agreed.institute_does("close").json["status"] == "closed"


@pytest.mark.parametrize("end", ["paid", "unreachable", "contest_accepted", "consent_withdrawn"])
def test_a_case_waits_for_the_money_that_was_agreed_later(world: World, end: str) -> None:
    """It closes as validated with the agreement, if the money came or none was owed."""
    request = remediation.asked(world, **FEES)
    remediation.investigated(world, request.case)
    request.until("worker_validation")
    assert request.says(world.institute).json["result"] == "full"
    agreed = repayments.linked(world, request).until("offered")
    assert request.institute_does("close").json["status"] == "closed"
    assert status_of(world, request.case) == "in_investigation"
    if end in {"paid", "unreachable"}:
        assert agreed.payer_does("accept").status_code == 200
        paid(agreed, **(SAYING_NOTHING if end == "unreachable" else {}))
    else:
        assert agreed.institute_does("cancel", {"reason": end}).status_code == 200
    is_remedied = end in {"paid", "contest_accepted"}
    found = status_of(world, request.case)
    assert found == ("closed_validated" if is_remedied else "in_investigation")
    if is_remedied:
        late = repayments.linked(world, request).institute_does("offer")
        assert (late.status_code, late.json["code"]) == (409, "state_transition_not_allowed")


def reopened(world: World, case: str) -> None:
    """The worker side asks for it, and somebody looks into it again."""
    for status in ("reopened", "in_investigation"):
        etag = world.institute.get(f"/v1/cases/{case}").headers["ETag"]
        path = f"/v1/cases/{case}/status-changes"
        assert world.institute.post(path, {"to": status}, If_Match=etag).status_code == 200


@pytest.mark.parametrize("by", ["agreement", "request"])
def test_a_reopened_case_is_not_closed_by_what_workers_said_before(world: World, by: str) -> None:
    """Not by the end of an old agreement, nor because something new was not owed after all."""
    request = remediation.asked(world, **FEES)
    remediation.investigated(world, request.case)
    agreed = repayments.linked(world, request).until("accepted")
    for n in (1, 2, 3):
        agreed.result(agreed.paid(instalment_no=n))
    closed(request, money_confirmed_in_full=True)
    assert status_of(world, request.case) == "closed_validated"
    reopened(world, request.case)
    if by == "agreement":
        assert agreed.institute_does("close").json["status"] == "closed"
    else:
        body = remediation.body(request.case, request.site)
        path = f"{remediation.BASE}/{remediation.ask(world, body).json['id']}/cancel"
        assert world.institute.post(path, {"reason": "contest_accepted"}).status_code == 200
    assert status_of(world, request.case) == "in_investigation"
    again = remediation.ask(world, remediation.body(request.case, request.site, **FEES)).json["id"]
    closed(replace(request, id=again))
    assert status_of(world, request.case) == "closed_validated"


def test_what_is_heard_after_the_answer_is_not_remedied_by_it(world: World) -> None:
    """An issue that was added after workers confirmed keeps the case open."""
    request = remediation.asked(world)
    remediation.investigated(world, request.case)
    request.until("worker_validation")
    assert request.says(world.institute).json["result"] == "full"
    more = world.institute.post(f"/v1/cases/{request.case}/issues", {"category": "osh.ppe"})
    assert more.status_code == 201
    assert request.institute_does("close").json["status"] == "closed"
    assert status_of(world, request.case) == "in_investigation"


def test_what_is_asked_for_anew_remedies_the_case(world: World) -> None:
    """The request that was joined into one that fell, and its worker's own, count no longer."""
    kept, ended = two(world, {}, {})
    joined(kept, ended)
    cases.consent(world, kept.case, "share_deidentified_employer", "withdrawn")
    (task,) = protection.tasks(world, "draft_again", ended.id)
    assert task["state"] == "open"
    again = remediation.ask(world, remediation.body(ended.case, ended.site)).json["id"]
    closed(replace(ended, id=again))
    assert status_of(world, ended.case) == "closed_validated"
    assert status_of(world, kept.case) == "in_investigation"


def test_what_was_taken_back_unseen_is_owed(world: World) -> None:
    """A request that its supplier was never shown was not asked for anew by itself."""
    first = remediation.asked(world)
    remediation.investigated(world, first.case)
    body = remediation.body(first.case, first.site)
    unseen = world.institute.post(remediation.BASE, body).json["id"]
    path = f"{remediation.BASE}/{unseen}/cancel"
    assert world.institute.post(path, {"reason": "safety_concern"}).status_code == 200
    closed(first)
    assert status_of(world, first.case) == "in_investigation"


def test_after_the_one_that_stayed_fell_each_case_is_measured_by_itself(world: World) -> None:
    """Neither the workers nor the money of the other case are asked of it any more."""
    kept, ended = two(world, FEES | {"workers": 200}, FEES | {"workers": 14})
    repayments.linked(world, kept).until("accepted")
    joined(kept, ended)
    cases.consent(world, kept.case, "share_deidentified_employer", "withdrawn")
    again = remediation.ask(world, remediation.body(ended.case, ended.site, **FEES)).json["id"]
    closed(replace(ended, id=again))
    assert status_of(world, ended.case) == "closed_validated"


@pytest.mark.parametrize("where", ["the same case", "the one that stays"])
def test_an_agreement_is_replaced_wherever_the_remedy_goes_on(world: World, where: str) -> None:
    """By one that came of what was asked anew, or of the request that it was joined into."""
    kept, ended = two(world, FEES, FEES)
    first = repayments.linked(world, ended).until("accepted")
    if where == "the same case":
        for state in ("withdrawn", "granted"):
            cases.consent(world, ended.case, "share_deidentified_employer", state)
        asked = remediation.ask(world, remediation.body(ended.case, ended.site, **FEES))
        last = replace(ended, id=str(asked.json["id"]))
    else:
        paid(first, **SAYING_NOTHING)
        joined(kept, ended)
        last = kept
    paid(repayments.linked(world, last).until("accepted"))
    closed(last, money_confirmed_in_full=True)
    assert status_of(world, ended.case) == "closed_validated"


def test_the_money_of_another_case_replaces_none(world: World) -> None:
    """What was paid to the workers of a joined case does not pay what is owed in this one."""
    kept, ended = two(world, FEES, FEES)
    agency = world.party("agency")
    cases.consent(world, kept.case, "share_agency")
    repayments.drafted(world, agency, request=kept.id).until("accepted")
    cases.consent(world, kept.case, "share_agency", "withdrawn")
    paid(repayments.linked(world, ended).until("accepted"))
    joined(kept, ended)
    kept.until("worker_validation")
    said = kept.says(world.institute, money_confirmed_in_full=True)
    assert said.json["result"] == "partial"


def test_a_case_that_should_never_have_been_holds_up_no_other(world: World) -> None:
    """What was asked for in a voided duplicate is not owed in the case that stays."""
    one, stays = two(world, {}, {})
    merged(one, stays.case)
    etag = world.institute.get(f"/v1/cases/{one.case}").headers["ETag"]
    path = f"/v1/cases/{one.case}/void"
    said = {"reason": "entered_by_mistake"}
    assert world.institute.post(path, said, If_Match=etag).status_code == 200
    closed(stays)
    assert status_of(world, stays.case) == "closed_validated"


def test_what_asks_for_something_else_is_not_joined(world: World) -> None:
    """Workers who confirm their wages have not said that they have their passports."""
    kept, ended = two(world, {}, {"asked_outcome": "documents_returned"})
    body = {"request": kept.id, "other": ended.id, "decision": "joined"}
    refused = world.institute.post("/v1/duplicate-decisions", body)
    assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
    assert ended.status == "issued"


def test_one_workers_withdrawal_costs_the_others_nothing(world: World) -> None:
    """Money that was offered in a joined case is owed there; another agreement can replace it."""
    kept, ended = two(world, FEES, FEES)
    agreed = repayments.linked(world, ended).until("accepted")
    joined(kept, ended)
    cases.consent(world, ended.case, "share_deidentified_employer", "withdrawn")
    assert agreed.status == "cancelled"
    closed(kept)
    assert status_of(world, kept.case) == "closed_validated"
    assert status_of(world, ended.case) == "in_investigation"


def test_an_agreement_replaces_one_that_ended_without_a_word(world: World) -> None:
    """What an agency did not pay because its consent ended, the supplier pays."""
    request, agency = remediation.asked(world, **FEES), world.party("agency")
    cases.consent(world, request.case, "share_agency")
    repayments.drafted(world, agency, request=request.id).until("accepted")
    cases.consent(world, request.case, "share_agency", "withdrawn")
    request.until("worker_validation")
    unsaid = request.says(world.institute)
    assert unsaid.json["errors"][0]["pointer"] == "/money_confirmed_in_full"
    paid(repayments.linked(world, request).until("accepted"))
    said = request.says(world.institute, money_confirmed_in_full=True)
    assert said.json["result"] == "full"


def test_what_others_were_joined_into_is_no_duplicate_by_hand(world: World) -> None:
    """It is joined itself, so that nobody's remedy is lost."""
    kept, ended = two(world, {}, {})
    joined(kept, ended)
    refused = kept.institute_does("cancel", {"reason": "duplicate"})
    assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
    assert kept.status == "issued"


def test_money_that_nobody_could_confirm_is_owed(world: World) -> None:
    """An agreement that was closed because workers were not found makes no remedy full."""
    request = remediation.asked(world, **FEES)
    paid(repayments.linked(world, request).until("accepted"), **SAYING_NOTHING)
    request.until("worker_validation")
    said = request.says(world.institute, money_confirmed_in_full=True)
    assert said.json["result"] == "partial"


@pytest.mark.parametrize("end", ["withdrawn", "safety_concern", "contest_accepted"])
def test_what_was_joined_is_asked_for_anew_when_the_one_that_stays_ends(
    world: World, end: str
) -> None:
    """The workers of the other case are owed a remedy all the same, unless none was owed."""
    kept, ended = two(world, {}, {})
    joined(kept, ended)
    if end == "withdrawn":
        cases.consent(world, kept.case, "share_deidentified_employer", "withdrawn")
    else:
        assert kept.institute_does("cancel", {"reason": end}).status_code == 200
    found = [len(protection.tasks(world, "draft_again", one.id)) for one in (kept, ended)]
    assert found == [0, int(end != "contest_accepted")]


def test_a_case_is_remedied_when_the_last_open_request_was_a_duplicate(world: World) -> None:
    """What is cancelled because it asked for nothing owed keeps no case open."""
    first, second = two(world, {}, {})
    again = remediation.ask(world, remediation.body(first.case, first.site)).json["id"]
    closed(first)
    assert status_of(world, first.case) == "in_investigation"
    path = f"{remediation.BASE}/{again}/cancel"
    assert world.institute.post(path, {"reason": "duplicate"}).status_code == 200
    assert status_of(world, first.case) == "closed_validated"
    assert second.status == "issued"


def test_a_case_that_nobody_looked_into_does_not_close_by_itself(world: World) -> None:
    """What would close it is refused, naming it, and can be done once it was investigated."""
    first = remediation.asked(world)
    body = remediation.body(first.case, first.site)
    second = replace(first, id=str(remediation.ask(world, body).json["id"]))
    closed(first)
    refused = second.institute_does("cancel", {"reason": "duplicate"})
    assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
    assert first.case in refused.json["detail"]
    assert second.status == "issued"
    remediation.investigated(world, first.case)
    assert second.institute_does("cancel", {"reason": "duplicate"}).status_code == 200
    assert status_of(world, first.case) == "closed_validated"


def sponsored(request: Asked) -> tuple[Party, str]:
    """A brand that stands behind a request; returns it and the sponsorship's path."""
    brand = request.world.party("brand")
    request.world.related(brand, request.supplier, request.site)
    path = str(request.institute_does("sponsors", {"brand": brand.id}).headers["Location"])
    assert brand.post(f"{path}/accept").status_code == 200
    return brand, path


@pytest.mark.parametrize("how", ["issue", "merge", "join", "issue of a joined one"])
def test_no_brand_stands_behind_what_turns_out_to_be_restricted(world: World, how: str) -> None:
    """However it becomes known, no sponsor reads of it any more, and no new one is asked."""
    kept, other = two(world, {}, {})
    brand, path = sponsored(kept)
    harmed = f"/v1/cases/{kept.case if how == 'issue' else other.case}/issues"
    if how == "issue of a joined one":
        joined(kept, other)
    assert brand.get(path).status_code == 200
    assert world.institute.post(harmed, {"category": HARM}).status_code == 201
    if how == "merge":
        merged(other, kept.case)
    if how == "join":
        joined(kept, other)
    assert brand.get(path).status_code == 410
    again = kept.institute_does("sponsors", {"brand": brand.id})
    assert again.json["errors"][0]["code"] == "restricted_for_brands"


def test_the_database_knows_the_same_restricted_categories(world: World) -> None:
    """What no brand hears of is one list, in the vocabulary and under everything."""
    with world.installation.as_owner() as connection:
        known = connection.scalar(text("SELECT gate.restricted_categories()"))
    categories = TAXONOMIES["grievance_category"].codes
    assert set(known) == {each for each in categories if is_restricted(each)}
