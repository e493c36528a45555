"""Lifecycles as data: the steps of a record, who may take each, and the way between two.

Plain Python, so that rules may be made of it; `moves.py` takes the steps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

Party = Literal["sender", "recipient", "institute", "validator", "system"]


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of a lifecycle: who may take it, and under which guard (in words)."""

    source: str
    target: str
    party: Party
    guard: str = ""


def steps(sources: str, targets: str, parties: str, guard: str = "") -> tuple[Step, ...]:
    """Every combination of space-separated sources, targets and parties."""
    return tuple(
        Step(source, target, party, guard)  # type: ignore[arg-type]  # checked by the table's CHECK
        for source in sources.split()
        for target in targets.split()
        for party in parties.split()
    )


def path(lifecycle: Iterable[Step], start: str, end: str, parties: Collection[Party]) -> list[str]:
    """The shortest way from `start` to `end` for these parties, without `start`; [] if none."""
    arrows: dict[str, list[str]] = {}
    for step in lifecycle:
        if step.party in parties:
            arrows.setdefault(step.source, []).append(step.target)
    ways = deque([[start]])
    seen = {start}
    while ways:
        way = ways.popleft()
        if way[-1] == end:
            return way[1:]
        for target in arrows.get(way[-1], []):
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []
