"""Referrals: a case, in a summary that names nobody, handed to one organisation that can act.

May import protection, cases, organisations, access, vocabulary and foundation.
Must never hold, in a row that leaves the institute, which case a referral comes from.
"""

from openredress_api.referrals.actions import case_of, on_announcement

__all__ = ["case_of", "on_announcement"]
