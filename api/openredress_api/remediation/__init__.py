"""What is asked of a supplier, what it plans and claims, and what workers say of the claim.

May import cases, referrals, organisations, access, vocabulary and foundation.
Must never hold who the workers are; the link to a case stays with the institute.
"""

from openredress_api.remediation.actions import (
    cancel,
    case_of_request,
    get_request,
    on_announcement,
    open_requests,
    requests_of,
)
from openredress_api.remediation.actions import hold as hold_request
from openredress_api.remediation.closing import close_remedied, hold_cases
from openredress_api.remediation.rules import (
    OPEN,
    OPEN_CASE,
    check_validation,
    may_validate,
    names_a_group,
    validation_result,
)
from openredress_api.remediation.schemas import SaidBody

__all__ = [
    "OPEN",
    "OPEN_CASE",
    "SaidBody",
    "cancel",
    "case_of_request",
    "check_validation",
    "close_remedied",
    "get_request",
    "hold_cases",
    "hold_request",
    "may_validate",
    "names_a_group",
    "on_announcement",
    "open_requests",
    "requests_of",
    "validation_result",
]
