"""Promises of single lists: who is protected, which clock runs, what counts as what."""

from __future__ import annotations

import itertools

import pytest

from openredress_api.vocabulary.lists import UnknownCode, code_list, is_restricted


def chosen(name: str, attribute: str) -> set[str]:
    """The codes of a list whose attribute is true."""
    codes = code_list(name).codes.values()
    return {each.code for each in codes if each.attributes.get(attribute) is True}


def test_the_restricted_class_is_exactly_the_named_one() -> None:
    """Six categories are never handed over automatically, the others may be."""
    restricted = {word for word in code_list("grievance_category").codes if is_restricted(word)}
    assert restricted == {
        "trafficking.suspected",
        "violence.sexual",
        "child.below_min_age",
        "child.hazardous_young_worker",
        "retaliation.any",
        "foa.union_dismissal",
    }


@pytest.mark.parametrize("family", ["trafficking", "child", "retaliation"])
def test_some_families_are_restricted_as_a_whole(family: str) -> None:
    """No category of these families can be added without being restricted."""
    words = [word for word in code_list("grievance_category").codes if word.startswith(family)]
    assert words
    assert all(is_restricted(word) for word in words)


def test_an_unknown_category_is_never_taken_as_unrestricted() -> None:
    """A category that the list does not know is an error, not a 'no'."""
    with pytest.raises(UnknownCode):
        is_restricted("child.any")


def test_a_category_begins_with_its_family() -> None:
    """Every category has the family its code begins with, and no family is empty."""
    families = set()
    for word, each in code_list("grievance_category").codes.items():
        assert each.attributes["family"] == word.partition(".")[0]
        families.add(each.attributes["family"])
    assert families == set(code_list("grievance_family").codes)


def test_doubtful_mappings_stay_apart_from_certain_ones() -> None:
    """What may only be observed on a case is never asserted of its category."""
    categories = code_list("grievance_category").codes
    late = categories["wages.late_payment"].attributes
    assert late["ilo_indicators"] == ()
    assert late["ilo_indicators_possible"] == ("wage_withholding",)
    assert categories["violence.sexual"].attributes["gri_possible"] == ("406",)
    suspected = categories["trafficking.suspected"].attributes
    assert suspected["ilo_indicators_possible"] == tuple(code_list("ilo_fl_indicator").codes)


def test_lksg_numbers_have_a_name() -> None:
    """Every LkSG number of a category stands in the list of risks."""
    known = {each.attributes["lksg_number"] for each in code_list("lksg_risk").codes.values()}
    for each in code_list("grievance_category").codes.values():
        numbers = each.attributes["lksg"]
        assert isinstance(numbers, tuple)
        assert set(numbers) <= known


def test_only_a_question_counts_in_no_rate() -> None:
    """Of all categories, questions alone are left out of rates."""
    codes = code_list("grievance_category").codes.values()
    uncounted = [each.code for each in codes if each.attributes.get("counted_in_rates") is False]
    assert uncounted == ["query.information"]


def test_indicators_keep_the_order_of_the_ilo() -> None:
    """Numbers 3, 5, 7 and 9 raise the severity alone."""
    indicators = code_list("ilo_fl_indicator").codes
    assert [each.attributes["ilo_number"] for each in indicators.values()] == list(range(1, 12))
    raising = chosen("ilo_fl_indicator", "raises_severity_alone")
    assert {indicators[word].attributes["ilo_number"] for word in raising} == {3, 5, 7, 9}


def test_graver_cases_have_shorter_clocks() -> None:
    """From critical to minor each clock is longer, and only the critical one asks for a plan."""
    clocks = [
        (
            attributes.get("acknowledge_hours", 0) or attributes["acknowledge_days"],
            attributes.get("first_action_hours", 0) or attributes["first_action_days"],
            attributes["escalate_after_days"],
        )
        for attributes in (each.attributes for each in code_list("severity").codes.values())
    ]
    assert clocks == [(4, 24, 0), (1, 5, 5), (2, 10, 20), (5, 20, 45)]
    assert chosen("severity", "safety_plan_first") == {"s1_critical"}


@pytest.mark.parametrize(
    ("name", "attribute", "expected"),
    [
        ("withdrawal_reason", "signal", {"fear", "lost_trust", "settlement"}),
        ("out_of_scope_reason", "watched", {"independent_contractor", "subcontractor_worker"}),
        ("validation_method", "never_full_alone", {"third_party_audit"}),
        ("fee_payer", "worker_side", {"worker", "family"}),
        ("hop_disclosed_by", "worker_side", {"worker", "both"}),
        ("age_band", "restricted", {"under_18"}),
        ("relation_party", "may_state", {"brand", "supplier"}),
        ("outcome_family", "is_remedy", {"money", "status", "protection", "conduct", "systems"}),
    ],
)
def test_marks_stand_on_exactly_the_named_codes(
    name: str, attribute: str, expected: set[str]
) -> None:
    """A mark that changes what is counted or allowed stands where the domain puts it."""
    assert chosen(name, attribute) == expected


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        (
            "grievance_status",
            """out_of_scope merged_duplicate referred_elsewhere withdrawn_by_worker
            closed_validated closed_unvalidated closed_unreachable""",
        ),
        ("referral_status", "declined expired closed revoked"),
        ("remediation_status", "validated_full validation_not_possible closed cancelled"),
        (
            "placement_status",
            """completed renewed changed_employer terminated_early returned
            cancelled_before_departure""",
        ),
    ],
)
def test_lifecycles_say_which_states_are_open(name: str, ended: str) -> None:
    """Every state is open except those in which nobody's step is awaited."""
    assert set(code_list(name).codes) - chosen(name, "open") == set(ended.split())


def test_validation_results_are_ranked() -> None:
    """The results stand in the order not possible, disputed, incomplete, partial, full."""
    ranked = [
        (each.attributes["rank"], each.code)
        for each in code_list("validation_result").codes.values()
    ]
    order = ["not_possible", "disputed", "incomplete", "partial", "full"]
    assert ranked == list(enumerate(order))


def test_headcount_bands_leave_no_gap() -> None:
    """Every headcount falls in exactly one band."""
    bands = [each.attributes for each in code_list("headcount_band").codes.values()]
    edges = [(band["least"], band.get("most")) for band in bands]
    for (_, most), (least, _) in itertools.pairwise(edges):
        assert isinstance(most, int)
        assert most + 1 == least
    assert (edges[0][0], edges[-1][1]) == (0, None)


def test_segments_point_to_their_values() -> None:
    """Every way to divide workers has a list of its values."""
    for each in code_list("worker_segment").codes.values():
        assert code_list(str(each.attributes["taxonomy"])).codes
