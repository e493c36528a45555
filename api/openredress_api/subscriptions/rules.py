"""Rules of endpoints, replays and the feed in plain Python."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

MOST_ENDPOINTS = 20
MOST_KEYS = 3
MOST_HEADERS = 10
MOST_REPLAYS = 3
MOST_CONSUMERS = 20
ENDPOINT_STATES = ("pending_verification", "active", "paused", "held", "disabled", "deleted")
DELIVERY_STATES = ("due", "leased", "waiting", "succeeded", "failed", "cancelled", "held")
CAUSES = ("auto", "verify", "manual", "replay")
REPLAY_STATES = ("running", "done", "cancelled")
# From where its owner may pause, resume or question an endpoint.
MAY_PAUSE = ("active", "pending_verification")
MAY_RESUME = ("paused", "disabled")
MAY_ASK = ("active", "pending_verification")
# What the feed says of an event at one endpoint: the first of these that one of its deliveries is.
PUSHED = (
    ("delivered", ("succeeded",)),
    ("waiting", ("due", "leased", "waiting")),
    ("held", ("held",)),
    ("failed", ("failed",)),
)

# RFC 9110, section 5.6.2; a longer name is nobody's.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_PRINTABLE = re.compile(r"[!-~]([ -~]{0,998}[!-~])?")
# What the connection needs, what we say of a delivery, and what could make another request of it.
_RESERVED = re.compile(
    r"(content|webhook|openredress|proxy)-.*|host|connection|keep-alive|transfer-encoding|te|"
    r"trailer|upgrade|user-agent|expect|cookie"
)
# Of each family of events: the kind of its subject's id, and where that record is read.
SUBJECTS = {
    "grievance": ("grv", "grievances"),
    "referral": ("ref", "referrals"),
    "remediation": ("rem", "remediation-requests"),
    "task": ("tsk", "tasks"),
    "claim": ("clm", "remediation-requests/{remediation_id}/completion-claims"),
    "placement": ("plc", "placements"),
    "response": ("ref", "referrals"),
    "consent": ("con", "cases"),
    "metrics": ("mrp", "metric-reports"),
    "import": ("imp", "imports"),
    "endpoint": ("whe", "webhook-endpoints"),
    "manifest": ("whe", "webhook-endpoints"),
}
# Members of events that name another kind of record than their subject.
OTHERS = {"remediation_id": "rem", "answers": "ref", "concerns": "ref"}


def unknown_patterns(patterns: Iterable[str], types: Collection[str]) -> list[str]:
    """The patterns that no event type can match: neither `*`, `prefix.*` nor a type."""
    families = {name.split(".")[0] for name in types}
    return [
        pattern
        for pattern in patterns
        if pattern != "*"
        and pattern not in types
        and not (pattern.endswith(".*") and pattern[:-2] in families)
    ]


def is_credential(value: object) -> bool:
    """Whether a header can carry it: 1 to 1,000 printable ASCII characters, no space around."""
    return isinstance(value, str) and _PRINTABLE.fullmatch(value) is not None


def header_fault(name: str, earlier: Collection[str]) -> str | None:
    """Why a header of that name is not sent; `earlier` are the names before it, in lower case."""
    if not _TOKEN.fullmatch(name):
        return "not_a_header_name"
    if _RESERVED.fullmatch(name.lower()):
        return "header_is_reserved"
    return "header_twice" if name.lower() in earlier else None


def will_disable_at(state: str, failing_since: datetime | None, days: int) -> datetime | None:
    """The earliest moment at which an endpoint that goes on failing is disabled."""
    if state != "active" or failing_since is None:
        return None
    return failing_since + timedelta(days=days)
