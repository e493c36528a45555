"""The worker's log: one JSON object per line, with fields from a list and no others."""

from __future__ import annotations

import sys
from typing import cast

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

# Bodies, URLs, addresses, headers and texts of faults never stand in a log.
_FIELDS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "worker",
        "organisation_id",
        "endpoint_id",
        "delivery_id",
        "event_id",
        "attempt",
        "status",
        "code",
        "state",
        "count",
    }
)


def logger() -> FilteringBoundLogger:
    """A logger that writes to standard error and drops every field that is not on the list."""
    return cast(
        "FilteringBoundLogger",
        structlog.wrap_logger(
            structlog.BytesLogger(sys.stderr.buffer),
            processors=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _listed_fields,
                structlog.processors.JSONRenderer(serializer=orjson.dumps),
            ],
            wrapper_class=structlog.make_filtering_bound_logger("info"),
        ),
    )


def _listed_fields(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    return {name: value for name, value in entry.items() if name in _FIELDS}
