"""One remedy for several: brands that sponsor a request, and requests that ask for the same.

May import remediation, cases, organisations, access, vocabulary and foundation.
Must never hold anything by which a sponsor learns of the workers, or a supplier of its sponsors.
"""

from openredress_api.joint.actions import on_announcement

__all__ = ["on_announcement"]
