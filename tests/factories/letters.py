"""Documents of text as small as a question needs them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from PIL import Image

from tests.factories import files
from tests.factories.evidence import copied
from tests.factories.files import DOCX

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES = (
    f'xmlns:w="{W}" xmlns:r="{_R}" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
# Kind of link to the file's outermost element.
ROOTS = {
    "styles": "styles",
    "settings": "settings",
    "numbering": "numbering",
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "header": "hdr",
    "footer": "ftr",
}


def letter(body: str, parts: Mapping[str, str] | None = None, *, picture: bytes = b"") -> bytes:
    """A document of this body; `parts` are others by name, such as header2, linked as r:id."""
    made: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>"}
    links = [("picture", "image", "media/a.png")] if picture else []
    made |= {"word/media/a.png": picture} if picture else {}
    for name, inside in (parts or {}).items():
        kind = name.rstrip("0123456789")
        links.append((name, kind, f"{name}.xml"))
        made[f"word/{name}.xml"] = f"<w:{ROOTS[kind]} {_SPACES}>{inside}</w:{ROOTS[kind]}>"
    made["word/document.xml"] = f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>"
    made["word/_rels/document.xml.rels"] = "".join(
        (
            "<Relationships>",
            *(f'<Relationship Id="{i}" Type="{_R}/{k}" Target="{t}"/>' for i, k, t in links),
            "</Relationships>",
        )
    )
    return files.package(made)


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def line(text: str, properties: str = "", of_run: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text, of_run)}</w:p>"


def copy_of(octets: bytes) -> dict[str, bytes]:
    """The parts of the copy of a document."""
    return files.parts_of(copied(DOCX, octets))


def words(octets: bytes) -> list[str | None]:
    """The words of the text of a document's copy."""
    return [one.text for one in root_of(octets).iter(f"{{{W}}}t")]


def root_of(octets: bytes) -> Element:
    """The text of a document's copy."""
    found: Element = ElementTree.fromstring(copy_of(octets)["word/document.xml"])
    return found


def halves() -> bytes:
    """A picture that is white on the left and red on the right; blue in the lower quarter."""
    made = Image.new("RGB", (200, 100), "white")
    made.paste("red", (100, 0, 200, 100))
    made.paste("blue", (0, 75, 200, 100))
    octets = BytesIO()
    made.save(octets, "PNG")
    return octets.getvalue()
