"""URL table of referrals: drafts, what was sent, and the way onward.

May import this room's actions and schemas, organisations and foundation.
Must never hold a rule.
"""

from openredress_api.referrals.routes import drafts, onward, referrals

ENDPOINTS = (*referrals.ENDPOINTS, *drafts.ENDPOINTS, *onward.ENDPOINTS)
