"""The published document says what the schemas do, and says it the same way each time."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import Schema, ValidationError, fields, validate
from openapi_spec_validator import OpenAPIV31SpecValidator

from openredress_openapi.builder import build, dump
from openredress_openapi.operations import BadOperation, Operation
from openredress_webhooks.events import EVENT_TYPES

Document = dict[str, Any]
CODE = {"type": "string", "pattern": "^[a-z]+$"}


class NotFound(Exception):
    """There is no such record for this organisation."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "not_found"
    title: ClassVar[str] = "Not found"


class Conflict(Exception):
    """The record does not allow this now."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"
    title: ClassVar[str] = "Conflict"


class InProgress(Exception):
    """The same key is still at work."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "idempotency_in_progress"
    title: ClassVar[str] = "In progress"


class CodeField(fields.String):
    """A field that carries its own JSON Schema, as those of the api do."""

    def __init__(self, **more: Any) -> None:
        """Take what marshmallow takes beside its own rule."""
        super().__init__(validate=validate.Regexp(r"[a-z]+\Z"), metadata={"openapi": CODE}, **more)


class ChoiceField(fields.String):
    """A field whose own JSON Schema lists its codes."""

    def __init__(self, *codes: str, **more: Any) -> None:
        """`codes` are all that is accepted."""
        super().__init__(
            validate=validate.OneOf(codes),
            metadata={"openapi": {"type": "string", "enum": list(codes)}},
            **more,
        )


class Fee(Schema):
    """A nested body."""

    amount = fields.Decimal(
        as_string=True,
        places=2,
        required=True,
        validate=validate.Range(min=0, min_inclusive=False),
    )


class Grievance(Schema):
    """A body with one field for each gap of apispec."""

    class Meta:
        """apispec forgets additionalProperties where a description stands."""

        description = "A row of the supplier's register."

    status = fields.String(required=True, validate=validate.OneOf({"open", "closed", "void"}))
    workers = fields.Integer(strict=True, validate=validate.Range(min=0, min_inclusive=False))
    share = fields.Float(
        validate=[validate.Range(max=1, max_inclusive=False), validate.Range(max=2, min=-1)]
    )
    balance = fields.Decimal(as_string=True, allow_none=True)
    kind = fields.Constant("grievance")
    channels = fields.List(
        fields.String(), validate=validate.ContainsOnly(["hotline", "committee", "app"])
    )
    reference = fields.String(validate=validate.Regexp(r"[A-Z]{2}[0-9]+\Z"))
    category = CodeField(allow_none=True)
    outcome = ChoiceField("repaid", "apologised", allow_none=True)
    fee = fields.Nested(Fee, allow_none=True)


class GrievanceView(Schema):
    """What is given back."""

    id = fields.String(required=True)
    fee = fields.Nested(Fee)


class GrievanceFilter(Schema):
    """A query."""

    status = fields.String(metadata={"description": "Only these."})
    cursor = fields.String()
    limit = fields.Integer(validate=validate.Range(min=1, max=50))


REPORT = Operation(
    method="POST",
    path="/v1/grievances",
    name="report_grievance",
    room="grievances",
    summary="Report a grievance",
    description="Made once per key.",
    scope="grievances:write",
    roles=("supplier",),
    takes=Grievance(),
    gives={201: GrievanceView()},
    problems=(InProgress, Conflict),
    idempotency="required",
    etag=True,
)
LIST = Operation(
    method="GET",
    path="/v1/grievances",
    name="list_grievances",
    room="grievances",
    summary="List grievances",
    scope="grievances:read",
    roles=("supplier", "institute"),
    query=GrievanceFilter(),
    gives={200: GrievanceView()},
    listing=True,
)
CHANGE = Operation(
    method="PATCH",
    path="/v1/grievances/{id}",
    name="change_grievance",
    room="grievances",
    summary="Change a grievance",
    scope="grievances:write",
    path_parameters={"id": "grv"},
    takes=Grievance(partial=True),
    gives={200: GrievanceView(), 204: None},
    problems=(NotFound,),
    idempotency="accepted",
    if_match=True,
    etag=True,
)
TAXONOMY = Operation(
    method="GET",
    path="/v1/taxonomies/{name}",
    name="read_taxonomy",
    room="vocabulary",
    summary="Read a code list",
    path_parameters={"name": "code"},
    gives={200: None},
    authenticated=False,
)
ALL = (REPORT, LIST, CHANGE, TAXONOMY)


def document_of(*operations: Operation) -> Document:
    """Build the document of some operations and every event type."""
    return build(
        operations,
        EVENT_TYPES,
        title="OpenRedress",
        version="0.1.0",
        public_url="https://redress.example.org",
    )


@pytest.fixture(scope="module")
def document() -> Document:
    """The document of all operations of this module."""
    return document_of(*ALL)


@pytest.fixture(scope="module")
def grievance(document: Document) -> Document:
    """The properties of the request body."""
    properties: Document = document["components"]["schemas"]["Grievance"]["properties"]
    return properties


def test_the_document_is_openapi_3_1(document: Document) -> None:
    """The document validates against the OpenAPI 3.1 schema, its references included."""
    assert document["openapi"] == "3.1.1"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_each_build_writes_the_same_bytes(document: Document) -> None:
    """Neither the order of operations nor Python's hash seed changes a byte."""
    text = dump(document)
    assert text.endswith("}\n")
    assert all(list(part) == sorted(part) for part in document["components"].values())
    assert dump(document_of(*reversed(ALL))) == text
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]; import test_openapi_builder as t; "
        "print(t.dump(t.document_of(*t.ALL)), end='')"
    )
    folders = [*sys.path, __file__.rpartition("/")[0]]
    for seed in ("1", "2"):
        again = subprocess.run(
            [sys.executable, "-c", script, *folders],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        )
        assert again.stdout == text


def test_decimal_strings_are_strings(document: Document, grievance: Document) -> None:
    """A decimal that travels as text is documented as text, with the signs and places it has."""
    amount = document["components"]["schemas"]["Fee"]["properties"]["amount"]
    assert amount == {
        "type": "string",
        "pattern": r"^[0-9]+(\.[0-9]{1,2})?$",
        "x-exclusiveMinimum": "0.00",
    }
    assert grievance["balance"] == {
        "type": ["string", "null"],
        "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
    }


def test_ranges_that_exclude_their_bound_say_so(grievance: Document) -> None:
    """An excluded bound becomes exclusiveMinimum or -Maximum; the strictest of several counts."""
    assert grievance["workers"] == {"type": "integer", "exclusiveMinimum": 0}
    assert grievance["share"] == {"type": "number", "minimum": -1.0, "exclusiveMaximum": 1.0}


def test_constants_are_const(grievance: Document) -> None:
    """A constant is documented as the only value."""
    assert grievance["kind"] == {"const": "grievance"}


def test_contains_only_is_about_the_items(grievance: Document) -> None:
    """A list's allowed members are documented on its items."""
    items = {"type": "string", "enum": ["hotline", "committee", "app"]}
    assert grievance["channels"] == {"type": "array", "items": items}


def test_contains_only_elsewhere_is_refused() -> None:
    """ContainsOnly on anything but a list stops the build instead of being documented wrongly."""

    class Letters(Schema):
        """Not a list."""

        word = fields.String(validate=validate.ContainsOnly("abc"))

    takes = Operation(
        method="PUT",
        path="/",
        name="put",
        room="x",
        summary="x",
        takes=Letters(),
        gives={204: None},
    )
    with pytest.raises(TypeError, match="word"):
        document_of(takes)


def test_patterns_are_anchored_as_marshmallow_does(grievance: Document) -> None:
    """A Regexp, matched from the start by marshmallow, is anchored in the document."""
    assert grievance["reference"]["pattern"] == "^(?:[A-Z]{2}[0-9]+$)"


def test_a_field_can_speak_for_itself(grievance: Document) -> None:
    """metadata["openapi"] overrules what was derived; allow_none still adds null."""
    assert grievance["category"] == {"type": ["string", "null"], "pattern": "^[a-z]+$"}
    assert grievance["outcome"]["enum"] == ["repaid", "apologised", None]


def test_choices_from_a_set_are_sorted(grievance: Document) -> None:
    """Choices without an order get one."""
    assert grievance["status"]["enum"] == ["closed", "open", "void"]


def test_requests_are_closed_and_answers_open(document: Document) -> None:
    """Whatever a request reaches refuses unknown fields; what only we send may grow."""
    schemas = document["components"]["schemas"]
    closed = {name for name, schema in schemas.items() if "additionalProperties" in schema}
    assert closed == {"Grievance", "GrievancePatch", "Fee"}
    assert not any(schemas[name]["additionalProperties"] for name in closed)


def test_a_partial_schema_asks_for_nothing(document: Document) -> None:
    """The body of a PATCH has a component of its own, without required fields."""
    schemas = document["components"]["schemas"]
    assert schemas["Grievance"]["required"] == ["status"]
    assert "required" not in schemas["GrievancePatch"]


def test_problems_are_grouped_by_status(document: Document) -> None:
    """Each status of refusal lists its codes, with an example that fits the Problem schema."""
    conflict = document["paths"]["/v1/grievances"]["post"]["responses"]["409"]
    content = conflict["content"]["application/problem+json"]
    assert content["schema"]["properties"]["code"]["enum"] == [
        "conflict",
        "idempotency_in_progress",
    ]
    assert set(content["examples"]) == {"conflict", "idempotency_in_progress"}
    assert "- `conflict`: The record does not allow this now." in conflict["description"]
    problem = Draft202012Validator(document["components"]["schemas"]["Problem"])
    example = document["components"]["examples"]["not_found"]["value"]
    assert example["detail"] == "There is no such record for this organisation."
    problem.validate(example)


def test_headers_stand_where_they_are_due(document: Document) -> None:
    """Each answer lists the headers it can carry, and no other."""
    grievances = document["paths"]["/v1/grievances"]
    made = grievances["post"]["responses"]
    assert set(made["201"]["headers"]) == {
        "X-Request-Id",
        "ETag",
        "Location",
        "Idempotency-Replayed",
    }
    assert set(made["409"]["headers"]) == {"X-Request-Id", "Retry-After"}
    assert set(grievances["get"]["responses"]["200"]["headers"]) == {"X-Request-Id"}


def test_parameters_are_complete(document: Document) -> None:
    """Ids have their pattern, writes their headers, queries what their schema says."""
    changed = document["paths"]["/v1/grievances/{id}"]["patch"]["parameters"]
    assert changed[0]["schema"]["pattern"] == "^grv_[0-7][0-9a-hjkmnp-tv-z]{25}$"
    assert [p.get("$ref", "").rpartition("/")[2] for p in changed[1:]] == [
        "IdempotencyKey",
        "IfMatch",
    ]
    listed = document["paths"]["/v1/grievances"]["get"]["parameters"]
    assert [p["name"] for p in listed] == ["status", "cursor", "limit"]
    assert listed[0]["description"] == "Only these."
    assert listed[2]["schema"] == {"type": "integer", "minimum": 1, "maximum": 50}
    shared = document["components"]["parameters"]
    assert shared["IdempotencyKeyRequired"]["required"]
    assert "required" not in shared["IdempotencyKey"]


def test_scopes_name_their_holders(document: Document) -> None:
    """The OAuth scheme lists every scope in use; a public operation asks for nothing."""
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert flow == {
        "tokenUrl": "https://redress.example.org/oauth2/token",
        "scopes": {"grievances:read": "institute, supplier", "grievances:write": "supplier"},
    }
    paths = document["paths"]
    assert paths["/v1/grievances"]["post"]["security"] == [{"oauth2": ["grievances:write"]}]
    assert paths["/v1/taxonomies/{name}"]["get"]["security"] == []


def test_every_event_type_is_a_webhook(document: Document) -> None:
    """Each event type has its entry, whose body names type, class and data."""
    assert list(document["webhooks"]) == sorted(EVENT_TYPES)
    body = document["components"]["schemas"]["ReferralOfferedEvent"]
    assert body["properties"]["type"] == {"const": "referral.offered"}
    assert body["properties"]["data"] == EVENT_TYPES["referral.offered"].data_schema()
    signed = document["webhooks"]["referral.offered"]["post"]["parameters"]
    assert [p["name"] for p in signed] == [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"path": "/v1/{other}"}, "path_parameters"),
        ({"authenticated": False}, "public"),
    ],
)
def test_an_operation_cannot_contradict_itself(change: Document, fault: str) -> None:
    """Path parameters without a path, or a scope without a token, are refused when recorded."""
    with pytest.raises(BadOperation, match=fault):
        Operation(**{**vars(CHANGE), **change})


@pytest.mark.parametrize(
    "twin",
    [
        {"name": "list_grievances"},
        {"path": "/v1/grievances", "path_parameters": {}, "method": "get"},
        {"takes": Grievance(only=("status",))},
    ],
)
def test_twins_are_refused(twin: Document) -> None:
    """Two operations with one name or address, or two schemas with one name, stop the build."""
    with pytest.raises(BadOperation):
        document_of(REPORT, LIST, Operation(**{**vars(CHANGE), **twin}))


# Whole numbers written as 1.0 are left out: JSON Schema calls them integers, Python does not.
bodies = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["open", "closed", "gone", None]),
        "workers": st.integers(-1, 2) | st.sampled_from([None, "x", 0.5, True]),
        "share": st.sampled_from([-2, -1, 0.5, 1, 2, None]),
        "balance": st.none() | st.from_regex(r"\A-?[0-9]{1,6}(\.[0-9]{1,3})?\Z") | st.just("x"),
        "channels": st.lists(st.sampled_from(["hotline", "app", "fax"]), max_size=3) | st.none(),
        "reference": st.sampled_from(["AB1", "xAB1", "AB", "AB1x", 1, None]),
        "category": st.sampled_from(["wages", "Wages", "", None, 1]),
        "outcome": st.sampled_from(["repaid", "lost", None, 1]),
        "fee": st.sampled_from([None, {}, {"amount": "1.5"}, {"amount": "-1"}, {"amount": "x"}])
        | st.just({"amount": "1", "more": 1}),
        "stranger": st.integers(),
    },
)


@given(bodies)
def test_document_and_marshmallow_agree(body: Document) -> None:
    """A body is accepted by the published schema if and only if marshmallow accepts it."""
    try:
        Grievance().load(body)
        loaded = True
    except ValidationError:
        loaded = False
    assert VALIDATOR.is_valid(body) == loaded, body


VALIDATOR = Draft202012Validator(
    {**document_of(*ALL), "$ref": "#/components/schemas/Grievance"},
)
