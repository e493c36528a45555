"""openapi/openapi.json is the contract under review: complete, valid, and what the code says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from openredress_api.app import ENDPOINTS
from openredress_api.cli import main
from openredress_api.foundation.endpoint import Doors
from openredress_openapi.references import lookup
from openredress_webhooks.events import EVENT_TYPES

PUBLISHED = Path(__file__).parents[2] / "openapi" / "openapi.json"
METHODS = {"get", "put", "post", "delete", "patch"}
WRITE_IT = "`.venv/bin/openredress-server openapi openapi/openapi.json` writes it anew"
# What everybody may read, and a link whose own secret is the proof: nothing else.
PUBLIC = {"list_metric_definitions", "list_taxonomies", "get_taxonomy", "open_evidence_link"}


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """The file as it is committed."""
    found: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return found


def operations(published: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each operation by its id."""
    items = [item for path in published["paths"].values() for item in path.values()]
    return {item["operationId"]: item for item in items}


def test_the_file_is_what_the_code_says(tmp_path: Path) -> None:
    """The operator's command writes the committed file, byte for byte."""
    target = tmp_path / "openapi.json"
    done = CliRunner().invoke(main, ["openapi", str(target)])
    assert done.exit_code == 0, done.output
    assert target.read_bytes() == PUBLISHED.read_bytes(), WRITE_IT


def test_it_is_valid_openapi(published: dict[str, Any]) -> None:
    """The document is an OpenAPI 3.1 document without a fault."""
    assert published["openapi"].startswith("3.1.")
    assert [fault.message for fault in OpenAPIV31SpecValidator(published).iter_errors()] == []


def test_routes_and_paths_are_the_same(published: dict[str, Any]) -> None:
    """Each route under /v1 is documented, and each documented path is served."""
    app = Flask("routes only")
    Doors(None).mount(app, ENDPOINTS)  # type: ignore[arg-type]  # nothing is called
    served = {
        (method.lower(), re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/v1/") and method.lower() in METHODS
    }
    documented = {(m, path) for path, item in published["paths"].items() for m in item}
    assert documented == served


def test_the_application_serves_no_other_v1_route(world: Any, published: dict[str, Any]) -> None:
    """The composed application has the documented routes under /v1 and not one more."""
    rules = {rule.endpoint for rule in world.app.url_map.iter_rules() if "/v1/" in rule.rule}
    assert rules == set(operations(published))


def test_every_operation_is_guarded_or_public(published: dict[str, Any]) -> None:
    """An operation names its scope, or stands on the short list of public ones."""
    scopes = published["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"][
        "scopes"
    ]
    for name, operation in operations(published).items():
        if name in PUBLIC:
            assert operation["security"] == [], name
            continue
        asked = operation["security"][0]["oauth2"]
        assert asked or name == "get_me", name
        assert set(asked) <= set(scopes), name


def test_every_event_type_is_a_webhook(published: dict[str, Any]) -> None:
    """Each event type stands under webhooks, and nothing else does."""
    assert set(published["webhooks"]) == set(EVENT_TYPES)


@pytest.mark.parametrize("found", ENDPOINTS, ids=lambda found: found.operation.name)
def test_problems_stand_at_their_operation(found: Any, published: dict[str, Any]) -> None:
    """Each problem that an operation may answer with stands at its status, with an example."""
    operation = operations(published)[found.operation.name]
    for problem in found.operation.problems:
        answer = operation["responses"][str(problem.status)]
        examples = answer["content"]["application/problem+json"]["examples"]
        example = lookup(published, examples[problem.code]["$ref"])["value"]
        assert (example["status"], example["code"]) == (problem.status, problem.code)


def test_references_lead_somewhere(published: dict[str, Any]) -> None:
    """Each $ref in the document names a part of the document."""
    for pointer in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(published))):
        assert lookup(published, pointer) is not None, pointer
