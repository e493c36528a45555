"""Promises about what an import brings along."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"requests", "urllib3", "joserfc", "cryptography", "click", "rich"}
HEAVY |= {"flask", "django", "fastapi"}


def _loaded(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return HEAVY & set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import openredress", set()),
        ("from openredress import errors, scopes, webhooks", set()),
        ("from openredress import Inbox", set()),
        ("from openredress import Client", {"requests", "urllib3"}),
        ("from openredress import PrivateKey", {"joserfc", "cryptography"}),
        ("import openredress.cli", set()),
    ],
)
def test_imports_are_lazy(statement: str, heavy: set[str]) -> None:
    """Each name loads what it needs: a webhook receiver no requests, a client no joserfc."""
    # requests itself loads cryptography where it finds pyOpenSSL: then it is not ours.
    assert _loaded(statement) == heavy


def test_unknown_names_are_attribute_errors() -> None:
    """A name that the package does not have is an AttributeError, as for any module."""
    import openredress  # noqa: PLC0415 - its attributes are tried

    assert not hasattr(openredress, "client_of_someone_else")
    names = {"Client", "Inbox", "PrivateKey", "errors", "scopes", "webhooks"}
    assert set(openredress.__all__) == names
