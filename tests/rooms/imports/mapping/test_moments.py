"""Times by the clocks of a place: what clocks skip is refused, what they show twice is told."""

from __future__ import annotations

import pytest

from tests.rooms.imports.mapping.kinds import planned

HEADINGS = ("Case No", "Received", "Category", "Channel", "Site")


def read(zone: str, cell: str) -> tuple[object, list[str], list[tuple[str, object]]]:
    """When a case was received, the faults of its row, and its notices with what they say."""
    row = ["C", cell, "wages.late_payment", "line", "F-1"]
    columns = {"Case No": "external_id", "Received": "received_at"}
    plan = planned("grievance", HEADINGS, [row], columns=columns, time_zone=zone)
    record, faults, notices, _ = plan.row(row)
    return (
        record.get("received_at"),
        [str(one.fault) for one in faults],
        [(str(one.fault), one.fault.params["taken"]) for one in notices],
    )


@pytest.mark.parametrize("cell", ["2026-03-29T03:30", "29 March 2026 3:30 am"])
def test_a_time_that_clocks_skip(cell: str) -> None:
    """Clocks went from 3 to 4: half past three is a fault, not some other time."""
    assert read("Europe/Bucharest", cell) == (None, ["time_skipped"], [])


@pytest.mark.parametrize("cell", ["2026-10-25T03:30", "25 October 2026 3:30 am"])
def test_a_time_that_clocks_show_twice(cell: str) -> None:
    """The first of the two is taken, and the sender is told so."""
    taken = "2026-10-25T03:30:00+03:00"
    assert read("Europe/Bucharest", cell) == (taken, [], [("time_came_twice", taken)])


@pytest.mark.parametrize(
    ("zone", "cell", "taken"),
    [
        ("Europe/Bucharest", "2026-03-29T02:59", "2026-03-29T02:59:00+02:00"),
        ("Europe/Bucharest", "2026-03-29T04:00", "2026-03-29T04:00:00+03:00"),
        ("Europe/Bucharest", "2026-10-25T04:00", "2026-10-25T04:00:00+02:00"),
        ("Europe/Bucharest", "2026-03-29T03:30:00+03:00", "2026-03-29T03:30:00+03:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-24T00:00:00+02:00"),
        ("America/Havana", "2025-11-02", "2025-11-02T00:00:00-04:00"),
        ("Asia/Bangkok", "2026-03-29T03:30", "2026-03-29T03:30:00+07:00"),
    ],
)
def test_all_other_times(zone: str, cell: str, taken: str) -> None:
    """Times beside the change, with an offset of their own, and days alone need no word."""
    assert read(zone, cell) == (taken, [], [])
