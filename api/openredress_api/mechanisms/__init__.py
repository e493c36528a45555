"""How workers can complain, talk and be asked: mechanisms, contacts, engagement, surveys, probes.

May import organisations, access, vocabulary and foundation.
Must never hold a single worker, what anybody said, or a number that nobody sent.
"""

from openredress_api.mechanisms.intake import INTAKE

__all__ = ["INTAKE"]
