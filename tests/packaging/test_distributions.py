"""What each distribution imports is what it declares."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.sources import ROOT, Import, our_files, parsed, strangers

SHIPPED = {
    "pyproject.toml": (
        "api/openredress_api",
        "openapi/openredress_openapi",
        "webhooks/openredress_delivery",
    ),
    "sdk/pyproject.toml": ("sdk/openredress",),
    "webhooks/pyproject.toml": ("webhooks/openredress_webhooks",),
}
# Imported from a package that shows it on purpose, and declared by that one.
CARRIED = {
    "werkzeug": "flask",
    "urllib3": "requests",
    # The standard library has it from Python 3.14 on; before that, a backport.
    "compression": "backports-zstd",
    "backports": "backports-zstd",
}
# Compares examples with their schemas; its first lines say that only developers have its needs.
FOR_DEVELOPERS = Path("openapi/openredress_openapi/examples.py")
# Loaded when a key is first asked for, or a command: they may import what their extras bring.
BEHIND_AN_EXTRA = (Path("sdk/openredress/keys.py"), Path("sdk/openredress/cli"))


def undeclared(root: Path, project: str) -> list[str]:
    """Imports below `root` that `project` does not declare; an extra's count inside functions."""
    stated = tomllib.loads((root / project).read_text(encoding="utf-8"))["project"]
    always = _names(stated["dependencies"])
    optional = stated.get("optional-dependencies", {}).values()
    extras = _names([line for lines in optional for line in lines])
    return [
        f"{path}:{one.line} {one.top}"
        for folder in SHIPPED[project]
        for path in our_files("*.py", under=root / folder, root=root)
        if path != FOR_DEVELOPERS
        for one in strangers(parsed(path, root))
        if not _owners(one.top) & (always | extras if _waits(path, one) else always)
    ]


def _waits(path: Path, one: Import) -> bool:
    return one.lazy or any(path.is_relative_to(place) for place in BEHIND_AN_EXTRA)


@cache
def _owners(top: str) -> set[str]:
    """The distributions that bring a module, and those that carry them."""
    names = {canonicalize_name(name) for name in packages_distributions().get(top, [top])}
    return names | {CARRIED[name] for name in names if name in CARRIED}


def _names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


@pytest.mark.parametrize("project", SHIPPED)
def test_imports_are_declared(project: str) -> None:
    """A distribution imports what it declares, and what an extra brings only inside a function."""
    assert not undeclared(ROOT, project)


def test_webhooks_need_nothing() -> None:
    """The webhooks' distribution runs on the standard library alone."""
    stated = tomllib.loads((ROOT / "webhooks/pyproject.toml").read_text(encoding="utf-8"))
    assert stated["project"]["dependencies"] == []
