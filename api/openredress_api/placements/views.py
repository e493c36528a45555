"""What is worked out at each reading: comparisons, sums, and recruiters as one chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openredress_api.foundation.database import Transaction
from openredress_api.placements import chains, comparing
from openredress_api.placements.intake import PLACEMENT, read_chain, read_fees, read_terms
from openredress_api.placements.tables import JobOrder, Placement, RecruiterListing, WorkerStatement


def placement(transaction: Transaction, stored: Placement) -> dict[str, Any]:
    """A placement with how its two contracts compare; the pseudonym for its sender alone (R4)."""
    pseudonym = stored.worker_pseudonym
    if pseudonym is not None:
        is_mine = stored.organisation_id == transaction.context.organisation_id
        place = PLACEMENT.place("worker_pseudonym")
        pseudonym = transaction.unseal_alike(place, pseudonym) if is_mine else None
    return _stated(stored) | {"worker_pseudonym": pseudonym}


def _stated(stored: Placement) -> dict[str, Any]:
    origin, arrival = read_terms(stored.contract_origin), read_terms(stored.contract_arrival)
    found = comparing.compare(origin, arrival)
    return stored.members() | {
        "fee_lines": read_fees(stored.fee_lines),
        "agent_chain": read_chain(stored.agent_chain),
        "contract_origin": origin,
        "contract_arrival": arrival,
        "contract_match": found.match,
        "contract_differences": found.differences,
    }


def statement(stored: WorkerStatement, of: Placement) -> dict[str, Any]:
    """A statement beside what the agency states, and where the two part."""
    agency, worker = _stated(of), stored.members()
    hops = chains.beside(read_chain(stored.agent_chain), agency["agent_chain"])
    arrival = read_terms(stored.contract_arrival)
    found = comparing.compare(agency["contract_origin"], arrival)
    return worker | {
        "fee_lines": read_fees(stored.fee_lines),
        "agent_chain": hops.worker,
        "agency_stated": agency | {"agent_chain": hops.agency},
        "first_mile_known": chains.first_mile_known(worker),
        "chain_mismatch": hops.mismatch,
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
