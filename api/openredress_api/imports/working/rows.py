"""A row of a file on its way to its schema, whatever format it came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openredress_api.foundation.problems import FieldError


@dataclass(slots=True)
class Row:
    """One row: the record as it would be sent alone, and what its reading found.

    `notices` do not keep it out; `headings` tell a pointer's column in the sender's words.
    """

    number: int
    record: Mapping[str, Any]
    faults: Sequence[FieldError] = ()
    notices: Sequence[FieldError] = ()
    headings: Mapping[str, str] = field(default_factory=dict)

    def heading(self, error: FieldError) -> str | None:
        """The column that an error is about, if the file has columns."""
        return self.headings.get(error.pointer)
