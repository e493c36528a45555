"""What of a text document's XML may stand in the copy: named here; all else stays behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, register_namespace

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
VML = "urn:schemas-microsoft-com:vml"
XML = "http://www.w3.org/XML/1998/namespace"
for _prefix, _space in {"w": W, "r": R, "a": A}.items():
    register_namespace(_prefix, _space)

# Element: its attributes. Authors, dates, revision marks and names of files are in none.
_KEPT: dict[str, tuple[str, ...]] = {
    line.split()[0]: tuple(line.split()[1:])
    for line in """
    document
    body
    hdr
    ftr
    footnotes
    endnotes
    footnote id type
    endnote id type
    footnoteReference id
    endnoteReference id
    footnoteRef
    endnoteRef
    separator
    continuationSeparator
    p
    r
    t space
    tab val pos leader
    br type
    cr
    sym font char
    noBreakHyphen
    softHyphen
    tbl
    tr
    tc
    pPr
    keepNext val
    keepLines val
    pageBreakBefore val
    jc val
    bidi val
    ind left right start end firstLine hanging
    spacing before after line lineRule
    tabs
    numPr
    ilvl val
    numId val
    rPr
    b val
    bCs val
    i val
    iCs val
    u val
    strike val
    dstrike val
    caps val
    smallCaps val
    color val
    highlight val
    vertAlign val
    sz val
    szCs val
    rtl val
    cs val
    rFonts ascii hAnsi cs eastAsia hint
    tblPr
    tblW w type
    tblLayout type
    tblBorders
    tcBorders
    top val sz space color
    bottom val sz space color
    left val sz space color
    right val sz space color
    start val sz space color
    end val sz space color
    insideH val sz space color
    insideV val sz space color
    tblGrid
    gridCol w
    trPr
    tblHeader val
    trHeight val hRule
    tcPr
    tcW w type
    gridSpan val
    vMerge val
    vAlign val
    shd val color fill
    sectPr
    headerReference type id
    footerReference type id
    pgSz w h orient
    pgMar top right bottom left header footer gutter
    cols num space
    titlePg val
    numbering
    abstractNum abstractNumId
    multiLevelType val
    lvl ilvl
    numFmt val
    lvlText val
    lvlJc val
    suff val
    num numId
    abstractNumId val
    lvlOverride ilvl
    startOverride val
    """.strip().splitlines()
}
# The element goes, what it holds stays: accepted insertions, links, fields' results, bindings.
_OPENED = {"ins", "moveTo", "hyperlink", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple"}
# The second telling of a box, and what was taken away.
_NOT_SHOWN = {f"{{{MC}}}Fallback", f"{{{W}}}del", f"{{{W}}}moveFrom"}
_OFF = {"0", "false", "off"}
Picture = Callable[[str], Element | None]


def q(name: str, space: str = W) -> str:
    """A name as ElementTree writes it."""
    return f"{{{space}}}{name}"


def shown(element: Element, picture: Picture) -> Element:
    """A part's XML with what a reader sees of it; `picture` gives a run's drawing by its link."""
    made = Element(element.tag)
    made.text = element.text if element.tag == q("t") else None
    for name in _KEPT[_local(element)]:
        for space in (W, R, XML):
            if (value := element.get(q(name, space))) is not None:
                made.set(q(name, space), value)
    for child in element:
        made.extend(_seen(child, picture))
    return made


def _seen(element: Element, picture: Picture) -> Iterator[Element]:
    if element.tag == q("AlternateContent", MC):
        for choice in element[:1]:
            yield from _inside(choice, picture)
    elif element.tag in {q("drawing"), q("pict"), q("object")}:
        yield from _drawn(element, picture)
    elif not element.tag.startswith(f"{{{W}}}") or _is_gone(element):
        return
    elif _local(element) in _OPENED:
        yield from _inside(element, picture)
    elif _local(element) in _KEPT:
        yield shown(element, picture)
        if _local(element) == "p":
            # What stands in a box beside the paragraph is read after it.
            for box in _boxes(element):
                yield from _inside(box, picture)


def _inside(element: Element, picture: Picture) -> Iterator[Element]:
    for child in element:
        yield from _seen(child, picture)


def _boxes(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == q("txbxContent"):
            yield child
        elif child.tag not in _NOT_SHOWN and not _is_gone(child):
            yield from _boxes(child)


def _drawn(element: Element, picture: Picture) -> Iterator[Element]:
    links = [
        link
        for name, space, attribute in (("blip", A, "embed"), ("imagedata", VML, "id"))
        for found in element.iter(q(name, space))
        if (link := found.get(q(attribute, R)))
    ]
    yield from (made for link in links if (made := picture(link)) is not None)


def _is_gone(element: Element) -> bool:
    """Whether a tracked change took it away, or it was hidden."""
    if element.tag == q("tr"):
        return element.find(f"{q('trPr')}/{q('del')}") is not None
    if element.tag == q("r"):
        hidden = element.find(f"{q('rPr')}/{q('vanish')}")
        return hidden is not None and hidden.get(q("val")) not in _OFF
    return False


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
