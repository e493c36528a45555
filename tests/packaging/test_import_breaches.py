"""Each way to break the order of the house is tried on a copy of it, and noticed by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.sources import PACKAGES, ROOT
from tests.packaging.test_distributions import undeclared


@dataclass(frozen=True)
class Breach:
    """A line planted at the end of a file, and what import-linter must say of it."""

    what: str
    file: str
    line: str
    contract: str
    named: str


ROOMS = "Rooms import lower rooms only"
INSIDE = "Inside a room: routes, actions, events, then schemas and tables, then rules"
DOORS = "A room is entered by its front door, its __init__.py"
ORGANISATIONS = "api/openredress_api/organisations"
BREACHES = (
    Breach(
        "rules that know the web framework",
        f"{ORGANISATIONS}/rules.py",
        "import flask",
        "Rules are plain Python",
        "openredress_api.organisations.rules -> flask",
    ),
    Breach(
        "schemas that know the tables",
        f"{ORGANISATIONS}/schemas.py",
        "import openredress_api.organisations.tables",
        INSIDE,
        "openredress_api.organisations.schemas -> openredress_api.organisations.tables",
    ),
    Breach(
        "a room that reads another room's tables",
        "api/openredress_api/grievances/actions.py",
        "import openredress_api.organisations.tables",
        DOORS,
        "openredress_api.grievances.actions -> openredress_api.organisations.tables",
    ),
    Breach(
        "a lower room that asks a higher one",
        f"{ORGANISATIONS}/actions.py",
        "import openredress_api.grievances",
        ROOMS,
        "openredress_api.organisations.actions -> openredress_api.grievances",
    ),
    Breach(
        "strangers of one level that meet",
        "api/openredress_api/grievances/actions.py",
        "import openredress_api.workforce",
        ROOMS,
        "openredress_api.grievances.actions -> openredress_api.workforce",
    ),
    Breach(
        "a foundation that stands on a room",
        "api/openredress_api/foundation/clock.py",
        "import openredress_api.vocabulary",
        ROOMS,
        "openredress_api.foundation.clock -> openredress_api.vocabulary",
    ),
    Breach(
        "an SDK that brings the server along",
        "sdk/openredress/clock.py",
        "import openredress_delivery",
        "The SDK holds no server code",
        "openredress.clock -> openredress_delivery",
    ),
    Breach(
        "a lower distribution that asks a higher one",
        "webhooks/openredress_delivery/retries.py",
        "import openredress_api.settings",
        "Distributions import lower distributions only",
        "openredress_delivery.retries -> openredress_api.settings",
    ),
    Breach(
        "a room without a place in the order",
        "api/openredress_api/attic/__init__.py",
        '"""Things."""',
        ROOMS,
        "openredress_api.attic",
    ),
    Breach(
        "a circle inside a room",
        f"{ORGANISATIONS}/rules.py",
        "import openredress_api.organisations.actions",
        "No circles",
        "No cycles are allowed in openredress_api.organisations",
    ),
    Breach(
        "a room that goes round by its own front door",
        f"{ORGANISATIONS}/tables.py",
        "import openredress_api.organisations",
        DOORS,
        "openredress_api.organisations.tables -> openredress_api.organisations",
    ),
    Breach(
        "a migration that knows a room",
        "api/openredress_api/migrations/kinds.py",
        "import openredress_api.vocabulary",
        ROOMS,
        "openredress_api.migrations.kinds -> openredress_api.vocabulary",
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all sources, and of the contracts."""
    house = tmp_path_factory.mktemp("house")
    for package, folder in PACKAGES.items():
        shutil.copytree(
            ROOT / folder / package,
            house / folder / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for project in ("pyproject.toml", "sdk/pyproject.toml", "webhooks/pyproject.toml"):
        shutil.copy(ROOT / project, house / project)
    return house


def _lint(house: Path) -> str:
    """What import-linter says of `house`, on one long line."""
    folders = [str(house / folder) for folder in dict.fromkeys(PACKAGES.values())]
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*folders, str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return " ".join(done.stdout.split())


def test_the_house_as_it_stands(copy: Path) -> None:
    """Without a breach every contract is kept, so that what is noticed below is the breach."""
    said = _lint(copy)
    assert "0 broken" in said, said


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.what)
def test_breach_is_noticed(copy: Path, breach: Breach) -> None:
    """A planted import breaks its contract, and the report names both ends."""
    file = copy / breach.file
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{breach.line}\n", encoding="utf-8")
    try:
        said = _lint(copy)
    finally:
        if before is None:
            shutil.rmtree(file.parent)
        else:
            file.write_text(before, encoding="utf-8")
    assert f"{breach.contract} BROKEN" in said, said
    assert breach.named in said, said


@pytest.mark.parametrize("line", ["import requests", "import cryptography"])
def test_webhooks_with_a_third_party(copy: Path, line: str) -> None:
    """The webhooks' distribution may import no stranger, an extra's only when it is needed."""
    file = copy / "webhooks/openredress_webhooks/signing.py"
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        found = undeclared(copy, "webhooks/pyproject.toml")
    finally:
        file.write_text(before, encoding="utf-8")
    assert len(found) == 1
    assert found[0].endswith(line.removeprefix("import "))
