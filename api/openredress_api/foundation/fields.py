"""Field classes of the wire: the base schema and fields that close marshmallow's open doors.

Each field carries its own JSON Schema in `metadata["openapi"]` and raises `Fault` codes whose
texts stand in the message files.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from openredress_api.foundation import identifiers
from openredress_api.foundation.clock import rfc3339
from openredress_api.foundation.problems import Fault

FIRST_YEAR = 1950
MAX_COUNT = 10_000_000
BUDDHIST_OFFSET = 543
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_AMOUNT = re.compile(r"(0|[1-9]\d{0,13})(\.\d{1,3})?", re.ASCII)
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{4,40}", re.ASCII)


class WireSchema(Schema):
    """The base of every request and answer body: unknown fields are refused."""

    error_messages = {"unknown": Fault("unknown"), "type": Fault("not_an_object")}

    class Meta:
        """Unknown fields are named in the answer, never dropped."""

        unknown = RAISE

    def load(self, data: Any, **options: Any) -> Any:
        """As marshmallow loads, by a shorter way where nothing is wrong, for half the cost.

        Whatever the short way does not take goes the long way, which names all that is wrong.
        """
        if type(data) is dict and not options:
            with suppress(ValidationError):
                return self._taken(data)
        return super().load(data, **options)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """As marshmallow dumps; a record is a mapping or has attributes."""
        if many:
            return [self._shown(one) for one in obj]
        return self._shown(obj)

    def _taken(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.keys() <= self._in.keys():
            raise refuse("unknown")
        loaded: dict[str, Any] = {}
        for key, (attribute, field) in self._in.items():
            value = data.get(key, missing)
            if value is not missing and value is not None:
                # Our fields check what they read there and nowhere else.
                loaded[attribute] = field._deserialize(value, key, data)  # noqa: SLF001 - see above
            elif (given := field.deserialize(value, key, data)) is not missing:
                loaded[attribute] = given
        return loaded

    def _shown(self, obj: Any) -> dict[str, Any]:
        held = obj.get if isinstance(obj, Mapping) else partial(getattr, obj)
        return {
            key: field._serialize(value, attribute, obj)  # noqa: SLF001 - without marshmallow's search
            for key, attribute, field in self._out
            if (value := held(attribute, missing)) is not missing
        }

    @cached_property
    def _in(self) -> dict[str, tuple[str, Any]]:
        return {
            field.data_key or name: (field.attribute or name, field)
            for name, field in self.load_fields.items()
        }

    @cached_property
    def _out(self) -> list[tuple[str, str, Any]]:
        return [
            (field.data_key or name, field.attribute or name, field)
            for name, field in self.dump_fields.items()
        ]


def refuse(code: str, **params: object) -> ValidationError:
    """The ValidationError of one fault; raise it from a field."""
    return ValidationError([Fault(code, **params)])


class Field(fields.Field[Any]):
    """The base of our fields: faults as codes, JSON Schema carried along."""

    default_error_messages = {
        "required": Fault("required"),
        "null": Fault("null"),
        "validator_failed": Fault("invalid"),
    }

    def __init__(self, *, openapi: Mapping[str, object], **options: Any) -> None:
        """`openapi` is the JSON Schema of the wire form; `options` are marshmallow's."""
        description = options.pop("description", None)
        schema = {**openapi, **({"description": description} if description else {})}
        super().__init__(metadata={"openapi": schema}, **options)


class Text(Field):
    """Free or reference text: NFC, no control characters, no lone surrogates, bounded length."""

    def __init__(self, *, at_most: int = 200, at_least: int = 1, **options: Any) -> None:
        """Lengths are in characters after normalisation."""
        super().__init__(
            openapi={"type": "string", "minLength": at_least, "maxLength": at_most}, **options
        )
        self.at_least, self.at_most = at_least, at_most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise refuse("not_text")
        if _CONTROL.search(value):
            raise refuse("control_character")
        text = unicodedata.normalize("NFC", value)
        if not self.at_least <= len(text) <= self.at_most:
            raise refuse("length", at_least=self.at_least, at_most=self.at_most)
        return text


class Pseudonym(Field):
    """A worker's pseudonym as its sender chose it; never a name, phone or document number."""

    def __init__(self, **options: Any) -> None:
        """4 to 40 letters, digits, `_` or `-`, at least one of them a letter."""
        super().__init__(openapi={"type": "string", "pattern": "^[A-Za-z0-9_-]{4,40}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not _PSEUDONYM.fullmatch(value):
            raise refuse("not_a_pseudonym")
        if not re.search(r"[A-Za-z]", value):
            raise refuse("pseudonym_is_a_number")
        return value


class Count(Field):
    """A whole number of people or things; 2.0, "7" and true are refused."""

    def __init__(self, *, at_least: int = 0, at_most: int = MAX_COUNT, **options: Any) -> None:
        """Bounds are inclusive."""
        super().__init__(
            openapi={"type": "integer", "minimum": at_least, "maximum": at_most}, **options
        )
        self.at_least, self.at_most = at_least, at_most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if type(value) is not int:
            raise refuse("not_a_whole_number")
        if not self.at_least <= value <= self.at_most:
            raise refuse("range", at_least=self.at_least, at_most=self.at_most)
        return value


class Flag(Field):
    """true or false, nothing that looks like it."""

    def __init__(self, **options: Any) -> None:
        """No options of its own."""
        super().__init__(openapi={"type": "boolean"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("not_a_flag")
        return value


class Day(Field):
    """A calendar day YYYY-MM-DD of the Gregorian calendar within the year window."""

    def __init__(self, **options: Any) -> None:
        """The window is 1950 to next year."""
        super().__init__(openapi={"type": "string", "format": "date"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise refuse("not_a_day")
        refuse_year(int(value[:4]))
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refuse("not_a_day") from None

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()


class Month(Field):
    """A calendar month YYYY-MM within the year window; loaded as its first day."""

    def __init__(self, **options: Any) -> None:
        """The window is 1950 to next year."""
        super().__init__(
            openapi={"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}, **options
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or not _MONTH.fullmatch(value):
            raise refuse("not_a_month")
        refuse_year(int(value[:4]))
        return date.fromisoformat(f"{value}-01")

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else f"{value:%Y-%m}"


class Instant(Field):
    """A moment in RFC 3339 with its zone, loaded as UTC, within the year window."""

    def __init__(self, **options: Any) -> None:
        """The window is 1950 to next year."""
        super().__init__(openapi={"type": "string", "format": "date-time"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise refuse("not_an_instant")
        refuse_year(int(value[:4]))
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except ValueError:
            raise refuse("not_an_instant") from None

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else rfc3339(value)


def refuse_year(year: int) -> None:
    """Refuse years outside the window, with a hint for Buddhist-era and Bikram Sambat years."""
    latest = (datetime.now(UTC) + timedelta(days=366)).year
    if FIRST_YEAR <= year <= latest:
        return
    if FIRST_YEAR <= year - BUDDHIST_OFFSET <= latest:
        raise refuse("buddhist_year", year=year, gregorian=year - BUDDHIST_OFFSET)
    raise refuse("year_out_of_window", year=year, first=FIRST_YEAR, latest=latest)


class Choice(Field):
    """One code of a fixed list; the fault names the nearest one."""

    def __init__(self, codes: Mapping[str, object] | tuple[str, ...], **options: Any) -> None:
        """`codes` in the order the documents show them."""
        super().__init__(openapi={"type": "string", "enum": list(codes)}, **options)
        self.codes = tuple(codes)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and value in self.codes:
            return value
        near = get_close_matches(value, self.codes, 1, 0.5) if isinstance(value, str) else []
        raise refuse("not_in_list", nearest=(near or self.codes)[0])


class Identifier(Field):
    """A typed id such as `site_01j…`; loaded as the UUID behind it."""

    def __init__(self, prefix: str, **options: Any) -> None:
        """`prefix` is the kind."""
        super().__init__(
            openapi={"type": "string", "pattern": f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"},
            **options,
        )
        self.prefix = prefix

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> uuid.UUID:
        try:
            return identifiers.decode(self.prefix, value)
        except (identifiers.BadIdentifier, AttributeError):
            raise refuse("not_an_id", prefix=self.prefix) from None

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else identifiers.encode(self.prefix, value)


class Amount(Field):
    """A plain decimal string such as "1520.50": no sign, no exponent, at most 3 decimals."""

    def __init__(self, **options: Any) -> None:
        """numeric(20,3) behind it."""
        super().__init__(openapi={"type": "string", "pattern": f"^{_AMOUNT.pattern}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
            raise refuse("not_an_amount")
        return Decimal(value)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else plain(Decimal(value))


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros beyond two places."""
    text = f"{value.quantize(Decimal('0.001')):f}"
    return text.removesuffix("0")


class Items(fields.List[Any]):
    """A list of at most `at_most` entries."""

    default_error_messages = {**Field.default_error_messages, "invalid": Fault("not_a_list")}

    def __init__(
        self, inner: Any, *, at_most: int = 100, at_least: int = 0, **options: Any
    ) -> None:
        """`inner` is the field of one entry."""
        bounds = {"maxItems": at_most, **({"minItems": at_least} if at_least else {})}
        if description := options.pop("description", None):
            bounds["description"] = description
        super().__init__(inner, metadata={"openapi": bounds}, **options)
        self.at_least, self.at_most = at_least, at_most

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and not self.at_least <= len(value) <= self.at_most:
            raise refuse("list_length", at_least=self.at_least, at_most=self.at_most)
        return super()._deserialize(value, *rest, **options)


class Nested(fields.Nested):
    """An object within an object, with our faults."""

    default_error_messages = {**Field.default_error_messages, "type": Fault("not_an_object")}
