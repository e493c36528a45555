"""The register a supplier keeps in its own grievance mechanism, as it pushes it here.

May import organisations, access, vocabulary and foundation.
Must never hold free text, a worker's identity, or a link to the institute's cases.
"""

from openredress_api.grievances.intake import INTAKE

__all__ = ["INTAKE"]
