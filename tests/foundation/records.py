"""Records as senders push them, right ones and odd ones, made from a schema's own fields."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from marshmallow import Schema

from openredress_api.foundation.fields import Items, Nested, WireSchema
from openredress_api.imports.kinds import INTAKES
from openredress_api.placements.schemas import StatementBody
from openredress_api.protection.schemas import WorkerBody
from tests.foundation import forms

# Every row that a file may bring, what a worker says of a placement, and who a worker is.
KINDS: tuple[type[WireSchema], ...] = (
    *(intake.schema for intake in INTAKES.values()),
    StatementBody,
    WorkerBody,
)
ODD_SHARE = 0.65  # some odd forms are right, so that about half of all records are
ABSENT, ENTRY = object(), object()
STRANGE_KEYS = ("colour", "", "id", "__class__", "_schema", "สี", "\ud800")
NO_OBJECTS = ([], [{}], "", "{}", None, 0, 1.5, True)


@dataclass(frozen=True, eq=False)
class Oddity:
    """One odd form of a field, and the steps to it: each a name, or ENTRY, with its own field."""

    way: tuple[tuple[Any, Any], ...]
    form: Any

    def put(self, record: dict[str, Any], chance: Random) -> bool:
        """Whether `record` lets the form in: an earlier oddity may stand in the way."""
        *way, (last, field) = self.way
        holder: Any = record
        for step, of_step in way:
            holder = _inside(holder, step, of_step, chance)
        if last is ENTRY and type(holder) is list:
            holder[:1] = [self._made(field, chance)]
        elif last is ENTRY or type(holder) is not dict:
            return False
        elif self.form is ABSENT:
            holder.pop(last, None)
        else:
            holder[last] = self._made(field, chance)
        return True

    def _made(self, field: Any, chance: Random) -> Any:
        if callable(self.form):
            return self.form(forms.right(field, chance), chance)
        return deepcopy(self.form)  # another oddity may go into it


def _inside(holder: Any, step: Any, field: Any, chance: Random) -> Any:
    """What stands at a step of the way, a right value if nothing did, None where it is barred."""
    if step is ENTRY and type(holder) is list:
        if not holder:
            holder.append(forms.right(field, chance))
        return chance.choice(holder)
    if step is ENTRY or type(holder) is not dict:
        return None
    if holder.get(step) is None:
        holder[step] = forms.right(field, chance)
    return holder[step]


def oddities(schema: Schema, way: tuple[tuple[Any, Any], ...] = ()) -> Iterator[Oddity]:
    """Each odd form of each member, of those within, and members that nobody knows."""
    for name, field in schema.load_fields.items():
        further = (*way, (field.data_key or name, field))
        yield Oddity(further, ABSENT)
        yield from _of_field(field, further)
    yield from (Oddity((*way, (key, None)), 1) for key in STRANGE_KEYS)


def _of_field(field: Any, way: tuple[tuple[Any, Any], ...]) -> Iterator[Oddity]:
    yield from (Oddity(way, form) for form in forms.odd(field))
    if isinstance(field, Items):
        yield from _of_field(field.inner, (*way, (ENTRY, field.inner)))
    if isinstance(field, Nested):
        yield from oddities(field.schema, way)


class Generator:
    """Records of one kind; every oddity comes in its turn until none is unseen, and again."""

    def __init__(self, schema: Schema, seed: int) -> None:
        self.schema, self.chance = schema, Random(seed)  # noqa: S311 - chance, not secrecy
        oddest = list(oddities(schema))
        self.chance.shuffle(oddest)
        self.unseen = set(oddest)
        self._turns = deque(oddest)

    def right(self) -> dict[str, Any]:
        """A record that has nothing odd."""
        return forms.body(self.schema, self.chance)

    def one(self) -> Any:
        """A right record, or one with one to three oddities, or now and then no object at all."""
        if self.chance.random() < 0.002:
            return self.chance.choice(NO_OBJECTS)
        record = self.right()
        if self.chance.random() < ODD_SHARE:
            for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
                self._put_next(record)
        return record

    def _put_next(self, record: dict[str, Any]) -> None:
        """The next oddity that has a place in `record`; those before it stay next in turn."""
        turn = next(n for n, one in enumerate(self._turns) if one.put(record, self.chance))
        put = self._turns[turn]
        del self._turns[turn]
        self._turns.append(put)
        self.unseen.discard(put)
