"""URL table of cases: one file per matter, one short function per route.

May import this room's actions, schemas and tables; foundation.
Must never hold a rule.
"""

from openredress_api.cases.routes import (
    consents,
    contacts,
    follow_ups,
    grading,
    life,
    messages,
    safe_contact,
)

ENDPOINTS = (
    *contacts.ENDPOINTS,
    *life.ENDPOINTS,
    *consents.ENDPOINTS,
    *grading.ENDPOINTS,
    *safe_contact.ENDPOINTS,
    *messages.ENDPOINTS,
    *follow_ups.ENDPOINTS,
)
