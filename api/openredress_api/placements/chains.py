"""The agent chain that a worker states beside that of the agency (domain §3.13); plain Python."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from openredress_api.placements.firms import share_a_name

Hop = Mapping[str, Any]


class Beside(NamedTuple):
    """Both chains with who named each hop, and what the worker states and the agency does not."""

    worker: list[dict[str, Any]]
    agency: list[dict[str, Any]]
    mismatch: list[str]


def first_mile_known(statement: Mapping[str, Any]) -> bool:
    """M29: the worker names the first hop, or states that there was no intermediary."""
    return bool(statement["no_intermediary_stated"] or statement["agent_chain"])


def beside(worker: Sequence[Hop], agency: Sequence[Hop]) -> Beside:
    """Hop by hop: one of the agency's stands for one of the worker's, never for two."""
    pairs = _pairs(worker, agency)
    mismatch: list[str] = []
    both: dict[int, int] = {}
    for place, hop in enumerate(worker):
        called = f"{hop['role']}@{hop['country']}"
        if place not in pairs:
            mismatch.append(called)
            continue
        terms = _parted(hop, agency[pairs[place]])
        mismatch += [f"{called}.{term}" for term in terms]
        if not terms:
            both[place] = pairs[place]
    return Beside(
        _disclosed(worker, "worker", both.keys()),
        _disclosed(agency, "agency", both.values()),
        mismatch,
    )


def _pairs(worker: Sequence[Hop], agency: Sequence[Hop]) -> dict[int, int]:
    """The worker's hops with those of the agency in the same role and country, likest first."""
    ranked = sorted(
        (len(_parted(hop, other)), -len(_told_by_both(hop, other)), place, beside_it)
        for place, hop in enumerate(worker)
        for beside_it, other in enumerate(agency)
        if (hop["role"], hop["country"]) == (other["role"], other["country"])
    )
    pairs: dict[int, int] = {}
    for *_, place, beside_it in ranked:
        if place not in pairs and beside_it not in pairs.values():
            pairs[place] = beside_it
    return pairs


def _parted(hop: Hop, other: Hop) -> list[str]:
    """What both tell of a hop, each differently."""
    return [term for term, same in _told_by_both(hop, other).items() if not same]


def _told_by_both(hop: Hop, other: Hop) -> dict[str, bool]:
    """What both tell of a hop, and whether they tell the same."""
    told = {term: judge(hop, other) for term, judge in _JUDGES.items()}
    return {term: same for term, same in told.items() if same is not None}


def _licence(hop: Hop, other: Hop) -> bool | None:
    """By letters and digits: 1234/077 is 1234-077."""
    numbers = [
        "".join(filter(str.isalnum, (each["licence_no"] or "").casefold())) for each in (hop, other)
    ]
    return numbers[0] == numbers[1] if all(numbers) else None


def _organisation(hop: Hop, other: Hop) -> bool | None:
    """By the words of the names without legal forms; a note such as n/a is no name."""
    one, two = hop["organisation_name"], other["organisation_name"]
    return share_a_name(one, two) if one and two else None


_JUDGES = {"licence_no": _licence, "organisation_name": _organisation}


def _disclosed(hops: Sequence[Hop], side: str, both: Collection[int]) -> list[dict[str, Any]]:
    return [
        {**hop, "disclosed_by": "both" if place in both else side} for place, hop in enumerate(hops)
    ]
