"""Text documents: their words, tables, lists and pictures, in a container of our own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element, SubElement
from zipfile import ZipFile

from PIL import Image, UnidentifiedImageError

from openredress_api.evidence.copies import references
from openredress_api.evidence.copies.crops import Crop
from openredress_api.evidence.copies.hidden import Styles, take_out
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
# A link's name: the last word of its type, and the part to which it leads.
Links = dict[str, tuple[str, str]]
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
        self._texts: list[Element] = []
        self._copied: dict[str, str] = {}
        self._pictures: dict[tuple[str, Crop], tuple[str, int, int]] = {}
        self._styles = Styles(self._only("styles"))

    def parts(self) -> dict[str, bytes]:
        """The parts of the copy by name."""
        text, used = self._shown(MAIN)
        used |= self._headers(text) | self._notes(text)
        if self._mark:
            text[0].insert(0, _line(self._mark))
        self._keep(MAIN, "document.main", text, used | self._numbers())
        return {
            "[Content_Types].xml": content_types(_DEFAULTS, self._types),
            "_rels/.rels": relations({"rId1": ("officeDocument", MAIN)}),
            **self._made,
        }

    def _shown(self, source: str, notes: set[str] | None = None) -> tuple[Element, Links]:
        """What a part shows, of notes only these; and the pictures in it by link."""
        links = dict(self._links(source))
        used: Links = {}

        def drawing(link: str, crop: Crop) -> Iterator[Element]:
            kind, target = links.get(link, ("", ""))
            if kind == "image" and (made := self._picture(target, crop)) is not None:
                name = f"picture{len(used) + 1}"
                used[name] = ("image", made[0])
                yield _drawing(name, len(used), *made[1:])

        found = parsed(self._source.read(source))
        take_out(found, self._styles)
        if notes is not None:
            references.keep_notes(found, notes)
        self._texts.append(shown(found, drawing))
        return self._texts[-1], used

    def _keep(self, name: str, kind: str, root: Element, used: Links) -> None:
        self._types[name] = f"{_TYPE}.{kind}+xml"
        self._made[name] = written(root)
        short = {one: (what, file.removeprefix("word/")) for one, (what, file) in used.items()}
        self._made[f"word/_rels/{posixpath.basename(name)}.rels"] = relations(short)

    def _headers(self, text: Element) -> Links:
        """Copy the headers and footers that the text shows; the links get names of ours."""
        there = {one: to for one, to in self._links(MAIN) if to[0] in {"header", "footer"}}
        used: Links = {}
        for one in references.headers(text, self._only("settings"), there):
            kind, source = there[one.get(q("id", R), "")]
            name = f"{kind}{len(used) + 1}"
            used[name] = (kind, self._header(source, kind))
            one.set(q("id", R), name)
        return used

    def _header(self, source: str, kind: str) -> str:
        if source not in self._copied:
            name = f"word/{kind}{len(self._copied) + 1}.xml"
            self._copied[source] = name
            self._keep(name, kind, *self._shown(source))
        return self._copied[source]

    def _notes(self, text: Element) -> Links:
        """Copy the notes to which the text refers."""
        used: Links = {}
        for kind in references.NOTES:
            named, source = references.named_notes(text, kind), self._part_of(kind)
            if named and source:
                notes, pictures = self._shown(source, named)
                self._keep(f"word/{kind}.xml", kind, notes, pictures)
                used[kind] = (kind, f"word/{kind}.xml")
        return used

    def _numbers(self) -> Links:
        """Copy the lists in which a paragraph of any part stands."""
        source = self._part_of("numbering")
        if not source:
            return {}
        texts = [*self._texts]
        numbering, pictures = self._shown(source)
        references.keep_numbers(numbering, texts)
        self._keep("word/numbering.xml", "numbering", numbering, pictures)
        return {"numbering": ("numbering", "word/numbering.xml")}

    def _part_of(self, kind: str) -> str | None:
        """The part that the text has one of, such as its styles."""
        return next((part for _, (found, part) in self._links(MAIN) if found == kind), None)

    def _only(self, kind: str) -> Element | None:
        part = self._part_of(kind)
        return parsed(self._source.read(part)) if part else None

    def _links(self, name: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """Each link of a part to another one that is there: its id, kind and the part's name."""
        base, file = posixpath.split(name)
        path = f"{base}/_rels/{file}.rels"
        for one in parsed(self._source.read(path)) if path in self._names else ():
            target = posixpath.normpath(posixpath.join("/", base, one.get("Target", "")))[1:]
            if one.get("TargetMode") != "External" and target in self._names:
                kind = one.get("Type", "").rpartition("/")[2]
                yield one.get("Id", ""), (kind, target)

    def _picture(self, part: str, crop: Crop) -> tuple[str, int, int] | None:
        """The copy of a picture as (part, width, height); None if none of it is or can be drawn."""
        if crop.is_empty:
            return None
        if (part, crop) not in self._pictures:
            try:
                made = picture(self._source.read(part), _PICTURES, "PNG", crop=crop)
            except UnidentifiedImageError:
                return None
            name = f"word/media/picture{len(self._pictures) + 1}.png"
            self._made[name] = made
            self._pictures[part, crop] = (name, *Image.open(BytesIO(made)).size)
        return self._pictures[part, crop]


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
