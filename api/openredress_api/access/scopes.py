"""The scopes of the interface, what each lets a client do, and which roles may hold it."""

from __future__ import annotations

from collections.abc import Mapping

ALL_SCOPES: Mapping[str, str] = {
    "agreements:read": "read the sharing agreements one is a party of",
    "audit:read": "read the audit entries of one's own organisation",
    "cases:read": "read cases (an organisation for workers: those assigned to it)",
    "cases:write": "record and change cases",
    "disclosures:read": "read figures arranged for a reporting standard",
    "events:read": "read the event feed of one's own organisation",
    "evidence:read": "read evidence files",
    "evidence:write": "hand in evidence files",
    "fees:write": "report the fee lines of placements",
    "followups:act": "carry messages between a case team and workers who hold a receipt code",
    "grievances:read": "read the register of grievances",
    "grievances:write": "report and change grievances of one's own register",
    "identity:read": "ask for, decide on and read a worker's identity",
    "identity:write": "put a worker's identity into the vault",
    "imports:write": "load files in bulk",
    "mechanisms:write": "describe grievance mechanisms and how they reach workers; read it back",
    "metrics:read": "read released figures",
    "organisations:manage": "suspend organisations and see who takes part",
    "placements:read": "read placements (an organisation for workers: those assigned to it)",
    "placements:state": "state placements on a worker's word",
    "placements:write": "report placements, job orders and register entries",
    "referrals:act": "accept, decline and answer referrals",
    "referrals:read": "read referrals one is a party of",
    "referrals:write": "offer referrals",
    "relations:write": "state and confirm who works with which site",
    "releases:write": "prepare and approve releases of figures",
    "remediation:read": "read remediation requests and repayment agreements of one's organisation",
    "remediation:report": "hand in plans, progress, completion claims and repayments",
    "remediation:request": "issue and close remediation requests and repayment agreements",
    "remediation:sponsor": "follow remediation requests one sponsors",
    "sites:read": "read sites one works with",
    "sites:write": "report one's own sites",
    "tasks:manage": "work through the institute's task list",
    "validations:write": "record what workers said about a completion claim",
    "webhooks:manage": "manage webhook endpoints and their keys",
    "workforce:read": "read headcounts",
    "workforce:write": "report headcounts",
}

_EVERYONE = "events:read webhooks:manage audit:read"
# Who writes a record may read it back, and both sides of a relation state it: docs/decisions/0004.
_OF_ROLE = {
    "supplier": "grievances:read grievances:write workforce:read workforce:write "
    "mechanisms:write sites:read sites:write relations:write referrals:read "
    "referrals:act remediation:read remediation:report evidence:read evidence:write "
    "imports:write metrics:read",
    "agency": "placements:read placements:write fees:write sites:read relations:write "
    "referrals:read referrals:act remediation:read remediation:report "
    "evidence:read evidence:write imports:write metrics:read",
    "cso": "cases:read referrals:read referrals:act remediation:read validations:write "
    "placements:read",
    # No case scope exists for a brand: it never sees a worker's record.
    "brand": "metrics:read disclosures:read agreements:read remediation:sponsor "
    "sites:read relations:write",
    "institute": "cases:read cases:write followups:act referrals:read referrals:write "
    "remediation:read remediation:request validations:write placements:read placements:write "
    "placements:state grievances:read workforce:read mechanisms:write evidence:read "
    "imports:write tasks:manage sites:read relations:write metrics:read "
    "organisations:manage releases:write identity:read identity:write "
    "remediation:sponsor",
}

# A government organisation is not in here: it has no clients.
SCOPES_BY_ROLE: Mapping[str, frozenset[str]] = {
    role: frozenset(f"{_EVERYONE} {own}".split()) for role, own in _OF_ROLE.items()
}
