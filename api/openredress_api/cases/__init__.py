"""The institute's records of what workers told it: contacts, cases, consent, how to come back.

May import organisations, access, vocabulary and foundation.
Must never hold a worker's identity, free text that is not sealed, or anything a supplier, agency or
brand may read.
"""

from openredress_api.cases.actions.consents import (
    ConsentMissing,
    consent_state,
    require_consent,
)
from openredress_api.cases.actions.follow_ups import ReceiptCodeMissing, write_to_worker
from openredress_api.cases.actions.life import close_as_validated, close_unvalidated, void_case
from openredress_api.cases.actions.rows import (
    CaseMerged,
    CaseVoided,
    cases_at_site,
    categories_of,
    categories_to_tell,
    get_case,
    is_sensitive,
    judged,
    keeps_contact,
    known_since,
    matter_of,
    with_duplicates,
)
from openredress_api.cases.actions.rows import held as hold_case
from openredress_api.cases.tables import CaseRecord

__all__ = [
    "CaseMerged",
    "CaseRecord",
    "CaseVoided",
    "ConsentMissing",
    "ReceiptCodeMissing",
    "cases_at_site",
    "categories_of",
    "categories_to_tell",
    "close_as_validated",
    "close_unvalidated",
    "consent_state",
    "get_case",
    "hold_case",
    "is_sensitive",
    "judged",
    "keeps_contact",
    "known_since",
    "matter_of",
    "require_consent",
    "void_case",
    "with_duplicates",
    "write_to_worker",
]
