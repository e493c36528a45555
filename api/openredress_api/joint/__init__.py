"""One remedy for several: brands that sponsor a request, and requests that ask for the same.

May import remediation, cases, organisations, access, vocabulary and foundation.
Must never tell a sponsor anything of the workers, or a supplier who its sponsors are.
"""

from openredress_api.joint.actions import on_announcement

__all__ = ["on_announcement"]
