"""What can be found."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["phone", "email", "passport", "national_id"]


class Found(NamedTuple):
    """One finding: what it looks like, and its place, as `text[start:end]`."""

    kind: Kind
    start: int
    end: int
