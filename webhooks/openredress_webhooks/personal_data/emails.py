"""E-mail addresses, also with spaces between their parts or spelt out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openredress_webhooks.personal_data.folding import PROVIDER, is_spelt
from openredress_webhooks.personal_data.kinds import Found

_LATIN = "A-Za-z0-9\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff"
_LOCAL = rf"[{_LATIN}](?:[{_LATIN}._%+'-]{{0,62}}[{_LATIN}_%+'-])?"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Names in a script of their own: no spaces, no signs; before the @ no Latin letters either, which
# would be the address itself, right behind a word of that script.
_FOREIGN = r"[^\s\x00-,./:-@\[-`{-~]{1,63}"
_FOREIGN_LOCAL = r"[^\s\x00-,/:-\x7f]{1,63}"
# An address with spaces ends in one of these, or else every "at" would begin one.
_COMMON = (
    "(?:com|net|org|edu|gov|info|biz|asia|co|th|mm|kh|np|bd|vn|id|my|sg|la|in|me)(?![A-Za-z0-9])"
)

_WRITTEN = re.compile(
    rf"(?:{_LOCAL}|{_FOREIGN_LOCAL})@"
    rf"(?:(?:{_LABEL}\.){{1,8}}[A-Za-z]{{2,}}|(?:{_FOREIGN}\.){{1,8}}(?:[A-Za-z]{{2,}}|[^\s\x00-\x7f]{{2,63}}))"
)
_SPACED = re.compile(
    rf"{_LOCAL} ?@ ?{_LABEL}(?: ?\. ?{_LABEL}){{0,4}}? ?\. ?{_COMMON}", re.IGNORECASE
)
# A bare "at" and a bare dot: only before a house that keeps people's letters.
_KEPT = rf"{PROVIDER}(?:\.[A-Za-z]{{2,3}}){{1,2}}(?![A-Za-z0-9])"
_DOT = r"(?:\.| ?[(\[{] ?(?:dot|\.) ?[)\]}] ?| dot )"
_SPELT = re.compile(
    rf"{_LOCAL} ?[(\[{{] ?at ?[)\]}}] ?{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}?{_DOT}[A-Za-z]{{2,}}"
    rf"|{_LOCAL} at {_LABEL}(?: dot {_LABEL}){{0,4}}? dot {_COMMON}"
    rf"|{_LOCAL} at {_KEPT}",
    re.IGNORECASE,
)


def emails(text: str) -> Iterator[Found]:
    """The places of e-mail addresses in a folded text."""
    for pattern in (_WRITTEN, _SPACED) if "@" in text else ():
        yield from (Found("email", *match.span()) for match in pattern.finditer(text))
    if is_spelt(text):
        yield from (Found("email", *match.span()) for match in _SPELT.finditer(text))
