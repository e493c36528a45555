"""Fees paid back to workers: what is agreed, what a payer says it paid, what workers confirm.

May import remediation, protection, placements, cases, organisations, access, vocabulary and
foundation.
Must never hold who the workers are, nor tell a payer a sum that would point at one of them.
"""

from openredress_api.repayments.actions import on_announcement

__all__ = ["on_announcement"]
