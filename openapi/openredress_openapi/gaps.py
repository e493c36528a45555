"""Corrections to what apispec derives from marshmallow fields, each one an attribute function.

apispec calls every function for every field with what was derived so far (`ret`), and merges
the answer over it: https://apispec.readthedocs.io/en/latest/using_plugins.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields, validate

JsonSchema = dict[str, Any]
Field = fields.Field[Any]


def close_gaps(plugin: MarshmallowPlugin) -> None:
    """Add every correction to a plugin that a spec has initialised; the field's own word is last.

    The additions belong to this plugin's converter; apispec's shared tables stay as they are.
    """
    converter: Any = plugin.converter
    for function in (
        exclusive_range,
        decimal_string,
        constant,
        contains_only,
        ordered_enum,
        anchored_pattern,
        own_word,
    ):
        converter.add_attribute_function(function)


def exclusive_range(_: OpenAPIConverter, field: Field, *, ret: JsonSchema) -> JsonSchema:
    """Write bounds of `Range` that exclude their value as such (apispec says minimum)."""
    ranges = [v for v in field.validators if isinstance(v, validate.Range)]
    least = max((r.min for r in ranges if r.min is not None), default=None)
    most = min((r.max for r in ranges if r.max is not None), default=None)
    renames: dict[str, str] = {}
    if any(r.min == least and not r.min_inclusive for r in ranges if r.min is not None):
        renames |= {"minimum": "exclusiveMinimum", "x-minimum": "x-exclusiveMinimum"}
    if any(r.max == most and not r.max_inclusive for r in ranges if r.max is not None):
        renames |= {"maximum": "exclusiveMaximum", "x-maximum": "x-exclusiveMaximum"}
    return {new: ret.pop(old) for old, new in renames.items() if old in ret}


def decimal_string(_: OpenAPIConverter, field: Field, *, ret: JsonSchema) -> JsonSchema:
    """Write `Decimal(as_string=True)` as the string it is (apispec says number).

    Bounds of numbers mean nothing on strings: they move to x- keys, and a minimum of zero or
    more takes the sign out of the pattern.
    """
    if not (isinstance(field, fields.Decimal) and field.as_string):
        return {}
    bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    moved = {f"x-{key}": str(ret.pop(key)) for key in bounds if key in ret}
    least = moved.get("x-minimum", moved.get("x-exclusiveMinimum"))
    sign = "-?" if least is None or least.startswith("-") else ""
    # `places` is a Decimal whose exponent is the number of places, negated.
    exponent = None if field.places is None else -int(field.places.as_tuple().exponent)
    fraction = {None: r"(\.[0-9]+)?", 0: ""}.get(exponent, rf"(\.[0-9]{{1,{exponent}}})?")
    kind = ["string", "null"] if field.allow_none else "string"
    return {"type": kind, "pattern": f"^{sign}[0-9]+{fraction}$", **moved}


def constant(_: OpenAPIConverter, field: Field, *, ret: JsonSchema) -> JsonSchema:
    """Write `Constant` as const (apispec says default only)."""
    if not isinstance(field, fields.Constant):
        return {}
    ret.pop("default", None)
    return {"const": field.constant}


def contains_only(_: OpenAPIConverter, field: Field, *, ret: JsonSchema) -> JsonSchema:
    """Write `ContainsOnly` as a rule for the items (apispec puts enum on the list itself)."""
    rules = [v for v in field.validators if isinstance(v, validate.ContainsOnly)]
    if not rules:
        return {}
    if not isinstance(field, fields.List):
        raise TypeError(f"ContainsOnly stands on {field.name!r}, which is no List")
    ret.pop("enum", None)
    allowed = [choice for choice in _in_order(rules[0].choices) if _in_all(choice, rules)]
    return {"items": {**ret["items"], "enum": allowed}}


def ordered_enum(_: OpenAPIConverter, field: Field, *, ret: JsonSchema) -> JsonSchema:
    """Sort an enum whose choices came as a set, so that each build writes the same bytes."""
    rules = [v for v in field.validators if isinstance(v, validate.OneOf)]
    if "enum" not in ret or not any(isinstance(r.choices, AbstractSet) for r in rules):
        return {}
    return {"enum": sorted(ret["enum"], key=lambda choice: (choice is None, str(choice)))}


def anchored_pattern(_: OpenAPIConverter, field: Field, *, ret: JsonSchema) -> JsonSchema:
    """Anchor `Regexp` at the start as re.match does; JSON Schema searches."""
    if not any(isinstance(v, validate.Regexp) for v in field.validators):
        return {}
    pattern = ret["pattern"].replace(r"\Z", "$")
    anchored = pattern.startswith("^") and "|" not in pattern
    return {"pattern": pattern if anchored else f"^(?:{pattern})"}


def own_word(_: OpenAPIConverter, field: Field, **_ret: JsonSchema) -> JsonSchema:
    """Let `metadata["openapi"]` overrule everything derived; allow_none still adds null."""
    own: JsonSchema = copy.deepcopy(dict(field.metadata.get("openapi", {})))
    if field.allow_none and isinstance(own.get("type"), str):
        own["type"] = [own["type"], "null"]
    if field.allow_none and "enum" in own:
        own["enum"] = [*own["enum"], None]
    return own


def _in_order(choices: Iterable[Any]) -> list[Any]:
    return sorted(choices) if isinstance(choices, AbstractSet) else list(choices)


def _in_all(choice: object, rules: Iterable[validate.ContainsOnly]) -> bool:
    return all(choice in rule.choices for rule in rules)
