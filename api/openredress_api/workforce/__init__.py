"""How many workers a site had in a month, and of which segments: what rates are divided by.

May import organisations, vocabulary and foundation.
Must never hold a single worker, nor a number that nobody sent.
"""

from openredress_api.workforce.intake import INTAKE
from openredress_api.workforce.rules import band

__all__ = ["INTAKE", "band"]
