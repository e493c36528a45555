"""Whatever a reader can meet by name has a heading in the documents, and nothing else has one."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from openredress_api import app
from openredress_api.access import ALL_SCOPES, SCOPES_BY_ROLE
from openredress_api.foundation.problems import Problem, all_problems
from openredress_api.settings import Settings
from openredress_api.vocabulary import TAXONOMIES
from openredress_delivery import egress, reasons, retries, sender, transport
from openredress_webhooks.catalogue import EVENT_TYPES

DOCS = Path(__file__).parents[2] / "docs"
PROBLEM_PAGES = (
    "reference/problems.md",
    "reference/problems-of-cases.md",
    "reference/problems-of-files.md",
    "reference/problems-of-webhooks.md",
)
assert app, "the composition root loads every room, and with it every problem"


def _problems() -> dict[str, type[Problem]]:
    return {one.code: one for one in all_problems() if one.__module__.startswith("openredress_api")}


def _text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def _headings(page: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", _text(page), re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("operate/settings.md", [one.name for one in fields(Settings)]),
        ("reference/scopes.md", ALL_SCOPES),
        ("reference/events.md", EVENT_TYPES),
    ],
)
def test_one_heading_each(page: str, names: Iterable[str]) -> None:
    """Each setting, scope and event type is explained once, and no invented one is."""
    assert sorted(_headings(page, 2)) == sorted(names)


def test_one_heading_for_each_problem() -> None:
    """Each problem is explained on one of these pages, and no invented one is."""
    told = [heading for page in PROBLEM_PAGES for heading in _headings(page, 2)]
    assert sorted(told) == sorted(_problems())


def _error_codes() -> set[str]:
    """Why an attempt can fail, as the engine's own files name it."""
    answered = re.findall(r'return "(\w+)"', inspect.getsource(retries._refusal))
    refused = re.findall(r'_refused\("(\w+)"\)', inspect.getsource(sender))
    egressed = re.findall(r'EgressRefusedError\("(\w+)"', inspect.getsource(egress))
    tables = (reasons._CODES, reasons._CERTIFICATES, reasons._TLS)
    exchanged = [code for table in tables for code in table.values()]
    exchanged += re.findall(r'"(\w+)"', inspect.getsource(reasons.reason))
    exchanged += re.findall(r'_given_up = "(\w+)"', inspect.getsource(transport))
    return {*answered, *refused, *egressed, *exchanged, *retries._FINAL}


def test_each_failure_of_a_delivery_is_explained() -> None:
    """Each error code that an attempt can have is a row of the table, and no invented one is."""
    page = _text("reference/webhook-deliveries.md").split("\n## What went wrong\n")[1]
    rows = page.split("\n## ")[0].split("|---|---|---|\n")[1]
    told = re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)
    assert sorted(told) == sorted(_error_codes())


def test_each_code_list_has_a_heading() -> None:
    """Each code list that is served is explained in the vocabulary."""
    assert set(TAXONOMIES) <= set(_headings("reference/vocabulary.md", 3))


@pytest.mark.parametrize("name", [one.name for one in fields(Settings)])
def test_settings_are_named_as_they_are_set(name: str) -> None:
    """A setting's paragraph names the environment variable to set."""
    said = _text("operate/settings.md").split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert f"OPENREDRESS_{name.upper()}" in said


@pytest.mark.parametrize("code", _problems())
def test_problem_examples_are_true(code: str) -> None:
    """A problem's example shows the status and the detail that the server answers with."""
    said = (
        "".join(_text(page) for page in PROBLEM_PAGES).split(f"\n## {code}\n")[1].split("\n## ")[0]
    )
    match = re.search(r"```json\n(.*?)\n```", said, re.DOTALL)
    assert match, "the example is missing"
    shown = json.loads(match[1])
    problem = _problems()[code]
    assert (shown["status"], shown["code"], shown["detail"]) == (
        problem.status,
        code,
        problem.default_detail(),
    )
    assert "**Cause.**" in said
    assert "**What to do.**" in said


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_event_members_are_named(name: str) -> None:
    """An event's paragraph names each member of its data."""
    said = _text("reference/events.md").split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert set(EVENT_TYPES[name].data_fields) == set(re.findall(r"^- `(\w+)`", said, re.MULTILINE))


@pytest.mark.parametrize("name", ALL_SCOPES)
def test_scopes_name_their_holders(name: str) -> None:
    """A scope's paragraph names the roles that may hold it."""
    said = _text("reference/scopes.md").split(f"\n## {name}\n")[1].split("\n## ")[0]
    match = re.search(r"Held by: ([\w, ]+)\.", said)
    assert match, "nobody is named"
    named = set(SCOPES_BY_ROLE) if match[1] == "every role" else set(match[1].split(", "))
    assert named == {role for role, scopes in SCOPES_BY_ROLE.items() if name in scopes}
