"""Rules of protection in plain Python: who may do what, what stands, when to ask again."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from openredress_api.foundation.problems import Fault, FieldError

# R21: of these cases no employer and no agency ever learns, whatever anybody decides.
_PROTECTION_ACTORS_ONLY = ("child.", "trafficking.")
# Facts about a case on which what waits for its moment is judged anew.
REJUDGED = (
    "case.graded",
    "case.lowered",
    "case.issue_added",
    "case.merged",
    "case.assessed",
)
MAY_RELEASE, MAY_NOT_RELEASE = "may_release", "may_not_release"
DECISIONS = (MAY_RELEASE, MAY_NOT_RELEASE)
EMPLOYERS = ("supplier", "agency")
ASSESSORS = ("case_worker", "reviewer")
# R15: whoever complained is asked so many days after something went to an employer.
CHECK_BACK_DAYS = (7, 30, 90, 180)
WATCH = timedelta(days=180)
REPRISAL = "retaliation"
REPRISAL_CATEGORY = "retaliation.any"
PLACED, CLEARED = "placed", "cleared"
HOLD_LIFE = (PLACED, CLEARED)
IDENTITY_STATUSES = ("asked", "granted", "refused")
# R3: a brand has nothing in which a pseudonym could stand.
PSEUDONYM_HOLDERS = ("supplier", "agency", "cso", "government")
WITHIN = ("recipient", "case")
_PSEUDONYM_BYTES = 16
_BETWEEN_DIGITS = re.compile(r"[\s().-]+")
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


class Assessment(Protocol):
    """What was decided about a case as it was then."""

    decision: Any
    severity: Any
    categories: Any
    expires_at: Any


class CheckBack(Protocol):
    """A planned question to a worker."""

    after_days: Any
    due_at: Any


def protection_actors_only(categories: Collection[str]) -> bool:
    """R21: children and trafficking."""
    return any(each.startswith(_PROTECTION_ACTORS_ONLY) for each in categories)


def stands(
    latest: Assessment | None, severity: str, categories: Collection[str], now: datetime
) -> bool:
    """R2: the latest assessment allows the release of the case as it is now."""
    return (
        latest is not None
        and latest.decision == MAY_RELEASE
        and latest.expires_at > now
        and latest.severity == severity
        and set(latest.categories) == set(categories)
    )


def check_assessment(body: Mapping[str, Any], categories: Collection[str]) -> Iterator[FieldError]:
    """What an assessment cannot say."""
    if body["decision"] == MAY_RELEASE and protection_actors_only(categories):
        yield FieldError("/decision", Fault("protection_actors_only"), body["decision"])
    for name in ("risks", "measures"):
        for place, each in enumerate(body[name]):
            if each in body[name][:place]:
                yield FieldError(f"/{name}/{place}", Fault("repeated"), each)


def scheduled(now: datetime, waiting: Sequence[CheckBack]) -> dict[int, tuple[datetime, bool]]:
    """For each distance in days when to ask after a release at `now`, and whether that is new.

    What waits already is put off with the release, but for the next question: a case of which
    something is sent every few days would never be asked about.
    """
    planned = {one.after_days: one.due_at for one in waiting}
    first, *_ = CHECK_BACK_DAYS
    found = {}
    for days in CHECK_BACK_DAYS:
        due = now + timedelta(days=days)
        kept = planned.get(days) if days == first else None
        found[days] = (kept or due, days not in planned)
    return found


def number_of_change(number: int, state: str) -> int:
    """The place of a change among all of a site: its holds follow each other."""
    return 2 * number - (state == PLACED)


def may_clear(person: UUID | None, duties: Collection[str], reported_by: Collection[UUID]) -> bool:
    """R15, R19: a releaser who reported none of what the site is held for."""
    return person is not None and "releaser" in duties and person not in reported_by


def check_worker(body: Mapping[str, Any]) -> list[FieldError]:
    """Somebody is named or can be called."""
    if body["name"] is None and body["phone"] is None:
        return [FieldError("/phone", Fault("needs_name_or_phone"))]
    if body["phone"] is not None and not _PHONE.fullmatch(plain_phone(body["phone"])):
        return [FieldError("/phone", Fault("not_a_phone"))]
    return []


def plain_phone(phone: str) -> str:
    """A number as it is dialled, so that two spellings are one."""
    return _BETWEEN_DIGITS.sub("", phone)


def spelt(digest: bytes) -> str:
    """A pseudonym as all systems take it: letters and digits, at least one letter."""
    return f"w-{base64.b32encode(digest[:_PSEUDONYM_BYTES]).decode().rstrip('=').lower()}"
