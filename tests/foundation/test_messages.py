"""What is wrong is told in the caller's language: no text is missing, and none is a 500."""

from __future__ import annotations

import ast
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter, ascii_lowercase
from typing import Any

import pytest

import openredress_api
from openredress_api.foundation.intake import KEPT
from openredress_api.foundation.messages import FOLDER, LANGUAGES, choose, texts
from openredress_api.imports.kinds import INTAKES
from tests.contract.bad_inputs import BODIES, GRIEVANCE, QUERIES, Bad
from tests.factories.parties import Party, World

OTHERS = tuple(language for language in LANGUAGES if language != "en")
SCRIPTS = {"th": "THAI", "my": "MYANMAR", "km": "KHMER", "ne": "DEVANAGARI", "es": "LATIN"}
# What makes a fault of a code, and where among its arguments the code stands.
MAKERS = {"Fault": 0, "refuse": 0, "BadFile": 0, "_Wrong": 0, "Stopped": 1}
# A cancelled import ends without a fault, so nobody is told of one.
UNTOLD = {"cancelled"}
# What the importer tells with a judgement (imports/working/storing.py).
TOLD_OF_VERDICTS = {"present"}
REFUSED = {name: bad for name, bad in (BODIES | QUERIES).items() if bad.fault is not None}


def places(text: str) -> set[str]:
    """The names in braces that are filled when the text is said."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def filled(text: str) -> re.Pattern[str]:
    """What the text looks like once said, whatever its places were filled with."""
    parts = Formatter().parse(text)
    return re.compile(
        "".join(re.escape(part) + ("" if name is None else ".*") for part, name, _, _ in parts),
        re.DOTALL,
    )


def _sources() -> Iterator[ast.AST]:
    for path in Path(openredress_api.__file__).parent.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _made() -> Iterator[tuple[str, set[str] | None]]:
    """Each code that is written where a fault is made, with the parameters given (None: any)."""
    for node in _sources():
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in MAKERS:
            named = {word.arg for word in node.keywords}
            given = None if None in named else {str(word) for word in named}
            for code in _choices(node.args[MAKERS[name]]):
                yield code, given


def _choices(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be, of those that it writes out."""
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    elif isinstance(node, ast.Constant):
        yield str(node.value)


def _verdicts() -> set[str]:
    return {verdict for kind in INTAKES.values() for _, verdict in kind.verdicts} - set(KEPT)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object none of whose keys is written twice."""
    assert max(Counter(key for key, _ in pairs).values()) == 1
    return dict(pairs)


def test_languages_are_the_files() -> None:
    """Each language has one file that says each thing once; only the English one was reviewed."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LANGUAGES)
    for language in LANGUAGES:
        written = (FOLDER / f"{language}.json").read_text(encoding="utf-8")
        document = json.loads(written, object_pairs_hook=_once)
        assert document.keys() == {"reviewed", "messages"}
        assert document["reviewed"] == ("yes" if language == "en" else "no")


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_what_english_says(language: str) -> None:
    """Each language has exactly the keys of English."""
    assert texts(language).keys() == texts("en").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_the_places_of_the_english_one(language: str) -> None:
    """A translation is filled with exactly what English is filled with."""
    ours = {key: places(text) for key, text in texts("en").items()}
    assert {key: places(text) for key, text in texts(language).items()} == ours


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_was_left_in_english(language: str) -> None:
    """Each text differs from the English one and is written in the language's own script."""
    ours, script = texts("en"), SCRIPTS[language]
    for key, text in texts(language).items():
        assert text != ours[key], key
        assert any(unicodedata.name(sign, "").startswith(script) for sign in text), key


def test_every_fault_of_the_code_has_a_text() -> None:
    """No code that the program can tell, of a field, a file or a row, is without a text."""
    told = {code for code, _ in _made()} | _verdicts()
    assert len(told) > 100
    assert told - UNTOLD <= texts("en").keys()


def test_every_text_is_of_a_fault_of_the_code() -> None:
    """No text is kept that nothing tells any more."""
    written = {node.value for node in _sources() if isinstance(node, ast.Constant)}
    assert texts("en").keys() <= written


def test_every_fault_brings_what_its_text_needs() -> None:
    """Each place of a text is given where the fault is made, so that to say it cannot fail."""
    ours = texts("en")
    lacking = {
        code: places(ours[code]) - given
        for code, given in _made()
        if given is not None and code not in UNTOLD and places(ours[code]) - given
    }
    assert not lacking
    assert all(places(ours[verdict]) <= TOLD_OF_VERDICTS for verdict in _verdicts())


def test_a_wish_is_answered_in_a_whole_language() -> None:
    """Whatever language a caller names, what is chosen is a language without a missing text."""
    for first, second in itertools.product(ascii_lowercase, repeat=2):
        tag = first + second
        chosen = {choose([wish]) for wish in (tag, tag.upper(), f"{tag}-XX")}
        assert chosen == {tag if tag in LANGUAGES else "en"}
        assert texts(chosen.pop()).keys() == texts("en").keys()
    assert choose([]) == "en"
    assert choose(["fr-CH", "ne-NP", "en"]) == "ne"


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """A supplier whose requests are refused."""
    return world.party("supplier")


@pytest.fixture(scope="module")
def site(world: World, supplier: Party) -> str:
    """Its one site."""
    return world.site(supplier)


def _body(bad: Bad, site: str) -> bytes:
    more = f", {bad.more}" if bad.more else ""
    good = GRIEVANCE.replace(b"SITE", site.encode()).replace(b"MORE", more.encode())
    return good if bad.body is None else bad.body


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bad_request_is_refused_in_its_language(
    supplier: Party, site: str, language: str, name: str
) -> None:
    """Each kind of bad input is a 422, never a 500, whose texts are those of the language asked."""
    bad = REFUSED[name]
    headers = {
        "Authorization": f"Bearer {supplier.token}",
        "Accept-Language": f"{language};q=0.9, fr;q=0.8",
        **bad.headers,
    }
    answer = supplier.http.open(bad.path, method=bad.method, data=_body(bad, site), headers=headers)
    assert answer.status_code == 422, answer.text
    assert bad.fault in {error["code"] for error in answer.json["errors"]}
    for error in answer.json["errors"]:
        assert filled(texts(language)[error["code"]]).fullmatch(error["detail"])
