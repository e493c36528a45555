"""What of a text document's XML may stand in the copy: named here; all else stays behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element, register_namespace

from openredress_api.evidence.copies import crops

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
# Fonts without which some text cannot be read, and common ones; another name may be a person's.
_FONTS = {
    name.strip()
    for line in """
    arial, calibri, cambria, courier new, georgia, helvetica, segoe ui, tahoma, times new roman,
    verdana, liberation sans, liberation serif, noto sans, noto serif, symbol, wingdings,
    wingdings 2, wingdings 3, webdings, segoe ui symbol, ms gothic, ms mincho, simsun,
    microsoft yahei, malgun gothic, angsana new, angsanaupc, browallia new, cordia new, cordiaupc,
    leelawadee, th sarabun new, th sarabunpsk, myanmar text, myanmar3, padauk, pyidaungsu,
    zawgyi-one, daunpenh, khmer os, khmer os battambang, khmer os siemreap, khmer ui, limon s1,
    kokila, mangal, nirmala ui, preeti, kantipur
    """.splitlines()
    for name in line.split(",")
}
# Attributes that name a font.
_FONT_NAMES = {"rFonts": ("ascii", "hAnsi", "cs", "eastAsia"), "sym": ("font",)}
Picture = Callable[[str, crops.Crop], Iterable[Element]]


def q(name: str, space: str = W) -> str:
    """A name as ElementTree writes it."""
    return f"{{{space}}}{name}"


def shown(element: Element, picture: Picture) -> Element:
    """What may stay of a part out of which everything hidden was taken; a new tree.

    `picture` gives the drawing of a picture by its link, if it can be drawn.
    """
    made = Element(element.tag)
    made.text = element.text if element.tag == q("t") else None
    for name in _KEPT[_local(element)]:
        for space in (W, R, XML):
            if (value := element.get(q(name, space))) is not None:
                made.set(q(name, space), value)
    for name in _FONT_NAMES.get(_local(element), ()):
        if made.get(q(name), "").lower() not in _FONTS:
            made.attrib.pop(q(name), None)
    for child in element:
        made.extend(_seen(child, picture))
    return made


def _seen(element: Element, picture: Picture) -> Iterator[Element]:
    if element.tag == q("AlternateContent", MC):
        for choice in element[:1]:
            yield from _inside(choice, picture)
    elif element.tag in {q("drawing"), q("pict"), q("object")}:
        yield from _drawn(element, picture)
    elif not element.tag.startswith(q("")):
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
        else:
            yield from _boxes(child)


def _drawn(element: Element, picture: Picture) -> Iterator[Element]:
    """The pictures of a drawing; those in its boxes are drawn in their own places."""
    for child in element:
        if child.tag == q("txbxContent"):
            continue
        blip = child.find(q("blip", A))
        if blip is not None:
            yield from picture(blip.get(q("embed", R), ""), crops.of_fill(child))
        elif child.tag == q("imagedata", VML):
            yield from picture(child.get(q("id", R), ""), crops.of_image(child))
        yield from _drawn(child, picture)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
