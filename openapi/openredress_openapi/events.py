"""The `webhooks` section: one entry per event type, with the body that a receiver gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apispec.core import Components

from openredress_webhooks import headers
from openredress_webhooks.events import SCHEMA_VERSION, EventType

Part = dict[str, Any]

ENVELOPE: Part = {
    "type": "object",
    "description": "What happened, once: `id` stays over retries, replays and endpoints.",
    "required": [
        "id",
        "type",
        "timestamp",
        "schema_version",
        "subject",
        "subject_seq",
        "data_class",
        "data",
        "links",
    ],
    "properties": {
        "id": {"type": "string"},
        "type": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "schema_version": {"type": "integer", "const": SCHEMA_VERSION},
        "subject": {"type": "string", "description": "Id of the record the event is about."},
        "subject_seq": {"type": "integer", "description": "Version of that record; orders events."},
        "data_class": {"type": "string"},
        "data": {"type": "object"},
        "links": {
            "type": "object",
            "properties": {"self": {"type": "string", "format": "uri"}},
        },
    },
}

SIGNED_HEADERS = {
    headers.ID: "The event's id, the same over every retry.",
    headers.TIMESTAMP: "Whole Unix seconds of this attempt.",
    headers.SIGNATURE: "One `version,base64` item per valid key, separated by single spaces.",
}


def webhooks(components: Components, event_types: Mapping[str, EventType]) -> dict[str, Part]:
    """Return the section by event name, sorted; the bodies become component schemas."""
    if event_types:
        components.schema("WebhookEvent", ENVELOPE)
    section = {}
    for name, event_type in sorted(event_types.items()):
        body = _component_name(name)
        components.schema(body, _body(event_type))
        section[name] = {"post": _delivery(event_type, body)}
    return section


def _component_name(event_name: str) -> str:
    """Return "ReferralOfferedEvent" for "referral.offered"."""
    words = event_name.replace(".", "_").split("_")
    return "".join(word.capitalize() for word in words) + "Event"


def _body(event_type: EventType) -> Part:
    own: Part = {
        "type": {"const": event_type.name},
        "data_class": {"const": event_type.data_class},
        "data": event_type.data_schema(),
    }
    if event_type.thin:
        own["links"] = {"required": ["self"]}
    return {"$ref": "#/components/schemas/WebhookEvent", "properties": own}


def _delivery(event_type: EventType, body: str) -> Part:
    reference = {"$ref": f"#/components/schemas/{body}"}
    return {
        "tags": ["events"],
        "summary": event_type.name,
        "description": f"{event_type.description}\n\nFor: {', '.join(event_type.recipients)}.",
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
            }
            for name, description in SIGNED_HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {"2XX": {"description": "Taken; any other answer is a failed attempt."}},
    }
