"""Every change that breaks a client is named once, with its place; every other one is silent."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from openredress_openapi.builder import build
from openredress_openapi.compare import breaking_changes
from openredress_openapi.operations import Operation
from openredress_openapi.references import lookup
from openredress_webhooks.events import EVENT_TYPES

Document = dict[str, Any]
EVENT = "referral.offered"
SCHEMAS = "#/components/schemas"
LISTED = "#/paths/~1v1~1grievances/get"
REPORTED = "#/paths/~1v1~1grievances/post"
SCOPES = "#/components/securitySchemes/oauth2/flows/clientCredentials/scopes"


class Fee(Schema):
    """Sent, one level down."""

    currency = fields.String(validate=validate.OneOf(["THB", "MMK"]))


class Grievance(Schema):
    """Sent."""

    status = fields.String(required=True, validate=validate.OneOf(["open", "closed"]))
    workers = fields.Float()
    note = fields.String(allow_none=True)
    fees = fields.List(fields.Nested(Fee))
    main_fee = fields.Nested(Fee, allow_none=True)


class Site(Schema):
    """Given back, one level down; it knows its neighbours."""

    name = fields.String()
    neighbours = fields.List(fields.Nested(lambda: Site()))  # noqa: PLW0108  Site is being made


class GrievanceView(Schema):
    """Given back."""

    id = fields.String()
    site = fields.Nested(Site)


class Filter(Schema):
    """Asked."""

    status = fields.String(validate=validate.OneOf(["open", "closed"]))


@pytest.fixture
def old() -> Document:
    """The document clients know."""
    listed = Operation(
        method="GET",
        path="/v1/grievances",
        name="list_grievances",
        room="grievances",
        summary="List",
        scope="grievances:read",
        query=Filter(),
        gives={200: GrievanceView()},
        listing=True,
    )
    reported = Operation(
        method="POST",
        path="/v1/grievances",
        name="report_grievance",
        room="grievances",
        summary="Report",
        scope="grievances:write",
        takes=Grievance(),
        gives={200: GrievanceView(), 201: GrievanceView()},
        idempotency="accepted",
    )
    removed = Operation(
        method="DELETE",
        path="/v1/grievances/{id}",
        name="remove_grievance",
        room="grievances",
        summary="Remove",
        path_parameters={"id": "grv"},
        gives={204: None},
    )
    return build(
        (listed, reported, removed),
        {EVENT: EVENT_TYPES[EVENT]},
        title="OpenRedress",
        version="0.1.0",
        public_url="https://redress.example.org",
    )


def removed(place: str, name: str) -> Callable[[Document], None]:
    """Return a change that removes a member."""

    def change(document: Document) -> None:
        del lookup(document, place)[name]

    return change


def replaced(place: str, name: str, value: object) -> Callable[[Document], None]:
    """Return a change that sets a member."""

    def change(document: Document) -> None:
        lookup(document, place)[name] = value

    return change


BREAKS = {
    "path": (
        removed("#/paths", "/v1/grievances/{id}"),
        "Path /v1/grievances/{id} was removed at #/paths/~1v1~1grievances~1{id}.",
    ),
    "operation": (
        removed("#/paths/~1v1~1grievances", "get"),
        "Operation get was removed at #/paths/~1v1~1grievances/get.",
    ),
    "operation id": (
        replaced(LISTED, "operationId", "all_grievances"),
        f"operationId at {LISTED}/operationId changed from list_grievances to all_grievances.",
    ),
    "success status": (
        removed(f"{REPORTED}/responses", "201"),
        f"Success status 201 was removed at {REPORTED}/responses/201.",
    ),
    "media type": (
        removed(f"{REPORTED}/responses/201/content", "application/json"),
        (
            "Media type application/json was removed at "
            f"{REPORTED}/responses/201/content/application~1json."
        ),
    ),
    "response property": (
        removed(f"{SCHEMAS}/GrievanceView/properties", "id"),
        f"Response property id was removed at {SCHEMAS}/GrievanceView/properties/id.",
    ),
    "nested response property": (
        removed(f"{SCHEMAS}/Site/properties", "name"),
        f"Response property name was removed at {SCHEMAS}/Site/properties/name.",
    ),
    "inline response property": (
        removed(f"{LISTED}/responses/200/content/application~1json/schema/properties", "has_more"),
        (
            "Response property has_more was removed at "
            f"{LISTED}/responses/200/content/application~1json/schema/properties/has_more."
        ),
    ),
    "response type": (
        replaced(f"{SCHEMAS}/GrievanceView/properties/id", "type", ["string", "null"]),
        (
            f"Response type at {SCHEMAS}/GrievanceView/properties/id changed "
            "from string to null or string."
        ),
    ),
    "request property removed": (
        removed(f"{SCHEMAS}/Grievance/properties", "workers"),
        f"Request property workers was removed at {SCHEMAS}/Grievance/properties/workers.",
    ),
    "request property required": (
        replaced(f"{SCHEMAS}/Grievance", "required", ["status", "workers"]),
        f"Request property workers became required at {SCHEMAS}/Grievance.",
    ),
    "nested request property required": (
        replaced(f"{SCHEMAS}/Fee", "required", ["currency"]),
        f"Request property currency became required at {SCHEMAS}/Fee.",
    ),
    "request value": (
        replaced(f"{SCHEMAS}/Grievance/properties/status", "enum", ["open", "new"]),
        f"Request value 'closed' was removed at {SCHEMAS}/Grievance/properties/status.",
    ),
    "nested request value": (
        replaced(f"{SCHEMAS}/Fee/properties/currency", "enum", ["THB"]),
        f"Request value 'MMK' was removed at {SCHEMAS}/Fee/properties/currency.",
    ),
    "request values closed": (
        replaced(f"{SCHEMAS}/Grievance/properties/note", "enum", ["x"]),
        f"Request values at {SCHEMAS}/Grievance/properties/note became a closed list.",
    ),
    "request type": (
        replaced(f"{SCHEMAS}/Grievance/properties/workers", "type", "integer"),
        (
            f"Request type at {SCHEMAS}/Grievance/properties/workers changed "
            "from integer or number to integer."
        ),
    ),
    "request null": (
        replaced(f"{SCHEMAS}/Grievance/properties/note", "type", "string"),
        (
            f"Request type at {SCHEMAS}/Grievance/properties/note changed "
            "from null or string to string."
        ),
    ),
    "nested request null": (
        replaced(f"{SCHEMAS}/Grievance/properties", "main_fee", {"$ref": f"{SCHEMAS}/Fee"}),
        (
            f"Request type at {SCHEMAS}/Grievance/properties/main_fee changed "
            "from null or object to object."
        ),
    ),
    "request body removed": (
        removed(REPORTED, "requestBody"),
        f"Request body was removed at {REPORTED}/requestBody.",
    ),
    "request body added": (
        replaced(LISTED, "requestBody", {"required": True, "content": {}}),
        f"Request body became required at {LISTED}/requestBody.",
    ),
    "parameter removed": (
        replaced(LISTED, "parameters", []),
        f"Parameter status (query) was removed at {LISTED}/parameters.",
    ),
    "parameter required": (
        replaced("#/components/parameters/IdempotencyKey", "required", True),  # noqa: FBT003  JSON
        f"Parameter Idempotency-Key (header) became required at {REPORTED}/parameters/0.",
    ),
    "parameter value": (
        replaced(f"{LISTED}/parameters/0/schema", "enum", ["open"]),
        f"Request value 'closed' was removed at {LISTED}/parameters/0/schema.",
    ),
    "scope": (
        removed(SCOPES, "grievances:read"),
        f"Scope grievances:read was removed at {SCOPES}/grievances:read.",
    ),
    "event type": (
        removed("#/webhooks", EVENT),
        f"Event type {EVENT} was removed at #/webhooks/{EVENT}.",
    ),
    "event data": (
        removed(f"{SCHEMAS}/ReferralOfferedEvent/properties/data/properties", "id"),
        (
            "Response property id was removed at "
            f"{SCHEMAS}/ReferralOfferedEvent/properties/data/properties/id."
        ),
    ),
}


@pytest.mark.parametrize(("plant", "sentence"), BREAKS.values(), ids=BREAKS.keys())
def test_each_break_is_named(
    old: Document, plant: Callable[[Document], None], sentence: str
) -> None:
    """A planted break gives exactly one sentence that says what and where."""
    new = copy.deepcopy(old)
    plant(new)
    assert breaking_changes(old, new) == [sentence]


def test_the_same_document_breaks_nothing(old: Document) -> None:
    """A document has no breaking change against itself, self-containing schemas included."""
    assert breaking_changes(old, copy.deepcopy(old)) == []


def test_additions_break_nothing(old: Document) -> None:
    """New operations, statuses, optional fields, values, scopes and events are silent."""
    new = copy.deepcopy(old)
    new["paths"]["/v1/sites"] = {"get": new["paths"]["/v1/grievances"]["get"]}
    new["webhooks"]["referral.updated"] = new["webhooks"][EVENT]
    lookup(new, SCOPES)["sites:read"] = ""
    lookup(new, f"{LISTED}/responses")["404"] = {"description": "Not found"}
    lookup(new, f"{SCHEMAS}/Grievance/properties")["new"] = {"type": "string"}
    lookup(new, f"{SCHEMAS}/Grievance/properties/status/enum").append("void")
    lookup(new, f"{SCHEMAS}/GrievanceView/properties")["new"] = {"type": "string"}
    assert breaking_changes(old, new) == []
