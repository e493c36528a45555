"""Job orders, contract terms, public registers, and what a worker is asked after arrival."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

JOB_ORDER_STATUS = code_list_of(
    "job_order_status",
    (
        code("submitted", "Handed in, not decided", open=True),
        code("incomplete", "Sent back because something is missing", open=True),
        code("in_modification", "Sent back to be changed", open=True),
        code("certified", "Approved for all workers asked for", open=False),
        code("partly_certified", "Approved for fewer workers than asked for", open=False),
        code("denied", "Examined and refused", open=False),
        code("rejected", "Not examined, for reasons of form", open=False),
        code("withdrawn", "Taken back by the employer or its agent", open=False),
        code("returned", "Approved, and given back unused", open=False),
        code("expired", "Approved, and no longer valid", open=False),
    ),
    description=(
        "Where an employer's request for workers stands with the authority that decides on it. "
        "`open` is true while its decision is awaited."
    ),
    source="OpenRedress, from the words of public registers of labour certifications",
)
OCCUPATION_SYSTEM = code_list_of(
    "occupation_system",
    (
        code("isco_08", "International Standard Classification of Occupations 2008, four digits"),
        code("soc", "Standard Occupational Classification of the United States"),
    ),
    description="Whose code an occupation code is.",
    source="OpenRedress",
)
SECTOR_SYSTEM = code_list_of(
    "sector_system",
    (
        code("isic_4", "International Standard Industrial Classification, revision 4"),
        code("naics", "North American Industry Classification System"),
    ),
    description="Whose code a sector code is.",
    source="OpenRedress",
)
WAGE_PERIOD = code_list_of(
    "wage_period",
    (
        code("hour", "Per hour"),
        code("day", "Per day"),
        code("week", "Per week"),
        code("fortnight", "Per two weeks"),
        code("month", "Per month"),
        code("year", "Per year"),
        code("piece", "Per piece made or picked"),
    ),
    description="What a wage is paid for.",
    source="OpenRedress",
)
HOUSING = code_list_of(
    "housing",
    (
        code("provided_free", "Provided, and nothing is charged"),
        code("provided_charged", "Provided, and charged for"),
        code("not_provided", "Not provided"),
        code("unknown", "The contract does not say"),
    ),
    description="What a contract says of the worker's housing.",
    source="OpenRedress",
)
REGISTER_ENTRY_KIND = code_list_of(
    "register_entry_kind",
    (
        code("licence", "A licence to recruit", sanction=False),
        code("debarment", "Shut out from a programme", sanction=True),
        code("suspension", "A licence is suspended", sanction=True),
        code("revocation", "A licence is taken away", sanction=True),
        code("penalty", "A fine or another penalty", sanction=True),
        code("case_listed", "Named in a public list of cases, without a finding", sanction=False),
    ),
    description=(
        "What a public register says of an agency or employer, valid from one day to another. "
        "`sanction` entries are findings against it."
    ),
    source="OpenRedress",
)
INTERVIEW_ANSWER = code_list_of(
    "interview_answer",
    (
        code("yes", "The worker says yes"),
        code("no", "The worker says no"),
        code("not_asked", "Not asked, or not answered"),
    ),
    description="What a worker said in an interview. Who was not asked is in no share.",
    source="OpenRedress",
)
