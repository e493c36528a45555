"""What a grievance may point to: ILO forced-labour indicators, instruments, LkSG risks."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_ILO = "International Labour Organization; titles in our own words"

_INDICATORS = (
    ("abuse_of_vulnerability", "Dependence, migrant status or isolation from help is exploited"),
    ("deception", "The job, pay or status promised is not the one given"),
    ("restriction_of_movement", "The worker is locked in, watched, or must pay to leave"),
    ("isolation", "A remote site, phones taken, no contact with others"),
    ("physical_sexual_violence", "Violence of any kind, also forced alcohol or drugs"),
    ("intimidation_threats", "Threats to the worker or family, also of denunciation"),
    ("document_retention", "Passport, identity card or permit is out of the worker's reach"),
    ("wage_withholding", "Wages are held back systematically, to bind the worker"),
    ("debt_bondage", "A debt or fee ties the worker to the job"),
    ("abusive_conditions", "Work or living conditions that nobody would freely accept"),
    ("excessive_overtime", "Hours beyond the law, under threat"),
)
# One of these is enough to raise the severity of a case; of the others it takes three.
_RAISES_ALONE = {
    "restriction_of_movement",
    "physical_sexual_violence",
    "document_retention",
    "debt_bondage",
}

ILO_FL_INDICATOR = code_list_of(
    "ilo_fl_indicator",
    (
        code(word, meaning, ilo_number=number, raises_severity_alone=word in _RAISES_ALONE)
        for number, (word, meaning) in enumerate(_INDICATORS, start=1)
    ),
    description=(
        "Signs of forced labour, stored as observations of a case. One may suffice, usually "
        "several stand together; no site is ever labelled from them automatically."
    ),
    source="ILO, Indicators of Forced Labour, 2012, in its order",
)

_CORE = (
    ("c029_p029", "Forced labour, with the Protocol of 2014", 1930),
    ("c105", "Abolition of forced labour", 1957),
    ("c087", "Freedom of association and the right to organise", 1948),
    ("c098", "Right to organise and to bargain collectively", 1949),
    ("c100", "Equal remuneration", 1951),
    ("c111", "Discrimination in employment and occupation", 1958),
    ("c138", "Minimum age", 1973),
    ("c182", "Worst forms of child labour", 1999),
    ("c155", "Occupational safety and health (core since 2022)", 1981),
    ("c187", "Promotional framework for safety and health (core since 2022)", 2006),
)
_OTHER = (
    ("c001", "Hours of work in industry", 1919),
    ("c014", "Weekly rest in industry", 1921),
    ("c030", "Hours of work in commerce and offices", 1930),
    ("c095", "Protection of wages", 1949),
    ("c097", "Migration for employment", 1949),
    ("c102", "Minimum standards of social security", 1952),
    ("r115", "Workers' housing (a recommendation)", 1961),
    ("c131", "Minimum wage fixing", 1970),
    ("c132", "Holidays with pay", 1970),
    ("c135", "Workers' representatives", 1971),
    ("c143", "Migrant workers, supplementary provisions", 1975),
    ("c158", "Termination of employment", 1982),
    ("c181", "Private employment agencies", 1997),
    ("c183", "Maternity protection", 2000),
    ("c190", "Violence and harassment", 2019),
)

ILO_CORE = code_list_of(
    "ilo_core",
    (code(word, meaning, year=year) for word, meaning, year in _CORE),
    description="The fundamental ILO conventions; C029 and its protocol are one code.",
    source=_ILO,
)
ILO_OTHER = code_list_of(
    "ilo_other",
    (code(word, meaning, year=year) for word, meaning, year in _OTHER),
    description="Further ILO instruments that grievance categories refer to.",
    source=_ILO,
)

_RISKS = (
    ("minimum_age", "Employment below the minimum age"),
    ("worst_forms", "Worst forms of child labour"),
    ("forced_labour", "Forced labour"),
    ("slavery_like", "Slavery and practices like it"),
    ("safety_and_health", "Disregard of safety and health at work"),
    ("association", "Disregard of the freedom of association"),
    ("unequal_treatment", "Unequal treatment in employment"),
    ("wages", "An adequate wage is withheld"),
    ("environment", "Harm to soil, water or air that people depend on"),
    ("eviction", "Unlawful eviction or taking of land"),
    ("security_forces", "Security forces without instruction or control"),
)

LKSG_RISK = code_list_of(
    "lksg_risk",
    (
        code(word, meaning, lksg_number=number)
        for number, (word, meaning) in enumerate(_RISKS, start=1)
    ),
    description="Human-rights risks by number, as the attribute `lksg` of a category names them.",
    source="LkSG (Germany) section 2(2), numbers 1 to 11, in our own words",
)
