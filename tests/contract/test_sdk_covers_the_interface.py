"""The client and the server speak of the same calls, in the same words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

import pytest
from marshmallow import Schema, fields

from openredress import Client, scopes
from openredress.answers import Answer
from openredress.capability import Capability
from openredress.clock import SYSTEM
from openredress.paging import Listing
from openredress.records import Record
from openredress_api.access import SCOPES_BY_ROLE
from openredress_api.app import ENDPOINTS
from openredress_api.foundation.problems import PreconditionFailed
from openredress_api.vocabulary.routes import Taxonomies, TaxonomyName
from openredress_openapi.operations import Operation

OPERATIONS = {
    (each.operation.method, re.sub(r"\{\w+\}", "{}", each.operation.path)): each.operation
    for each in ENDPOINTS
}
# The server's document leaves open what stands in the list of code lists.
ROWS: dict[type[Schema], Schema] = {Taxonomies: TaxonomyName()}
# Verbs that make several calls of other verbs; each has its own tests.
COMPOSED = {"evidence.download", "evidence.upload", "imports.push", "imports.wait"}
JSON_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "object": Record}


@dataclass
class Sent:
    """What one verb sends when every parameter is given, and what it makes of the answer."""

    verb: str
    parameters: dict[str, inspect.Parameter]
    call: tuple[str, str]
    query: set[str]
    body: set[str] | None
    gives: type[Record] | None
    lists: bool

    @property
    def operation(self) -> Operation:
        """The server's operation of this call."""
        return OPERATIONS[self.call]

    def has_open(self, kind: str) -> bool:
        """Whether further names (`body` or `filters`) may be given."""
        found = self.parameters.get(kind)
        return found is not None and found.kind is inspect.Parameter.VAR_KEYWORD


class Recording:
    """A transport that writes down the one call it is given."""

    clock = SYSTEM

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """Answer with an empty object that is also an empty list."""
        self.method, self.path, self.options = method, path, options
        return Answer(200, {}, b'{"data": []}')


def _verbs(holder: object, name: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for attribute in dir(holder):
        found = getattr(holder, attribute)
        if attribute.startswith("_"):
            continue
        if isinstance(found, Capability):
            yield from _verbs(found, f"{name}{attribute}.")
        elif isinstance(holder, Capability):
            yield f"{name}{attribute}", found


def _sent(verb: str, call: Callable[..., Any]) -> Sent:
    recording = Recording()
    call.__self__._transport = recording  # type: ignore[attr-defined] # a bound method has it
    parameters = dict(inspect.signature(call).parameters)
    given = {
        name: f"the_{name}"
        for name, each in parameters.items()
        if each.kind is not inspect.Parameter.VAR_KEYWORD
    }
    answer = call(**given)
    if isinstance(answer, Listing):
        answer._fetch(answer.cursor)
    template = re.sub("/the_[a-z_]+", "/{}", recording.path)
    query, body = recording.options.get("params") or {}, recording.options.get("body")
    makes = answer._make if isinstance(answer, Listing) else type(answer)
    return Sent(
        verb,
        parameters,
        (recording.method, template),
        {name for name, value in query.items() if value is not None},
        None if body is None else set(body),
        makes if isinstance(makes, type) and issubclass(makes, Record) else None,
        isinstance(answer, Listing),
    )


CLIENT = Client("http://127.0.0.1", "cli_1", scopes=scopes.SUPPLIER, secret="none")
SENT = [_sent(verb, call) for verb, call in _verbs(CLIENT) if verb not in COMPOSED]
each_verb = pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.verb)


def test_every_operation_has_one_verb() -> None:
    """Each operation of the server is one verb of the client, and no verb calls anything else."""
    assert sorted(sent.call for sent in SENT) == sorted(OPERATIONS)


def test_the_roles_have_the_same_scopes() -> None:
    """What the client asks for in a role's name is all that the server lets the role hold."""
    asked = {role: frozenset(getattr(scopes, role.upper())) for role in SCOPES_BY_ROLE}
    assert asked == SCOPES_BY_ROLE


@each_verb
def test_every_name_is_known(sent: Sent) -> None:
    """What a verb names in query and body is there, and all that is there can be given."""
    for names, schema, kind in (
        (sent.query, sent.operation.query, "filters"),
        (sent.body or set(), sent.operation.takes, "body"),
    ):
        known = set(schema.fields) if schema else set()
        assert names <= known
        assert sent.has_open(kind) or names == known
        assert not sent.has_open(kind) or names < known
    assert (sent.body is None) == (sent.operation.takes is None)


@each_verb
def test_versions_and_keys_are_given_where_they_count(sent: Sent) -> None:
    """An ETag is asked for where the server demands one, and taken where it looks at it."""
    etag = sent.parameters.get("etag")
    assert (etag is not None) == (PreconditionFailed in sent.operation.problems)
    if etag is not None:
        assert (etag.default is etag.empty) == sent.operation.if_match
    keyed = sent.operation.method == "POST" and sent.operation.idempotency != "none"
    assert ("idempotency_key" in sent.parameters) == keyed


def _shape(operation: Operation) -> Schema | None:
    """The members of what is answered; of one row, where rows are answered."""
    (found,) = {type(each): each for each in operation.gives.values() if each}.values() or (None,)
    if found is None or operation.listing or set(found.fields) != {"data"}:
        return found
    rows = found.fields["data"]
    return rows.inner.schema if isinstance(rows, fields.List) else ROWS[type(found)]


def _python(field: Any) -> Any:
    """The Python type of a member as the client hands it out."""
    if isinstance(field, fields.Nested):
        found: Any = Record
    elif isinstance(field, fields.List):
        found = list[_python(field.inner)]
    else:
        found = _of_json(field.metadata["openapi"])
    return found | None if field.allow_none else found


def _of_json(openapi: dict[str, Any]) -> Any:
    if openapi["type"] == "array":
        return list[_of_json(openapi["items"])]
    return JSON_TYPES[openapi["type"]]


@each_verb
def test_records_are_what_the_server_shows(sent: Sent) -> None:
    """A record's members have the names and types of the server's answer, none more or less."""
    if sent.verb == "events.after":
        pytest.skip("gives events: tests/contract/test_sdk_over_the_server.py reads a real one")
    schema = _shape(sent.operation)
    if schema is None:
        assert sent.gives is None
        return
    assert sent.gives is not None
    # A member that has the name of a verb is read in brackets: import["commit"].
    members = {
        name: _python(field) for name, field in schema.fields.items() if name not in dir(sent.gives)
    }
    assert get_type_hints(sent.gives) == members


@each_verb
def test_lists_are_lists(sent: Sent) -> None:
    """A verb iterates where the server answers with rows, and nowhere else."""
    rows = any(each and "data" in each.fields for each in sent.operation.gives.values())
    assert sent.lists == (sent.operation.listing or rows)
