"""What a document's text leads to: headers, notes and numbers that it names; no others are kept."""

from __future__ import annotations

from collections.abc import Container, Iterable
from xml.etree.ElementTree import Element, SubElement

from openredress_api.evidence.copies.words import R, q

_OFF = {"0", "false", "off"}
_HEADERS = {q("headerReference"), q("footerReference")}
_RULES = {"separator", "continuationSeparator"}
NOTES = {"footnotes": "footnoteReference", "endnotes": "endnoteReference"}


def headers(text: Element, settings: Element | None, there: Container[str | None]) -> list[Element]:
    """The references to headers and footers that are `there` and shown; others leave `text`."""
    kinds = {"default"}
    kinds |= {"first"} if _is_set(text, "titlePg") else set()
    kinds |= {"even"} if settings is not None and _is_set(settings, "evenAndOddHeaders") else set()
    found: list[Element] = []
    for section in text.iter(q("sectPr")):
        for one in section.findall("*"):
            if one.tag not in _HEADERS:
                continue
            if one.get(q("type"), "default") in kinds and one.get(q("id", R)) in there:
                found.append(one)
            else:
                section.remove(one)
    return found


def named_notes(text: Element, kind: str) -> set[str]:
    """The notes to which `text` refers."""
    return {one.get(q("id"), "") for one in text.iter(q(NOTES[kind]))}


def keep_notes(notes: Element, named: set[str]) -> None:
    """Take out the notes that nothing refers to; the rules above notes are drawn anew."""
    for note in list(notes):
        kind = note.get(q("type"), "normal")
        if kind in _RULES:
            note[:] = []
            SubElement(SubElement(SubElement(note, q("p")), q("r")), q(kind))
        elif kind != "normal" or note.get(q("id"), "") not in named:
            notes.remove(note)


def keep_numbers(numbering: Element, texts: Iterable[Element]) -> None:
    """Take out the lists that no paragraph is in, and what stands before levels that none has."""
    levels: dict[str, set[str]] = {}
    for text in texts:
        for place in text.iter(q("numPr")):
            number, level = place.find(q("numId")), place.find(q("ilvl"))
            if number is not None:
                at = "0" if level is None else level.get(q("val"), "")
                levels.setdefault(number.get(q("val"), ""), set()).add(at)
    bases: dict[str, set[str]] = {}
    for number in numbering.findall(q("num")):
        used, base = levels.get(number.get(q("numId"), "")), number.find(q("abstractNumId"))
        _keep(numbering, number, used)
        if used and base is not None:
            bases.setdefault(base.get(q("val"), ""), set()).update(used)
    for one in numbering.findall(q("abstractNum")):
        _keep(numbering, one, bases.get(one.get(q("abstractNumId"), "")))


def _keep(numbering: Element, found: Element, used: set[str] | None) -> None:
    if not used:
        numbering.remove(found)
        return
    for level in found.iter(q("lvl")):
        said = level.find(q("lvlText"))
        if said is not None and level.get(q("ilvl")) not in used:
            said.set(q("val"), "")


def _is_set(root: Element, name: str) -> bool:
    return any(one.get(q("val")) not in _OFF for one in root.iter(q(name)))
