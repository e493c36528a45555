"""A remedy under way: what the supplier reports, what it is asked to show, how far it has come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from openredress_api.foundation.identifiers import decode
from tests.factories import evidence, remediation
from tests.factories.parties import World
from tests.factories.remediation import Asked

PROGRESS = {"planned_outcome": "wages_paid", "state": "under_way", "evidence": []}


@pytest.fixture
def asked(world: World) -> Asked:
    """A request that is being worked on."""
    return remediation.asked(world).until("in_progress")


def test_progress_is_reported_with_files_of_ones_own(world: World, asked: Asked) -> None:
    """Reports are numbered, never changed, read by both sides; a stranger's file is none (R8)."""
    mine = evidence.handed_in(asked.supplier)
    foreign = evidence.handed_in(world.party("supplier"))
    refused = asked.supplier_does("progress-reports", PROGRESS | {"evidence": [mine, foreign]})
    assert refused.status_code == 422
    error = refused.json["errors"][0]
    assert (error["pointer"], error["code"]) == ("/evidence/1", "not_evidence")
    for number, state in enumerate(("late", "done"), 1):
        body = PROGRESS | {"state": state, "evidence": [mine], "expected_on": "2026-12-24"}
        made = asked.supplier_does("progress-reports", body)
        assert (made.status_code, made.json["report_no"]) == (201, number), made.json
    for reader in (asked.supplier, world.institute):
        listed = reader.get(f"{asked.path}/progress-reports").json["data"]
        assert [(one["state"], one["evidence"]) for one in listed] == [
            ("late", [mine]),
            ("done", [mine]),
        ]
    assert world.party("supplier").get(f"{asked.path}/progress-reports").status_code == 404


def test_r8_the_institute_opens_a_reported_file_as_a_clean_copy(world: World, asked: Asked) -> None:
    """What a report names is shown by a link that ends, and never as it came in."""
    mine = evidence.handed_in(asked.supplier)
    asked.supplier_does("progress-reports", PROGRESS | {"evidence": [mine]})
    (report,) = world.institute.get(f"{asked.path}/progress-reports").json["data"]
    (file,) = report["evidence"]
    assert world.institute.get(f"/v1/evidence/{file}/original").status_code == 403
    assert evidence.link(world.institute, file)


def test_before_a_plan_is_agreed_nothing_is_under_way(world: World) -> None:
    """No progress is reported, and no evidence asked for, of what nobody has begun."""
    fresh = remediation.asked(world)
    for answer in (
        fresh.supplier_does("progress-reports", PROGRESS),
        fresh.institute_does("request-evidence", {"purposes": ["payslip"]}),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "state_transition_not_allowed")


def test_evidence_is_asked_for_each_time_anew(asked: Asked) -> None:
    """The supplier hears of every question, and sees the last one in the request."""
    for purpose in ("payslip", "bank_proof"):
        answer = asked.institute_does("request-evidence", {"purposes": [purpose]})
        assert answer.json["evidence_requested"]["purposes"] == [purpose]
    seen = asked.supplier.get(asked.path)
    assert seen.json["evidence_requested"]["purposes"] == ["bank_proof"]
    told = [row["event"] for row in asked.supplier.get("/v1/events?limit=500").json["data"]]
    asking = [one for one in told if one["type"] == "remediation.evidence_requested"]
    assert len(asking) == 2
    assert {one["subject"] for one in asking} == {asked.id}


def test_escalation_goes_one_level_at_a_time(asked: Asked) -> None:
    """Three levels with their reasons, each told to the supplier; then there is no further one."""
    for level in (1, 2, 3):
        answer = asked.institute_does("escalate", {"reason": "deadline_passed"})
        assert [one["level"] for one in answer.json["escalations"]] == list(range(1, level + 1))
    refused = asked.institute_does("escalate", {"reason": "no_answer"})
    assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
    told = [row["event"] for row in asked.supplier.get("/v1/events?limit=500").json["data"]]
    levels = [one["data"]["level"] for one in told if one["type"] == "remediation.escalated"]
    assert levels == [1, 2, 3]


def test_what_is_shown_of_a_request_changes_its_version(asked: Asked) -> None:
    """Whoever decides on what it read before a report or question is told that it is old."""
    before = asked.supplier.get(asked.path).headers["ETag"]
    asked.institute_does("escalate", {"reason": "no_answer"})
    stale = asked.supplier.post(f"{asked.path}/progress-reports", PROGRESS, If_Match=before)
    assert (stale.status_code, stale.json["code"]) == (412, "precondition_failed")


def test_the_database_lets_no_level_be_left_out(world: World, asked: Asked) -> None:
    """Whatever writes it, the second level comes before the third."""
    asked.institute_does("escalate", {"reason": "no_answer"})
    skip = (
        "INSERT INTO escalation SELECT organisation_id, request_id, 3, recipient_id, reason, at "
        "FROM escalation"
    )
    with pytest.raises(IntegrityError, match="one level"), world.installation.as_owner() as owner:
        owner.exec_driver_sql(f"{skip} WHERE request_id = '{decode('rem', asked.id)}'")


SAYING_SOMETHING = {
    "validations": ("worker_validation", remediation.SAID),
    "progress-reports": ("in_progress", PROGRESS),
    "request-evidence": ("in_progress", {"purposes": ["payslip"]}),
    "escalate": ("in_progress", {"reason": "no_answer"}),
}


@pytest.mark.parametrize("verb", SAYING_SOMETHING)
def test_nothing_is_said_of_a_request_that_is_just_ending(world: World, verb: str) -> None:
    """Whoever comes while it is taken back waits, and is told that it has ended."""
    status, body = SAYING_SOMETHING[verb]
    request = remediation.asked(world).until(status)
    says = request.supplier_does if verb == "progress-reports" else request.institute_does
    with ThreadPoolExecutor(1) as pool:
        with world.installation.as_owner() as ending:
            end = "UPDATE remediation_request SET status = 'cancelled' WHERE id = :id"
            ending.execute(text(end), {"id": decode("rem", request.id)})
            said = pool.submit(says, verb, body)
            while not said.done() and not ending.scalar(
                text(
                    "SELECT EXISTS (SELECT FROM pg_locks "
                    "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
                )
            ):
                pass
        answer = said.result()
    assert (answer.status_code, answer.json["code"]) == (409, "state_transition_not_allowed")
