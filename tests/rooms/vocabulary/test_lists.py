"""Promises of the code lists as a whole: shape, size, immutability, suggestions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from openredress_api.vocabulary.codes import code, code_list_of
from openredress_api.vocabulary.lists import (
    TAXONOMIES,
    UnknownCode,
    as_json,
    channel_class,
    code_list,
    exponent,
    fee_group,
    nearest,
)

# Counted by hand in the domain reference, section by section.
COUNTS = {
    "ilo_fl_indicator": 11,
    "ilo_core": 10,
    "ilo_other": 15,
    "lksg_risk": 11,
    "grievance_family": 20,
    "grievance_category": 51,
    "channel_class": 5,
    "channel": 14 + 7 + 4 + 4 + 4,
    "severity": 4,
    "contact_outcome": 5,
    "severity_reason": 10 + 3 + 2,
    "follow_up_status": 3,
    "grievance_status": 14,
    "referral_status": 14,
    "remediation_status": 16,
    "repayment_status": 8,
    "placement_status": 15,
    "withdrawal_reason": 6,
    "out_of_scope_reason": 4,
    "early_end_reason": 4,
    "referral_purpose": 11,
    "decline_reason": 9,
    "onward_reason": 9,
    "validation_method": 10,
    "validator_type": 4,
    "validation_result": 5,
    "outcome_family": 6,
    "outcome": 6 + 7 + 5 + 4 + 7 + 9,
    "fee_group": 4,
    "fee_type": 4 + 7 + 3 + 2,
    "fee_payer": 6,
    "fee_stage": 5,
    "fee_stated_by": 4,
    "repayment_method": 3,
    "date_precision": 3,
    "hop_role": 16,
    "hop_registration": 3,
    "hop_disclosed_by": 3,
    "contract_match": 4,
    "job_order_status": 10,
    "occupation_system": 2,
    "sector_system": 2,
    "isco_08": 436,
    "isic_4": 21 + 88 + 238 + 419,
    "wage_period": 7,
    "housing": 4,
    "register_entry_kind": 6,
    "interview_answer": 3,
    "worker_segment": 7,
    "sex": 3,
    "migrant_status": 4,
    "employment_type": 4,
    "tenure_band": 4,
    "age_band": 5,
    "recruited_via": 5,
    "headcount_band": 7,
    "evidence_purpose": 8,
    "operator_kind": 11,
    "mechanism_user": 5,
    "effectiveness_check": 7,
    "engagement_method": 8,
    "survey_method": 5,
    "observer": 4,
    "consent_scope": 10,
    "consent_state": 3,
    "safety_risk": 9,
    "safety_measure": 9,
    "check_back_result": 4,
    "hold_clear_reason": 4,
    "identity_purpose": 5,
    "organisation_type": 6,
    "relation_party": 3,
    "legal_basis": 6,
    "country": 249,
    "currency": 155,
    "rate_kind": 2,
}
# Their codes are those of a standard.
OF_STANDARDS = {"country", "currency", "isco_08", "isic_4"}
# An attribute of this name holds codes of that list.
POINTERS = {
    "family": ("grievance_family", "outcome_family"),
    "ilo_indicators": ("ilo_fl_indicator",),
    "ilo_indicators_possible": ("ilo_fl_indicator",),
    "ilo_instruments": ("ilo_core", "ilo_other"),
    "channel_class": ("channel_class",),
    "fee_group": ("fee_group",),
}


def test_every_list_has_the_size_of_the_domain() -> None:
    """No code of the domain is missing and none was added unseen."""
    assert {name: len(each.codes) for name, each in TAXONOMIES.items()} == COUNTS


def test_codes_are_words_joined_by_at_most_one_dot() -> None:
    """Every code but a standard's is lower_snake with one dot at most, each list's name too."""
    shape = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)?")
    for name, each in TAXONOMIES.items():
        assert shape.fullmatch(name)
        if name not in OF_STANDARDS:
            assert [word for word in each.codes if not shape.fullmatch(word)] == []


def test_every_list_and_code_says_what_it_means() -> None:
    """A reader of any list finds version 1, a description, a source and a meaning per code."""
    for each in TAXONOMIES.values():
        assert each.version == 1
        assert each.description
        assert each.source
        assert all(code.meaning for code in each.codes.values())


def test_attributes_that_name_codes_name_real_ones() -> None:
    """Whoever follows a family, class, group, indicator or instrument finds it in its list."""
    for each in TAXONOMIES.values():
        for one in each.codes.values():
            for key in POINTERS.keys() & one.attributes.keys():
                known = {word for name in POINTERS[key] for word in code_list(name).codes}
                held = one.attributes[key]
                assert set(held if isinstance(held, tuple) else [held]) <= known, one


def test_a_code_stands_in_a_list_once() -> None:
    """A list with the same code twice cannot be made."""
    twice = (code("a", "first"), code("b", "other"), code("a", "second"))
    with pytest.raises(ValueError, match="'a' twice"):
        code_list_of("letters", twice, description="d", source="s")


def test_lists_cannot_be_changed() -> None:
    """No caller can alter a list, a code or an attribute for the others."""
    channels: Any = code_list("channel")
    call = channels.codes["hotline_call"]
    with pytest.raises(TypeError):
        channels.codes["fax"] = call
    with pytest.raises(TypeError):
        call.attributes["channel_class"] = "operational"
    with pytest.raises(FrozenInstanceError):
        call.code = "fax"
    with pytest.raises(TypeError):
        TAXONOMIES["mine"] = channels  # type: ignore[index]  # the refusal under test


def test_every_list_is_served_as_plain_json() -> None:
    """A list as JSON holds its codes in order, and no attribute hides a code or meaning."""
    for name, each in TAXONOMIES.items():
        served = json.loads(json.dumps(as_json(each)))
        assert list(served) == ["name", "version", "description", "source", "codes"]
        assert served["name"] == name
        assert [(one["code"], one["meaning"]) for one in served["codes"]] == [
            (one.code, one.meaning) for one in each.codes.values()
        ]


def test_json_keeps_attributes_beside_the_code() -> None:
    """A served code carries its attributes, tuples as arrays."""
    served: Any = as_json(code_list("grievance_category"))["codes"]
    one = next(each for each in served if each["code"] == "wages.illegal_deduction")
    assert one["ilo_indicators"] == ["wage_withholding", "debt_bondage"]
    assert one["restricted"] is False


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("grievance_category", "wages.late_paymnt", "wages.late_payment"),
        ("grievance_category", "Late Payment", "wages.late_payment"),
        ("grievance_category", "passport_retained", "documents.passport_retained"),
        ("severity", "critical", "s1_critical"),
        ("country", "CHINA", "CN"),
        ("country", "UNITED STATES OF AMERICA", "US"),
        ("country", "South Korea", "KR"),
        ("country", "Laos", "LA"),
        ("currency", " baht ", "THB"),
        ("country", "Africa", None),
        ("country", "XX", None),
        ("currency", "THX", None),
        ("channel", "", None),
        ("channel", "hotline_call" * 1000, None),
    ],
)
def test_nearest_helps_or_is_silent(name: str, text: str, meant: str | None) -> None:
    """A slip or a name is led to its code; what resembles nothing gets no wrong hint."""
    assert nearest(code_list(name), text) == meant


def test_every_code_is_its_own_nearest() -> None:
    """Nobody who wrote a code rightly is told to write another."""
    for each in TAXONOMIES.values():
        for word in each.codes:
            assert nearest(each, word) == word


def test_unknown_codes_are_typed_errors_with_a_hint() -> None:
    """Asking for a code or a list that is not there names the list, the text and the nearest."""
    with pytest.raises(UnknownCode, match="currency has no code 'BAHT'") as refused:
        exponent("BAHT")
    assert (refused.value.codes.name, refused.value.read) == ("currency", "BAHT")
    assert refused.value.nearest == "THB"
    with pytest.raises(UnknownCode) as refused:
        code_list("grievance_categories")
    assert refused.value.nearest == "grievance_category"


def test_questions_that_follow_an_attribute() -> None:
    """A channel has its class and a fee type its group; a wrong word is refused."""
    assert channel_class("line") == "worker_voice"
    assert channel_class("ncp") == "third_party"
    assert fee_group("cost.medical") == "related_cost"
    assert fee_group("debt.interest") == "extra"
    with pytest.raises(UnknownCode):
        channel_class("worker_voice")
    with pytest.raises(UnknownCode):
        fee_group("recruitment_fee")


def test_the_words_need_nothing_but_the_standard_library() -> None:
    """Reading every list loads no third-party library."""
    program = (
        "import sys;"
        "from openredress_api.vocabulary import identifiers, lists;"
        "roots = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(roots & {'flask', 'sqlalchemy', 'marshmallow', 'psycopg', 'werkzeug'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
