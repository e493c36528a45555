"""Every event type there is, by family.

An open set for receivers, a closed one for the sender. Adding a type or an optional member is
compatible; anything else needs a new `SCHEMA_VERSION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from openredress_webhooks.event_types import DataClass, EventType, Role
from openredress_webhooks.fields import Field

_ALL: tuple[Role, ...] = ("institute", "supplier", "agency", "brand", "cso")
_HOLDERS: tuple[Role, ...] = ("supplier", "agency", "cso")

_STATUS = Field("code", "Status of the subject after this event")
_DUE = Field("instant", "When the next step is due")
_DUE_IF_SET = Field("instant", "When the next step is due, if a date is set", optional=True)
_REASON = Field("code", "Why")
_DELETE_BY = Field("instant", "By when the recipient must have deleted its copies", optional=True)


def _id(what: str) -> Field:
    return Field("id", f"The {what}")


def _family(
    name: str,
    data_class: DataClass,
    recipients: tuple[Role, ...],
    shared: Mapping[str, Field],
    *members: tuple[str, str, Mapping[str, Field]],
    thin: bool = True,
) -> dict[str, EventType]:
    """Build the types of one family; a member is (last part of the name, description, extras)."""
    types = (
        EventType(f"{name}.{part}", data_class, recipients, text, {**shared, **extra}, thin)
        for part, text, extra in members
    )
    return {made.name: made for made in types}


_GRIEVANCES = {
    **_family(
        "grievance",
        "pseudonymous",
        ("supplier",),
        {"id": _id("grievance of the recipient's register"), "status": _STATUS},
        ("reopened_by_worker", "The worker side reopened a grievance", {}),
        ("closed_validated", "Workers confirmed the remedy; the grievance is closed", {}),
    ),
    **_family(
        "grievance",
        "pseudonymous",
        ("institute",),
        {"id": _id("grievance"), "status": _STATUS, "due_at": _DUE_IF_SET},
        ("received", "A supplier reported a grievance", {}),
    ),
}

_REFERRAL = {"id": _id("referral"), "status": _STATUS}
_REFERRALS = {
    **_family(
        "referral",
        "restricted",
        _HOLDERS,
        _REFERRAL,
        (
            "offered",
            "A case was handed to the recipient, who accepts or declines",
            {"purpose": Field("code", "What the recipient is asked to do"), "due_at": _DUE_IF_SET},
        ),
        (
            "revoked",
            "The referral was taken back; copies are to be deleted",
            {"reason": _REASON, "delete_by": _DELETE_BY},
        ),
        ("expired", "Nobody answered the offer in time", {}),
    ),
    **_family(
        "referral",
        "restricted",
        ("institute", *_HOLDERS),
        _REFERRAL,
        ("updated", "The other side of a referral moved it on", {"due_at": _DUE_IF_SET}),
    ),
}

_REMEDIATIONS = _family(
    "remediation",
    "pseudonymous",
    ("supplier",),
    {
        "id": _id("remediation request"),
        "status": _STATUS,
        "round": Field("count", "Round of remedy and validation, from 1"),
    },
    ("requested", "The institute asks for a remedy", {"due_at": _DUE_IF_SET}),
    ("plan_returned", "The plan needs changes", {"due_at": _DUE_IF_SET}),
    ("evidence_requested", "The claim needs evidence", {"due_at": _DUE_IF_SET}),
    (
        "escalated",
        "The institute goes a level further",
        {"level": Field("count", "1 to 3"), "due_at": _DUE_IF_SET},
    ),
    ("due_soon", "A deadline comes near", {"due_at": _DUE}),
    ("overdue", "A deadline has passed", {"due_at": _DUE}),
    ("validated", "Workers confirmed the remedy", {"result": Field("code", "full or partial")}),
    ("disputed", "Workers dispute the claim; a new round begins", {"due_at": _DUE_IF_SET}),
    ("closed", "The request is closed", {"result": Field("code", "Last result", optional=True)}),
)

_SPONSORSHIPS = {
    **_family(
        "sponsorship",
        "pseudonymous",
        ("brand",),
        {"id": _id("sponsorship")},
        ("invited", "A brand is asked to stand behind a request at a site of its supply chain", {}),
        (
            "updated",
            "The request that a brand sponsors has gone on",
            {
                "status": Field("code", "Status of the request after this event"),
                "round": Field("count", "Round of remedy and validation, from 1"),
                "result": Field("code", "Result of the last round", optional=True),
            },
        ),
    ),
}

_PAYERS: tuple[Role, ...] = ("supplier", "agency")
_REPAYMENT = {"id": _id("repayment agreement"), "status": _STATUS}
_PAYMENT = {
    "id": _id("payment"),
    "agreement": _id("repayment agreement"),
    "instalment": Field("count", "Number of the instalment, from 1"),
}
_REPAYMENTS = {
    **_family(
        "repayment",
        "pseudonymous",
        _PAYERS,
        _REPAYMENT,
        ("offered", "The institute asks the payer to agree to what it owes", {}),
        ("completed", "Workers confirmed every instalment in full", {}),
        ("closed", "Nothing more is asked, or the agreement was taken back", {}),
        (
            "overdue",
            "An instalment's day is over, and the payer has the next word on it",
            {
                "instalment": _PAYMENT["instalment"],
                "due_on": Field("day", "Last day on which it was on time"),
            },
        ),
    ),
    **_family(
        "repayment",
        "pseudonymous",
        _PAYERS,
        _PAYMENT,
        (
            "validated",
            "Workers confirmed a payment",
            {"result": Field("code", "full or partial; after partial a new round is open")},
        ),
        ("disputed", "Workers dispute a payment; a new round of the instalment is open", {}),
    ),
    **_family(
        "repayment",
        "pseudonymous",
        ("institute",),
        _REPAYMENT,
        ("accepted", "The payer has agreed to pay what it owes", {}),
        ("contested", "The payer objects to an agreement", {}),
    ),
    **_family(
        "repayment",
        "pseudonymous",
        ("institute",),
        _PAYMENT,
        (
            "payment_reported",
            "The payer says what it has repaid",
            {"round": Field("count", "Round of the instalment, from 1")},
        ),
    ),
}

_INSTITUTE = {
    **_family(
        "task",
        "pseudonymous",
        ("institute",),
        {"id": _id("task"), "kind": Field("code", "What is to be done"), "due_at": _DUE_IF_SET},
        ("created", "Work for a person of the institute", {}),
    ),
    **_family(
        "claim",
        "pseudonymous",
        ("institute",),
        {
            "id": _id("claim"),
            "remediation_id": _id("remediation request"),
            "round": Field("count", "Round of the request, from 1"),
        },
        ("submitted", "A supplier says that the remedy is done", {}),
    ),
}

_HANDLING = {
    **_family(
        "placement",
        "pseudonymous",
        ("agency",),
        {"id": _id("placement"), "flag": Field("code", "What was found"), "due_at": _DUE_IF_SET},
        ("flagged", "A placement shows a risk, such as a fee or a changed contract", {}),
    ),
    **_family(
        "response",
        "pseudonymous",
        _HOLDERS,
        {
            "id": _id("response"),
            "status": _STATUS,
            "answers": Field("id", "The referral or request that it answers", optional=True),
        },
        ("approved", "The institute released the sender's response", {}),
    ),
    **_family(
        "consent",
        "restricted",
        _HOLDERS,
        {
            "id": _id("consent"),
            "concerns": Field("id", "The record held because of it", optional=True),
            "delete_by": _DELETE_BY,
        },
        ("withdrawn", "A worker withdrew consent; copies are to be deleted and confirmed", {}),
    ),
}

_SITES = _family(
    "site",
    "none",
    ("brand",),
    {"id": _id("site"), "state": Field("code", "placed or cleared")},
    ("safeguard_hold", "For now nothing new is asked of a site's employer, or again it is", {}),
)

_METRICS = _family(
    "metrics",
    "none",
    _ALL,
    {"id": _id("release"), "period": Field("period", "Quarter or year of the figures")},
    ("published", "A release of figures is out", {}),
    ("restated", "A release replaces an earlier one", {"replaces": _id("earlier release")}),
)

_ENDPOINT = {"id": _id("webhook endpoint")}
_DELIVERY = {
    **_family(
        "endpoint",
        "none",
        _ALL,
        _ENDPOINT,
        (
            "verify",
            "Proof that the receiver wants our events: answer with the challenge",
            {"challenge": Field("challenge", "Send this text back")},
        ),
        thin=False,
    ),
    **_family(
        "endpoint",
        "none",
        _ALL,
        _ENDPOINT,
        (
            "failing",
            "An endpoint has had no success for a while",
            {
                "failing_since": Field("instant", "First failure since the last success"),
                "will_disable_at": Field("instant", "When we stop trying", optional=True),
            },
        ),
        ("disabled", "We stopped sending to an endpoint", {"reason": _REASON}),
    ),
    **_family(
        "system",
        "none",
        _ALL,
        {
            "day": Field("day", "Day (UTC) that was compared"),
            "missing": Field("count", "Changes without an event"),
        },
        ("gap_detected", "Records and events of a day disagree: read the records again", {}),
        thin=False,
    ),
    **_family(
        "manifest",
        "none",
        _ALL,
        {
            **_ENDPOINT,
            "day": Field("day", "Day (UTC) that was closed"),
            "count": Field("count", "Events in these positions that the endpoint's patterns name"),
            "first": Field("position", "First position that is counted"),
            "last": Field("position", "Last position that is counted"),
            "digest": Field("digest", "SHA-256 of `previous` and of the events' ids in order"),
            "previous": Field("digest", "`digest` of the manifest before; zeros in the first one"),
        },
        ("daily", "What a complete receiver has seen", {}),
        thin=False,
    ),
}

_IMPORTS = _family(
    "import",
    "none",
    ("institute", "supplier", "agency"),
    {
        "id": _id("import"),
        "status": _STATUS,
        "created": Field("count", "Rows that made a record"),
        "updated": Field("count", "Rows that changed a record"),
        "unchanged": Field("count", "Rows that said nothing new"),
        "refused": Field("count", "Rows that were refused"),
    },
    ("completed", "An import has ended", {}),
)

EVENT_TYPES: Mapping[str, EventType] = MappingProxyType(
    {
        **_GRIEVANCES,
        **_REFERRALS,
        **_REMEDIATIONS,
        **_REPAYMENTS,
        **_SPONSORSHIPS,
        **_INSTITUTE,
        **_HANDLING,
        **_SITES,
        **_METRICS,
        **_IMPORTS,
        **_DELIVERY,
    }
)
"""All event types by name."""
