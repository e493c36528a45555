"""Contact volumes as they are kept: a single PUT and the bulk importer store by this description.

A row is about a site or about a mechanism; `about_id` is the id of either, so that the key of a row
has no null in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openredress_api.foundation.intake import PLAIN, Intake
from openredress_api.mechanisms import rules
from openredress_api.mechanisms.schemas import ContactVolumeRow
from openredress_api.mechanisms.tables import CONTACT_VOLUME

KEY = ("about_id", "channel_class", "month")
CONTENT = ("site_id", "supplier_id", "mechanism_id", *rules.COUNTS)
_INSTITUTE = "(SELECT gate.current_type()) = 'institute'"
# Nothing is in an empty list, not even what is unknown: so null is asked about by itself.
_SITE_UNKNOWN = "s.site_id IS NOT NULL AND s.site_id NOT IN (SELECT id FROM site)"
_MECHANISM_UNKNOWN = (
    "s.mechanism_id IS NOT NULL "
    "AND s.mechanism_id NOT IN (SELECT id FROM mechanism WHERE organisation_id = %(me)s)"
)
_SUPPLIER = f"""CASE WHEN s.site_id IS NULL THEN NULL WHEN {_INSTITUTE}
THEN (SELECT x.organisation_id FROM site x WHERE x.id = s.site_id) ELSE %(me)s END"""


def stored(record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a month's contacts, but whose the site is: that is looked up."""
    said = {name: record[name] for name in (*KEY[1:], *CONTENT) if name != "supplier_id"}
    return said | {"about_id": record["site_id"] or record["mechanism_id"]}


INTAKE = Intake(
    name="contact_volume",
    prefix="cvl",
    senders={"supplier": "mechanisms:write", "institute": "mechanisms:write"},
    schema=ContactVolumeRow,
    table=CONTACT_VOLUME,
    key=KEY,
    content=CONTENT,
    check=rules.check_volume,
    stored=stored,
    verdicts=(
        (f"{_SITE_UNKNOWN} AND {_INSTITUTE}", "not_a_site"),
        (_SITE_UNKNOWN, "not_your_site"),
        (_MECHANISM_UNKNOWN, "not_a_mechanism"),
        *PLAIN,
    ),
    places={
        "not_a_site": "/site",
        "not_your_site": "/site",
        "not_a_mechanism": "/mechanism",
    },
    looked_up={"supplier_id": _SUPPLIER},
    period="month",
)
