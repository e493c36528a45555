"""Run 3 of the two walls: no policy can be widened or dropped without being noticed.

The seam takes no part: every statement here is the app role's own. A policy changes within a
transaction that is rolled back, so the estate stays as it is. On one server alone, for time: the
catalogue test holds the policies of both servers against what the rooms say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from openredress_api.foundation import installation as installations
from openredress_api.foundation.database import driver_connection
from tests.factories.estate import Estate
from tests.factories.parties import Party
from tests.security.oracle import Oracle, Row

# One server, for time.
pytestmark = pytest.mark.parametrize("server", ["wheel-18"], indirect=True, scope="session")
Driver = psycopg.Connection[Any]
Callers = dict[str, Party]
POLICIES = """SELECT tablename, policyname, cmd FROM pg_policies
    WHERE roles = '{openredress_app}' ORDER BY 1, 2"""
WIDENED = {
    "SELECT": "USING (true)",
    "INSERT": "WITH CHECK (true)",
    "UPDATE": "USING (true) WITH CHECK (true)",
    "DELETE": "USING (true)",
}
# A change that reads no column, so that the policies for UPDATE alone decide which rows it meets.
CHANGES = {
    "idempotency": "expires_at = now()",
    "content": "received = 0",
    "webhook_key": "not_after = NULL",
    "referral_case": "onward_request_id = NULL",
    "remediation_case": "referral_id = NULL",
    "case_receipt_code": "revoked_at = now()",
    "case_message": "wants_reopen = false",
    "follow_up_tries": "tries = 1",
    "check_back": "raised_at = NULL",
    "repayment_basis": "cancelled_for = NULL",
}
# Rows that even their owner no longer changes, by a column's value.
ENDED = {"metric_release": ("status", "published")}

# Dropped, these take nothing away: the institute is a party of every such row in any case, and
# whoever validates a repayment reads it as the CSO at work on its case.
SPARE = sorted(
    [
        f"{table}.app_institute_select: missing"
        for table in (
            "case_assignment",
            "completion_claim",
            "deletion_receipt",
            "escalation",
            "evidence_demand",
            "metric_cell",
            "metric_report",
            "onward_request",
            "progress_report",
            "referral",
            "referral_status_change",
            "relation_confirmation",
            "remediation_contest",
            "remediation_plan",
            "remediation_request",
            "repayment_agreement",
            "repayment_contest",
            "repayment_due",
            "repayment_payment",
            "response_verdict",
            "sponsorship",
            "systemic_action",
            "systemic_verdict",
            "worker_response",
        )
    ]
    + ["repayment_validation.app_mine_select: missing"]
)


class Policy(NamedTuple):
    """One policy of the app role."""

    table: str
    name: str
    command: str


class Probe:
    """The app role's view of one database, as each party, on a superuser's connection."""

    def __init__(self, driver: Driver, callers: Callers, oracle: Oracle) -> None:
        self.driver = driver
        self.callers = callers
        self.oracle = oracle

    @contextmanager
    def role(self, party: Party) -> Iterator[None]:
        """Be the app role behind the gate for a while."""
        digest = hashlib.sha256(party.token.encode()).hexdigest()
        self.driver.execute(f"SET LOCAL ROLE openredress_app; SELECT gate.begin('{digest}')")
        yield
        self.driver.execute("RESET ROLE")

    def findings(self, policy: Policy) -> set[str]:
        """`foreign` and `missing`: what is wrong with one command on one table."""
        ways: dict[str, Callable[[str], Iterator[str]]] = {
            "SELECT": self._selects,
            "INSERT": self._inserts,
            "UPDATE": self._updates,
            "DELETE": self._deletes,
        }
        return set(ways[policy.command](policy.table))

    def _selects(self, table: str) -> Iterator[str]:
        query = sql.SQL("SELECT tableoid || ':' || ctid::text FROM {}").format(
            sql.Identifier(table)
        )
        for party in self.callers.values():
            with self.role(party):
                found = {place for (place,) in self.driver.execute(query)}
            mine = {row.place for row in self.oracle.of(table, party.organisation_id)}
            if found - mine:
                yield "foreign"
            if mine - found:
                yield "missing"

    def _updates(self, table: str) -> Iterator[str]:
        change = sql.SQL("UPDATE {} SET {}").format(
            sql.Identifier(table), sql.SQL(CHANGES.get(table, "version = 1"))
        )
        for party in self.callers.values():
            rows = [row for row in self.oracle.rows[table] if _wrote(party, row)]
            mine = sum(1 for row in rows if ENDED.get(table) not in row.columns.items())
            with self.role(party):
                touched = self._tried(change)
            if touched is None or touched > mine:
                yield "foreign"
            elif touched < mine:
                yield "missing"

    def _deletes(self, table: str) -> Iterator[str]:
        gone = sql.SQL("DELETE FROM {}").format(sql.Identifier(table))
        for party in self.callers.values():
            mine = sum(1 for row in self.oracle.rows[table] if _wrote(party, row))
            with self.role(party):
                touched = self._tried(gone)
            if touched is None or touched > mine:
                yield "foreign"
            elif touched < mine:
                yield "missing"

    def _inserts(self, table: str) -> Iterator[str]:
        rows = self.oracle.rows[table]
        accepted = False
        for party in self.callers.values():
            mine = [row for row in rows if _wrote(party, row)]
            others = [row for row in rows if not _wrote(party, row)]
            with self.role(party):
                accepted = accepted or any(self._copied(table, row) for row in mine)
                if others and self._copied(table, others[0]):
                    yield "foreign"
        if not accepted:
            yield "missing"

    def _copied(self, table: str, row: Row) -> bool:
        """Whether the policies let the caller write this row once more."""
        copy = sql.SQL("INSERT INTO {0} SELECT (jsonb_populate_record(NULL::{0}, {1})).*")
        named = copy.format(sql.Identifier(table), sql.Literal(json.dumps(row.columns)))
        try:
            self._tried(named)
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def _tried(self, statement: sql.Composable) -> int | None:
        """Rows that a statement touches; None where only a constraint stopped it."""
        try:
            with self.driver.transaction(force_rollback=True):
                return self.driver.execute(statement).rowcount
        except psycopg.errors.IntegrityError:
            return None


def _wrote(party: Party, row: Row) -> bool:
    return bool(row.columns["organisation_id"] == str(party.organisation_id))


@pytest.fixture
def probe(made: Estate, callers: Callers) -> Iterator[Probe]:
    """A probe of the estate; nothing it does stays."""
    installation = made.installation
    url = installation.admin_url(installation.database_name)
    with installations._connected(url) as connection:
        driver = driver_connection(connection)
        # Receipts are for what was taken back, which nobody could read in the other runs.
        owed = driver.execute(
            "SELECT r.status, r.id FROM referral r JOIN deletion_receipt d ON d.referral_id = r.id"
        ).fetchall()
        change = "UPDATE referral SET status = %s WHERE id = %s"
        for _, referral in owed:
            driver.execute(change, ("revoked", referral))
        yield Probe(driver, callers, Oracle(made))
        for status, referral in owed:
            driver.execute(change, (status, referral))


def test_each_policy_is_needed_and_enough(
    probe: Probe, record_property: Callable[[str, object], None]
) -> None:
    """Widened to `true` each policy shows or takes foreign rows; dropped, own ones are missing."""
    policies = [Policy(*row) for row in probe.driver.execute(POLICIES).fetchall()]
    assert len(policies) > 60
    unnoticed = []
    for policy in policies:
        assert _changed(probe, policy, None) == set(), policy
        widen = "ALTER POLICY {} ON {} " + WIDENED[policy.command]
        for change, expected in ((widen, "foreign"), ("DROP POLICY {} ON {}", "missing")):
            if expected not in _changed(probe, policy, change):
                unnoticed.append(f"{policy.table}.{policy.name}: {expected}")
    assert unnoticed == SPARE, "\n".join(unnoticed)
    planted = 2 * len(policies)
    noticed = planted - len(SPARE)
    record_property(
        "walls", f"{len(policies)} policies, {planted} holes planted, {noticed} noticed"
    )


def _changed(probe: Probe, policy: Policy, change: str | None) -> set[str]:
    """What is found while `change` holds."""
    with probe.driver.transaction(force_rollback=True):
        if change is not None:
            names = (sql.Identifier(policy.name), sql.Identifier(policy.table))
            probe.driver.execute(sql.SQL(change).format(*names))
        return probe.findings(policy)
