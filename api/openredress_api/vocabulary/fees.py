"""Recruitment fees and related costs: what was paid, by whom, when, and who says so."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_GROUPS = (
    ("recruitment_fee", "Fee for the recruitment itself", "A"),
    ("related_cost", "Cost that belongs to recruitment or placement", "B"),
    ("illegitimate", "Unreasonable, undisclosed or unlawful cost", "C"),
    ("extra", "Not an ILO item; recorded beside them and never counted as a fee", ""),
)
_TYPES = (
    ("recruitment_fee", "fee.service_matching", "Matching, referral or placement by a recruiter"),
    ("recruitment_fee", "fee.third_party_employment", "Employment on behalf of a third party"),
    ("recruitment_fee", "fee.direct_employer", "Charged by an employer that recruits directly"),
    (
        "recruitment_fee",
        "fee.recovery_from_worker",
        "Fees recovered from the worker, also by deduction or instalment",
    ),
    ("related_cost", "cost.medical", "Examinations, tests, vaccinations"),
    ("related_cost", "cost.insurance", "Life, health, safety; migrant welfare fund"),
    ("related_cost", "cost.skill_language_test", "Tests and certificates of skill or language"),
    ("related_cost", "cost.training_orientation", "Pre-departure, post-arrival, job training"),
    ("related_cost", "cost.equipment", "Tools, uniform, protective equipment"),
    (
        "related_cost",
        "cost.travel_lodging",
        "Travel, lodging and subsistence in the process, also return or relocation",
    ),
    (
        "related_cost",
        "cost.administrative",
        "Contract, passport, visa, clearances, permits, legalisation, bank service",
    ),
    ("illegitimate", "illegit.bribe_kickback", "Bribe, tribute, extortion, kickback"),
    ("illegitimate", "illegit.bond_collateral", "Bond, deposit, collateral"),
    ("illegitimate", "illegit.undisclosed", "Charge unexplained or unreasonable"),
    ("extra", "debt.interest", "Interest on money borrowed to pay any of these"),
    ("extra", "other.lost_income_wait", "Income lost while waiting"),
)
_PAYERS = (
    ("worker", "The worker", True),
    ("family", "The worker's family", True),
    ("employer", "The employer", False),
    ("agency", "An agency", False),
    ("government", "A public authority", False),
    ("unknown", "Not known", False),
)
_ILO = "ILO definition of recruitment fees and related costs, 2019, in our own words"

FEE_GROUP = code_list_of(
    "fee_group",
    (code(word, meaning, ilo_group=letter) for word, meaning, letter in _GROUPS),
    description="Groups of fee types; ilo_group is A, B, C, or empty where the ILO has none.",
    source=_ILO,
)
FEE_TYPE = code_list_of(
    "fee_type",
    (code(word, meaning, fee_group=group) for group, word, meaning in _TYPES),
    description=(
        "What was paid for. It counts also when repaid, deducted from wages, paid in kind or "
        "taken by somebody else. Zero is stated; a missing line says nothing."
    ),
    source=_ILO,
)
FEE_PAYER = code_list_of(
    "fee_payer",
    (code(word, meaning, worker_side=side) for word, meaning, side in _PAYERS),
    description="Who bore the cost; `worker_side` ones are what the worker paid.",
    source="OpenRedress",
)
FEE_STAGE = code_list_of(
    "fee_stage",
    (
        code("first_mile", "At the first contact"),
        code("origin", "In the country of origin"),
        code("transit", "On the way"),
        code("destination", "In the country of destination"),
        code("during_employment", "While working"),
    ),
    description="When on the way to the job it was paid.",
    source="OpenRedress",
)
FEE_STATED_BY = code_list_of(
    "fee_stated_by",
    (
        code("worker", "The worker says so"),
        code("agency", "The agency says so"),
        code("employer", "The employer says so"),
        code("document", "A document shows it"),
    ),
    description="Who says so. Statements stand side by side and none overwrites another.",
    source="OpenRedress",
)
REPAYMENT_METHOD = code_list_of(
    "repayment_method",
    (
        code("bank", "Transfer to the worker's account"),
        code("cash", "Cash in hand"),
        code("payroll", "With the wage, as a line of the payslip"),
    ),
    description="How a fee was paid back to workers.",
    source="OpenRedress",
)
DATE_PRECISION = code_list_of(
    "date_precision",
    (
        code("day", "The day is known"),
        code("month", "Only the month is known"),
        code("year", "Only the year is known"),
    ),
    description="How exactly a date is known.",
    source="OpenRedress",
)
