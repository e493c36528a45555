"""Text documents: their words, tables, lists and pictures, in a container of our own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element, SubElement
from zipfile import ZipFile

from PIL import Image, UnidentifiedImageError

from openredress_api.evidence.copies.kinds import opened
from openredress_api.evidence.copies.packages import (
    content_types,
    packed,
    parsed,
    relations,
    written,
)
from openredress_api.evidence.copies.pictures import picture
from openredress_api.evidence.copies.words import A, R, q, shown

MAIN = "word/document.xml"
_KINDS = ("header", "footer", "footnotes", "endnotes", "numbering")
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DEFAULTS = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "png": "image/png",
}
_PICTURES = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
# English metric units: 914,400 to the inch; a picture is at most six inches wide.
_PER_PIXEL, _WIDEST = 9_525, 6 * 914_400


def rebuilt(octets: bytes, _: str, mark: str) -> bytes:
    """A document of what its reader sees, tracked changes accepted; `mark` becomes its first line.

    Raises Refused.
    """
    with opened(octets) as source:
        return packed(_Copy(source, mark).parts())


class _Copy:
    """One document on its way into the copy."""

    def __init__(self, source: ZipFile, mark: str) -> None:
        self._source = source
        self._mark = mark
        self._names = set(source.namelist())
        self._made: dict[str, bytes] = {}
        self._types: dict[str, str] = {}
        self._copied: dict[str, str] = {}
        self._pictures: dict[str, tuple[str, int, int]] = {}

    def parts(self) -> dict[str, bytes]:
        """The parts of the copy by name."""
        self._part(MAIN, MAIN, "document.main")
        return {
            "[Content_Types].xml": content_types(_DEFAULTS, self._types),
            "_rels/.rels": relations({"rId1": ("officeDocument", MAIN)}),
            **self._made,
        }

    def _part(self, source: str, name: str, kind: str) -> None:
        links = dict(self._links(source))
        used: dict[str, tuple[str, str]] = {}

        def drawing(link: str) -> Element | None:
            found, target = links.get(link, ("", ""))
            made = self._picture(target) if found == "image" else None
            if made is None:
                return None
            used[link] = ("image", made[0])
            return _drawing(link, len(used), *made[1:])

        root = shown(parsed(self._source.read(source)), drawing)
        if name == MAIN and self._mark:
            root[0].insert(0, _line(self._mark))
        self._types[name] = f"{_TYPE}.{kind}+xml"
        self._made[name] = written(root)
        for link, (found, target) in links.items() if name == MAIN else ():
            if found in _KINDS:
                used[link] = (found, self._other(target, found))
        short = {one: (what, file.removeprefix("word/")) for one, (what, file) in used.items()}
        self._made[f"word/_rels/{posixpath.basename(name)}.rels"] = relations(short)

    def _other(self, source: str, kind: str) -> str:
        """The copy of a header, footer, list of notes or of numbers; named by us."""
        if source not in self._copied:
            name = f"word/{kind}{len(self._copied) + 1}.xml"
            self._copied[source] = name
            self._part(source, name, kind)
        return self._copied[source]

    def _links(self, name: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """Each link of a part to another one that is there: its id, kind and the part's name."""
        base, file = posixpath.split(name)
        path = f"{base}/_rels/{file}.rels"
        for one in parsed(self._source.read(path)) if path in self._names else ():
            target = posixpath.normpath(posixpath.join("/", base, one.get("Target", "")))[1:]
            if one.get("TargetMode") != "External" and target in self._names:
                kind = one.get("Type", "").rpartition("/")[2]
                yield one.get("Id", ""), (kind, target)

    def _picture(self, part: str) -> tuple[str, int, int] | None:
        """The copy of a picture as (part, width, height); None if it is none that we can draw."""
        if part not in self._pictures:
            try:
                made = picture(self._source.read(part), _PICTURES, "PNG")
            except UnidentifiedImageError:
                return None
            name = f"word/media/picture{len(self._pictures) + 1}.png"
            self._made[name] = made
            self._pictures[part] = (name, *Image.open(BytesIO(made)).size)
        return self._pictures[part]


def _line(text: str) -> Element:
    """A paragraph of plain text."""
    line = Element(q("p"))
    SubElement(SubElement(line, q("r")), q("t")).text = text
    return line


def _drawing(link: str, number: int, width: int, height: int) -> Element:
    """A picture in the line, as large as its pixels and no wider than the page."""
    wide = min(width * _PER_PIXEL, _WIDEST)
    size = {"cx": str(wide), "cy": str(height * wide // width)}
    root = Element(q("drawing"))
    inline = SubElement(root, q("inline", _WP))
    SubElement(inline, q("extent", _WP), size)
    SubElement(inline, q("docPr", _WP), {"id": str(number), "name": f"Picture {number}"})
    data = SubElement(SubElement(inline, q("graphic", A)), q("graphicData", A), {"uri": _PIC})
    found = SubElement(data, q("pic", _PIC))
    named = SubElement(found, q("nvPicPr", _PIC))
    SubElement(named, q("cNvPr", _PIC), {"id": str(number), "name": f"Picture {number}"})
    SubElement(named, q("cNvPicPr", _PIC))
    fill = SubElement(found, q("blipFill", _PIC))
    SubElement(fill, q("blip", A), {q("embed", R): link})
    SubElement(SubElement(fill, q("stretch", A)), q("fillRect", A))
    shape = SubElement(found, q("spPr", _PIC))
    place = SubElement(shape, q("xfrm", A))
    SubElement(place, q("off", A), {"x": "0", "y": "0"})
    SubElement(place, q("ext", A), size)
    SubElement(SubElement(shape, q("prstGeom", A), {"prst": "rect"}), q("avLst", A))
    return root
