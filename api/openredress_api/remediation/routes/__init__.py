"""URL table of remediation: one file per matter, one short function per route.

May import this room's actions, schemas and tables; cases, protection and foundation.
Must never hold a rule.
"""

from openredress_api.remediation.routes import claims, following, requests, responses

ENDPOINTS = (
    *requests.ENDPOINTS,
    *claims.ENDPOINTS,
    *following.ENDPOINTS,
    *responses.ENDPOINTS,
)
