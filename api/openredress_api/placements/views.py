"""What is worked out at each reading: comparisons, sums, and recruiters as one chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openredress_api.placements import comparing
from openredress_api.placements.intake import read_terms
from openredress_api.placements.tables import JobOrder, Placement, RecruiterListing, WorkerStatement


def placement(stored: Placement) -> dict[str, Any]:
    """A placement with how its two contracts compare."""
    origin, arrival = read_terms(stored.contract_origin), read_terms(stored.contract_arrival)
    found = comparing.compare(origin, arrival)
    return stored.members() | {
        "contract_origin": origin,
        "contract_arrival": arrival,
        "contract_match": found.match,
        "contract_differences": found.differences,
    }


def statement(stored: WorkerStatement, of: Placement) -> dict[str, Any]:
    """A statement beside what the agency states, and where the two part."""
    agency, worker = placement(of), stored.members()
    arrival = read_terms(stored.contract_arrival)
    found = comparing.compare(agency["contract_origin"], arrival)
    return worker | {
        "agency_stated": agency,
        "first_mile_known": comparing.first_mile_known(worker),
        "chain_mismatch": comparing.chain_mismatch(worker["agent_chain"], agency["agent_chain"]),
        "fee_totals": comparing.fee_totals(worker, agency),
        "contract_arrival": arrival,
        "contract_match": found.match,
        "contract_differences": found.differences,
    }


def job_order(stored: JobOrder, listings: Sequence[RecruiterListing]) -> dict[str, Any]:
    """A job order with its recruiters as hops, numbered as they are given here."""
    hops = [listing.members() | {"seq": place} for place, listing in enumerate(listings, 1)]
    stated = [listing.seq for listing in listings]
    return stored.members() | {
        "wage": stored.wage,
        "agent_chain": hops,
        "agent_chain_ordered": None not in stated and len(set(stated)) == len(stated) > 0,
    }
