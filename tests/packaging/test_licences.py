"""What we ship with may be used by everybody who may use us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import distribution

from packaging.requirements import Requirement

ALLOWED = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    # Older packages name their licence by a classifier.
    "Apache License, Version 2.0",
    "Apache Software License",
    "BSD License",
    "PSFL",
    "MIT License",
}
BY_NAME = {
    # Used unchanged as libraries that anybody can replace, which is what the LGPL asks for.
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "pycurl": "LGPL-2.1-only OR MIT",
    # PDFium, and what is built into it: each of them permissive.
    "pypdfium2": "BSD-3-Clause, Apache-2.0, dependency licenses",
}
OURS = {"openredress-server": "", "openredress": "keys", "openredress-webhooks": "ed25519"}


def _needed(name: str, extra: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """`name` and everything it needs at run time, on this system."""
    if (name, extra) in seen:
        return
    seen.add((name, extra))
    yield name
    for line in distribution(name).requires or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            for inner in (*needed.extras, ""):
                yield from _needed(needed.name, inner, seen)


def _licence(name: str) -> str:
    """What the package says of itself: expression, one-line licence, or classifier."""
    told = distribution(name).metadata.json
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in told.get("classifier", [])
        if one.startswith("License ::")
    ]
    said = told.get("license_expression") or told.get("license") or " AND ".join(classifiers)
    return str(said)


def test_runtime_licences() -> None:
    """Every runtime dependency has an allowed licence; the LGPL ones are allowed by name."""
    seen: set[tuple[str, str]] = set()
    names = {found for ours, extra in OURS.items() for found in _needed(ours, extra, seen)}
    assert {"flask", "requests", "cryptography", "psycopg", "pycurl"} <= names
    refused = {
        name: said
        for name in sorted(names)
        if (said := _licence(name)) != BY_NAME.get(name)
        and not set(re.split(r" AND | OR ", re.sub(r"[()]", "", said))) <= ALLOWED
    }
    assert not refused
