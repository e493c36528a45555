"""Which part of a picture a document shows: the rest is in the file and its reader never saw it."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple
from xml.etree.ElementTree import Element

# DrawingML counts in thousandths of a per cent, VML in fractions or in 65536ths.
_DRAWING, _VML = 100_000, 65_536


class Crop(NamedTuple):
    """The part that is shown, each side from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the picture is shown."""
        return self.right <= self.left or self.bottom <= self.top

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The pixels of a picture that are shown whole; at least one, unless it `is_empty`."""
        left, top = ceil(_exact(self.left * width)), ceil(_exact(self.top * height))
        right, bottom = int(_exact(self.right * width)), int(_exact(self.bottom * height))
        return left, top, max(right, left + 1), max(bottom, top + 1)


WHOLE = Crop(0, 0, 1, 1)


def of_fill(fill: Element) -> Crop:
    """What DrawingML shows: cut by `srcRect`, then by the shape that it is stretched beyond."""
    found = _cut(*_insets(fill.find("{*}srcRect")))
    left, top, right, bottom = _insets(fill.find("{*}stretch/{*}fillRect"))
    across, down = found.right - found.left, found.bottom - found.top
    wide, high = (1 - min(left, 0) - min(right, 0), 1 - min(top, 0) - min(bottom, 0))
    return Crop(
        found.left + across * max(-left, 0) / wide,
        found.top + down * max(-top, 0) / high,
        found.right - across * max(-right, 0) / wide,
        found.bottom - down * max(-bottom, 0) / high,
    )


def of_image(image: Element) -> Crop:
    """What VML shows."""
    left, top, right, bottom = (
        _vml(image.get(f"crop{side}", "0")) for side in ("left", "top", "right", "bottom")
    )
    return _cut(left, top, right, bottom)


def _exact(pixels: float) -> float:
    """A place without the error of its computing."""
    return round(pixels, 3)


def _cut(left: float, top: float, right: float, bottom: float) -> Crop:
    """What is left without these parts; less than nothing is a rim around the picture."""
    return Crop(max(left, 0), max(top, 0), 1 - max(right, 0), 1 - max(bottom, 0))


def _insets(rectangle: Element | None) -> tuple[float, float, float, float]:
    sides = {} if rectangle is None else rectangle.attrib
    left, top, right, bottom = (_part(sides.get(side, "0")) for side in "ltrb")
    return left, top, right, bottom


def _part(said: str) -> float:
    return float(said[:-1]) / 100 if said.endswith("%") else float(said) / _DRAWING


def _vml(said: str) -> float:
    return float(said[:-1]) / _VML if said.endswith("f") else float(said)
