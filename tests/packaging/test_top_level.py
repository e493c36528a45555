"""The first look at the project: few names, each known."""

from __future__ import annotations

from pathlib import Path

from tests.packaging.sources import PACKAGES, ROOT, ignored

FILES = {
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
}
FOLDERS = {".ci", "api", "docs", "openapi", "sdk", "tests", "webhooks"}


def test_top_level() -> None:
    """Nothing lies at the top but the allowed names, and all of them do."""
    found = {path for path in ROOT.iterdir() if not ignored(Path(path.name))}
    assert {path.name for path in found if path.is_file()} == FILES
    assert {path.name for path in found if path.is_dir()} == FOLDERS


def test_packages_lie_where_they_belong() -> None:
    """The source folders hold the import packages that the architecture names, and no other."""
    found = {
        (door.parent.name, door.parent.parent.name)
        for folder in set(PACKAGES.values())
        for door in (ROOT / folder).glob("*/__init__.py")
    }
    assert found == set(PACKAGES.items())


def test_what_a_machine_runs_is_executable() -> None:
    """`.ci/run` can be started as it is."""
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
