"""The search: every detector reads the places where digits stand close together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from openredress_webhooks.personal_data.documents import bare_identities, documents
from openredress_webhooks.personal_data.emails import emails
from openredress_webhooks.personal_data.folding import folded, may_hold
from openredress_webhooks.personal_data.kinds import Found
from openredress_webhooks.personal_data.phones import phones
from openredress_webhooks.personal_data.words import told

_COVER = "\0"
_DENSE = re.compile("[0-9](?:[-./ ()]{0,3}[0-9]){5,}")
_LINES = re.compile("[0-9](?:[-./ ()\r\n]{0,3}[0-9]){5,}")
_YEAR = "(?:19|2[0145])[0-9]{2}"  # also of the Buddhist era and of Bikram Sambat
_SMALL = "(?:0?[1-9]|[12][0-9]|3[012])"
_TWO = "(?:0[1-9]|[12][0-9]|3[012])"
# Days in each order, and without signs, then also with the time.
_DAY = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][-/.])(?:"
    rf"{_YEAR}([-/.]){_SMALL}\1{_SMALL}(?!\1?[0-9])|{_SMALL}([-/.]){_SMALL}\2{_YEAR}(?!\2?[0-9])"
    rf"|(?:{_YEAR} {_SMALL} {_SMALL}|{_SMALL} {_SMALL} {_YEAR})(?![0-9])"
    rf"|(?:{_YEAR}{_TWO}{_TWO}(?:[0-9]{{6}})?|{_TWO}{_TWO}{_YEAR})(?![0-9]))"
)


def found(text: str) -> list[Found]:
    """Each phone, e-mail address and document number in a text that is NFC, in its order."""
    if not may_hold(text):
        return []
    plain = folded(text)
    findings = list(emails(plain))
    plain = _without(plain, (one[1:] for one in findings))
    for match in _DENSE.finditer(plain):
        findings += _numbers(plain, match)
    if "\n" in plain:
        findings += _over_lines(_without(plain, (one[1:] for one in findings)))
    return _apart(findings)


def _over_lines(text: str) -> Iterator[Found]:
    """What the end of one line cuts in two; numbers in more lines are a column."""
    joined = text.translate({10: " ", 13: " "})
    for match in _LINES.finditer(text):
        if match[0].count("\n") == 1:
            cut = text.index("\n", match.start())
            yield from (one for one in _numbers(joined, match) if one.start < cut < one.end)


def _numbers(text: str, dense: re.Match[str]) -> Iterator[Found]:
    """What one place of many digits holds; what one detector took the next does not see."""
    span = dense.span()
    days = [day.span() for day in _DAY.finditer(text, *span)]
    text = _without(text, days)
    if days and not _DENSE.search(text, *span):
        return
    said = told(text, span[0])
    for detector in (documents, phones, bare_identities):
        findings = list(detector(text, *span, said))
        text = _without(text, (one[1:] for one in findings))
        yield from findings


def emails_in(text: str) -> list[Found]:
    """Each e-mail address in a text: all that a reference must not hold."""
    if not may_hold(text):
        return []
    return _apart(emails(folded(text)))


def _without(text: str, places: Iterable[tuple[int, int]]) -> str:
    for start, end in places:
        text = text[:start] + _COVER * (end - start) + text[end:]
    return text


def _apart(findings: Iterable[Found]) -> list[Found]:
    """In the order of the text; of two that overlap the one that begins first."""
    kept: list[Found] = []
    for one in sorted(findings, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
