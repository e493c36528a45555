"""Every example in openapi/examples, held against the schema it illustrates.

Needs jsonschema and rfc3339-validator, which only a developer's checkout installs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from openredress_openapi.references import Document, escape

DOCUMENT = "urn:openredress:openapi"


@dataclass(frozen=True)
class ExampleFault:
    """What is wrong with one example: `pointer` is a JSON Pointer into the file."""

    file: str
    pointer: str
    message: str


def validate_examples(document: Document, folder: Path) -> list[ExampleFault]:
    """Return what is wrong in a folder of examples; an empty list means nothing.

    `<operationId>.json` holds {"request": body, "response": body of the first success}, each
    only where the operation has one; `<event type>.json` is one event. Missing examples and
    files that belong to nothing are faults too.
    """
    expected = dict(_expected(document))
    found = {path.name: path for path in sorted(folder.glob("*.json"))}
    faults = [ExampleFault(name, "#", "is missing") for name in expected if name not in found]
    for name, path in found.items():
        if name in expected:
            example = json.loads(path.read_text(encoding="utf-8"))
            faults += _faults(document, name, example, expected[name])
        else:
            faults.append(ExampleFault(name, "#", "belongs to no operation and no event type"))
    return faults


def _expected(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield each file name with the schema of the whole file."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            bodies = dict(_bodies(f"#/paths/{escape(path)}/{method}", operation))
            if bodies:
                yield f"{operation['operationId']}.json", _exactly(bodies)
    for name in document.get("webhooks", {}):
        pointer = f"#/webhooks/{escape(name)}/post/requestBody/content/application~1json/schema"
        yield f"{name}.json", {"$ref": DOCUMENT + pointer}


def _bodies(at: str, operation: Document) -> Iterator[tuple[str, Document]]:
    schema = "content/application~1json/schema"
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        yield "request", {"$ref": f"{DOCUMENT}{at}/requestBody/{schema}"}
    first = min(status for status in operation["responses"] if status.startswith("2"))
    if "application/json" in operation["responses"][first].get("content", {}):
        yield "response", {"$ref": f"{DOCUMENT}{at}/responses/{first}/{schema}"}


def _exactly(bodies: Mapping[str, Document]) -> Document:
    return {
        "type": "object",
        "properties": dict(bodies),
        "required": list(bodies),
        "additionalProperties": False,
    }


def _faults(
    document: Document, name: str, example: object, schema: Document
) -> Iterator[ExampleFault]:
    resource = DRAFT202012.create_resource(document)
    validator = Draft202012Validator(
        schema,
        registry=Registry().with_resource(DOCUMENT, resource),
        format_checker=FormatChecker(),
    )
    for error in sorted(validator.iter_errors(example), key=lambda e: e.json_path):
        pointer = "/".join(["#", *(escape(str(part)) for part in error.absolute_path)])
        yield ExampleFault(name, pointer, error.message)
