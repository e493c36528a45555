"""The locks: hashed requirement files that name no registry, so that any mirror serves."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.sources import ROOT, our_files

OPERATOR = "api/requirements.lock"
DEVELOPER = "tests/requirements.lock"
PROJECTS = ("pyproject.toml", "sdk/pyproject.toml", "webhooks/pyproject.toml")
OURS = {"openredress", "openredress-server", "openredress-webhooks"}
# Put together here, so that this file does not name them either.
HOSTS = tuple(
    f"{name}.{end}" for name, end in (("pypi", "org"), ("npmjs", "org"), ("npmjs", "com"))
)
HOSTS += tuple(f"{one}{other}.org" for one, other in (("python", "hosted"), ("pyp", "a")))


@dataclass(frozen=True)
class Pin:
    """One locked package."""

    version: str
    hashes: int


def _pins(lock: str) -> dict[str, list[Pin]]:
    """Packages of a lock by name; one that differs between systems has several pins."""
    found: dict[str, list[Pin]] = {}
    text = re.sub(r"\\\n", " ", (ROOT / lock).read_text(encoding="utf-8"))
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, version, rest = re.fullmatch(
                r"([a-z0-9-]+)(?:\[.*?\])?==(\S+)(.*)", line
            ).groups()  # type: ignore[union-attr]  # a line of another form fails the test here
            found.setdefault(name, []).append(Pin(version, rest.count("--hash=sha256:")))
    return found


def _asked(path: str) -> list[str]:
    """Every requirement that a pyproject names: run time, extras, groups, building."""
    stated = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))
    project = stated["project"]
    extras = project.get("optional-dependencies", {}).values()
    groups = stated.get("dependency-groups", {}).values()
    lists = [project["dependencies"], *extras, *groups, stated["build-system"]["requires"]]
    return [line for one in lists for line in one]


def _missing(lines: list[str], lock: str) -> list[str]:
    pins = _pins(lock)
    asked = [Requirement(line) for line in lines]
    return [
        str(one)
        for one in asked
        if canonicalize_name(one.name) not in OURS
        and not any(
            one.specifier.contains(pin.version) for pin in pins.get(canonicalize_name(one.name), [])
        )
    ]


@pytest.mark.parametrize("lock", [OPERATOR, DEVELOPER])
def test_each_pin_has_hashes(lock: str) -> None:
    """Each locked package is one exact version with at least one SHA-256."""
    assert all(pin.hashes for pins in _pins(lock).values() for pin in pins)


def test_developers_have_everything() -> None:
    """What any of the three projects asks for is locked for developers, in a version it allows."""
    assert not [missing for path in PROJECTS for missing in _missing(_asked(path), DEVELOPER)]


def test_operators_have_the_server_alone() -> None:
    """The operator's lock holds what the server needs at run time and no developer's tool."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert not _missing(stated["project"]["dependencies"], OPERATOR)
    tools = {Requirement(line).name for line in stated["dependency-groups"]["dev"]}
    assert not tools & _pins(OPERATOR).keys()


def test_both_locks_agree() -> None:
    """Developers test the very versions that operators run."""
    developer = _pins(DEVELOPER)
    differing = {
        name: (pins, developer.get(name))
        for name, pins in _pins(OPERATOR).items()
        if {pin.version for pin in pins} != {pin.version for pin in developer.get(name, [])}
    }
    assert not differing


@pytest.mark.parametrize("lock", [OPERATOR, DEVELOPER])
def test_locks_point_nowhere(lock: str) -> None:
    """No address, path or index option stands in a lock."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|file:|@ |^\s*-(?!-hash=sha256:)(?!c )", text, re.MULTILINE)


def test_no_registry_is_named() -> None:
    """No file of ours names the host of a package registry, and there is no uv.lock."""
    naming = [
        str(path)
        for path in our_files("*")
        if path.name == "uv.lock" or _names_a_host((ROOT / path).read_bytes())
    ]
    assert not naming


def _names_a_host(content: bytes) -> bool:
    return any(host.encode() in content for host in HOSTS)
