"""Rules of joint handling in plain Python: who may sponsor, and what looks alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from openredress_api.foundation.lifecycle import steps

LIFECYCLE = (
    *steps("invited", "accepted declined", "recipient"),
    *steps("accepted", "ended", "recipient"),
    *steps("invited accepted", "ended", "sender"),
    *steps("declined ended", "invited", "sender", "asked again"),
)
STATUSES = ("invited", "accepted", "declined", "ended")
# What a brand's worker must have agreed to before a brand hears of one request.
CONSENT = "share_brand_aggregate"
# What is passed on to sponsors, of all that happens to a request.
TOLD = (
    "remediation.requested",
    "remediation.validated",
    "remediation.disputed",
    "remediation.closed",
)
DECISIONS = ("joined", "different")
APART = timedelta(days=31)
# Upper ends of the bands in which numbers of affected workers are alike.
_BANDS = (2, 9, 49, 249)


@dataclass(frozen=True, slots=True)
class Asked:
    """What matters of an open request when it is compared with others of its site."""

    id: UUID
    site_id: UUID
    categories: tuple[str, ...]
    workers: int | None
    asked_at: datetime


def band(workers: int | None) -> int | None:
    """The band of a number of workers; an unknown number is alike to an unknown one alone."""
    return None if workers is None else sum(workers > end for end in _BANDS)


def families(categories: Collection[str]) -> frozenset[str]:
    """The families that categories belong to."""
    return frozenset(each.partition(".")[0] for each in categories)


def alike(one: Asked, other: Asked) -> bool:
    """Whether two requests may ask for the same: site, family, month and band agree."""
    return (
        one.site_id == other.site_id
        and not families(one.categories).isdisjoint(families(other.categories))
        and abs(one.asked_at - other.asked_at) <= APART
        and band(one.workers) == band(other.workers)
    )


def candidates(
    asked: Sequence[Asked], decided: Collection[frozenset[UUID]]
) -> Iterator[tuple[Asked, Asked]]:
    """Pairs that a person should look at, the earlier request first; none that was decided."""
    by_site: dict[UUID, list[Asked]] = {}
    for one in sorted(asked, key=lambda each: (each.asked_at, each.id)):
        by_site.setdefault(one.site_id, []).append(one)
    for same in by_site.values():
        for one, other in combinations(same, 2):
            if alike(one, other) and frozenset({one.id, other.id}) not in decided:
                yield one, other
