"""What is counted, straight from the record rooms' tables, for all brands of one quarter.

Reads, by name: relation, relation_confirmation, organisation, site, headcount, grievance,
grievance_status_change, case_record, case_issue, case_consent, case_status_change,
remediation_case, completion_claim, worker_validation, placement, worker_statement. Runs in the
institute's transaction, under its row-level security. Everything is read as of the cut-off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from openredress_api.foundation.database import Transaction
from openredress_api.metrics.rules import CLAIM_AGE, Quarter, median_days
from openredress_api.metrics.suppression import Counted

# A brand's sites: relations confirmed by the cut-off whose time touches the quarter.
SCOPE = """
scope AS (
  SELECT r.partner_id AS brand, r.supplier_id, r.site_id, s.time_zone, r.valid_from,
    coalesce(r.valid_to, 'infinity') AS valid_to
  FROM relation r
  JOIN relation_confirmation c ON c.recipient_id = r.organisation_id AND c.relation_id = r.id
    AND c.confirmed_at <= :cut_off
  JOIN organisation o ON o.organisation_id = r.partner_id AND o.type = 'brand'
  JOIN site s ON s.organisation_id = r.supplier_id AND s.id = r.site_id
  WHERE r.valid_from < :end AND coalesce(r.valid_to, 'infinity') >= :start
)"""
# A case counts once per brand, within the relation's time, unless it is out of every rate;
# restricted classes are shown at country level only. A voided case stays: it was a case.
CASES = """
eligible AS (
  SELECT DISTINCT scope.brand, c.id, (c.received_at AT TIME ZONE scope.time_zone)::date AS day,
    scope.time_zone,
    coalesce((SELECT t.to_status FROM case_status_change t WHERE
      t.organisation_id = c.organisation_id AND t.case_id = c.id AND t.changed_at <= :cut_off
      ORDER BY t.changed_at DESC, t.id DESC LIMIT 1), 'received') AS status,
    coalesce((SELECT n.state = 'granted' AND coalesce(n.expires_at > :cut_off, true)
      FROM case_consent n WHERE n.organisation_id = c.organisation_id AND n.case_id = c.id
      AND n.scope = 'share_brand_aggregate' AND n.recorded_at <= :cut_off
      ORDER BY n.n DESC LIMIT 1), false) AS agreed
  FROM scope JOIN case_record c ON c.supplier_id = scope.supplier_id
    AND c.site_id = scope.site_id AND (c.received_at AT TIME ZONE scope.time_zone)::date
      BETWEEN scope.valid_from AND scope.valid_to
  WHERE NOT c.is_test
    AND EXISTS (SELECT 1 FROM case_issue i WHERE i.organisation_id = c.organisation_id
      AND i.case_id = c.id AND i.category <> 'query.information')
    AND NOT EXISTS (SELECT 1 FROM case_issue i WHERE i.organisation_id = c.organisation_id
      AND i.case_id = c.id AND i.category = ANY (:restricted))
),
counted AS (SELECT * FROM eligible WHERE status NOT IN ('out_of_scope', 'merged_duplicate'))"""

SITES = text(f"WITH {SCOPE} SELECT DISTINCT brand, site_id FROM scope")
BASE = text(
    f"""WITH {SCOPE}, known AS (
      SELECT DISTINCT scope.brand, h.site_id, min(h.total) OVER (PARTITION BY scope.brand,
        h.site_id) AS least FROM scope JOIN headcount h ON h.organisation_id = scope.supplier_id
        AND h.site_id = scope.site_id AND h.month >= :start AND h.month < :end)
    SELECT brand, sum(least)::int AS base FROM known GROUP BY brand"""
)
M08 = text(
    f"""WITH {SCOPE}, {CASES}
    SELECT brand, count(*) FILTER (WHERE agreed AND status = 'closed_validated') AS numerator,
      count(*) FILTER (WHERE agreed) AS denominator, count(*) AS eligible
    FROM counted WHERE day >= :start AND day < :end AND status LIKE 'closed%' GROUP BY brand"""
)
M09 = text(
    f"""WITH {SCOPE}, {CASES}
    SELECT k.brand, count(*) FILTER (WHERE k.agreed AND NOT EXISTS (
        SELECT 1 FROM worker_validation v WHERE v.request_id = m.request_id AND v.round = m.round
        AND v.result = 'full' AND v.recorded_at <= :cut_off)) AS numerator,
      count(*) FILTER (WHERE k.agreed) AS denominator, count(*) AS eligible
    FROM counted k JOIN remediation_case l ON l.case_id = k.id
    JOIN completion_claim m ON m.request_id = l.request_id
    WHERE (m.claimed_at + :age) AT TIME ZONE k.time_zone >= :start
      AND (m.claimed_at + :age) AT TIME ZONE k.time_zone < :end GROUP BY k.brand"""
)
M20 = text(
    f"""WITH {SCOPE}, {CASES}, last AS (
      SELECT DISTINCT ON (k.brand, k.id) k.brand, k.id, k.agreed, k.time_zone, v.result,
        v.n_confirmed, v.recorded_at FROM counted k
      JOIN remediation_case l ON l.case_id = k.id
      JOIN worker_validation v ON v.request_id = l.request_id AND v.recorded_at <= :cut_off
        AND v.result <> 'incomplete'
      ORDER BY k.brand, k.id, v.round DESC, v.recorded_at DESC, v.id)
    SELECT brand, coalesce(sum(n_confirmed) FILTER (WHERE agreed), 0)::int AS numerator,
      count(*) FILTER (WHERE agreed) AS denominator, count(*) AS eligible,
      coalesce(max(n_confirmed) FILTER (WHERE agreed), 0) AS largest
    FROM last WHERE result IN ('full', 'partial')
      AND recorded_at AT TIME ZONE time_zone >= :start
      AND recorded_at AT TIME ZONE time_zone < :end GROUP BY brand"""
)
M05 = text(
    f"""WITH {SCOPE}, ages AS (
      SELECT DISTINCT scope.brand, g.id, g.status LIKE 'closed%' AND ended.at <= :cut_off AS closed,
        least(ended.at, :cut_off) AS until, g.received_at, scope.time_zone
      FROM scope JOIN grievance g ON g.organisation_id = scope.supplier_id
        AND g.site_id = scope.site_id
      LEFT JOIN LATERAL (SELECT coalesce(g.closed_at, min(t.recorded_at)) AS at
        FROM grievance_status_change t WHERE t.grievance_id = g.id
        AND t.to_status LIKE 'closed%' AND g.status LIKE 'closed%') ended ON true
      WHERE NOT g.is_test AND g.category <> 'query.information'
        AND g.status NOT IN ('out_of_scope', 'merged_duplicate')
        AND (g.received_at AT TIME ZONE scope.time_zone)::date >= :start
        AND (g.received_at AT TIME ZONE scope.time_zone)::date < :end
        AND (g.received_at AT TIME ZONE scope.time_zone)::date
          BETWEEN scope.valid_from AND scope.valid_to)
    SELECT brand, coalesce(closed, false) AS closed, greatest(0,
      (coalesce(until, :cut_off) AT TIME ZONE time_zone)::date
      - (received_at AT TIME ZONE time_zone)::date) AS days, count(*) AS number
    FROM ages GROUP BY 1, 2, 3"""
)
# Groups A, B and C of the ILO list, paid by the worker's side; the last statement counts.
PLACEMENTS = text(
    f"""WITH {SCOPE}, arrived AS (
      SELECT DISTINCT scope.brand, p.organisation_id, p.id FROM scope
      JOIN placement p ON p.supplier_id = scope.supplier_id AND p.site_id = scope.site_id
      WHERE NOT p.is_test AND p.arrived_on >= :start AND p.arrived_on < :end
        AND p.arrived_on BETWEEN scope.valid_from AND scope.valid_to),
    stated AS (
      SELECT a.brand, a.id, w.id IS NOT NULL AS stated, w.share_in_aggregates AS agreed,
        w.no_intermediary_stated OR w.agent_chain <> '[]' AS first_mile,
        w.no_fees_stated OR (w.fee_lines <> '[]' AND NOT EXISTS (
          SELECT 1 FROM jsonb_to_recordset(w.fee_lines) AS line (fee_type text, paid_by text,
            amount numeric) WHERE line.fee_type ~ '^(fee|cost|illegit)\\.'
            AND line.paid_by IN ('worker', 'family') AND line.amount > 0)) AS free
      FROM arrived a LEFT JOIN LATERAL (SELECT * FROM worker_statement w
        WHERE w.agency_id = a.organisation_id AND w.placement_id = a.id
        AND w.created_at <= :cut_off ORDER BY w.created_at DESC, w.id DESC LIMIT 1) w ON true)
    SELECT brand, count(*) AS placements, count(*) FILTER (WHERE agreed AND first_mile) AS known,
      count(*) FILTER (WHERE stated) AS stated, count(*) FILTER (WHERE agreed) AS agreed,
      count(*) FILTER (WHERE agreed AND free) AS free FROM stated GROUP BY brand"""
)


def brand_sites(transaction: Transaction, quarter: Quarter) -> list[tuple[UUID, UUID]]:
    """(brand, site) of every relation that counts in the quarter."""
    return [(row.brand, row.site_id) for row in _rows(transaction, SITES, quarter)]


def count(
    transaction: Transaction, quarter: Quarter, restricted: list[str]
) -> dict[UUID, dict[str, Counted]]:
    """What was counted per brand and metric; a metric without any record is not in there."""
    base = {row.brand: row.base for row in _rows(transaction, BASE, quarter)}
    found: dict[UUID, dict[str, Counted]] = {
        brand: {} for brand, _ in brand_sites(transaction, quarter)
    }
    for code, statement in (("M08", M08), ("M09", M09), ("M20", M20)):
        for row in _rows(transaction, statement, quarter, restricted=restricted):
            found[row.brand][code] = Counted(
                numerator=row.numerator,
                denominator=row.denominator,
                base=base.get(row.brand),
                eligible=row.eligible,
                largest=getattr(row, "largest", 0),
            )
    for brand, code, counted in _others(transaction, quarter, base):
        found[brand][code] = counted
    return found


def _others(
    transaction: Transaction, quarter: Quarter, base: dict[UUID, int]
) -> Iterator[tuple[UUID, str, Counted]]:
    for row in _rows(transaction, PLACEMENTS, quarter):
        known = base.get(row.brand)
        yield row.brand, "M29", Counted(row.known, row.placements, known, row.placements)
        yield row.brand, "M30", Counted(row.free, row.agreed, known, row.stated)
    ages: dict[UUID, tuple[dict[int, int], dict[int, int]]] = {}
    for row in _rows(transaction, M05, quarter):
        closed, censored = ages.setdefault(row.brand, ({}, {}))
        (closed if row.closed else censored)[row.days] = row.number
    for brand, (closed, censored) in ages.items():
        number, total = sum(closed.values()), sum(closed.values()) + sum(censored.values())
        value = median_days(closed, censored)
        yield brand, "M05", Counted(number, total, base.get(brand), total, value=value)


def _rows(
    transaction: Transaction,
    statement: TextClause,
    quarter: Quarter,
    **more: object,
) -> list[Row[Any]]:
    given: dict[str, object] = {
        "start": quarter.start,
        "end": quarter.end,
        "cut_off": quarter.cut_off_at,
    }
    if ":age" in statement.text:
        given["age"] = CLAIM_AGE
    if ":restricted" in statement.text:
        given |= more
    return list(transaction.session.execute(statement, given).all())
