"""Grievances in files: the judgement of `queries.py` on many rows at once.

A row proposes, as a single push does: the lifecycle must lead from the present status to the
proposed one, an older row changes nothing, and what a worker reopened is not closed by a row
that was written before the reopening.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openredress_api.foundation.intake import CHANGED, NEW, OUTDATED, UNCHANGED, Intake
from openredress_api.grievances import rules
from openredress_api.grievances.actions import announce_grave
from openredress_api.grievances.queries import CONTENT, KEY, MOMENTS_SQL
from openredress_api.grievances.schemas import GrievanceRow
from openredress_api.grievances.tables import GRIEVANCE

# {proposed status: {present status or '': [steps]}}
WAYS = {status: json.loads(rules.ways_to(status)) for status in rules.STATUSES}
_NO_WAY = "NOT CAST(%(ways)s AS jsonb) -> s.status ? t.status"
_CLOSES_TOO_EARLY = (
    "s.status = ANY (%(ended)s) "
    "AND coalesce(s.source_updated_at < t.reopened_at, t.status = 'reopened')"
)
_REFUSED_STATUS = f"s.status <> t.status AND ({_NO_WAY} OR {_CLOSES_TOO_EARLY})"
_FOLLOWS = f"""
INSERT INTO grievance_status_change
(organisation_id, id, recipient_id, grievance_id, to_status, at, source, recorded_at)
SELECT %(me)s, gen_random_uuid(), %(me)s, coalesce(j.old_id, j.id), step,
CASE step {MOMENTS_SQL} END,
CASE step WHEN j.status THEN 'reported' ELSE 'import' END,
%(now)s + place * interval '1 microsecond'
FROM judged j, jsonb_array_elements_text(
CAST(%(ways)s AS jsonb) -> j.status -> coalesce(j.present, '')) WITH ORDINALITY AS way (step, place)
WHERE j.verdict IN ('{NEW}', '{CHANGED}')
"""


def stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """A loaded grievance as columns; the agreed remedy is two of them."""
    remedy = row["agreed_remedy"] or {}
    return {
        **row,
        "remedy_amount": remedy.get("amount"),
        "remedy_currency": remedy.get("currency"),
    }


INTAKE = Intake(
    name="grievance",
    prefix="grv",
    senders={"supplier": "grievances:write"},
    schema=GrievanceRow,
    table=GRIEVANCE,
    key=KEY,
    content=(*CONTENT, "source_updated_at"),
    check=rules.check,
    stored=stored,
    verdicts=(
        ("s.site_id NOT IN (SELECT id FROM site WHERE organisation_id = %(me)s)", "not_your_site"),
        ("t.id IS NULL AND NOT CAST(%(ways)s AS jsonb) -> s.status ? ''", "not_a_first_status"),
        ("t.id IS NULL", NEW),
        ("t.voided_at IS NOT NULL", "was_voided"),
        ("s.source_updated_at < t.source_updated_at", OUTDATED),
        ("{same} AND t.missing_from_source_since IS NULL", UNCHANGED),
        (_REFUSED_STATUS, "no_way_from_present_status"),
    ),
    places={"not_your_site": "/site"}
    | dict.fromkeys(("not_a_first_status", "was_voided", "no_way_from_present_status"), "/status"),
    sets={
        "source_updated_at": "coalesce(j.source_updated_at, t.source_updated_at)",
        "replaced_status": "t.status",
        "replaced_severity": "t.severity",
        "replaced_category": "t.category",
        "missing_from_source_since": "NULL",
    },
    present="t.status",
    follows=_FOLLOWS,
    params={"ways": json.dumps(WAYS), "ended": list(rules.ENDED)},
    marks_missing=True,
    after=announce_grave,
)
