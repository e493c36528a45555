"""The wire shapes of audit entries."""

from __future__ import annotations

from openredress_api.foundation.fields import Identifier, Instant, Items, Text, WireSchema
from openredress_api.foundation.paging import PageQuery


class AuditQuery(PageQuery):
    """What one's own clients did; with `record`: who read a record of one's own."""

    record = Text(
        at_most=40,
        reference=True,
        description="the id of a record of one's own, such as grv_...",
    )
    since = Instant(description="entries of this moment or later")
    until = Instant(description="entries before this moment")


class AuditEntryView(WireSchema):
    """Somebody read or acted."""

    id = Identifier("aud")
    at = Instant()
    operation = Text(description="the operationId of the call")
    organisation = Identifier(
        "org", allow_none=True, description="null: another party that may read the record"
    )
    person = Identifier("per", allow_none=True, description="a person of one's own organisation")
    records = Items(Text(), description="ids of the records that were shown or changed")
