"""Headcounts as they are kept: a single PUT and the bulk importer store by this description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openredress_api.foundation.intake import PLAIN, Intake
from openredress_api.workforce import rules
from openredress_api.workforce.schemas import HeadcountRow
from openredress_api.workforce.tables import HEADCOUNT

KEY = ("site_id", "month")
CONTENT = ("total", "agency_workers", "segments", "source", "is_synthetic")


def stored(record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a headcount."""
    return {name: record[name] for name in (*KEY, *CONTENT)}


INTAKE = Intake(
    name="headcount",
    prefix="hc",
    senders={"supplier": "workforce:write"},
    schema=HeadcountRow,
    table=HEADCOUNT,
    key=KEY,
    content=CONTENT,
    check=rules.check,
    stored=stored,
    verdicts=(
        ("s.site_id NOT IN (SELECT id FROM site WHERE organisation_id = %(me)s)", "not_your_site"),
        *PLAIN,
    ),
    places={"not_your_site": "/site"},
    period="month",
)
