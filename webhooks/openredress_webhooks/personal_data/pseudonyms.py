"""What is no pseudonym, although it is written like one."""

from __future__ import annotations

import re

from openredress_webhooks.personal_data.documents import PASSPORT, is_identity
from openredress_webhooks.personal_data.kinds import Kind
from openredress_webhooks.personal_data.names import NAMES
from openredress_webhooks.personal_data.plans import is_mobile, is_nepal

_NUMBER = re.compile("(?:[A-Za-z]+[-_]?)?([0-9](?:[-_]?[0-9]){6,})(?:[-_]?[A-Za-z]+)?")
_PASSPORT = re.compile(f"(?![A-Za-z]{{1,2}}000)(?:{PASSPORT})", re.IGNORECASE)  # 000: a counter
_JOINT = re.compile("[-_]")


def in_pseudonym(text: str) -> Kind | None:
    """What a pseudonym holds instead of standing for it: a phone or document number, or nothing."""
    if _PASSPORT.fullmatch(text):
        return "passport"
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = _JOINT.sub("", match[1])
    if is_identity(digits):
        return "national_id"
    return "phone" if is_mobile(digits) or is_nepal([digits]) else None


def is_name(text: str) -> bool:
    """Whether a pseudonym is a common name, or nothing but such names joined by - or _."""
    return NAMES.issuperset(_JOINT.split(text.lower()))
