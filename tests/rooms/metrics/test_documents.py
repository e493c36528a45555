"""The reference says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openredress_api.metrics import actions, suppression
from openredress_api.metrics.definitions import CATALOGUE
from openredress_api.metrics.schemas import PROVENANCES, Figure
from openredress_api.remediation.rules import threshold

DOCS = Path(__file__).parents[3] / "docs" / "reference"
METRICS = (DOCS / "metrics.md").read_text(encoding="utf-8")
REMEDIATION = (DOCS / "remediation.md").read_text(encoding="utf-8")


def rows_of(page: str, heading: str) -> set[str]:
    """The first column of the table under a heading."""
    part = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    return {row[0] for row in re.findall(r"^\| ([\w.]+) \|(.*)$", part, re.MULTILINE)}


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_metric_has_its_section(code: str) -> None:
    """Name, unit and provenance of each metric stand in its section."""
    definition = CATALOGUE[code]
    said = METRICS.split(f"\n## {code} {definition.name}\n")[1].split("\n## ", maxsplit=1)[0]
    assert f"**Unit:** {definition.unit}" in said
    assert f"**Provenance:** {definition.provenance}" in said
    assert "**Hidden:**" in said


def test_each_rule_and_reason_is_explained() -> None:
    """Every rule that hides, every reason and every provenance has its line, and no other one."""
    source = "".join(
        Path(module.__file__ or "").read_text(encoding="utf-8") for module in (suppression, actions)
    )
    rules = set(re.findall(r'"(R\d+\.\w+)"', source))
    assert rows_of(METRICS, "Rules") - {"rule"} == rules
    reasons = set(Figure().fields["reason"].metadata["openapi"]["enum"]) - {None}
    assert rows_of(METRICS, "Reasons") - {"reason"} == reasons
    assert rows_of(METRICS, "Provenance") - {"value"} == set(PROVENANCES)


def test_the_table_of_thresholds_is_true() -> None:
    """Each number of workers needs as many confirmations as the table says."""
    affected, needed = (
        [int(cell) for cell in re.findall(r"\d+", line)]
        for line in REMEDIATION.splitlines()
        if line.startswith(("| affected N", "| must confirm"))
    )
    assert [threshold(number) for number in affected] == needed
