"""Firms spelt several ways, proposed as one: a question to people, never a merge.

May import: the standard library alone.
Must never hold: the name of a real firm, or a way to change a record.
"""

from openredress_api.placements.firms.grouping import (
    Firm,
    Proposal,
    proposals,
    rarity_of,
    same_firm,
)
from openredress_api.placements.firms.spelling import share_a_name
from openredress_api.placements.firms.verdict import PROPOSED, REASONS, Verdict
from openredress_api.placements.firms.words import Rarity

__all__ = [
    "PROPOSED",
    "REASONS",
    "Firm",
    "Proposal",
    "Rarity",
    "Verdict",
    "proposals",
    "rarity_of",
    "same_firm",
    "share_a_name",
]
