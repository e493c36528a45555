"""Pictures: decoded, and encoded anew from their pixels alone."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont, ImageOps

from openredress_api.evidence.copies.kinds import Refused

MOST_PIXELS = 50_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_QUALITY = {"JPEG": 90, "WEBP": 90}
# Grey letters are seen on white paper, on skin and in shadow.
_INK, _STRENGTH, _LINES, _SMALLEST_LETTERS = (110, 110, 110), 120, 6, 12


def rebuilt(octets: bytes, media_type: str, mark: str) -> bytes:
    """A picture in its own format, with `mark` written across it. Raises Refused."""
    made = FORMATS[media_type]
    return picture(octets, (made,), made, mark)


def stamped(picture: Image.Image, mark: str) -> Image.Image:
    """The picture with `mark` written across it, again and again; as it is without one."""
    # The letters at hand are Latin ones; the link in the mark names the recipient in any case.
    mark = mark.encode("latin-1", "ignore").decode("latin-1")
    if not mark:
        return picture
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    width, height = picture.size
    font = ImageFont.load_default(max(_SMALLEST_LETTERS, min(width, height) // 30))
    step = int(draw.textlength(mark, font)) + width // 10 + 1
    for line in range(_LINES):
        top = height * line // _LINES + height // (3 * _LINES)
        for left in range(-(line % 2) * step // 2, width, step):
            draw.text((left, top), mark, fill=_STRENGTH, font=font)
    picture.paste(_INK, mask=mask)
    return picture


def picture(octets: bytes, formats: tuple[str, ...], made: str, mark: str = "") -> bytes:
    """A picture of one of `formats` as one of the format `made`. Raises Refused."""
    try:
        found = Image.open(BytesIO(octets), formats=formats)
    except Image.DecompressionBombError:
        raise Refused("too_large_inside") from None
    if found.width * found.height > MOST_PIXELS:
        raise Refused("too_large_inside")
    # The way up is metadata too: it is carried out before it goes.
    ImageOps.exif_transpose(found, in_place=True)
    clear = "RGBA" if found.has_transparency_data and made != "JPEG" else "RGB"
    seen = found.convert(clear)
    seen.info.clear()
    return encoded(stamped(seen, mark), made, _QUALITY.get(made))


def encoded(picture: Image.Image, made: str, quality: int | None) -> bytes:
    """A picture as octets."""
    written = BytesIO()
    picture.save(written, made, **({"quality": quality} if quality else {}))
    return written.getvalue()
