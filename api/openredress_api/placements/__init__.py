"""Placements to the first mile: what the agency states, and what the worker states of it.

May import organisations, access, vocabulary and foundation.
Must never hold a worker's name, phone or document number, nor show a statement to an agency.
"""

from openredress_api.placements.actions import get_placement

__all__ = ["get_placement"]
