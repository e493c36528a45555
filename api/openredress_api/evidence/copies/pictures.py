"""Pictures: decoded, and encoded anew from their pixels alone."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont, ImageOps

from openredress_api.evidence.copies.crops import WHOLE, Crop
from openredress_api.evidence.copies.kinds import Refused

MOST_PIXELS = 50_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_QUALITY = {"JPEG": 90, "WEBP": 90}
# Grey letters with a white rim: one of the two is seen on any ground.
_INK, _RIM, _STRENGTH, _LINES, _SMALLEST_LETTERS = (110, 110, 110), "white", 120, 6, 12
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
# Grey of 16 bits, from the PNG and TIFF files that hold it.
_DEEP_GREY = {"I;16", "I;16B", "I;16L", "I;16N"}


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
    letters = max(_SMALLEST_LETTERS, min(picture.size) // 30)
    font = ImageFont.load_default(letters)
    for colour, rim in ((_RIM, letters // 12), (_INK, 0)):
        picture.paste(colour, mask=_lines(picture.size, mark, font, rim))
    return picture


def _lines(size: tuple[int, int], mark: str, font: Font, rim: int) -> Image.Image:
    """Where the letters of the mark cover a picture, each widened by `rim`."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    width, height = size
    step = int(draw.textlength(mark, font)) + width // 10 + 1
    for line in range(_LINES):
        top = height * line // _LINES + height // (3 * _LINES)
        for left in range(-(line % 2) * step // 2, width, step):
            draw.text((left, top), mark, fill=_STRENGTH, font=font, stroke_width=rim)
    return mask


def picture(
    octets: bytes, formats: tuple[str, ...], made: str, mark: str = "", crop: Crop = WHOLE
) -> bytes:
    """A picture of one of `formats` as one of the format `made`. Raises Refused.

    Of what `crop` cuts off, and of what is under a transparent place, nothing is left.
    """
    try:
        found = Image.open(BytesIO(octets), formats=formats)
    except Image.DecompressionBombError:
        raise Refused("too_large_inside") from None
    if found.width * found.height > MOST_PIXELS:
        raise Refused("too_large_inside")
    # The way up is metadata too: it is carried out before it goes.
    ImageOps.exif_transpose(found, in_place=True)
    seen = _on_white(found)
    if crop != WHOLE:
        seen = seen.crop(crop.box(*seen.size))
    seen.info.clear()
    return encoded(stamped(seen, mark), made, _QUALITY.get(made))


def _on_white(found: Image.Image) -> Image.Image:
    """The colours that are seen on white paper."""
    if found.mode in _DEEP_GREY:
        found = found.convert("I").point(lambda grey: grey / 257 + 0.5)
        return found.convert("L").convert("RGB")
    if not found.has_transparency_data:
        return found.convert("RGB")
    clear = found.convert("RGBA")
    seen = Image.new("RGB", clear.size, "white")
    seen.paste(clear, mask=clear.getchannel("A"))
    return seen


def encoded(picture: Image.Image, made: str, quality: int | None) -> bytes:
    """A picture as octets."""
    written = BytesIO()
    picture.save(written, made, **({"quality": quality} if quality else {}))
    return written.getvalue()
