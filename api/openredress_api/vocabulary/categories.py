"""Grievance categories (`family.code`) and what each points to in law and reporting."""

from __future__ import annotations

from collections.abc import Iterator

from openredress_api.vocabulary.codes import Attribute, Code, code, code_list_of
from openredress_api.vocabulary.instruments import ILO_FL_INDICATOR

_FAMILIES = (
    ("wages", "Pay, deductions, benefits, payslips"),
    ("hours", "Hours, overtime, rest and leave"),
    ("recruitment", "The way to the job: fees, debt, deception, agents"),
    ("documents", "Passports, permits, bank cards"),
    ("movement", "Freedom to move, leave and communicate"),
    ("violence", "Physical and sexual violence"),
    ("harassment", "Sexual and verbal harassment"),
    ("threats", "Threats and intimidation"),
    ("discrimination", "Unequal treatment"),
    ("osh", "Occupational safety and health"),
    ("living", "Housing, food, water, sanitation"),
    ("foa", "Freedom of association and bargaining"),
    ("child", "Children and young workers"),
    ("employment", "Termination, status and transfer"),
    ("retaliation", "Reprisal for raising or helping with a grievance"),
    ("mechanism", "The grievance mechanism itself"),
    ("trafficking", "Suspected trafficking in persons"),
    ("community", "Harm outside the site"),
    ("other", "None of the above"),
    ("query", "Questions, which are not grievances"),
)

_ANY_INDICATOR = ",".join(f"{number}?" for number in range(1, 12))

# code, meaning, ILO indicator numbers ("8?" = possible, to be observed), ILO instruments,
# GRI disclosures, LkSG section 2(2) numbers. Empty = nothing to point to.
_ROWS = (
    ("wages.underpayment", "Paid below law or contract", "8?", "c095,c131", "202-1", "8"),
    ("wages.late_payment", "Paid late", "8?", "c095", "", "8"),
    ("wages.withheld", "Wages or final pay held back", "8", "c095", "409", "8,3"),
    ("wages.illegal_deduction", "Fines, equipment, deposits deducted", "8,9", "c095", "", "8"),
    ("wages.overtime_unpaid", "Overtime premium missing", "8?", "c001", "", "8"),
    (
        "wages.benefits_social_security",
        "Contributions, leave pay or bonus missing",
        *("", "c102", "401-2", "8"),
    ),
    (
        "wages.payslip_missing",
        "No payslip, a false one, or no control of the account",
        *("", "c095", "", "8"),
    ),
    ("hours.excessive", "Hours beyond the limit", "11", "c001", "409", "5,3"),
    ("hours.forced_overtime", "Overtime under threat", "11,6", "c029_p029", "409", "3"),
    (
        "hours.rest_leave_denied",
        "Rest day, sick or annual leave denied",
        "10",
        "c014,c132",
        "",
        "5",
    ),
    ("recruitment.fee_charged", "The worker paid a fee or related cost", "9", "c181", "409", "3"),
    ("recruitment.deception", "Contract substituted or false job", "2", "c181", "409", "3"),
    (
        "recruitment.debt",
        "Debt to recruiter, employer or lender",
        *("9", "c029_p029", "409", "3,4"),
    ),
    (
        "recruitment.no_contract_or_language",
        "No contract, or one not understood",
        *("2", "c097", "", ""),
    ),
    ("recruitment.unlicensed_agent", "Unregistered broker", "1", "c181", "", ""),
    ("recruitment.fee_not_repaid", "A promised repayment not made", "9", "c181", "409", "3"),
    ("documents.passport_retained", "Passport or identity card kept", "7", "c029_p029", "409", "3"),
    (
        "documents.permit_not_renewed",
        "Permit or visa lapsed through the employer",
        *("1", "c097,c143", "", ""),
    ),
    ("documents.bank_card_control", "Bank card or PIN held", "7,8", "c095", "409", "3"),
    ("movement.restricted", "Confinement, curfew or guards", "3", "c029_p029", "409", "3,11"),
    (
        "movement.resignation_blocked",
        "Cannot leave, transfer or return home",
        *("3,6", "c029_p029", "409", "3"),
    ),
    ("movement.communication_cut", "Phone or internet taken away", "4", "c029_p029", "409", "3"),
    ("violence.physical", "Assault", "5", "c190", "", "5"),
    ("violence.sexual", "Sexual assault or coercion", "5", "c190", "406?", "5,7"),
    ("harassment.sexual", "Sexual harassment", "5?", "c190,c111", "406-1", "7"),
    ("harassment.verbal_bullying", "Shouting, insults, bullying", "6?", "c190", "406-1", "7"),
    ("threats.intimidation", "Threats, also of denunciation", "6", "c029_p029", "409", "3"),
    (
        "discrimination.hiring_pay_promotion",
        "Unequal treatment in hiring, pay or promotion",
        *("", "c100,c111", "406-1", "7"),
    ),
    (
        "discrimination.pregnancy_test",
        "Test for, or dismissal because of, pregnancy",
        *("", "c183,c111", "406-1", "7"),
    ),
    (
        "discrimination.migrant_status",
        "Worse terms for migrants",
        *("1", "c111,c143", "406-1", "7"),
    ),
    ("osh.injury", "Accident without treatment or compensation", "", "c155", "403-9", "5"),
    ("osh.unsafe_conditions", "Machines, chemicals, heat, fire", "10", "c155", "403-2", "5"),
    ("osh.ppe", "Protective equipment missing or charged for", "10", "c155", "403", "5"),
    ("osh.fire_building", "Exits or structure of the building", "10", "c155", "403", "5"),
    (
        "osh.illness_medical_access",
        "Illness from work, or the clinic refused",
        *("10", "c155", "403-10", "5"),
    ),
    ("living.housing", "Dormitory, overcrowding, charges", "10", "r115", "", "5"),
    ("living.food_water_sanitation", "Food, toilets, water", "10", "r115", "", "5"),
    ("foa.union_obstruction", "Union blocked or blacklisted", "", "c087,c098", "407-1", "6"),
    ("foa.union_dismissal", "Dismissal for organising", "6", "c098", "407-1", "6"),
    ("foa.committee_dysfunction", "Committee not elected or ignored", "", "c135", "407-1", "6"),
    ("child.below_min_age", "A child at work", "", "c138", "408-1", "1"),
    (
        "child.hazardous_young_worker",
        "Under 18 in hazardous or night work",
        *("", "c182", "408-1", "2"),
    ),
    ("employment.termination", "Dismissal or severance pay", "", "c158", "401-1", ""),
    ("employment.contract_status", "Misclassified, or on endless short contracts", "1", "", "", ""),
    ("employment.transfer_subcontract", "Moved to another employer", "2", "c181", "", ""),
    ("retaliation.any", "Reprisal for raising or helping", "6", "c158", "2-25", ""),
    ("mechanism.not_working", "No answer, or confidence broken", "", "", "2-25", ""),
    (
        "trafficking.suspected",
        "Suspected trafficking; marks the whole case",
        *(_ANY_INDICATOR, "c029_p029", "409", "3,4"),
    ),
    ("community.impact", "Harm to people outside the site", "", "", "413", "9,10,11"),
    ("other.workplace", "A workplace grievance none of the codes names", "", "", "", ""),
    ("query.information", "A question; never counted in a rate", "", "", "", ""),
)

# Never handed to an employer or agency automatically: a person releases each one.
_RESTRICTED = {
    "trafficking.suspected",
    "violence.sexual",
    "child.below_min_age",
    "child.hazardous_young_worker",
    "retaliation.any",
    "foa.union_dismissal",
}
_FURTHER: dict[str, dict[str, Attribute]] = {
    "retaliation.any": {"lksg_section": "8(4)"},
    "mechanism.not_working": {"lksg_section": "8"},
    "trafficking.suspected": {"whole_case_flag": True},
    "other.workplace": {"needs_note": True},
    "query.information": {"counted_in_rates": False},
}
_INDICATOR_BY_NUMBER = dict(enumerate(ILO_FL_INDICATOR.codes, start=1))


def _categories() -> Iterator[Code]:
    for word, meaning, indicators, instruments, gri, lksg in _ROWS:
        certain, possible = _split(indicators)
        gri_certain, gri_possible = _split(gri)
        attributes: dict[str, Attribute] = {
            "family": word.partition(".")[0],
            "restricted": word in _RESTRICTED,
            "ilo_indicators": tuple(_INDICATOR_BY_NUMBER[int(number)] for number in certain),
            "ilo_indicators_possible": tuple(_INDICATOR_BY_NUMBER[int(n)] for n in possible),
            "ilo_instruments": _split(instruments)[0],
            "gri": gri_certain,
            "gri_possible": gri_possible,
            "lksg": tuple(int(number) for number in _split(lksg)[0]),
        }
        yield code(word, meaning, **attributes, **_FURTHER.get(word, {}))


def _split(cell: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a cell: those without a question mark, those with one."""
    parts = [part for part in cell.split(",") if part]
    certain = tuple(part for part in parts if not part.endswith("?"))
    return certain, tuple(part.removesuffix("?") for part in parts if part.endswith("?"))


GRIEVANCE_FAMILY = code_list_of(
    "grievance_family",
    (code(word, meaning) for word, meaning in _FAMILIES),
    description="The first part of a grievance category.",
    source="OpenRedress",
)
GRIEVANCE_CATEGORY = code_list_of(
    "grievance_category",
    _categories(),
    description=(
        "What a grievance is about. `restricted` ones never reach an employer or agency without "
        "a person's release; attributes ending in `_possible` are to be observed, not assumed; "
        "`needs_note` asks for other_note_internal, which is never shared."
    ),
    source=(
        "OpenRedress; mapped to ILO indicators and instruments, GRI Standards, LkSG section 2(2)"
    ),
)
