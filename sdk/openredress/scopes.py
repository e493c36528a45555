"""The scopes that each role may ask for; ask for fewer where fewer do.

A scope outside the role is refused with `invalid_scope`, never dropped.
"""

from __future__ import annotations

EVERYONE = ("events:read", "webhooks:manage", "audit:read")
"""Own events, own webhook endpoints, own audit entries."""

SUPPLIER = (
    *EVERYONE,
    "grievances:read",
    "grievances:write",
    "workforce:read",
    "workforce:write",
    "mechanisms:write",
    "sites:read",
    "sites:write",
    "relations:write",
    "referrals:read",
    "referrals:act",
    "remediation:read",
    "remediation:report",
    "evidence:read",
    "evidence:write",
    "imports:write",
    "metrics:read",
)
"""Everything a supplier may ask for."""

AGENCY = (
    *EVERYONE,
    "placements:read",
    "placements:write",
    "fees:write",
    "sites:read",
    "relations:write",
    "referrals:read",
    "referrals:act",
    "remediation:read",
    "remediation:report",
    "evidence:read",
    "evidence:write",
    "imports:write",
    "metrics:read",
)
"""Everything a recruitment agency may ask for."""

CSO = (
    *EVERYONE,
    "cases:read",
    "referrals:read",
    "referrals:act",
    "remediation:read",
    "validations:write",
    "placements:read",
)
"""Everything a civil society organisation may ask for; cases and placements: assigned ones."""

BRAND = (
    *EVERYONE,
    "metrics:read",
    "disclosures:read",
    "agreements:read",
    "remediation:sponsor",
    "sites:read",
    "relations:write",
)
"""Everything a brand may ask for: figures and requests, never a case."""

INSTITUTE = (
    *EVERYONE,
    "cases:read",
    "cases:write",
    "followups:act",
    "referrals:read",
    "referrals:write",
    "remediation:read",
    "remediation:request",
    "remediation:sponsor",
    "validations:write",
    "placements:read",
    "placements:write",
    "placements:state",
    "grievances:read",
    "workforce:read",
    "mechanisms:write",
    "evidence:read",
    "imports:write",
    "tasks:manage",
    "sites:read",
    "relations:write",
    "metrics:read",
    "organisations:manage",
    "releases:write",
    "identity:read",
    "identity:write",
)
"""Everything the institute may ask for."""
