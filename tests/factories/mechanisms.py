"""Mechanisms, contacts, talks, surveys and probes as a supplier's own software sends them."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.factories.parties import Party

MECHANISM: dict[str, Any] = {
    "name": "Box at the gate",
    "operator_kind": "employer",
    "channels": ["suggestion_box", "hr_open_door"],
    "valid_from": "2026-01-01",
}
VOLUME = {"calls": 12, "messages": 0}
EVENT: dict[str, Any] = {
    "held_on": "2026-03-02",
    "topics": ["wages", "mechanism"],
    "by": ["employer", "trade_union"],
    "method": "general_meeting",
}
SURVEY: dict[str, Any] = {
    "surveyed_on": "2026-03-02",
    "method": "app",
    "by": "cso",
    "asked_n": 40,
    "aware_asked_n": 40,
    "aware_n": 31,
    "trust_asked_n": 38,
    "trust_n": 19,
}
PROBE: dict[str, Any] = {
    "channel": "suggestion_box",
    "probed_at": "2026-03-02T09:30:00+07:00",
    "reached": True,
    "by": "institute",
}
# What the page of mechanisms shows as a whole description.
WHOLE = MECHANISM | {
    "name": "Speak up",
    "operator_kind": "external_provider",
    "independent_of_management": True,
    "external_procedure": False,
    "channels": ["factory_hotline", "whatsapp", "walk_in"],
    "languages": ["th", "my", "km"],
    "anonymous_possible": True,
    "always_open": False,
    "hours": [
        {"weekday": "monday", "from": "08:00", "to": "12:00"},
        {"weekday": "monday", "from": "13:00", "to": "20:00"},
        {"weekday": "saturday", "from": "20:00", "to": "24:00"},
    ],
    "open_to": ["direct", "agency", "contractor", "former"],
    "published_time_frames": {"acknowledge_days": 2, "first_action_days": 5, "close_days": 60},
    "procedure_published": True,
    "procedure_url": "https://example.org/speak-up",
    "text_form_procedure": True,
    "anti_retaliation_policy": True,
    "anti_retaliation_policy_since": "2024-05-01",
    "reasons_given": True,
    "may_meet": True,
    "appeal_possible": False,
    "no_waiver_of_rights": True,
    "representative_allowed": True,
    "workers_consulted_on_design": True,
    "workers_consulted_on": "2025-11-03",
    "performance_published": None,
    "effectiveness_checked_on": "2026-01-15",
    "effectiveness_check_method": "worker_survey",
}


def put(party: Party, kind: str, external_id: str, body: dict[str, Any]) -> TestResponse:
    """PUT a record of one of the kinds that are known by the sender's own identifier."""
    return party.put(f"/v1/{kind}?external_id={external_id}&source_system=hr", body)


def mechanism(party: Party, external_id: str = "M1", **fields: Any) -> str:
    """A mechanism for all of the party's sites; returns its id."""
    scope = {} if "sites" in fields else {"all_sites": True}
    answer = put(party, "mechanisms", external_id, MECHANISM | scope | fields)
    assert answer.status_code in {200, 201}, answer.json
    return str(answer.json["id"])


def volume(party: Party, month: str = "2026-03", body: Any = None, **whose: str) -> TestResponse:
    """PUT a month's contacts through operational channels, of a site or of a mechanism."""
    asked = "".join(f"&{name}={value}" for name, value in whose.items())
    url = f"/v1/contact-volumes?channel_class=operational&month={month}{asked}"
    return party.put(url, VOLUME if body is None else body)


def faults(answer: Any) -> dict[str, str]:
    """The places of a refusal with their codes."""
    assert answer.status_code == 422, answer.json
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}
