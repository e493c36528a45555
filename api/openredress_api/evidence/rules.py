"""Rules of evidence in plain Python: what is taken, why something is not, and what a mark says."""

from __future__ import annotations

from datetime import date, timedelta

from openredress_api.vocabulary import TAXONOMIES

PURPOSES = TAXONOMIES["evidence_purpose"].codes
# What is taken, with the end of a copy's name.
MEDIA_TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "text/plain": "txt",
}
MOST_OCTETS = 25 * 1024 * 1024
STATES = ("receiving", "ready", "refused", "voided")
SCANS = ("clean", "not_scanned")
REFUSALS = {
    "type_mismatch": "The file was announced as {declared}; its octets are {found}.",
    "type_not_accepted": "The file was announced as {declared}; its octets are of no type that is "
    "taken: JPEG, PNG, WebP, PDF, DOCX, XLSX without macros, and text in UTF-8, "
    "or in UTF-16 with a byte order mark.",
    "encrypted": "The file is locked with a password; send it unlocked.",
    "too_large_inside": "The file unpacks to more than can be looked at: at most 40 pages, "
    "50 million pixels, 200,000 cells or 200 MiB.",
    "unreadable": "The file is damaged: it cannot be opened as {declared}.",
    "infected": "The scanner found something harmful in the file.",
}
VOID_REASONS = ("entered_by_mistake", "entered_twice", "erasure_asked")
# Nobody's act: the seven years are over (R17).
ENDINGS = (*VOID_REASONS, "retention_ended")
LINK_LASTS = timedelta(minutes=5)
# An upload that broke off and a link that ended are kept for so many days.
UPLOAD_DAYS, LINK_DAYS = 7, 1


def why(refusal: str, declared: str, found: str) -> str:
    """What the sender reads of a refusal."""
    return REFUSALS[refusal].format(declared=declared, found=found)


def mark(recipient: str, day: date, link: str) -> str:
    """What a copy says of itself: whom it was shown to, when, and by which link."""
    return f"{recipient} · {day.isoformat()} · {link}"
