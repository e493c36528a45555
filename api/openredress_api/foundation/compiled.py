"""One Python function per schema that loads a good record at a tenth of marshmallow's cost.

The schema is the only truth: beside its slow form, each field class says in `fast` the lines that
take a right value. Whatever they do not take ends in one of SLOW; the caller then goes
marshmallow's own way, which names what is wrong. So the function must never take more than
marshmallow does, and need not take all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from marshmallow import RAISE, Schema, ValidationError, missing
from marshmallow.fields import Field

Load = Callable[[dict[str, Any]], dict[str, Any]]
# What a field may have beside its own form; marshmallow does all of such a field.
_MORE = ("validators", "pre_load", "post_load", "many", "unknown")


class Slow(Exception):
    """Not for the fast way: ask marshmallow."""


SLOW = (Slow, TypeError, ValueError, ValidationError)


class Names:
    """What the lines of one function refer to: objects by names of ours, and its opening lines."""

    def __init__(self) -> None:
        self.held: dict[str, object] = {"Slow": Slow, "missing": missing}
        self.opening: dict[str, None] = {}

    def of(self, thing: object) -> str:
        """The name of `thing`, the same however often it is asked for."""
        name = f"c{id(thing)}"
        self.held[name] = thing
        return name

    def first(self, line: str) -> None:
        """Begin with `line`, once, however many fields need it."""
        self.opening[line] = None


def load_of(schema: Schema) -> Load:
    """The function that gives for an exact dict what `schema.load` gives, or raises one of SLOW."""
    if not _loads_fields_only(schema):
        return _never
    names = Names()
    members = list(schema.load_fields.items())
    known = frozenset(_key(*member) for member in members)
    lines = [f"if not {names.of(known)}.issuperset(data): raise Slow", "get = data.get"]
    for place, member in enumerate(members):
        lines += _member(f"v{place}", *member, names)
    lines.append(_result(members))
    source = "\n".join(["def load(data):", *inside([*names.opening, *lines])])
    made: dict[str, Load] = {}
    # Its parts are numbers of ours and names of our own members: nothing that a sender wrote.
    exec(compile(source, f"<{type(schema).__name__}>", "exec"), names.held, made)  # noqa: S102 - see above
    return made["load"]


def taking(field: Field[Any], value: str, names: Names) -> list[str]:
    """The lines that put what `field` loads in the place of what the variable `value` holds."""
    return [
        f"if {value} is None: {'pass' if field.allow_none else 'raise Slow'}",
        "else:",
        *inside(_own_lines(field, value, names)),
    ]


def inside(lines: Iterable[str]) -> list[str]:
    """The lines one step further in."""
    return [f"    {line}" for line in lines]


def _own_lines(field: Field[Any], value: str, names: Names) -> list[str]:
    """The field's fast form, if it stands beside the `_deserialize` that is in force."""
    if not any(getattr(field, more, None) for more in _MORE):
        for kind in type(field).__mro__:
            if "fast" in vars(kind):
                return list(vars(kind)["fast"](field, value, names))
            if "_deserialize" in vars(kind):
                break
    return [f"{value} = {names.of(field.deserialize)}({value})"]


def _member(value: str, name: str, field: Field[Any], names: Names) -> list[str]:
    """The lines that leave in the variable `value` what a member, or its absence, loads as."""
    default = names.of(field.load_default) + ("()" if callable(field.load_default) else "")
    return [
        f"{value} = get({_key(name, field)!r}, missing)",
        f"if {value} is missing: {'raise Slow' if field.required else f'{value} = {default}'}",
        "else:",
        *inside(taking(field, value, names)),
    ]


def _result(members: list[tuple[str, Field[Any]]]) -> str:
    """The line that gives the record; a member that is absent and has no default is left out."""
    targets = [field.attribute or name for name, field in members]
    record = f"{{{', '.join(f'{each!r}: v{place}' for place, each in enumerate(targets))}}}"
    if any(field.load_default is missing and not field.required for _, field in members):
        record = f"{{key: value for key, value in {record}.items() if value is not missing}}"
    return f"return {record}"


def _key(name: str, field: Field[Any]) -> str:
    return name if field.data_key is None else field.data_key


def _loads_fields_only(schema: Schema) -> bool:
    """Whether to load is no more than to load each field: no hooks, no options, no dotted names."""
    return not (
        any(schema._hooks.values())  # noqa: SLF001 - marshmallow has no public word for it
        or schema.many
        or schema.partial
        or schema.unknown != RAISE
        or any("." in (field.attribute or name) for name, field in schema.load_fields.items())
    )


def _never(_: dict[str, Any]) -> NoReturn:
    raise Slow
