"""The institute's records of what workers told it: cases, issues, consent, who is assigned.

May import organisations, access, vocabulary and foundation.
Must never hold a worker's identity, free text, or anything a supplier, agency or brand may read.
"""

from openredress_api.cases.actions import (
    CaseVoided,
    ConsentMissing,
    categories_of,
    close_as_validated,
    close_unvalidated,
    consent_state,
    get_case,
    is_sensitive,
    require_consent,
)
from openredress_api.cases.tables import CaseRecord

__all__ = [
    "CaseRecord",
    "CaseVoided",
    "ConsentMissing",
    "categories_of",
    "close_as_validated",
    "close_unvalidated",
    "consent_state",
    "get_case",
    "is_sensitive",
    "require_consent",
]
