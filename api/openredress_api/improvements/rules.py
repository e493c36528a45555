"""Rules of systemic actions in plain Python."""

from __future__ import annotations

from datetime import date, timedelta

from openredress_api.vocabulary import TAXONOMIES

_SYSTEMS = tuple(
    code
    for code, each in TAXONOMIES["outcome"].codes.items()
    if each.attributes["family"] == "systems"
)
KINDS = (*_SYSTEMS, "training", "contract_corrected")
VERDICTS = ("verified", "not_verified")
METHODS = tuple(TAXONOMIES["validation_method"].codes)
# Domain: the same harm at the same place within so many days.
WINDOW = timedelta(days=180)


def windows(effective_on: date, today: date) -> tuple[tuple[date, date], tuple[date, date], bool]:
    """The days before and after an action in which cases are counted, and whether they are over.

    Both are half open: the day on which it takes effect belongs to the days after.
    """
    end = effective_on + WINDOW
    return (effective_on - WINDOW, effective_on), (effective_on, end), end <= today
