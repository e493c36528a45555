"""Rules of headcounts in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openredress_api.foundation.problems import Fault, FieldError

SOURCES = ("payroll", "time_records", "estimate", "other")


def check(record: Mapping[str, Any]) -> list[FieldError]:
    """What the numbers of one headcount say against each other; empty if nothing."""
    agency = record["agency_workers"]
    if agency is None or agency <= record["total"]:
        return []
    return [FieldError("/agency_workers", Fault("more_than", other="total"), agency)]
