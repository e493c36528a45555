"""Pictures: what is seen stays, what cannot be seen is gone, and the mark is seen on any ground."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw

from openredress_api.evidence import looking
from openredress_api.evidence.copies import making
from tests.factories.evidence import copied

NAME = "SOMCHAI JAIDEE"
MARK = "Made-up institute · 2026-03-01 · evl_01j8z3k5v7n9q2r4s6t8w0x1y3"


def saved(picture: Image.Image, form: str, **more: object) -> bytes:
    """A picture as a file."""
    made = BytesIO()
    picture.save(made, form, **more)
    return made.getvalue()


def opened(octets: bytes) -> Image.Image:
    """A picture with everything that its file holds of it."""
    return Image.open(BytesIO(octets)).convert("RGBA")


@pytest.mark.parametrize("alpha", [0, 1])
@pytest.mark.parametrize(
    ("form", "more"), [("PNG", {}), ("WEBP", {"exact": True, "lossless": True})]
)
def test_nothing_is_left_under_what_is_transparent(form: str, more: dict, alpha: int) -> None:
    """Letters that somebody made transparent cannot be made visible again."""
    picture = Image.new("RGBA", (400, 100), "white")
    ImageDraw.Draw(picture).text((10, 10), NAME, fill="black", font_size=40)
    picture.putalpha(alpha)
    copy = opened(copied(f"image/{form.lower()}", saved(picture, form, **more)))
    assert [low for low, _ in copy.getextrema()] >= [253, 253, 253, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_transparent_picture_lies_on_white(mode: str) -> None:
    """What is half transparent looks as it does on white paper."""
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 10, 20))
    if mode == "P":
        octets = saved(
            picture.convert("P"), "PNG", transparency=picture.convert("P").getpixel((15, 5))
        )
    else:
        octets = saved(picture.convert(mode), "PNG")
    copy = opened(copied("image/png", octets)).convert("RGB")
    assert copy.getpixel((15, 5)) == (255, 255, 255)
    if mode != "P":
        assert copy.getpixel((5, 5)) == (0, 0, 0)


def test_deep_grey_stays_grey() -> None:
    """A scan of 16 bits per pixel keeps its shades."""
    picture = Image.new("I;16", (30, 10))
    for x in range(30):
        for y in range(10):
            picture.putpixel((x, y), (0, 30_000, 65_535)[x // 10])
    copy = opened(copied("image/png", saved(picture, "PNG")))
    assert [copy.getpixel((x, 5))[0] for x in (5, 15, 25)] == [0, 117, 255]


@pytest.mark.parametrize("ground", [0, 60, 110, 160, 255])
def test_the_mark_is_seen_on_any_ground(ground: int) -> None:
    """On black, on white and on the grey of its own letters."""
    octets = saved(Image.new("RGB", (600, 400), (ground,) * 3), "PNG")
    marked = making.mark(making.framed({"media_type": "image/png", "mark": MARK}, octets))
    change = ImageChops.difference(opened(octets), opened(marked)).convert("L")
    assert sum(change.histogram()[40:]) > 1_000


def test_a_large_transparent_picture_fits() -> None:
    """Fifty million pixels with transparency are copied and marked within the bounds."""
    octets = saved(Image.new("RGBA", (10_000, 5_000), (200, 0, 0, 128)), "PNG", compress_level=1)
    copy = looking.copied("image/png", octets)
    assert Image.open(BytesIO(copy)).size == (10_000, 5_000)
    assert len(looking.marked("image/png", copy, MARK)) > len(copy)
