"""Agreements in instalments pay wages and other money as well as fees."""

from __future__ import annotations

from openredress_api.migrations.kinds import run

revision = "0028"
down_revision = "0027"

TABLES = """
ALTER TABLE repayment_agreement ADD asked_outcome text NOT NULL DEFAULT 'fees_repaid'
    CHECK (asked_outcome IN ('wages_paid', 'deductions_refunded', 'fees_repaid',
      'compensation_paid', 'benefits_restored', 'debt_cancelled'));
-- What was agreed before was about fees; from here on it is always said.
ALTER TABLE repayment_agreement ALTER asked_outcome DROP DEFAULT
"""


def upgrade() -> None:
    run(TABLES)


def downgrade() -> None:
    run("ALTER TABLE repayment_agreement DROP asked_outcome")
