"""Rules of endpoints and the feed in plain Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable

MOST_ENDPOINTS = 20
MOST_KEYS = 3


def unknown_patterns(patterns: Iterable[str], types: Collection[str]) -> list[str]:
    """The patterns that no event type can match: neither `*`, `prefix.*` nor a type."""
    families = {name.split(".")[0] for name in types}
    return [
        pattern
        for pattern in patterns
        if pattern != "*"
        and pattern not in types
        and not (pattern.endswith(".*") and pattern[:-2] in families)
    ]
