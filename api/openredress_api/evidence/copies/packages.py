"""Office files: containers of XML parts, read with bounds and written without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from xml.etree.ElementTree import Element
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from defusedxml.ElementTree import fromstring, tostring

HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def parsed(octets: bytes) -> Element:
    """One XML part; entities and document types are refused."""
    found: Element = fromstring(octets, forbid_dtd=True)
    return found


def written(root: Element) -> bytes:
    """One XML part as octets."""
    octets: bytes = tostring(root, encoding="utf-8")
    return HEAD + octets


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The container of `parts`: no times, no names but ours."""
    octets = BytesIO()
    with ZipFile(octets, "w", ZIP_DEFLATED) as container:
        for name, part in parts.items():
            container.writestr(ZipInfo(name), part, ZIP_DEFLATED)
    return octets.getvalue()


def relations(targets: Mapping[str, tuple[str, str]]) -> bytes:
    """A part of relations: id to (last word of the relation's type, target)."""
    root = Element("Relationships", xmlns=LINKS)
    for name, (kind, target) in targets.items():
        root.append(Element("Relationship", Id=name, Type=f"{OFFICE}/{kind}", Target=target))
    return written(root)


def content_types(defaults: Mapping[str, str], parts: Mapping[str, str]) -> bytes:
    """The list of types: by the names' ends, and by part."""
    root = Element("Types", xmlns=TYPES)
    for end, kind in defaults.items():
        root.append(Element("Default", Extension=end, ContentType=kind))
    for part, kind in parts.items():
        root.append(Element("Override", PartName=f"/{part}", ContentType=kind))
    return written(root)
