"""Which files are ours, and what they import: shared by the measures of this folder."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "openredress_api": "api",
    "openredress_openapi": "openapi",
    "openredress_delivery": "webhooks",
    "openredress_webhooks": "webhooks",
    "openredress": "sdk",
}
"""Each import package and the folder it lies in."""


def ignored(path: Path) -> bool:
    """Whether .gitignore names the file or a folder it lies in."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    return any(fnmatch(part, one) for part in path.parts for one in (".git", *patterns))


def our_files(*patterns: str, under: Path = ROOT, root: Path = ROOT) -> Iterator[Path]:
    """Files of the project below `under`, relative to the root, in a fixed order."""
    for pattern in patterns:
        for path in sorted(under.rglob(pattern)):
            ours = path.relative_to(root)
            if path.is_file() and not ignored(ours):
                yield ours


def package_files() -> Iterator[Path]:
    """Python files that are shipped."""
    for package, folder in PACKAGES.items():
        yield from our_files("*.py", under=ROOT / folder / package)


def parsed(path: Path, root: Path = ROOT) -> ast.Module:
    """The syntax tree of one of our files."""
    return ast.parse((root / path).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Import:
    """One import of a module: its top-level name, and whether it waits inside a function."""

    top: str
    line: int
    lazy: bool


def imports(tree: ast.AST, *, lazy: bool = False) -> Iterator[Import]:
    """All absolute imports; those under TYPE_CHECKING count as lazy."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(one.name.split(".")[0], node.lineno, lazy) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield Import(node.module.split(".")[0], node.lineno, lazy)
        waits = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        checks = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        yield from imports(node, lazy=lazy or waits or checks)


def strangers(tree: ast.AST) -> Iterator[Import]:
    """Imports that are neither the standard library nor ours."""
    ours = {*PACKAGES, "tests"}
    return (
        one
        for one in imports(tree)
        if one.top not in ours and one.top not in sys.stdlib_module_names
    )
