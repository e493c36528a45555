"""The wire shapes of receipt codes and of what worker and case team write to each other."""

from __future__ import annotations

from typing import Any

from openredress_api.foundation.fields import (
    Count,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Personal,
    Text,
    WireSchema,
    refuse,
)

LONGEST = 4_000
"""Characters of one message."""
LONGEST_CODE = 80


class ReceiptCode(Field):
    """A receipt code as a worker typed it; whether it is one is told by the look-up alone."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """16 digits of any script; spaces and hyphens do not count."""
        super().__init__(openapi={"type": "string", "maxLength": LONGEST_CODE}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        if not isinstance(value, str) or len(value) > LONGEST_CODE:
            raise refuse("not_a_receipt_code")
        return value


class ReceiptCodeView(WireSchema):
    """A new receipt code, shown this once."""

    case = Identifier("case", attribute="case_id")
    code = Text(description="16 digits for the worker; not shown again")
    created_at = Instant()


class ReceiptCodeEnd(WireSchema):
    """A receipt code that no longer opens anything."""

    case = Identifier("case", attribute="case_id")
    created_at = Instant()
    revoked_at = Instant()


class FollowUpBody(WireSchema):
    """A worker comes back."""

    code = ReceiptCode(required=True)
    read_until = Count(
        load_default=0, description="the n of the last message that the worker was shown"
    )


class FollowUpMessage(WireSchema):
    """What the case team wrote."""

    n = Count(at_least=1)
    text = Text()


class FollowUpView(WireSchema):
    """How it stands; nothing that tells which case it is, or where."""

    status = Text(description="a code of follow_up_status")
    messages = Items(
        Nested(FollowUpMessage),
        description="of the case team, after read_until of any earlier call",
    )
    has_more = Flag(description="true: there are more; send the last n as read_until")


class FollowUpMessageBody(WireSchema):
    """What a worker writes."""

    code = ReceiptCode(required=True)
    text = Personal(at_most=LONGEST, required=True, description="stored sealed")
    wants_reopen = Flag(
        load_default=False, description="the worker asks to have an ended case taken up again"
    )


class FollowUpReceived(WireSchema):
    """The message has arrived."""

    n = Count(at_least=1)


class CaseMessageBody(WireSchema):
    """What the case team writes to the worker."""

    text = Personal(at_most=LONGEST, required=True, description="stored sealed")


class CaseMessageView(WireSchema):
    """A message; assigned CSOs see no times and no person."""

    n = Count(at_least=1)
    author = Text(description="worker or case_team")
    text = Text(allow_none=True, description="null once it was erased")
    wants_reopen = Flag()
    written_by = Identifier("per", attribute="person_id", allow_none=True)
    sent_at = Instant()
    read_at = Instant(allow_none=True, description="when the worker's channel confirmed it")
