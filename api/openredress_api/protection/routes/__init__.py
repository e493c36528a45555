"""URL table of protection: one file per matter, one short function per route.

May import this room's actions and schemas; foundation.
Must never hold a rule.
"""

from openredress_api.protection.routes import assessments, holds, vault, watches

ENDPOINTS = (
    *assessments.ENDPOINTS,
    *watches.ENDPOINTS,
    *holds.ENDPOINTS,
    *vault.ENDPOINTS,
)
