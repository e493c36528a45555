"""Which recruiters may be one firm, asked at each reading, and which evidence the caller sees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction
from openredress_api.placements.firms import Firm, proposals
from openredress_api.placements.parts import COUNTRY
from openredress_api.placements.tables import RecruiterListing

MOST_SPELLINGS = 5_000


def firm_proposals(transaction: Transaction) -> list[dict[str, Any]]:
    """Groups of spellings among the listings the caller may see, the likeliest first."""
    spelt = (RecruiterListing.organisation_name, RecruiterListing.city, RecruiterListing.country)
    often = func.count().desc()
    query = select(*spelt, func.count().label("listings")).group_by(*spelt).order_by(often, *spelt)
    named = query.where(RecruiterListing.organisation_name.is_not(None)).limit(MOST_SPELLINGS)
    rows = {
        Firm(row.organisation_name, row.city or "", COUNTRY[row.country].meaning): row._asdict()
        for row in transaction.rows(named)
    }
    return [
        {
            "spellings": [rows[firm] for firm in found.firms],
            "score": found.score,
            "reasons": found.reasons,
        }
        for found in proposals(rows)
    ]
