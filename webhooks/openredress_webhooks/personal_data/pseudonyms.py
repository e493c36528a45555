"""What is no pseudonym, although it is written like one."""

from __future__ import annotations

import re

from openredress_webhooks.personal_data.documents import TWO_LETTERS, is_identity
from openredress_webhooks.personal_data.kinds import Kind
from openredress_webhooks.personal_data.names import NAMES, TELLING
from openredress_webhooks.personal_data.plans import is_mobile, is_nepal
from openredress_webhooks.personal_data.words import STAFF

_NUMBER = re.compile("(?:[A-Za-z]+[-_]?)?([0-9](?:[-_]?[0-9]){6,})(?:[-_]?[A-Za-z]+)?")
# One letter and digits is how firms number their people; so are two, then a year or a count.
_PASSPORT = re.compile(f"(?![A-Z]{{2}}(?:000|19|20|25[4-7]))(?:{TWO_LETTERS})", re.IGNORECASE)
_STAFF = re.compile(f"(?:{STAFF})[0-9]", re.IGNORECASE)
_JOINT = re.compile("[-_]")
_WORD = re.compile("[A-Za-z]+")
_PIECE = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")  # SomchaiJ is two, TH-SKNguyen three


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
    is_phone = is_mobile(digits) or is_nepal([digits])
    return "phone" if is_phone and not _STAFF.match(text) else None


def is_name(text: str) -> bool:
    """Whether a pseudonym has a common name in it, or is nothing but such names, short ones too."""
    words = _WORD.findall(text)
    whole = {word.lower() for word in words}
    # A short name beside digits is rather the code of a line: lan0001.
    if whole and whole <= NAMES and (len(words) > 1 or words[0] == text):
        return True
    if not TELLING.isdisjoint(whole):
        return True
    mixed = [word for word in words if not (word.islower() or word.isupper())]
    return any(piece.lower() in TELLING for word in mixed for piece in _PIECE.findall(word))
