"""How one may come back to a worker, and how a worker comes back; for the case team."""

from __future__ import annotations

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "cases"


class SafeContact(Record):
    """What was agreed with the worker; nothing is allowed until something was."""

    may_contact: bool
    channels: list[str]
    days: list[str]
    from_hour: int | None
    until_hour: int | None
    time_zone: str | None
    who_answers: str | None
    leave_messages: bool


class ContactNow(Record):
    """By which channels the worker may be contacted at this moment; none: do not."""

    channels: list[str]


class NewReceiptCode(Record):
    """A receipt code, shown this once: `code` is missing when the answer is a repeated one."""

    case: str
    code: str
    created_at: str


class EndedReceiptCode(Record):
    """A receipt code that no longer opens anything."""

    case: str
    created_at: str
    revoked_at: str


class CaseMessage(Record):
    """What the worker or the case team wrote; an assigned CSO sees no times and no person."""

    n: int
    author: str
    text: str | None
    wants_reopen: bool
    written_by: str | None
    sent_at: str
    read_at: str | None


class Following(Capability):
    """The part of `/v1/cases` about contact with the worker."""

    def safe_contact(self, case_id: str) -> SafeContact:
        """Return what was agreed with the worker; the read is logged."""
        return self._get(SafeContact, _PATH, case_id, "safe-contact")

    def set_safe_contact(
        self, case_id: str, *, etag: str | None = None, **body: object
    ) -> SafeContact:
        """Put what is agreed now in the place of what was agreed before.

        Raises:
            Stale: it has changed since `etag`.
        """
        where = path(_PATH, case_id, "safe-contact")
        answer = self._transport.send("PUT", where, body=body, etag=etag)
        return SafeContact(answer.members(), answer)

    def contact_now(self, case_id: str) -> ContactNow:
        """Return by which channels the worker may be contacted now, consent and hours weighed."""
        return self._get(ContactNow, _PATH, case_id, "safe-contact", "now")

    def make_receipt_code(
        self, case_id: str, *, idempotency_key: str | None = None
    ) -> NewReceiptCode:
        """Make the code by which the worker comes back; hand it over, it is not shown again."""
        return self._post(NewReceiptCode, _PATH, case_id, "receipt-codes", key=idempotency_key)

    def revoke_receipt_code(
        self, case_id: str, *, idempotency_key: str | None = None
    ) -> EndedReceiptCode:
        """End a code that is lost or in the wrong hands."""
        segments = (_PATH, case_id, "receipt-codes", "revoke")
        return self._post(EndedReceiptCode, *segments, key=idempotency_key)

    def write(self, case_id: str, text: str, *, idempotency_key: str | None = None) -> CaseMessage:
        """Leave a message that the worker reads with the receipt code."""
        body = {"text": text}
        return self._post(CaseMessage, _PATH, case_id, "messages", body=body, key=idempotency_key)

    def messages(
        self, case_id: str, *, cursor: str | None = None, **filters: object
    ) -> Listing[CaseMessage]:
        """Iterate over what worker and case team wrote, oldest first; the read is logged."""
        return self._list(CaseMessage, _PATH, case_id, "messages", cursor=cursor, **filters)
