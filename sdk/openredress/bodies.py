"""Python values as the wire wants them: JSON bodies, query parameters, path segments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def encoded(body: Mapping[str, object]) -> bytes:
    """Return a JSON body; Decimal, date, aware datetime and Record become what the API reads.

    Raises:
        TypeError: a value has no form on the wire.
        ValueError: NaN, Infinity, or a datetime without a zone.
    """
    return json.dumps(body, default=_plain, allow_nan=False).encode("ascii")


def query(parameters: Mapping[str, object]) -> dict[str, str]:
    """Return query parameters; None is left out, several values are joined by commas.

    Raises:
        TypeError: a value has no form on the wire.
        ValueError: a datetime without a zone.
    """
    return {name: _text(value) for name, value in parameters.items() if value is not None}


def path(*segments: str) -> str:
    """Return `/v1/` and the segments, each an id, a code or a word of the API.

    Raises:
        ValueError: a segment that would change the path, such as `..` or `a/b`.
    """
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise ValueError(f"{segment!r} is no id or code: letters, digits, _ - and inner dots")
    return "/v1/" + "/".join(segments)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ",".join(_text(item) for item in value)
    return _written(value)


def _plain(value: object) -> str | dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else _written(value)


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value.isoformat()}: a time needs its zone")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form on the wire")
