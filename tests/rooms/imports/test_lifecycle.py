"""The lifecycle holds in a merge of many rows as it holds for one."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from openredress_api.grievances import rules
from tests.factories.imports import findings, imported, lines, receipts, row
from tests.factories.parties import Party, World
from tests.factories.registers import push, steps_of

SEED = 20_261_126
REOPENED = datetime(2026, 5, 1, tzinfo=UTC)
# How old a proposal and what is stored may be; None: the row does not say.
AGES = (None, REOPENED - timedelta(days=9), REOPENED, REOPENED + timedelta(days=9))
MOMENTS = {
    "acknowledged_at": "2026-03-02T00:00:00Z",
    "resolved_at": "2026-03-03T00:00:00Z",
    "closed_at": "2026-03-04T00:00:00Z",
}
REASONS = {
    "withdrawn_by_worker": {"withdrawal_reason": "fear"},
    "out_of_scope": {"out_of_scope_reason": "other"},
}


def moments(status: str) -> dict[str, str | None]:
    """What a row of this status can say of its past."""
    return {name: None if status in rules.BEFORE_ACTION else at for name, at in MOMENTS.items()}


def proposal(site: str, name: str, status: str, age: datetime | None, workers: int) -> Any:
    """A row that proposes a status, as old as its sender says."""
    told = age.isoformat() if age else None
    return row(
        site,
        name,
        status=status,
        workers_affected=workers,
        source_updated_at=told,
        **moments(status),
        **REASONS.get(status, {}),
    )


def verdict(present: dict[str, Any], proposed: dict[str, Any]) -> str:
    """What rules.py says of a proposal beside what is stored."""
    status, age = proposed["status"], proposed["age"]
    if present["voided"]:
        return "was_voided"
    if rules.is_outdated(age, present["age"]):
        return "outdated"
    same_age = age is None or age == present["age"]
    if status == present["status"]:
        same = same_age and proposed["workers"] == present["workers"]
        return "unchanged" if same else "changed"
    early = (
        present["status"] == "reopened"
        if age is None or present["reopened"] is None
        else age < present["reopened"]
    )
    if not rules.way(present["status"], status) or (status in rules.ENDED and early):
        return "no_way_from_present_status"
    return "changed"


def test_the_merge_judges_as_the_rules_do(world: World) -> None:
    """For every pair of statuses, with ages, reopenings and tombstones, SQL says what Python says.

    The stored rows are written by the owner, so that every state is there, however it came about.
    """
    supplier = world.party("supplier")
    site = world.site(supplier)
    drawn = random.Random(SEED)  # noqa: S311 - a printed seed, no secret
    cases = []
    for number, (present, proposed) in enumerate(itertools.product(rules.STATUSES, repeat=2)):
        for repeat in range(6):
            reopened = drawn.choice((None, REOPENED)) if present != "reopened" else REOPENED
            stored = {
                "status": present,
                "age": drawn.choice(AGES),
                "reopened": reopened,
                "voided": drawn.random() < 0.1,
                "workers": 1,
            }
            wanted = {
                "status": proposed,
                "age": drawn.choice(AGES),
                "workers": drawn.choice((1, 1, 2)),
            }
            cases.append((f"G{number}-{repeat}", stored, wanted))
    first = lines(proposal(site, name, "received", None, 1) for name, _, _ in cases)
    assert imported(world, supplier, first)["counts"]["new"] == len(cases)
    place(world, supplier, cases)
    told = {name: verdict(stored, wanted) for name, stored, wanted in cases}
    assert set(told.values()) == {
        *("was_voided", "outdated", "unchanged", "changed", "no_way_from_present_status")
    }
    second = lines(
        proposal(site, name, wanted["status"], wanted["age"], wanted["workers"])
        for name, _, wanted in cases
    )
    done = imported(world, supplier, second)
    found = {
        one["key"].removeprefix("hr|"): one["outcome"] for one in receipts(supplier, done["id"])
    }
    assert found == told, SEED


def place(world: World, supplier: Party, cases: list[Any]) -> None:
    """Bring stored rows into the states of the cases."""
    with world.installation.as_owner() as connection:
        connection.execute(text("ALTER TABLE grievance DISABLE TRIGGER reopened"))
        for name, stored, _ in cases:
            connection.execute(
                text(
                    "UPDATE grievance SET status = :status, source_updated_at = :age, "
                    "reopened_at = :reopened, voided_at = :voided, void_reason = :why, "
                    "acknowledged_at = :acknowledged_at, resolved_at = :resolved_at, "
                    "closed_at = :closed_at, withdrawal_reason = :withdrawal_reason, "
                    "out_of_scope_reason = :out_of_scope_reason "
                    "WHERE organisation_id = :organisation AND external_id = :name"
                ),
                {
                    "status": stored["status"],
                    "age": stored["age"],
                    "reopened": stored["reopened"],
                    "voided": REOPENED if stored["voided"] else None,
                    "why": "entered_twice" if stored["voided"] else None,
                    **moments(stored["status"]),
                    "withdrawal_reason": None,
                    "out_of_scope_reason": None,
                    **REASONS.get(stored["status"], {}),
                    "organisation": supplier.organisation_id,
                    "name": name,
                },
            )
        connection.execute(text("ALTER TABLE grievance ENABLE TRIGGER reopened"))


def test_a_workers_reopening_is_never_overwritten(world: World) -> None:
    """A file written before the reopening comes back with the present state; a later one closes."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    closed = proposal(site, "G", "closed_unvalidated", REOPENED, 1)
    first = imported(world, supplier, lines([closed]))
    grievance = receipts(supplier, first["id"])[0]["id"]
    pushed = supplier.get("/v1/grievances").json["data"][0]["id"]
    assert world.institute.post(f"/v1/grievances/{pushed}/reopen").status_code == 200
    again = imported(world, supplier, lines([closed | {"workers_affected": 9}]))
    (finding,) = findings(supplier, again["id"])
    assert "reopened" in finding["detail"]
    assert supplier.get(f"/v1/grievances/{pushed}").json["status"] == "reopened"
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for status in ("in_investigation", "closed_unvalidated"):
        step = proposal(site, "G", status, None, 1) | {"source_updated_at": later}
        assert imported(world, supplier, lines([step]))["counts"]["changed"] == 1, status
    assert grievance


def test_missing_steps_are_filled_in(world: World) -> None:
    """A row that is first seen further on has every step on record, marked as filled in."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    imported(world, supplier, lines([proposal(site, "G", "in_investigation", None, 1)]))
    pushed = supplier.get("/v1/grievances").json["data"][0]["id"]
    assert steps_of(supplier, pushed) == [
        ("received", "import"),
        ("acknowledged", "import"),
        ("triaged", "import"),
        ("in_investigation", "reported"),
    ]


def test_a_file_and_a_push_write_the_same(world: World) -> None:
    """One row of a file leaves what the same row pushed alone leaves, id and moments aside."""
    one, other = world.party("supplier"), world.party("supplier")
    sites = world.site(one), world.site(other)
    for status in ("received", "in_investigation", "closed_unvalidated", "withdrawn_by_worker"):
        told = proposal(sites[0], status, status, REOPENED, 4)
        imported(world, one, lines([told]))
        body = {name: value for name, value in told.items() if name != "external_id"}
        answer = other.put(
            f"/v1/grievances?external_id={status}&source_system=hr", body | {"site": sites[1]}
        )
        assert answer.status_code == 201, answer.json
    both = [party.get("/v1/grievances?limit=50").json["data"] for party in (one, other)]
    aside = ("id", "organisation", "site", "created_at", "updated_at")
    left, right = (
        sorted(
            ({name: value for name, value in one.items() if name not in aside} for one in rows),
            key=lambda shown: shown["external_id"],
        )
        for rows in both
    )
    assert left == right
    for left_row, right_row in zip(both[0], both[1], strict=True):
        assert steps_of(one, left_row["id"]) == steps_of(other, right_row["id"])


def test_what_a_complete_file_leaves_out_is_marked(world: World) -> None:
    """Absent rows stay and are marked, once; one that comes back loses the mark either way."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    rows = [row(site, name) for name in "ABC"]
    imported(world, supplier, lines(rows))
    imported(world, supplier, lines(rows[:1]), is_complete=True)

    def missing() -> set[str]:
        listed = supplier.get("/v1/grievances").json["data"]
        return {one["external_id"] for one in listed if one["missing_from_source_since"]}

    assert missing() == {"B", "C"}
    imported(world, supplier, lines(rows[:2]))
    assert missing() == {"C"}
    assert push(supplier, site, "C").status_code == 200
    assert missing() == set()


def test_a_complete_file_with_a_bad_row_marks_nothing(world: World) -> None:
    """The refused row may be the very one that would be marked."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    imported(world, supplier, lines([row(site, "A"), row(site, "B")]))
    imported(
        world, supplier, lines([row(site, "A"), row(site, "B", category="x")]), is_complete=True
    )
    listed = supplier.get("/v1/grievances").json["data"]
    assert [one["missing_from_source_since"] for one in listed] == [None, None]


def test_a_file_without_rows_says_nothing_of_the_register(world: World) -> None:
    """An export that failed marks nothing missing: the file is refused as empty."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    imported(world, supplier, lines([row(site, "A")]))
    empty = imported(world, supplier, b"\n\n", is_complete=True)
    assert (empty["state"], empty["fault"]["code"]) == ("failed", "file_has_no_rows")
    (kept,) = supplier.get("/v1/grievances").json["data"]
    assert kept["missing_from_source_since"] is None


def test_a_row_that_becomes_grave_is_work_for_the_institute(world: World) -> None:
    """Weighed later, by push or file, it waits as a task; and so does one that is grave no more."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    imported(world, supplier, lines([row(site, name) for name in ("pushed", "filed")]))
    push(supplier, site, "pushed", severity="s1_critical")
    imported(world, supplier, lines([row(site, "filed", category="violence.sexual")]))
    mine = {one["external_id"]: one["id"] for one in supplier.get("/v1/grievances").json["data"]}

    def tasks() -> list[str]:
        listed = world.institute.get("/v1/tasks?kind=look_at_grievance&limit=500").json["data"]
        return [one["subject"] for one in listed if one["subject"] in mine.values()]

    assert sorted(tasks()) == sorted(mine.values())


def test_grave_rows_of_a_file_are_work_for_the_institute(world: World) -> None:
    """Open critical or restricted grievances are told one by one, closed and minor ones are not."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    rows = [
        row(site, "grave", severity="s1_critical"),
        row(site, "restricted", category="retaliation.any"),
        row(site, "minor", severity="s4_minor"),
        proposal(site, "closed", "closed_unvalidated", None, 1) | {"severity": "s1_critical"},
    ]
    imported(world, supplier, lines(rows))
    events = [one["event"] for one in world.institute.get("/v1/events?limit=500").json["data"]]
    told = {one["data"]["id"] for one in events if one["type"] == "grievance.received"}
    mine = {one["id"]: one["external_id"] for one in supplier.get("/v1/grievances").json["data"]}
    assert {mine[one] for one in told & mine.keys()} == {"grave", "restricted"}
