"""Rules of cases, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.cases import rules
from openredress_api.vocabulary import TAXONOMIES

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.integers(0, 30).map(lambda days: START + timedelta(days=days))


@dataclass(frozen=True)
class Answer:
    """One answer to a scope."""

    n: int
    state: str
    expires_at: datetime | None


ANSWERS = st.lists(
    st.tuples(st.sampled_from(["granted", "refused", "withdrawn"]), st.none() | DAYS)
).map(lambda rows: [Answer(n, *row) for n, row in enumerate(rows, 1)])


@given(ANSWERS, DAYS)
def test_consent_is_refused_unless_the_last_answer_grants_it(
    answers: list[Answer], at: datetime
) -> None:
    """R1: granted if, and only if, the last answer grants and has not expired."""
    last = answers[-1] if answers else None
    granted = bool(last and last.state == "granted") and (
        last.expires_at is None or last.expires_at > at
    )
    assert (rules.consent_at(answers, at) == "granted") == granted


@pytest.mark.parametrize("category", TAXONOMIES["grievance_category"].codes)
def test_restricted_categories_make_a_case_sensitive(category: str) -> None:
    """R2, R21: so do children, trafficking and everything critical."""
    family = category.split(".", maxsplit=1)[0]
    attributes = TAXONOMIES["grievance_category"].codes[category].attributes
    sensitive = attributes["restricted"] or family in {"child", "trafficking"}
    assert rules.is_sensitive("s3_serious", ["osh.ppe", category]) == sensitive
    assert rules.is_sensitive("s1_critical", [category])


def test_a_closing_invents_no_acknowledgement() -> None:
    """A closing brings along the steps of remedy, never those towards the worker."""
    assert rules.closing_way("action_agreed", "closed_validated") == [
        "resolved_reported",
        "closed_validated",
    ]
    for early in ("received", "acknowledged", "closed_unvalidated", "withdrawn_by_worker"):
        assert rules.closing_way(early, "closed_validated") == []
