"""What keeps workers safe: assessments, the watch for reprisals, held sites, the identity vault.

May import cases, organisations, access, vocabulary and foundation.
Must never hold who a worker is outside the vault, or anything that a supplier or agency may read.
"""

from openredress_api.protection.actions.assessments import (
    SafetyAssessmentMissing,
    assessed_until,
    may_reach,
    require_assessment,
)
from openredress_api.protection.actions.holds import (
    SafeguardHold,
    on_announcement,
    require_unheld,
)
from openredress_api.protection.actions.pseudonyms import pseudonym_for
from openredress_api.protection.actions.watches import begin_watch
from openredress_api.protection.rules import REJUDGED

__all__ = [
    "REJUDGED",
    "SafeguardHold",
    "SafetyAssessmentMissing",
    "assessed_until",
    "begin_watch",
    "may_reach",
    "on_announcement",
    "pseudonym_for",
    "require_assessment",
    "require_unheld",
]
