"""Files as senders hand them in, full of what they did not mean to tell: each text is a canary."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pypdfium2 as pdfium
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin

CANARY = "Somchai-Canary"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GPS, _MAKER, _ARTIST, _ORIENTATION = 0x8825, 0x010F, 0x013B, 0x0112


def image(form: str = "JPEG", size: tuple[int, int] = (400, 300)) -> bytes:
    """A picture, red on the left, blue on the right; its place, its maker and its artist in it."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = picture.getexif()
    exif[_MAKER], exif[_ARTIST], exif[_ORIENTATION] = CANARY, CANARY, 3
    exif.get_ifd(_GPS)[2] = (13.0, 44.0, 11.5)
    more: dict[str, object] = {"exif": exif}
    if form == "JPEG":
        more |= {"comment": CANARY.encode(), "xmp": f"<x>{CANARY}</x>".encode()}
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", CANARY)
        more |= {"pnginfo": text, "icc_profile": CANARY.encode()}
    made = BytesIO()
    picture.save(made, form, **more)
    return made.getvalue()


SCRIPT = f"app.alert('{CANARY}-script')"


def pdf(pages: int = 1, locked: bool = False) -> bytes:  # noqa: FBT001, FBT002 - a kind of file
    """A page that says PAYSLIP; an author, a script, a note and an attached file around it."""
    stream = b"BT /F1 24 Tf 72 700 Td (PAYSLIP) Tj ET"
    kids = " ".join(f"{10 + page} 0 R" for page in range(pages))
    parts = {
        1: "<< /Type /Catalog /Pages 2 0 R /Metadata 7 0 R /OpenAction 6 0 R "
        "/Names << /EmbeddedFiles << /Names [(a) 8 0 R] >> >> >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: f"<< /Length {len(stream)} >>\nstream\n{stream.decode()}\nendstream",
        5: f"<< /Type /Annot /Subtype /Text /Rect [9 9 29 29] /T ({CANARY}) "
        f"/Contents ({CANARY}-note) /F 2 >>",
        6: f"<< /S /JavaScript /JS ({SCRIPT}) >>".replace("('", "\\('").replace("')", "'\\)"),
        7: _stream(f"<x>{CANARY}</x>", "/Type /Metadata /Subtype /XML"),
        8: f"<< /Type /Filespec /F ({CANARY}.txt) /EF << /F 9 0 R >> >>",
        9: _stream(f"{CANARY} attached", "/Type /EmbeddedFile"),
        **{
            10 + page: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> /Annots [5 0 R] >>"
            for page in range(pages)
        },
        10 + pages: f"<< /Author ({CANARY}) /Producer ({CANARY}) >>",
    }
    trailer = f"/Root 1 0 R /Info {10 + pages} 0 R"
    if locked:
        parts[11 + pages] = (
            f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
        )
        trailer += f" /Encrypt {11 + pages} 0 R /ID [<00> <00>]"
    return _written(parts, trailer)


def form() -> bytes:
    """A page with a field into which somebody typed; its look is a stream of its own."""
    look = "/Tx BMC BT /F1 18 Tf 2 6 Td (typed in) Tj ET EMC"
    parts = {
        1: "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] "
        "/DR << /Font << /F1 4 0 R >> >> /DA (/F1 18 Tf 0 g) >> >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> "
        "/Annots [5 0 R] >>",
        4: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        5: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (typed in) /F 4 "
        "/Rect [72 670 300 700] /P 3 0 R /DA (/F1 18 Tf 0 g) /AP << /N 6 0 R >> >>",
        6: _stream(
            look,
            "/Type /XObject /Subtype /Form /BBox [0 0 228 30] "
            "/Resources << /Font << /F1 4 0 R >> >>",
        ),
    }
    return _written(parts, "/Root 1 0 R")


def _stream(text: str, kind: str) -> str:
    return f"<< {kind} /Length {len(text)} >>\nstream\n{text}\nendstream"


def _written(parts: Mapping[int, str], trailer: str) -> bytes:
    said = b"%PDF-1.7\n"
    places = {}
    for number, part in parts.items():
        places[number] = len(said)
        said += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{places[number]:010} 00000 n \n" for number in sorted(parts))
    size = len(parts) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< {trailer} /Size {size} >>\n"
    return said + end.encode() + f"startxref\n{len(said)}\n%%EOF\n".encode()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_BY = f'w:author="{CANARY}" w:date="2026-01-01T00:00:00Z"'
BODY = f"""
<w:p w:rsidR="00{CANARY}"><w:pPr><w:pStyle w:val="{CANARY}"/><w:jc w:val="center"/>
<w:pPrChange w:id="1" {_BY}><w:pPr/></w:pPrChange></w:pPr>
<w:r><w:rPr><w:b/><w:rPrChange w:id="2" {_BY}/></w:rPr><w:t>Contract of </w:t></w:r>
<w:del w:id="3" {_BY}><w:r><w:delText>{CANARY}-deleted</w:delText></w:r></w:del>
<w:ins w:id="4" {_BY}><w:r><w:t xml:space="preserve">employment </w:t></w:r></w:ins>
<w:moveFrom w:id="5" {_BY}><w:r><w:t>{CANARY}-moved</w:t></w:r></w:moveFrom>
<w:moveTo w:id="6" {_BY}><w:r><w:t>in Mae Sot</w:t></w:r></w:moveTo>
<w:commentRangeStart w:id="7"/><w:r><w:rPr><w:vanish/></w:rPr><w:t>{CANARY}-hidden</w:t></w:r>
<w:r><w:commentReference w:id="7"/></w:r>
<w:hyperlink r:id="rId9"><w:r><w:t>a link</w:t></w:r></w:hyperlink>
<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>AUTHOR {CANARY}</w:instrText></w:r>
<w:r><w:drawing><wp:inline xmlns:wp="urn:x"><wp:docPr id="1" name="{CANARY}" descr="C:/{CANARY}"/>
<a:blip r:embed="rId4"/></wp:inline></w:drawing></w:r>
<mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p>
</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r>
<w:t>in a box</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:p>
<w:sdt><w:sdtPr><w:dataBinding w:xpath="{CANARY}"/></w:sdtPr><w:sdtContent>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>
<w:r><w:t>first term</w:t></w:r></w:p></w:sdtContent></w:sdt>
<w:tbl><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>
<w:tr><w:tc><w:p><w:r><w:t>Wage</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:trPr><w:del w:id="8" {_BY}/></w:trPr><w:tc><w:p><w:r><w:t>{CANARY}-row</w:t></w:r></w:p>
</w:tc></w:tr></w:tbl>
<w:sectPr><w:headerReference w:type="default" r:id="rId3"/></w:sectPr>
"""
_LINKS = {
    "rId1": ("comments", "comments.xml"),
    "rId2": ("customXml", "../customXml/item1.xml"),
    "rId3": ("header", "header1.xml"),
    "rId4": ("image", f"media/{CANARY}.jpeg"),
    "rId5": ("numbering", "numbering.xml"),
    "rId6": ("attachedTemplate", f"file:///C:/{CANARY}.dotx"),
    "rId7": ("styles", "styles.xml"),
    "rId8": ("oleObject", "embeddings/object.bin"),
}


def letter(more: Mapping[str, bytes] | None = None) -> bytes:
    """A document with tracked changes, comments, an author, a picture and a thumbnail."""
    spaces = f'xmlns:w="{_W}" xmlns:r="{_R}" xmlns:a="{_A}" xmlns:mc="{_MC}"'
    links = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{kind}" Target="{target}"/>'
        for name, (kind, target) in _LINKS.items()
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": "<Relationships/>",
        "word/document.xml": f"<w:document {spaces}><w:body>{BODY}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{links}</Relationships>",
        "word/header1.xml": f"<w:hdr {spaces}><w:p><w:r><w:t>Letterhead</w:t></w:r></w:p></w:hdr>",
        "word/numbering.xml": f'<w:numbering {spaces}><w:abstractNum w:abstractNumId="0" '
        f'w:name="{CANARY}"><w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
        "word/comments.xml": f"<w:comments {spaces}>{CANARY}</w:comments>",
        "word/styles.xml": f"<w:styles {spaces}>{CANARY}</w:styles>",
        "word/settings.xml": f"<w:settings {spaces}>{CANARY}</w:settings>",
        "word/people.xml": f"<people>{CANARY}</people>",
        "docProps/core.xml": f"<creator>{CANARY}</creator>",
        "docProps/app.xml": f"<Company>{CANARY}</Company>",
        "docProps/thumbnail.jpeg": image(),
        "customXml/item1.xml": f"<x>{CANARY}</x>",
        "word/embeddings/object.bin": CANARY,
        f"word/media/{CANARY}.jpeg": image(),
        **(more or {}),
    }
    return package(parts)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """A container of parts."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as container:
        for name, part in parts.items():
            container.writestr(name, part)
    return made.getvalue()


def parts_of(octets: bytes) -> dict[str, bytes]:
    """The parts of a container by name."""
    with ZipFile(BytesIO(octets)) as container:
        return {name: container.read(name) for name in container.namelist()}


def workbook() -> bytes:
    """An attendance sheet with an author, a comment, a formula, a name and a hidden sheet."""
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = CANARY
    sheet = book.active
    assert sheet is not None
    sheet.title = "March"
    sheet.append(["day", "hours", "note"])
    sheet.append([1, 8.5, "on time"])
    sheet.append([2, None, f'=HYPERLINK("http://{CANARY}.example")'])
    sheet["A2"].comment = Comment(CANARY, CANARY)
    hidden = book.create_sheet("secret")
    hidden.append([CANARY])
    hidden.sheet_state = "hidden"
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def strings_of(octets: bytes) -> bytes:
    """Everything that stands in a file, unpacked where it is a container."""
    if not octets.startswith(b"PK"):
        return octets
    with ZipFile(BytesIO(octets)) as container:
        parts = ((one.encode(), container.read(one)) for one in container.namelist())
        return octets + b"\n".join(itertools.chain.from_iterable(parts))


def page_text(octets: bytes) -> str:
    """The text that a reader's program finds on the pages of a PDF."""
    return "".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(octets))


def seen(octets: bytes) -> Image.Image:
    """A picture as it is seen."""
    return Image.open(BytesIO(octets)).convert("RGB")


def drawn(octets: bytes) -> Image.Image:
    """The first page of a PDF as it is seen."""
    return pdfium.PdfDocument(octets)[0].render(scale=1).to_pil().convert("RGB")
