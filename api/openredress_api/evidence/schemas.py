"""The wire shapes of evidence; a file has no name here, for names name people."""

from __future__ import annotations

from openredress_api.evidence import rules
from openredress_api.foundation.fields import (
    Choice,
    Count,
    Identifier,
    Instant,
    Sha256,
    Text,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery

LONGEST_LABEL = 80


class EvidenceBody(WireSchema):
    """A file that is announced; its octets follow."""

    purpose = Choice(rules.PURPOSES, required=True, description="what it is to show")
    label = Text(
        at_most=LONGEST_LABEL,
        allow_none=True,
        load_default=None,
        description="a few words of your own; no person's name",
    )
    media_type = Choice(tuple(rules.MEDIA_TYPES), required=True)
    size = Count(at_least=1, at_most=rules.MOST_OCTETS, required=True, description="octets")
    sha256 = Sha256(required=True, description="of the whole file")


class EvidenceView(EvidenceBody):
    """What is known of a file; its octets are had by a link, or by its owner as they came."""

    id = Identifier("evd")
    organisation = Identifier("org", attribute="organisation_id")
    state = Choice(rules.STATES)
    received = Count(at_most=rules.MOST_OCTETS, description="octets that are here: send on from it")
    scan = Choice(rules.SCANS, allow_none=True, description="not_scanned: no scanner is set up")
    refusal = Choice(tuple(rules.REFUSALS), allow_none=True, description="why it was not taken")
    voided_at = Instant(allow_none=True)
    void_reason = Choice(rules.ENDINGS, allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class EvidenceList(PageQuery):
    """What to list, in the order of the last change."""

    updated_since = Instant(description="changed here at or after this time")
    state = Choice(rules.STATES)
    purpose = Choice(rules.PURPOSES)


class PartQuery(WireSchema):
    """Where the octets of this part begin in the file."""

    offset = Count(at_most=rules.MOST_OCTETS, required=True, description="`received` of the record")


class EvidenceLinkView(WireSchema):
    """A way to the copy, for whoever asked for it."""

    id = Identifier("evl", description="stands in the mark across the copy")
    url = Text(description="opens without a token: keep it to yourself")
    expires_at = Instant()


class EvidenceVoidBody(WireSchema):
    """Why a file should not be here; its octets are erased, what is told of it stays."""

    reason = Choice(rules.VOID_REASONS, required=True)
