"""Referrals: a case, in a summary that names nobody, handed to one organisation that can act.

May import protection, cases, organisations, access, vocabulary and foundation.
Must never hold, in a row that leaves the institute, which case a referral comes from.
"""

from openredress_api.referrals.actions.drafting import release_delay
from openredress_api.referrals.actions.recalls import on_announcement
from openredress_api.referrals.actions.rows import case_of, get_referral, was_shown

__all__ = ["case_of", "get_referral", "on_announcement", "release_delay", "was_shown"]
