"""The house measures that ruff does not know (architecture, section 4)."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.packaging.sources import PACKAGES, ROOT, our_files, package_files, parsed

FILE_LINES = 500
FUNCTION_LINES = 45


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring left out."""
    said = function.body[0] if ast.get_docstring(function) else None
    spoken = (said.end_lineno or 0) - said.lineno + 1 if said else 0
    return (function.end_lineno or 0) - function.lineno + 1 - spoken


def test_files_stay_short() -> None:
    """No file that somebody has to read is longer than 500 lines."""
    long = {
        str(path): lines
        for path in our_files("*.py", "*.md", "*.toml", "Makefile")
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert not long


def test_functions_stay_short() -> None:
    """No shipped function is longer than 45 lines; migrations are scrolls of SQL and are exempt."""
    long = [
        f"{path}:{one.lineno} {one.name}: {_lines(one)} lines"
        for path in package_files()
        if "versions" not in path.parts
        for one in _functions(path)
        if _lines(one) > FUNCTION_LINES
    ]
    assert not long


def test_a_sign_on_each_door() -> None:
    """Each package says what it is for, what it may import and what it must never hold."""
    silent = []
    for package, folder in PACKAGES.items():
        for door in our_files("__init__.py", under=ROOT / folder / package):
            sign = (ast.get_docstring(parsed(door)) or "").splitlines()
            if not (
                sign
                and any(line.startswith("May import") for line in sign)
                and any(line.startswith("Must never hold") for line in sign)
            ):
                silent.append(str(door))
    assert not silent


def test_every_test_states_its_promise() -> None:
    """Each test function opens with a sentence."""
    silent = [
        f"{path}:{one.lineno} {one.name}"
        for path in our_files("test_*.py", under=ROOT / "tests")
        for one in _functions(path)
        if one.name.startswith("test_") and not ast.get_docstring(one)
    ]
    assert not silent


def test_nothing_is_left_for_later() -> None:
    """No comment in the code promises work instead of doing it."""
    later = re.compile(r"#.*\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
    assert not _matching(later.search)


def test_each_exception_says_why() -> None:
    """A silenced check carries its reason on the same line."""

    def unexplained(line: str) -> bool:
        marks = re.split(r"#\s*(?:noqa|type:\s*ignore)\b", line)
        if len(marks) == 1:
            return False
        after = re.sub(r"^(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*|\[[a-z\-, ]+\])", "", marks[-1])
        return not re.search(r"[a-zA-Z]{2}", after)

    assert not _matching(unexplained)


def _matching(judge: Callable[[str], object]) -> list[str]:
    """Lines of our Python files that `judge` finds."""
    return [
        f"{path}:{number} {line.strip()}"
        for path in our_files("*.py")
        if path.name != Path(__file__).name
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if judge(line)
    ]
