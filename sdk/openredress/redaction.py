"""Phones, e-mail addresses and document numbers taken out of a record before it is sent.

The server refuses such a record (`personal_data_detected`). This finds what the server finds, puts
a note in its place and reports each; whether the rest still says what it should, you have to see.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from openredress_webhooks.personal_data import PSEUDONYMS, REFERENCES, Kind, found

NOTES: Mapping[Kind, str] = {
    "phone": "[phone removed]",
    "email": "[e-mail removed]",
    "passport": "[passport removed]",
    "national_id": "[identity number removed]",
}


class Redaction(NamedTuple):
    """One place where something was taken out: its JSON pointer, and what it looked like."""

    pointer: str
    kind: Kind


def redact(
    record: Mapping[str, Any], fields: Collection[str] | None = None
) -> tuple[dict[str, Any], list[Redaction]]:
    """Return a copy of `record` without personal data in its texts, and what was taken out where.

    References and pseudonyms stay as they are: a note in their place would name another record or
    worker. `record` itself is not changed.

    Args:
        record: a body, or a row of a file, as it would be sent.
        fields: names of the members that are free text; without them every text is searched.
    """
    search = _Search(fields)
    return search.members(record, ""), search.taken


class _Search:
    """One walk through a record, and what was taken out of it so far."""

    def __init__(self, fields: Collection[str] | None) -> None:
        self.fields = fields
        self.taken: list[Redaction] = []

    def members(self, record: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        return {
            name: self._value(name, value, f"{pointer}/{_escaped(name)}")
            for name, value in record.items()
        }

    def _value(self, name: str, value: object, pointer: str) -> object:
        if isinstance(value, Mapping):
            return self.members(value, pointer)
        if isinstance(value, (list, tuple)):
            return [self._value(name, each, f"{pointer}/{at}") for at, each in enumerate(value)]
        if isinstance(value, str) and self._is_free(name):
            return self._text(value, pointer)
        return value

    def _is_free(self, name: str) -> bool:
        asked = self.fields is None or name in self.fields
        return asked and name not in REFERENCES and name not in PSEUDONYMS

    def _text(self, value: str, pointer: str) -> str:
        text = unicodedata.normalize("NFC", value)  # as the server reads it
        if not found(text):
            return value
        # What is left can be read anew: "call [phone removed], 5550123".
        while findings := found(text):
            self.taken += [Redaction(pointer, one.kind) for one in findings]
            for one in reversed(findings):
                text = text[: one.start] + NOTES[one.kind] + text[one.end :]
        return text


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
