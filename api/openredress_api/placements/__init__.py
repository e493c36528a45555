"""Placements to the first mile, job orders and registers: what agencies state, and what workers do.

May import organisations, access, vocabulary and foundation.
Must never hold a worker's name, phone or document number, nor show a worker's word to an agency.
"""

from openredress_api.placements.actions import get_placement
from openredress_api.placements.intake import INTAKES
from openredress_api.placements.stated_fees import Stated, StatedFees, stated_fees

__all__ = [
    "INTAKES",
    "Stated",
    "StatedFees",
    "get_placement",
    "stated_fees",
]
