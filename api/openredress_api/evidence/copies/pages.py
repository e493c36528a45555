"""PDF: each page as the picture that its reader sees.

A page that became a picture has no author, script, attachment, form or layer, and no text under
the black bar that somebody drew over a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pypdfium2 as pdfium
from PIL import Image

from openredress_api.evidence.copies.kinds import Refused
from openredress_api.evidence.copies.pictures import encoded, stamped

MOST_PAGES = 40
DPI, POINTS = 150, 72
# An A4 page of 150 dots per inch has 2.2 million.
MOST_PAGE_PIXELS = 9_000_000
QUALITY = 85
_WRONG_PASSWORD = 4


def rebuilt(octets: bytes, _: str, mark: str) -> bytes:
    """A PDF whose every page is one picture of what the page showed. Raises Refused."""
    made = pdfium.PdfDocument.new()
    for seen in _pages(octets):
        image = pdfium.PdfImage.new(made)
        image.load_jpeg(BytesIO(encoded(stamped(seen, mark), "JPEG", QUALITY)))
        # A hair narrower, so that the page has the same pixels when it is drawn again.
        width, height = (side * POINTS / DPI - 0.001 for side in seen.size)
        image.set_matrix(pdfium.PdfMatrix().scale(width, height))
        page = made.new_page(width, height)
        page.insert_obj(image)
        page.gen_content()
        page.close()
    written = BytesIO()
    made.save(written)
    return written.getvalue()


def _pages(octets: bytes) -> Iterator[Image.Image]:
    try:
        found = pdfium.PdfDocument(octets)
    except pdfium.PdfiumError as fault:
        locked = fault.err_code == _WRONG_PASSWORD
        raise Refused("encrypted" if locked else "unreadable") from None
    if len(found) > MOST_PAGES:
        raise Refused("too_large_inside")
    # So that what was typed into a form is drawn.
    found.init_forms()
    for page in found:
        width, height = page.get_size()
        scale = min(DPI / POINTS, (MOST_PAGE_PIXELS / (width * height)) ** 0.5)
        yield page.render(scale=scale).to_pil().convert("RGB")
        page.close()
