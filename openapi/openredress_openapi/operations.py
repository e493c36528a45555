"""What `@endpoint` records about one operation, and nothing of how it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from marshmallow import Schema

Idempotency = Literal["none", "accepted", "required"]


class ProblemType(Protocol):
    """A refusal as its class shows it; the class's docstring says what happened."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]


class BadOperation(ValueError):
    """An operation contradicts itself or another one; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path, as its callers see it.

    `path` is a template ("/v1/grievances/{id}"); `path_parameters` gives for each name either
    the prefix of the ids it takes ("grv") or one of `parameters.KINDS`. `name` is the name of
    the Python function and becomes the operationId, `room` the tag. `scope` None means that no
    scope is needed; `authenticated` False means that no token is either. `gives` maps each
    success status to its body's schema (None: no body); with `listing` the schema is that of
    one item, and `query` declares cursor and limit. `takes_bytes`: the body is a part of a file,
    at most so many octets; `gives_file`: the 200 answer is a file of one of these media types.

    Raises:
        BadOperation: path and path_parameters differ, or a scope stands on a public operation.
    """

    method: str
    path: str
    name: str
    room: str
    summary: str
    gives: Mapping[int, Schema | None]
    description: str = ""
    scope: str | None = None
    roles: tuple[str, ...] = ()
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query: Schema | None = None
    takes: Schema | None = None
    problems: tuple[type[ProblemType], ...] = ()
    idempotency: Idempotency = "none"
    if_match: bool = False
    etag: bool = False
    listing: bool = False
    authenticated: bool = True
    takes_bytes: int = 0
    gives_file: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no document could state truthfully."""
        if set(re.findall(r"\{(\w+)\}", self.path)) != set(self.path_parameters):
            raise BadOperation(f"{self.name}: path_parameters are not those of {self.path}")
        if self.scope is not None and not self.authenticated:
            raise BadOperation(f"{self.name}: a public operation cannot ask for {self.scope}")
