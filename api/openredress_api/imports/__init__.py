"""Files in bulk: read, mapped, checked and merged, and every row that is refused explained.

May import the rooms of the records it brings in, organisations, access, vocabulary and foundation.
Must never hold a rule of a single kind of record, nor a row of a file in a log.
"""

from openredress_api.imports.rules import KEPT_DAYS
from openredress_api.imports.working.worker import Worker

__all__ = ["KEPT_DAYS", "Worker"]
