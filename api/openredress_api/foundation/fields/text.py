"""What people write: text and pseudonyms."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from marshmallow import ValidationError

from openredress_api.foundation.compiled import Names
from openredress_api.foundation.fields.base import Field, refuse
from openredress_api.foundation.problems import Fault
from openredress_webhooks import personal_data

# What no text may hold: control characters but tab and line ends, and halves of surrogate pairs.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{4,40}", re.ASCII)
_LETTER = re.compile(r"[A-Za-z]")


class Text(Field):
    """Text: NFC, no control characters, no lone surrogates, bounded length, no personal data."""

    def __init__(
        self, *, at_most: int = 200, at_least: int = 1, reference: bool = False, **options: Any
    ) -> None:
        """Lengths are in characters after normalisation.

        A `reference` is an identifier, number or address that another system gave: its digits may
        look like anything, and only e-mail addresses are searched for.
        """
        super().__init__(
            openapi={"type": "string", "minLength": at_least, "maxLength": at_most}, **options
        )
        self.at_least, self.at_most, self.reference = at_least, at_most, reference
        self._search = personal_data.emails_in if reference else personal_data.found

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise refuse("not_text")
        if CONTROL.search(value):
            raise refuse("control_character")
        text = unicodedata.normalize("NFC", value)
        if not self.at_least <= len(text) <= self.at_most:
            raise refuse("length", at_least=self.at_least, at_most=self.at_most)
        if findings := self._search(text):
            raise ValidationError([_fault(one.kind, one.start) for one in findings])
        return text

    def fast(self, value: str, names: Names) -> list[str]:
        """Printable text has no control characters, ASCII is normal: both are seen at once."""
        control, normal = names.of(CONTROL.search), names.of(unicodedata.normalize)
        search = names.of(self._search)
        return [
            f"if type({value}) is not str: raise Slow",
            f"if not {value}.isprintable() and {control}({value}): raise Slow",
            f"if not {value}.isascii(): {value} = {normal}('NFC', {value})",
            f"if not {self.at_least} <= len({value}) <= {self.at_most}: raise Slow",
            f"if {search}({value}): raise Slow",
        ]


class Personal(Field):
    """Text that is personal on purpose: who somebody is. No fault tells what was read."""

    def __init__(self, *, at_most: int, **options: Any) -> None:
        """The length is in characters after normalisation."""
        super().__init__(
            openapi={"type": "string", "minLength": 1, "maxLength": at_most}, **options
        )
        self.at_least, self.at_most = 1, at_most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or CONTROL.search(value):
            raise refuse("not_personal_text", at_most=self.at_most)
        text = unicodedata.normalize("NFC", value)
        if not self.at_least <= len(text) <= self.at_most:
            raise refuse("not_personal_text", at_most=self.at_most)
        return text

    def fast(self, value: str, names: Names) -> list[str]:
        """As text, but for the search."""
        control, normal = names.of(CONTROL.search), names.of(unicodedata.normalize)
        return [
            f"if type({value}) is not str: raise Slow",
            f"if not {value}.isprintable() and {control}({value}): raise Slow",
            f"if not {value}.isascii(): {value} = {normal}('NFC', {value})",
            f"if not {self.at_least} <= len({value}) <= {self.at_most}: raise Slow",
        ]


class Pseudonym(Field):
    """A worker's pseudonym as its sender chose it; never a name, phone or document number."""

    def __init__(self, **options: Any) -> None:
        """4 to 40 letters, digits, `_` or `-`, at least one of them a letter."""
        super().__init__(openapi={"type": "string", "pattern": "^[A-Za-z0-9_-]{4,40}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not _PSEUDONYM.fullmatch(value):
            raise refuse("not_a_pseudonym")
        if not _LETTER.search(value):
            raise refuse("pseudonym_is_a_number")
        if kind := personal_data.in_pseudonym(value):
            raise ValidationError([_fault(kind, 0)])
        if personal_data.is_name(value):
            raise refuse("pseudonym_is_a_name")
        return value

    def fast(self, value: str, names: Names) -> list[str]:
        """All four, as above."""
        match, letter = names.of(_PSEUDONYM.fullmatch), names.of(_LETTER.search)
        number, name = names.of(personal_data.in_pseudonym), names.of(personal_data.is_name)
        return [
            f"if not {match}({value}) or not {letter}({value}): raise Slow",
            f"if {number}({value}) or {name}({value}): raise Slow",
        ]


def _fault(kind: personal_data.Kind, start: int) -> Fault:
    return Fault("personal_data_detected", what=kind, place=start + 1)
