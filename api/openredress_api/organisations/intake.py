"""Sites in files, such as a facility list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from openredress_api.foundation.intake import PLAIN, Intake
from openredress_api.foundation.problems import FieldError
from openredress_api.organisations.actions import CONTENT, watch_os_ids
from openredress_api.organisations.schemas import SiteRow
from openredress_api.organisations.tables import SITE


def _check(_row: Mapping[str, Any], _now: datetime) -> Iterable[FieldError]:
    """No field of a site says anything against another."""
    return ()


INTAKE = Intake(
    name="site",
    prefix="site",
    senders={"supplier": "sites:write"},
    schema=SiteRow,
    table=SITE,
    key=("source_system", "external_id"),
    content=CONTENT,
    check=_check,
    stored=dict,
    verdicts=PLAIN,
    after=watch_os_ids,
)
