"""A grievance's life after the push: steps, reopening by the worker side, tombstones, reading."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.factories.parties import Party, World
from tests.factories.registers import grievance, push, step, steps_of

CLOSED = {"status": "closed_unvalidated", "source_updated_at": "2026-05-01T00:00:00Z"}


def closed(world: World, external_id: str) -> tuple[Party, str, str]:
    """A supplier with a grievance it closed; (supplier, site, grievance)."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    return supplier, site, push(supplier, site, external_id, **CLOSED).json["id"]


def reopen(world: World, grievance_id: str) -> str:
    """The institute reopens it; its reopened_at."""
    answer = world.institute.post(f"/v1/grievances/{grievance_id}/reopen")
    assert answer.status_code == 200, answer.json
    assert answer.json["status"] == "reopened"
    return str(answer.json["reopened_at"])


def test_step_by_step(world: World) -> None:
    """Each step is one arrow, sets its time, and bumps the version; a skipped one is refused."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "s").json["id"]
    skipped = step(supplier, grievance_id, "triaged")
    assert (skipped.status_code, skipped.json["code"]) == (409, "state_transition_not_allowed")
    assert "received" in skipped.json["detail"]
    done = step(supplier, grievance_id, "acknowledged", at="2026-03-03T00:00:00Z")
    assert (done.status_code, done.headers["ETag"]) == (201, '"v2-supplier"')
    assert (done.json["to"], done.json["grievance"]) == ("acknowledged", grievance_id)
    now = step(supplier, grievance_id, "triaged")
    assert now.json["at"] == now.json["recorded_at"]
    stored = supplier.get(f"/v1/grievances/{grievance_id}").json
    assert (stored["status"], stored["acknowledged_at"]) == ("triaged", "2026-03-03T00:00:00Z")
    assert steps_of(supplier, grievance_id) == [
        ("received", "reported"),
        ("acknowledged", "reported"),
        ("triaged", "reported"),
    ]


def test_a_step_with_an_old_version_is_refused(world: World) -> None:
    """If-Match with a version that passed gives 412 and moves nothing."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "etag").json["id"]
    url = f"/v1/grievances/{grievance_id}/status-changes"
    body = {"to": "acknowledged"}
    assert supplier.post(url, body, If_Match='"v7-supplier"').status_code == 412
    assert supplier.post(url, body, If_Match='"v1-supplier"').status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"to": "withdrawn_by_worker"}, "/reason", "needs_reason"),
        ({"to": "withdrawn_by_worker", "reason": "other"}, "/reason", "needs_reason"),
        ({"to": "acknowledged", "reason": "fear"}, "/reason", "no_reason_here"),
        ({"to": "acknowledged", "at": "2026-02-01T00:00:00Z"}, "/at", "before"),
        ({"to": "acknowledged", "at": "2026-12-31T00:00:00Z"}, "/at", "in_the_future"),
    ],
)
def test_a_step_names_its_faults(
    world: World, fields: dict[str, str], pointer: str, code: str
) -> None:
    """A withdrawal has its reason, no other step has one, and no step comes before the first."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "faults").json["id"]
    answer = supplier.post(f"/v1/grievances/{grievance_id}/status-changes", fields)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]


def test_a_withdrawal_keeps_its_reason(world: World) -> None:
    """From any open status the worker can withdraw; the reason stands on the grievance."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "w", status="action_agreed").json["id"]
    answer = step(supplier, grievance_id, "withdrawn_by_worker", reason="lost_trust")
    assert answer.status_code == 201, answer.json
    assert supplier.get(f"/v1/grievances/{grievance_id}").json["withdrawal_reason"] == "lost_trust"


def test_the_worker_side_reopens_at_any_time(world: World) -> None:
    """The institute reopens what ended, the supplier is told, and the step names the institute."""
    supplier, _, grievance_id = closed(world, "again")
    reopened_at = reopen(world, grievance_id)
    seen = supplier.get(f"/v1/grievances/{grievance_id}").json
    assert (seen["status"], seen["reopened_at"]) == ("reopened", reopened_at)
    last = supplier.get(f"/v1/grievances/{grievance_id}/status-changes").json["data"][-1]
    assert (last["to"], last["by"], last["source"]) == ("reopened", world.institute.id, "reported")
    with world.installation.as_owner() as connection:
        told = connection.scalars(
            text("SELECT type FROM event WHERE subject = :id AND organisation_id = :supplier"),
            {"id": grievance_id, "supplier": supplier.organisation_id},
        ).all()
    assert told == ["grievance.reopened_by_worker"]


def test_only_what_ended_is_reopened_and_only_by_the_institute(world: World) -> None:
    """An open grievance is refused; a supplier has no such operation."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "open").json["id"]
    url = f"/v1/grievances/{grievance_id}/reopen"
    refused = world.institute.post(url)
    assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
    assert supplier.post(url).status_code == 403
    assert step(supplier, grievance_id, "reopened").status_code == 409


def test_an_older_row_does_not_close_what_was_reopened(world: World) -> None:
    """The nightly push still says closed: refused with the present status, until it is newer."""
    supplier, site, grievance_id = closed(world, "night")
    reopened_at = reopen(world, grievance_id)
    for fields in (CLOSED, {"status": "closed_unvalidated"}):
        refused = push(supplier, site, "night", **fields)
        assert (refused.status_code, refused.json["code"]) == (409, "state_transition_not_allowed")
        assert "The status is reopened" in refused.json["detail"]
    newer = push(
        supplier, site, "night", status="closed_unvalidated", source_updated_at=reopened_at
    )
    assert newer.status_code == 200, newer.json
    assert steps_of(supplier, grievance_id)[-5:] == [
        ("reopened", "reported"),
        ("in_investigation", "import"),
        ("action_agreed", "import"),
        ("resolved_reported", "import"),
        ("closed_unvalidated", "reported"),
    ]


def test_once_it_is_taken_up_again_an_older_row_still_does_not_close_it(world: World) -> None:
    """A row written before the reopening cannot end the grievance by way of in_investigation."""
    supplier, site, grievance_id = closed(world, "cunning")
    reopen(world, grievance_id)
    assert step(supplier, grievance_id, "in_investigation").status_code == 201
    refused = push(supplier, site, "cunning", **CLOSED)
    assert refused.status_code == 409
    assert "in_investigation" in refused.json["detail"]


def test_the_present_status_can_be_sent_back(world: World) -> None:
    """A supplier that took over the reopened status may correct other fields with it."""
    supplier, site, grievance_id = closed(world, "echo")
    reopen(world, grievance_id)
    corrected = push(supplier, site, "echo", status="reopened", workers_affected=2)
    assert (corrected.status_code, corrected.json["status"]) == (200, "reopened")
    assert steps_of(supplier, grievance_id)[-1] == ("reopened", "reported")


def test_a_tombstone_stays_and_takes_nothing_more(world: World) -> None:
    """A voided grievance is still read by both sides and refuses pushes, steps, a second void."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    grievance_id = push(supplier, site, "void").json["id"]
    url = f"/v1/grievances/{grievance_id}/void"
    voided = supplier.post(url, {"reason": "entered_twice"})
    assert voided.status_code == 200, voided.json
    assert voided.json["void_reason"] == "entered_twice"
    assert voided.json["voided_at"] == voided.json["updated_at"]
    assert voided.headers["ETag"] == '"v2-supplier"'
    assert world.institute.get(f"/v1/grievances/{grievance_id}").json == voided.json
    for refused in (
        push(supplier, site, "void", workers_affected=1),
        step(supplier, grievance_id, "acknowledged"),
        supplier.post(url, {"reason": "entered_twice"}),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "voided")


def test_reopening_lifts_a_tombstone(world: World) -> None:
    """No supplier bars the worker side by voiding what it had closed."""
    supplier, _, grievance_id = closed(world, "buried")
    supplier.post(f"/v1/grievances/{grievance_id}/void", {"reason": "entered_by_mistake"})
    reopen(world, grievance_id)
    seen = supplier.get(f"/v1/grievances/{grievance_id}").json
    assert (seen["voided_at"], seen["void_reason"]) == (None, None)


def test_a_foreign_grievance_is_as_absent_as_none(world: World) -> None:
    """To another supplier, reading and acting on a grievance look the same as on no grievance."""
    owner, stranger = world.party("supplier"), world.party("supplier")
    real = push(owner, world.site(owner), "mine").json["id"]
    for grievance_id in (real, "grv_0" + "0" * 25):
        url = f"/v1/grievances/{grievance_id}"
        answers = [
            stranger.get(url),
            stranger.get(f"{url}/status-changes"),
            step(stranger, grievance_id, "acknowledged"),
            stranger.post(f"{url}/void", {"reason": "entered_twice"}),
        ]
        assert {(one.status_code, one.json["code"]) for one in answers} == {(404, "not_found")}
    assert stranger.get("/v1/grievances").json["data"] == []
    assert world.institute.post("/v1/grievances/grv_0" + "0" * 25 + "/reopen").status_code == 404


def test_lists_filter_and_continue(world: World) -> None:
    """A supplier lists its own by last change; filters narrow, and a cursor fits its filters."""
    supplier = world.party("supplier")
    one, two = world.site(supplier, "one"), world.site(supplier, "two")
    ids = [push(supplier, one, f"g{number}").json["id"] for number in range(3)]
    ids.append(push(supplier, two, "g3", status="triaged").json["id"])

    def listed(query: str) -> list[str]:
        return [row["id"] for row in supplier.get(f"/v1/grievances?{query}").json["data"]]

    assert listed("") == ids
    assert listed(f"site={two}") == listed("status=triaged") == ids[3:]
    third = supplier.get(f"/v1/grievances/{ids[2]}").json["updated_at"]
    assert listed(f"updated_since={third}")[-2:] == ids[2:]
    page = supplier.get("/v1/grievances?limit=3").json
    assert listed(f"limit=3&cursor={page['next_cursor']}") == ids[3:]
    other = supplier.get(f"/v1/grievances?status=triaged&cursor={page['next_cursor']}")
    assert (other.status_code, other.json["code"]) == (422, "cursor_invalid")


def test_the_institute_reads_all_registers_and_each_read_is_logged(world: World) -> None:
    """A read leaves an audit entry of the institute with the ids it was given."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "read").json["id"]
    site = supplier.get(f"/v1/grievances/{grievance_id}").json["site"]
    listed = world.institute.get(f"/v1/grievances?site={site}").json["data"]
    assert [row["id"] for row in listed] == [grievance_id]
    with world.installation.as_owner() as connection:
        logged = connection.scalars(
            text(
                "SELECT content FROM audit WHERE organisation_id = :me AND "
                "operation = 'list_grievances'"
            ),
            {"me": world.institute.organisation_id},
        ).all()
    assert grievance_id in logged[-1]


def test_a_step_is_replayed_not_repeated(world: World) -> None:
    """The same Idempotency-Key gives the same step; it is recorded once."""
    supplier = world.party("supplier")
    grievance_id = push(supplier, world.site(supplier), "replay").json["id"]
    url = f"/v1/grievances/{grievance_id}/status-changes"
    answers = [supplier.post(url, {"to": "acknowledged"}, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(steps_of(supplier, grievance_id)) == 2


def test_the_institute_writes_steps_in_any_register_a_supplier_in_its_own(world: World) -> None:
    """Row-level security refuses a step that a supplier writes into another's register."""
    owner, stranger = world.party("supplier"), world.party("supplier")
    push(owner, world.site(owner), "wall")
    with world.installation.as_owner() as connection:
        rule = connection.scalar(
            text(
                "SELECT with_check FROM pg_policies WHERE tablename = 'grievance_status_change' "
                "AND cmd = 'INSERT' AND 'openredress_app' = ANY (roles)"
            )
        )
    assert "recipient_id = organisation_id" in rule
    assert grievance("x")["site"] == "x"
    assert stranger.get("/v1/grievances").json["data"] == []
