"""Suppliers, agencies, brands, CSOs and the institute; their sites; who works with whom, when.

May import access, vocabulary and foundation.
Must never hold a record about a worker.
"""

from openredress_api.organisations.actions import (
    brands_of_site,
    country_of_organisation,
    get_site,
    name_of_organisation,
    site_of_organisation,
    sites_by_reference,
    suppliers_of_sites,
    type_of_organisation,
    zone_of_site,
)
from openredress_api.organisations.intake import INTAKE
from openredress_api.organisations.onboarding import (
    Refused,
    add_organisation,
    add_person,
    set_sandbox_clock,
    suspend_organisation,
)
from openredress_api.organisations.schemas import TimeZone

__all__ = [
    "INTAKE",
    "Refused",
    "TimeZone",
    "add_organisation",
    "add_person",
    "brands_of_site",
    "country_of_organisation",
    "get_site",
    "name_of_organisation",
    "set_sandbox_clock",
    "site_of_organisation",
    "sites_by_reference",
    "suppliers_of_sites",
    "suspend_organisation",
    "type_of_organisation",
    "zone_of_site",
]
