"""Files that show something: received in parts, looked at, and shown to others as clean copies.

May import organisations, vocabulary and foundation.
Must never hold the name of a file, or let the octets that came in reach another organisation.
"""

from openredress_api.evidence.queries import check_evidence, evidence_among
from openredress_api.evidence.rules import LINK_DAYS, UPLOAD_DAYS

__all__ = ["LINK_DAYS", "UPLOAD_DAYS", "check_evidence", "evidence_among"]
