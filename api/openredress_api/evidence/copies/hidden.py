"""What a text document holds and its reader does not see: taken out before anything is copied."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from openredress_api.evidence.copies.words import MC, q

# Hidden everywhere; hidden where the document is read in a browser.
_HIDING = ("vanish", "webHidden")
# What a style may be put on: its properties, the style's name there, and the kind of style.
_STYLED = {q("p"): ("pPr", "pStyle", "paragraph"), q("tbl"): ("tblPr", "tblStyle", "table")}
# The second telling of a box, what was taken away, and what we found to be a field's code.
_CODE = "code of a field"
_NEVER_SHOWN = {q("Fallback", MC), q("del"), q("moveFrom"), _CODE}
_SHOWING = {q(name) for name in ("t", "sym", "drawing", "pict", "object")}


class Styles:
    """Which styles hide the text that they are put on.

    Where styles of two kinds both hide, one program shows the text and another one hides it: what
    any of them hides is hidden here.
    """

    def __init__(self, root: Element | None) -> None:
        found = [] if root is None else root.findall(q("style"))
        self._styles = {(one.get(q("type")), one.get(q("styleId"))): one for one in found}
        self._unnamed = {
            one.get(q("type")): one.get(q("styleId")) for one in found if _is_on(one, "default")
        }
        common = [] if root is None else root.findall(f"{q('docDefaults')}/{q('rPrDefault')}")
        self.of_all = frozenset(name for name, on in _said(common).items() if on)

    def hiding(self, kind: str, properties: Element | None, named: str) -> frozenset[str]:
        """What the style that `properties` name hides; the style for all where they name none."""
        style = None if properties is None else properties.find(q(named))
        name = self._unnamed.get(kind) if style is None else style.get(q("val"))
        said: dict[str, bool] = {}
        seen = set()
        while (found := self._styles.get((kind, name))) is not None and name not in seen:
            seen.add(name)
            # What a style says itself goes before what it is based on.
            said = _said([found, *found.findall(q("tblStylePr"))]) | said
            base = found.find(q("basedOn"))
            name = None if base is None else base.get(q("val"))
        return frozenset(name for name, on in said.items() if on)


def take_out(root: Element, styles: Styles) -> None:
    """Take deleted and hidden things and the codes of fields out of a part."""
    _mark_codes(root)
    _take_out(root, styles, styles.of_all)


def _take_out(element: Element, styles: Styles, hidden: frozenset[str]) -> None:
    kept = [child for child in element if not _is_gone(child, styles, hidden)]
    for child in kept:
        inside = hidden
        if child.tag in _STYLED:
            properties, named, kind = _STYLED[child.tag]
            inside |= styles.hiding(kind, child.find(q(properties)), named)
        _take_out(child, styles, inside)
    element[:] = [child for child in kept if not _is_emptied(child)]


def _is_gone(element: Element, styles: Styles, hidden: frozenset[str]) -> bool:
    """Whether a tracked change took it away, or it was hidden."""
    if element.tag in {q("r"), q("lvl")}:
        properties = element.find(q("rPr"))
        said = dict.fromkeys(hidden | styles.hiding("character", properties, "rStyle"), True)
        return any((said | _said([element])).values())
    if element.tag == q("tr"):
        return any(_on(element, f"{q('trPr')}/{q(name)}") for name in ("del", "hidden"))
    if element.tag == q("tc"):
        return bool(_on(element, f"{q('tcPr')}/{q('cellDel')}"))
    return element.tag in _NEVER_SHOWN or _is_invisible(element)


def _is_emptied(element: Element) -> bool:
    """Whether a row has no cell left, or a table no row: neither may stand so in a document."""
    inside = {q("tr"): "tc", q("tbl"): "tr"}.get(element.tag)
    return inside is not None and element.find(f".//{q(inside)}") is None


def _is_invisible(element: Element) -> bool:
    """Whether it is a shape that is switched off."""
    if element.tag.startswith(q("")):
        return False
    if "visibility:hidden" in element.get("style", "").replace(" ", "").lower():
        return True
    paths = ("{*}docPr", "{*}cNvPr", "{*}nvPicPr/{*}cNvPr")
    named = (one for path in paths for one in element.findall(path))
    return any(one.get("hidden") in {"1", "true"} for one in named)


def _mark_codes(root: Element) -> None:
    """Mark what stands in the code of a field, results of fields inside of it too."""
    # What the code of each open field would show; None once its result has begun.
    codes: list[list[Element] | None] = []
    for element in root.iter():
        kind = element.get(q("fldCharType")) if element.tag == q("fldChar") else None
        if kind == "begin":
            codes.append([])
        elif kind in {"separate", "end"} and codes:
            for one in codes.pop() or ():
                one.tag = _CODE
            codes += [None] if kind == "separate" else []
        elif element.tag in _SHOWING:
            for code in codes:
                if code is not None:
                    code.append(element)


def _said(holders: Iterable[Element]) -> dict[str, bool]:
    """What the run properties of `holders` say of hiding; what they leave open is not named."""
    said = {}
    for name in _HIDING:
        found = [_on(one, f"{q('rPr')}/{q(name)}") for one in holders]
        if any(on is not None for on in found):
            said[name] = any(found)
    return said


def _on(element: Element, path: str) -> bool | None:
    """Whether a property is set; None if nothing is said of it."""
    found = element.findall(path)
    return any(_is_on(one, "val", "1") for one in found) if found else None


def _is_on(element: Element, attribute: str, unsaid: str = "0") -> bool:
    return element.get(q(attribute), unsaid) not in {"0", "false", "off"}
