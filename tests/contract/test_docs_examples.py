"""openapi/examples: what the server really answered, held against what it promises.

`WRITE_EXAMPLES=1 .venv/bin/pytest tests/contract/test_docs_examples.py` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from openredress_api.app import document
from openredress_openapi.examples import validate_examples
from openredress_webhooks.events import EVENT_TYPES, Event
from tests.contract.recorder import NOT_SENT_YET, made_up, settled
from tests.contract.walk import Walk

FOLDER = Path(__file__).parents[2] / "openapi" / "examples"


@pytest.fixture(scope="module")
def walked(installation: Any) -> dict[str, Any]:
    """What one walk of the main loop recorded, by example name."""
    walk = Walk(installation)
    operations, events = walk.whole()
    walk.world.app.extensions["openredress"].dispose()
    assert walk.recorder.refused == []
    late = {name: made_up(EVENT_TYPES[name]) for name in sorted(NOT_SENT_YET)}
    told = dict(sorted({**events, **late}.items()))
    return settled({**dict(sorted(operations.items())), **told})


def test_examples_are_what_the_server_answers(walked: dict[str, Any]) -> None:
    """Each example file holds exactly what a run of the main loop was answered."""
    if os.environ.get("WRITE_EXAMPLES"):
        for name, example in walked.items():
            text = json.dumps(example, indent=1, ensure_ascii=False) + "\n"
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    stored = {each.stem: json.loads(each.read_text("utf-8")) for each in FOLDER.glob("*.json")}
    assert stored == walked


def test_events_not_sent_yet_are_named(walked: dict[str, Any]) -> None:
    """The main loop sends every event type but those that are listed as not sent yet."""
    assert {name for name in walked if name in EVENT_TYPES} == set(EVENT_TYPES)
    sent = {row["event"]["type"] for row in walked["read_events"]["response"]["data"]}
    assert not sent & NOT_SENT_YET


def test_examples_keep_the_contract() -> None:
    """Each operation and event type has an example, and each example fits its schema."""
    assert validate_examples(document(), FOLDER) == []


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_event_examples_are_readable(name: str) -> None:
    """A receiver's own parser reads each event example, and the sender would render it again."""
    body = (FOLDER / f"{name}.json").read_bytes()
    assert json.loads(Event.parse(body).render()) == json.loads(body)
