"""The only ways workers may be divided in aggregates, and the bands headcounts are shown in."""

from __future__ import annotations

from openredress_api.vocabulary.codes import Code, CodeList, code, code_list_of

_SOURCE = "OpenRedress"


def _segment(name: str, *codes: Code, description: str) -> CodeList:
    return code_list_of(name, codes, description=description, source=_SOURCE)


WORKER_SEGMENT = _segment(
    "worker_segment",
    code("sex", "Sex", taxonomy="sex"),
    code("migrant_status", "Where the worker moved from", taxonomy="migrant_status"),
    code("origin_country", "Country of origin, else its region", taxonomy="country"),
    code("employment_type", "Who employs the worker", taxonomy="employment_type"),
    code("tenure_band", "Time in the job", taxonomy="tenure_band"),
    code("age_band", "Age", taxonomy="age_band"),
    code("recruited_via", "How the worker was recruited", taxonomy="recruited_via"),
    description=(
        "Ways to divide workers in an aggregate; `taxonomy` lists the values. Nothing else "
        "divides them: language, union, health, faith or room never leave the institute."
    ),
)
SEX = _segment(
    "sex",
    code("female", "Female"),
    code("male", "Male"),
    code("another_or_not_stated", "Another, or not stated"),
    description="Sex as the worker states it.",
)
MIGRANT_STATUS = _segment(
    "migrant_status",
    code("national_local", "National from the area"),
    code("internal_migrant", "National from another part of the country"),
    code("cross_border", "From another country"),
    code("unknown", "Not known"),
    description="Where the worker moved from; says nothing of permits.",
)
EMPLOYMENT_TYPE = _segment(
    "employment_type",
    code("direct", "Employed by the site's operator"),
    code("agency", "Employed through an agency"),
    code("temporary", "Employed for a short time"),
    code("other", "Otherwise"),
    description="Who employs the worker.",
)
TENURE_BAND = _segment(
    "tenure_band",
    code("under_3_months", "Less than 3 months"),
    code("from_3_to_12_months", "3 to 12 months"),
    code("from_1_to_3_years", "1 to 3 years"),
    code("over_3_years", "More than 3 years"),
    description="Time in the job.",
)
AGE_BAND = _segment(
    "age_band",
    code("under_18", "Under 18", restricted=True),
    code("from_18_to_24", "18 to 24", restricted=False),
    code("from_25_to_34", "25 to 34", restricted=False),
    code("from_35_to_49", "35 to 49", restricted=False),
    code("from_50", "50 and over", restricted=False),
    description="Age in years; a `restricted` band follows the rules of restricted categories.",
)
RECRUITED_VIA = _segment(
    "recruited_via",
    code("direct", "By the employer"),
    code("licensed_agency", "By a licensed agency"),
    code("broker", "By a broker"),
    code("peer", "By a fellow worker"),
    code("unknown", "Not known"),
    description="How the worker was recruited.",
)
HEADCOUNT_BAND = _segment(
    "headcount_band",
    code("under_50", "Fewer than 50", least=0, most=49),
    code("from_50_to_99", "50 to 99", least=50, most=99),
    code("from_100_to_249", "100 to 249", least=100, most=249),
    code("from_250_to_499", "250 to 499", least=250, most=499),
    code("from_500_to_999", "500 to 999", least=500, most=999),
    code("from_1000_to_4999", "1,000 to 4,999", least=1000, most=4999),
    code("from_5000", "5,000 and more", least=5000),
    description=(
        "Workers at a site as brands see them: an exact headcount would turn a rate back "
        "into a count of people. `least` and `most` are inclusive; the last band has no `most`."
    ),
)
