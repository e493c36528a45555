"""Metric definitions as data: formula, cohort, unit, provenance, and what hides a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Provenance = Literal["verified", "supplier_reported", "agency_reported", "mixed"]
Shape = Literal["share", "count", "median"]


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric: what is counted over what, from which cohort, and its disclosure rules.

    `full_is_disclosive`: 0 % or 100 % tells something of every person in the group (R10).
    """

    code: str
    name: str
    shape: Shape
    unit: str
    provenance: Provenance
    numerator: str
    denominator: str
    cohort: str
    notes: str
    full_is_disclosive: bool
    version: int = 1


CATALOGUE: Mapping[str, Definition] = {
    one.code: one
    for one in (
        Definition(
            code="M05",
            name="time_to_resolution_median",
            shape="median",
            unit="days",
            provenance="supplier_reported",
            numerator="days from received to the last closing, Kaplan-Meier median over open and "
            "closed grievances; withdrawn and voided ones never count as closed",
            denominator="grievances of the suppliers' own mechanisms received in the period, "
            "without restricted classes",
            cohort="received in the period, in the site's time zone; open ones censored at cut-off",
            notes="not_reached where half of them are still open; never the closed ones alone",
            full_is_disclosive=False,
        ),
        Definition(
            code="M08",
            name="worker_validated_share",
            shape="share",
            unit="ratio",
            provenance="verified",
            numerator="cases closed_validated at cut-off",
            denominator="cases closed in any way at cut-off",
            cohort="cases received in the period, in the site's time zone",
            notes="validated by the rule of docs/reference/remediation.md; cases whose workers "
            "agreed to be counted; restricted classes only at country level, so not here; a "
            "voided case stays in the denominator",
            full_is_disclosive=False,
        ),
        Definition(
            code="M09",
            name="claim_validation_gap",
            shape="share",
            unit="ratio",
            provenance="verified",
            numerator="completion claims whose round workers did not validate in full by cut-off",
            denominator="completion claims",
            cohort="claims that became 60 days old in the period, in the site's time zone",
            notes="how often 'done' was not done; every claim counts in exactly one period",
            full_is_disclosive=False,
        ),
        Definition(
            code="M20",
            name="workers_remediated",
            shape="count",
            unit="workers_counted_per_case",
            provenance="verified",
            numerator="workers who confirmed in the last round, summed over cases, once per case",
            denominator="cases whose last round was validated in full or in part",
            cohort="last round concluded in the period, in the site's time zone",
            notes="not distinct workers: one worker with two cases counts twice; of several "
            "requests of one case the round concluded last counts",
            full_is_disclosive=False,
        ),
        Definition(
            code="M29",
            name="first_mile_coverage",
            shape="share",
            unit="ratio",
            provenance="mixed",
            numerator="placements whose worker named the first hop or stated there was none",
            denominator="placements, as agencies state them",
            cohort="arrived in the period",
            notes="only workers who agreed to be counted can raise the numerator; coverage_band "
            "is their share of all placements",
            full_is_disclosive=False,
        ),
        Definition(
            code="M30",
            name="zero_fee_share",
            shape="share",
            unit="ratio",
            provenance="verified",
            numerator="placements where the worker states that no fee or cost was paid",
            denominator="placements with a worker's statement",
            cohort="arrived in the period",
            notes="ILO groups A, B and C paid by worker or family; an agency's zero never counts, "
            "nor a payer nobody knows, nor a statement that is silent about fees",
            full_is_disclosive=True,
        ),
    )
}
