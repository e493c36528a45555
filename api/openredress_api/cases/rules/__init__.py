"""Rules of cases in plain Python, one file per matter.

May import the vocabulary and plain parts of foundation.
Must never hold a request, a table, or a clock of its own.
"""

from openredress_api.cases.rules.consent import CONSENT_METHODS, check_consent, consent_at
from openredress_api.cases.rules.contacts import CONTACT_OUTCOMES, OUTCOMES_ALONE, check_contact
from openredress_api.cases.rules.follow_ups import (
    CODE_DIGITS,
    TRIES_PER_HOUR,
    hour_of,
    plain_code,
    plain_status,
    wait_after,
)
from openredress_api.cases.rules.grading import (
    BASES,
    CAUSES,
    GIVEN_REASONS,
    INDICATORS,
    TWO_PERSON,
    check_grading,
    floor_of,
    graver,
    is_lower,
    raiser_of,
)
from openredress_api.cases.rules.life import (
    LIFECYCLE,
    MERGED,
    OPEN,
    REOPENABLE,
    STATUSES,
    VALIDATED,
    VOID_REASONS,
    check_case,
    check_change,
    closing_way,
    is_sensitive,
    survives,
)
from openredress_api.cases.rules.safe_contact import (
    ANSWERERS,
    VOICE_CHANNELS,
    WEEKDAYS,
    check_safe_contact,
    may_contact,
)

__all__ = [
    "ANSWERERS",
    "BASES",
    "CAUSES",
    "CODE_DIGITS",
    "CONSENT_METHODS",
    "CONTACT_OUTCOMES",
    "GIVEN_REASONS",
    "INDICATORS",
    "LIFECYCLE",
    "MERGED",
    "OPEN",
    "OUTCOMES_ALONE",
    "REOPENABLE",
    "STATUSES",
    "TRIES_PER_HOUR",
    "TWO_PERSON",
    "VALIDATED",
    "VOICE_CHANNELS",
    "VOID_REASONS",
    "WEEKDAYS",
    "check_case",
    "check_change",
    "check_consent",
    "check_contact",
    "check_grading",
    "check_safe_contact",
    "closing_way",
    "consent_at",
    "floor_of",
    "graver",
    "hour_of",
    "is_lower",
    "is_sensitive",
    "may_contact",
    "plain_code",
    "plain_status",
    "raiser_of",
    "survives",
    "wait_after",
]
