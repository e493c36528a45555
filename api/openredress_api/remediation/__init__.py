"""What is asked of a supplier, what it plans and claims, and what workers say of the claim.

May import cases, referrals, organisations, access, vocabulary and foundation.
Must never hold who the workers are; the link to a case stays with the institute.
"""

from openredress_api.remediation.actions import on_announcement

__all__ = ["on_announcement"]
