"""Rules of keeping in plain Python. How long something is kept stands in the database's clock."""

from __future__ import annotations

WHAT = ("contact", "content", "evidence")
ERASURE_STATUSES = ("asked", "approved", "refused")
ASKED_FOR = (
    "identity",
    "contact_data",
    "case_content",
    "messages",
    "referrals",
    "placements",
    "evidence",
    "audit_log",
    "figures",
)
LEGAL_BASES = (
    "court_order",
    "prosecutor_order",
    "administrative_order",
    "search_warrant",
    "data_protection_authority",
    "labour_inspection",
    "no_basis_named",
)
DECISIONS = ("granted", "granted_in_part", "refused")
WORKERS_TOLD = ("yes", "no", "forbidden")
