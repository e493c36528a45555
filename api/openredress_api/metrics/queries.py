"""What is counted, straight from the record rooms' tables, for all brands of one quarter.

Reads, by name: relation, relation_confirmation, organisation, site, headcount, grievance,
grievance_status_change, case_record, case_issue, case_consent, case_status_change,
remediation_case, completion_claim, worker_validation, placement, worker_statement. Runs in the
institute's transaction, under its row-level security. Nothing recorded after the cut-off counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from openredress_api.foundation.database import Transaction
from openredress_api.metrics.rules import (
    CLAIM_DAYS,
    ILO_FEES,
    PAID_BY_OTHERS,
    RESTRICTED,
    Quarter,
    median_days,
)
from openredress_api.metrics.suppression import Counted

# A brand's sites with the days of its relations that were confirmed by the cut-off. Sandbox and
# live never meet: a brand counts suppliers of its own kind, and a sandbox institute, whose clock
# can be moved, makes no figure of a live brand.
SCOPE = """
scope AS MATERIALIZED (
  SELECT r.partner_id AS brand, r.supplier_id, r.site_id, s.time_zone, b.is_sandbox,
    range_agg(daterange(r.valid_from, r.valid_to, '[]')) AS days
  FROM relation r
  JOIN organisation b ON b.organisation_id = r.partner_id AND b.type = 'brand'
  JOIN organisation u ON u.organisation_id = r.supplier_id AND u.is_sandbox = b.is_sandbox
  JOIN site s ON s.organisation_id = r.supplier_id AND s.id = r.site_id
  WHERE (b.is_sandbox OR :live) AND EXISTS (SELECT 1 FROM relation_confirmation c
    WHERE c.recipient_id = r.organisation_id AND c.relation_id = r.id
    AND c.confirmed_at <= :cut_off)
  GROUP BY r.partner_id, r.supplier_id, r.site_id, s.time_zone, b.is_sandbox
  HAVING range_agg(daterange(r.valid_from, r.valid_to, '[]')) && daterange(:start, :end)
)"""
# Cases received while the relation held, with status and consent as they stood at the cut-off;
# restricted classes are shown at country level only. `{which}` narrows early: history grows.
CASES = """
known AS MATERIALIZED (
  SELECT scope.brand, scope.is_sandbox, scope.time_zone, scope.days, c.id,
    coalesce(c.voided_at <= :cut_off, false) AS voided,
    coalesce((SELECT t.to_status FROM case_status_change t WHERE t.organisation_id = :me
      AND t.case_id = c.id AND t.changed_at <= :cut_off
      ORDER BY t.changed_at DESC, t.id DESC LIMIT 1), 'received') AS status,
    coalesce((SELECT n.state = 'granted' AND coalesce(n.expires_at > :cut_off, true)
      FROM case_consent n WHERE n.organisation_id = :me AND n.case_id = c.id
      AND n.scope = 'share_brand_aggregate' AND n.recorded_at <= :cut_off
      ORDER BY n.n DESC LIMIT 1), false) AS agreed
  FROM scope JOIN case_record c ON c.organisation_id = :me
    AND c.supplier_id = scope.supplier_id AND c.site_id = scope.site_id
  WHERE NOT c.is_test AND c.created_at <= :cut_off
    AND scope.days @> (c.received_at AT TIME ZONE scope.time_zone)::date
    AND {which}
    AND EXISTS (SELECT 1 FROM case_issue i WHERE i.organisation_id = :me AND i.case_id = c.id
      AND i.created_at <= :cut_off AND i.category <> 'query.information')
    AND NOT EXISTS (SELECT 1 FROM case_issue i WHERE i.organisation_id = :me AND i.case_id = c.id
      AND i.created_at <= :cut_off AND i.category = ANY (:restricted))
),
counted AS (SELECT * FROM known WHERE status NOT IN ('out_of_scope', 'merged_duplicate'))"""
RECEIVED = """(c.received_at AT TIME ZONE scope.time_zone)::date >= :start
    AND (c.received_at AT TIME ZONE scope.time_zone)::date < :end"""
# Two days of slack on both sides: the days of the site and of the session are not the same ones.
CLAIMED = """c.id IN (SELECT l.case_id FROM remediation_case l JOIN completion_claim m
      ON m.request_id = l.request_id WHERE l.organisation_id = :me
      AND m.claimed_at >= CAST(:start AS date) - (:claim_days + 2)
      AND m.claimed_at < CAST(:end AS date) - (:claim_days - 2))"""
VALIDATED = """c.id IN (SELECT l.case_id FROM remediation_case l JOIN worker_validation v
      ON v.request_id = l.request_id WHERE l.organisation_id = :me
      AND v.recorded_at >= CAST(:start AS date) - 2 AND v.recorded_at < CAST(:end AS date) + 2)"""
# Written down by the institute or by a CSO of the brand's own kind.
BY_ITS_KIND = """(v.organisation_id = :me OR EXISTS (SELECT 1 FROM organisation w
      WHERE w.organisation_id = v.organisation_id AND w.is_sandbox = k.is_sandbox))"""

SITES = text(f"WITH {SCOPE} SELECT DISTINCT brand, site_id FROM scope")
# Sites that lack a month of their relation add nothing: a missing month is not the last value.
# Made-up headcounts are people in the sandbox only.
BASE = text(
    f"""WITH {SCOPE},
    months AS (SELECT scope.*, first::date AS month FROM scope,
      generate_series(CAST(:start AS date), CAST(:end AS date) - 1, interval '1 month') AS first
      WHERE days && daterange(first::date, (first + interval '1 month')::date)),
    whole AS (SELECT m.brand, floor(avg(h.total)) AS workers FROM months m
      LEFT JOIN headcount h ON h.organisation_id = m.supplier_id AND h.site_id = m.site_id
        AND h.month = m.month AND h.updated_at <= :cut_off AND (m.is_sandbox OR NOT h.is_synthetic)
      GROUP BY m.brand, m.supplier_id, m.site_id HAVING count(h.total) = count(*))
    SELECT brand, sum(workers)::bigint AS base FROM whole GROUP BY brand"""
)
M08 = text(
    f"""WITH {SCOPE}, {CASES.format(which=RECEIVED)}
    SELECT brand,
      count(*) FILTER (WHERE agreed AND NOT voided AND status = 'closed_validated') AS numerator,
      count(*) FILTER (WHERE agreed) AS denominator, count(*) AS eligible
    FROM counted WHERE starts_with(status, 'closed_') GROUP BY brand"""
)
M09 = text(
    f"""WITH {SCOPE}, {CASES.format(which=CLAIMED)}, claims AS (
      SELECT k.brand, k.agreed, k.voided, k.days,
        (m.claimed_at AT TIME ZONE k.time_zone)::date + :claim_days AS day,
        EXISTS (SELECT 1 FROM worker_validation v WHERE v.request_id = m.request_id
          AND v.round = m.round AND v.result = 'full' AND v.recorded_at <= :cut_off
          AND {BY_ITS_KIND}) AS validated
      FROM counted k JOIN remediation_case l ON l.organisation_id = :me AND l.case_id = k.id
      JOIN completion_claim m ON m.request_id = l.request_id)
    SELECT brand, count(*) FILTER (WHERE agreed AND NOT voided AND NOT validated) AS numerator,
      count(*) FILTER (WHERE agreed) AS denominator, count(*) AS eligible
    FROM claims WHERE day >= :start AND day < :end AND days @> day GROUP BY brand"""
)
# The last round of a case is the one concluded last, whichever of its requests it belongs to.
M20 = text(
    f"""WITH {SCOPE}, {CASES.format(which=VALIDATED)}, last AS (
      SELECT DISTINCT ON (k.brand, k.id) k.brand, k.agreed, k.days, v.result, v.n_confirmed,
        (v.recorded_at AT TIME ZONE k.time_zone)::date AS day
      FROM counted k JOIN remediation_case l ON l.organisation_id = :me AND l.case_id = k.id
      JOIN worker_validation v ON v.request_id = l.request_id AND v.recorded_at <= :cut_off
        AND v.result <> 'incomplete' AND {BY_ITS_KIND}
      WHERE NOT k.voided
      ORDER BY k.brand, k.id, v.recorded_at DESC, v.id DESC)
    SELECT brand, coalesce(sum(n_confirmed) FILTER (WHERE agreed), 0) AS numerator,
      count(*) FILTER (WHERE agreed) AS denominator, count(*) AS eligible,
      coalesce(max(n_confirmed) FILTER (WHERE agreed), 0) AS largest
    FROM last WHERE result IN ('full', 'partial') AND day >= :start AND day < :end
      AND days @> day GROUP BY brand"""
)
# A row pushed again replaces the old one: what has no history is read as it stands. Only a row
# untouched since the cut-off tells a corrected time of closing. A voided row never closed.
M05 = text(
    f"""WITH {SCOPE}, register AS (
      SELECT scope.brand, scope.time_zone,
        (g.received_at AT TIME ZONE scope.time_zone)::date AS day,
        starts_with(l.to_status, 'closed_') AND l.at <= :cut_off
          AND NOT coalesce(g.voided_at <= :cut_off, false) AS closed, l.at
      FROM scope JOIN grievance g ON g.organisation_id = scope.supplier_id
        AND g.site_id = scope.site_id
        AND g.received_at >= CAST(:start AS date) - 2 AND g.received_at < CAST(:end AS date) + 2
      LEFT JOIN LATERAL (SELECT t.to_status, coalesce(CASE WHEN g.updated_at <= :cut_off
          THEN g.closed_at END, t.at, t.recorded_at) AS at
        FROM grievance_status_change t WHERE t.recipient_id = g.organisation_id
          AND t.grievance_id = g.id AND t.recorded_at <= :cut_off
        ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1) l ON true
      WHERE NOT g.is_test AND g.created_at <= :cut_off AND g.category <> 'query.information'
        AND g.category <> ALL (:restricted)
        AND coalesce(l.to_status NOT IN ('out_of_scope', 'merged_duplicate'), true)
        AND scope.days @> (g.received_at AT TIME ZONE scope.time_zone)::date)
    SELECT brand, coalesce(closed, false) AS closed, greatest(0, (CASE WHEN closed THEN at
        ELSE :cut_off END AT TIME ZONE time_zone)::date - day) AS days, count(*) AS number
    FROM register WHERE day >= :start AND day < :end GROUP BY 1, 2, 3"""
)
# The last statement at the cut-off counts. Free of fees is stated, or follows from fee lines of
# which none was the worker's; a payer who is not known may have been the worker.
PLACEMENTS = text(
    f"""WITH {SCOPE}, stated AS (
      SELECT scope.brand, w.share_in_aggregates AS agreed,
        w.share_in_aggregates IS NOT NULL AS stated,
        w.no_intermediary_stated OR w.agent_chain <> '[]' AS first_mile,
        w.no_fees_stated OR coalesce((SELECT bool_and(line.paid_by = ANY (:others)
          OR line.amount = 0) FROM jsonb_to_recordset(w.fee_lines)
          AS line (fee_type text, paid_by text, amount numeric)
          WHERE line.fee_type = ANY (:fees)), false) AS free
      FROM scope JOIN placement p ON p.supplier_id = scope.supplier_id
        AND p.site_id = scope.site_id AND p.arrived_on >= :start AND p.arrived_on < :end
      JOIN organisation a ON a.organisation_id = p.organisation_id
        AND a.is_sandbox = scope.is_sandbox
      LEFT JOIN LATERAL (SELECT * FROM worker_statement w WHERE w.organisation_id = :me
        AND w.agency_id = p.organisation_id AND w.placement_id = p.id AND w.created_at <= :cut_off
        ORDER BY w.created_at DESC, w.id DESC LIMIT 1) w ON true
      WHERE NOT p.is_test AND p.created_at <= :cut_off AND scope.days @> p.arrived_on)
    SELECT brand, count(*) AS placements, count(*) FILTER (WHERE agreed AND first_mile) AS known,
      count(*) FILTER (WHERE stated) AS stated, count(*) FILTER (WHERE agreed) AS agreed,
      count(*) FILTER (WHERE agreed AND free) AS free FROM stated GROUP BY brand"""
)


def brand_sites(transaction: Transaction, quarter: Quarter) -> list[tuple[UUID, UUID]]:
    """(brand, site) of every relation that counts in the quarter."""
    return [(row.brand, row.site_id) for row in _rows(transaction, SITES, quarter)]


def count(transaction: Transaction, quarter: Quarter) -> Mapping[UUID, Mapping[str, Counted]]:
    """What was counted per brand and metric; a metric without any record is not in there."""
    base = {row.brand: row.base for row in _rows(transaction, BASE, quarter)}
    found: dict[UUID, dict[str, Counted]] = {}
    for counts in (_cases, _placements, _durations):
        for brand, code, counted in counts(transaction, quarter, base):
            found.setdefault(brand, {})[code] = counted
    return found


_Found = Iterator[tuple[UUID, str, Counted]]


def _cases(transaction: Transaction, quarter: Quarter, base: Mapping[UUID, int]) -> _Found:
    for code, statement in (("M08", M08), ("M09", M09), ("M20", M20)):
        for row in _rows(transaction, statement, quarter):
            yield (
                row.brand,
                code,
                Counted(
                    numerator=row.numerator,
                    denominator=row.denominator,
                    base=base.get(row.brand),
                    covered=row.denominator,
                    eligible=row.eligible,
                    largest=getattr(row, "largest", 0),
                ),
            )


def _placements(transaction: Transaction, quarter: Quarter, base: Mapping[UUID, int]) -> _Found:
    for row in _rows(transaction, PLACEMENTS, quarter):
        heads = base.get(row.brand)
        yield (
            row.brand,
            "M29",
            Counted(row.known, row.placements, heads, row.agreed, row.placements),
        )
        yield row.brand, "M30", Counted(row.free, row.agreed, heads, row.agreed, row.stated)


def _durations(transaction: Transaction, quarter: Quarter, base: Mapping[UUID, int]) -> _Found:
    ages: dict[UUID, tuple[dict[int, int], dict[int, int]]] = {}
    for row in _rows(transaction, M05, quarter):
        closed, censored = ages.setdefault(row.brand, ({}, {}))
        (closed if row.closed else censored)[row.days] = row.number
    for brand, (closed, censored) in ages.items():
        number = sum(closed.values())
        total = number + sum(censored.values())
        value = median_days(closed, censored)
        yield brand, "M05", Counted(number, total, base.get(brand), total, total, value=value)


def _rows(transaction: Transaction, statement: TextClause, quarter: Quarter) -> list[Row[Any]]:
    given: dict[str, object] = {
        "me": transaction.context.organisation_id,
        "live": not transaction.context.is_sandbox,
        "start": quarter.start,
        "end": quarter.end,
        "cut_off": quarter.cut_off_at,
        "claim_days": CLAIM_DAYS,
        "restricted": list(RESTRICTED),
        "fees": list(ILO_FEES),
        "others": list(PAID_BY_OTHERS),
    }
    named = statement.compile().params
    return list(transaction.session.execute(statement, {name: given[name] for name in named}).all())
