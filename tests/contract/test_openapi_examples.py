"""An example in the documents is an answer the server could give, or the build says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields

from openredress_openapi.builder import build
from openredress_openapi.examples import ExampleFault, validate_examples
from openredress_openapi.operations import Operation
from openredress_webhooks.events import EVENT_TYPES

EVENT = EVENT_TYPES["referral.offered"]
GOOD: dict[str, Any] = {
    "report_grievance.json": {
        "request": {"opened_at": "2026-03-01T08:15:00+07:00"},
        "response": {"id": "grv_1"},
    },
    "referral.offered.json": {
        "id": "evt_1",
        "type": EVENT.name,
        "timestamp": "2026-03-02T09:30:00Z",
        "schema_version": 1,
        "subject": "ref_1",
        "subject_seq": 1,
        "data_class": EVENT.data_class,
        "data": {
            name: field.schema()["examples"][0]  # type: ignore[index]  # each has one example
            for name, field in EVENT.data_fields.items()
        },
        "links": {"self": "https://redress.example.org/v1/referrals/ref_1"},
    },
}


class Grievance(Schema):
    """Sent."""

    opened_at = fields.AwareDateTime(required=True)


class GrievanceView(Schema):
    """Given back."""

    id = fields.String(required=True)


@pytest.fixture
def document() -> dict[str, Any]:
    """One operation with bodies, one without, one event type."""
    report = Operation(
        method="POST",
        path="/v1/grievances",
        name="report_grievance",
        room="grievances",
        summary="Report",
        takes=Grievance(),
        gives={201: GrievanceView()},
    )
    forget = Operation(
        method="DELETE",
        path="/v1/grievances",
        name="forget",
        room="grievances",
        summary="Forget",
        gives={204: None},
    )
    return build(
        (report, forget),
        {EVENT.name: EVENT},
        title="OpenRedress",
        version="0.1.0",
        public_url="https://redress.example.org",
    )


def written(folder: Path, **changes: Any) -> Path:
    """Write the good examples with some files changed; None leaves a file out."""
    for name, example in {**GOOD, **changes}.items():
        if example is not None:
            (folder / name).write_text(json.dumps(example), encoding="utf-8")
    return folder


def test_good_examples_have_no_fault(document: dict[str, Any], tmp_path: Path) -> None:
    """Examples that fit give an empty list; an operation without bodies needs none."""
    assert validate_examples(document, written(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "example", "pointer", "message"),
    [
        ("report_grievance.json", None, "#", "is missing"),
        ("nobody.json", {}, "#", "belongs to no operation and no event type"),
        (
            "report_grievance.json",
            {**GOOD["report_grievance.json"], "request": {"opened_at": "yesterday"}},
            "#/request/opened_at",
            "'yesterday' is not a 'date-time'",
        ),
        (
            "report_grievance.json",
            {"request": GOOD["report_grievance.json"]["request"], "response": {"id": 7}},
            "#/response/id",
            "7 is not of type 'string'",
        ),
        (
            "referral.offered.json",
            {**GOOD["referral.offered.json"], "type": "referral.updated"},
            "#/type",
            "'referral.offered' was expected",
        ),
        (
            "referral.offered.json",
            {**GOOD["referral.offered.json"], "links": {}},
            "#/links",
            "'self' is a required property",
        ),
    ],
)
def test_a_bad_example_is_named(
    document: dict[str, Any],
    tmp_path: Path,
    name: str,
    example: object,
    pointer: str,
    message: str,
) -> None:
    """A missing, stray or wrong example gives one fault with file, place and reason."""
    faults = validate_examples(document, written(tmp_path, **{name: example}))
    assert faults == [ExampleFault(name, pointer, message)]
