"""Grievances and headcounts as a supplier's own software pushes them."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.factories.parties import Party

RECEIVED = "2026-03-01T08:15:00+07:00"


def grievance(site: str, **fields: Any) -> dict[str, Any]:
    """The body of a push: a late wage, received on 1 March 2026."""
    body = {"site": site, "category": "wages.late_payment", "channel": "hr_open_door"}
    return body | {"received_at": RECEIVED} | fields


def push(
    supplier: Party,
    site: str,
    external_id: str,
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> TestResponse:
    """PUT one grievance under the supplier's own identifier."""
    url = f"/v1/grievances?external_id={external_id}&source_system=hr"
    return supplier.put(url, grievance(site, **fields), **(headers or {}))


def step(supplier: Party, grievance_id: str, to: str, **fields: Any) -> TestResponse:
    """POST one step of a grievance's life."""
    return supplier.post(f"/v1/grievances/{grievance_id}/status-changes", {"to": to} | fields)


def steps_of(party: Party, grievance_id: str) -> list[tuple[str, str]]:
    """The recorded steps as (to, source), in their order."""
    listed = party.get(f"/v1/grievances/{grievance_id}/status-changes")
    assert listed.status_code == 200, listed.json
    return [(row["to"], row["source"]) for row in listed.json["data"]]
