"""Every page leads somewhere, is listed, and names no machine and no registry."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from openredress_api.app import ENDPOINTS
from openredress_api.cli import main

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PROMISE = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
# Split, so that this file does not find itself.
HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("python" + "hosted", "org"))]
HOSTS += [".".join(parts) for parts in (("registry", "npm" + "js", "org"), ("np" + "mjs", "com"))]
FOLDERS = ["/" + "/".join(parts) for parts in (("root", ""), ("home", ""), ("work", ""))]
FOLDERS += ["/" + "Users/", "C:" + "\\Users"]
WORDS = re.compile("|".join(re.escape(word) for word in HOSTS + FOLDERS))
MOST_LINES = 500


def tracked(*endings: str) -> list[Path]:
    """The files of the repository with one of these endings, those not yet committed too."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [ROOT / line for line in listed.stdout.splitlines() if line.endswith(endings)]
    return sorted(path for path in found if path.is_file())


def pages() -> list[Path]:
    """Every Markdown page."""
    return tracked(".md")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are shown on the web."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    return set(plain)


def links(page: Path) -> Iterator[str]:
    """The links of a page that lead to this repository."""
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if not re.match(r"[a-z]+:", link):
            yield link


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link names a file that is there, and each anchor a heading in it."""
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


def test_the_index_lists_every_page() -> None:
    """docs/README.md links each page of docs, and no page is an orphan."""
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    there = {page for page in pages() if page.is_relative_to(ROOT / "docs")}
    assert there - {index} <= listed


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_short(page: Path) -> None:
    """A page that passes 500 lines is two pages."""
    assert len(page.read_text("utf-8").splitlines()) < MOST_LINES


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_named_tests_are_there(page: Path) -> None:
    """A page that says which test shows something names a test that exists."""
    for name, function in PROMISE.findall(page.read_text("utf-8")):
        assert (ROOT / name).is_file(), name
        if function:
            assert f"def {function}(" in (ROOT / name).read_text("utf-8"), function


def test_named_commands_are_there() -> None:
    """Each `openredress-server` command in a page is a command; decisions may tell of others."""
    for page in pages():
        if page.parent.name == "decisions":
            continue
        for words in re.findall(r"openredress-server ([a-z][a-z -]*)", page.read_text("utf-8")):
            first, *rest = words.split()
            command = main.get_command(None, first)  # type: ignore[arg-type]  # unused there
            assert command is not None, f"{page.name}: {words}"
            known = getattr(command, "commands", None)
            assert known is None or not rest or rest[0] in known, f"{page.name}: {words}"


def test_named_operations_are_there() -> None:
    """Each method and path under /v1 in docs is an operation."""
    known = {(found.operation.method, found.operation.path) for found in ENDPOINTS}
    for page in pages():
        found = re.findall(r"(GET|PUT|POST|PATCH|DELETE) (/v1/[\w/{}-]+)", page.read_text("utf-8"))
        assert set(found) <= known, page.name


def test_no_registry_and_no_machine_is_named() -> None:
    """No text of the repository names a registry's host or a folder of somebody's machine."""
    for path in tracked(".md", ".py", ".toml", ".json"):
        found = WORDS.search(path.read_text("utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_json_files_are_json() -> None:
    """Each JSON file can be read."""
    for path in tracked(".json"):
        json.loads(path.read_text("utf-8"))
