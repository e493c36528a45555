"""The three distributions move in step."""

from __future__ import annotations

import tomllib

import openredress_api
from tests.packaging.sources import ROOT

PROJECTS = ("pyproject.toml", "sdk/pyproject.toml", "webhooks/pyproject.toml")


def _project(path: str) -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]
    return project


def test_one_version() -> None:
    """Server, SDK and webhooks carry the same version, and the server says it at run time."""
    versions = {_project(path)["version"] for path in PROJECTS}
    assert versions == {openredress_api.__version__}


def test_pins_between_the_three() -> None:
    """A distribution of ours that needs another one needs exactly its own version."""
    for path in PROJECTS:
        project = _project(path)
        needed = project["dependencies"]
        assert isinstance(needed, list)
        ours = [one for one in needed if one.startswith("openredress")]
        assert all(one.endswith(f"=={project['version']}") for one in ours), path


def test_the_changelog_knows_the_version() -> None:
    """The changelog has a heading for the present version."""
    version = _project("pyproject.toml")["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
