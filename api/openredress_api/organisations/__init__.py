"""Suppliers, agencies, brands, CSOs and the institute; their sites; who works with whom, when.

May import access, vocabulary and foundation.
Must never hold a record about a worker.
"""

from openredress_api.organisations.actions import (
    get_site,
    site_of_organisation,
    type_of_organisation,
    zone_of_site,
)
from openredress_api.organisations.onboarding import (
    Refused,
    add_organisation,
    add_person,
    set_sandbox_clock,
    suspend_organisation,
)

__all__ = [
    "Refused",
    "add_organisation",
    "add_person",
    "get_site",
    "set_sandbox_clock",
    "site_of_organisation",
    "suspend_organisation",
    "type_of_organisation",
    "zone_of_site",
]
