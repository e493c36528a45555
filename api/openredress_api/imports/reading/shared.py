"""What the sheets of a workbook share: their names, number formats and texts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from zipfile import ZipFile

from openredress_api.imports.reading.markup import feed, unescaped
from openredress_api.imports.reading.shapes import BadFile
from openredress_api.imports.reading.values import BUILT_IN, Kind, kind_of

_HIDDEN = ("hidden", "veryHidden")


@dataclass
class Workbook:
    """A workbook but for its cells.

    Attributes:
        sheets: parts of the archive by the names of visible sheets.
        kinds: what the number format of each style shows.
        texts: the table of texts, which cells name by number.
        from_1904: whether days are counted from 1904 instead of 1900.
    """

    sheets: dict[str, str] = field(default_factory=dict)
    kinds: list[Kind | None] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    from_1904: bool = False


def opened(archive: ZipFile) -> Workbook:
    """The workbook in an archive; BadFile if a part is missing or damaged."""
    main = _named(_relations(archive, ""), "/officeDocument")
    if main is None:
        raise BadFile("file_is_another_kind", found="ZIP", expected="XLSX")
    relations = _relations(archive, main)
    workbook = Workbook()
    places = {name: part for name, kind, part in relations if kind.endswith("/worksheet")}
    read(archive, main, _Main(workbook, places))
    if styles := _named(relations, "/styles"):
        read(archive, styles, _Styles(workbook.kinds))
    if texts := _named(relations, "/sharedStrings"):
        read(archive, texts, _Texts(workbook.texts))
    return workbook


def read(archive: ZipFile, part: str, handler: _Elements) -> None:
    """Tell `handler` all of a part."""
    for _ in feed(archive, part, handler):
        pass


def _named(relations: list[tuple[str, str, str]], kind: str) -> str | None:
    return next((part for _, found, part in relations if found.endswith(kind)), None)


def _relations(archive: ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Name, kind and place of what a part refers to."""
    folder, name = posixpath.split(part)
    found: list[tuple[str, str, str]] = []

    def note(attributes: dict[str, str]) -> None:
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
        found.append((attributes.get("Id", ""), attributes.get("Type", ""), target.lstrip("/")))

    read(archive, posixpath.join(folder, "_rels", f"{name}.rels"), _Elements(Relationship=note))
    return found


class _Elements:
    """Told of elements, passes the attributes of those it is asked for on."""

    def __init__(self, **wanted: Callable[[dict[str, str]], None]) -> None:
        self._wanted = wanted

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if wanted := self._wanted.get(name):
            wanted(attributes)

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text between elements."""


class _Main(_Elements):
    """Which sheets there are, and from when days are counted."""

    def __init__(self, workbook: Workbook, places: dict[str, str]) -> None:
        super().__init__(sheet=self._sheet, workbookPr=self._properties)
        self._workbook, self._places = workbook, places

    def _sheet(self, attributes: dict[str, str]) -> None:
        relation = next((text for name, text in attributes.items() if name.endswith(":id")), "")
        if relation in self._places and attributes.get("state") not in _HIDDEN:
            self._workbook.sheets[attributes.get("name", "")] = self._places[relation]

    def _properties(self, attributes: dict[str, str]) -> None:
        self._workbook.from_1904 = attributes.get("date1904") in ("1", "true")


class _Styles(_Elements):
    """Which styles show dates."""

    def __init__(self, kinds: list[Kind | None]) -> None:
        super().__init__(numFmt=self._format, xf=self._style)
        self._kinds = kinds
        self._formats: dict[str, Kind | None] = {str(one): kind for one, kind in BUILT_IN.items()}
        self._counts = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Cells name the formats within `cellXfs` by their number."""
        if name == "cellXfs":
            self._counts = True
        super().start(name, attributes)

    def end(self, name: str) -> None:
        """Formats after `cellXfs` are of named styles."""
        if name == "cellXfs":
            self._counts = False

    def _format(self, attributes: dict[str, str]) -> None:
        self._formats[attributes.get("numFmtId", "")] = kind_of(attributes.get("formatCode", ""))

    def _style(self, attributes: dict[str, str]) -> None:
        if self._counts:
            self._kinds.append(self._formats.get(attributes.get("numFmtId", "0")))


class _Texts(_Elements):
    """The table of texts; how a text is pronounced is left out."""

    def __init__(self, table: list[str]) -> None:
        super().__init__()
        self._table = table
        self._pieces: list[str] = []
        self._reads = self._is_reading_aid = False

    def start(self, name: str, _: dict[str, str]) -> None:
        """`si` is an entry, `t` some of its text, `rPh` how some of it is pronounced."""
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._is_reading_aid = True
        elif name == "t":
            self._reads = not self._is_reading_aid

    def end(self, name: str) -> None:
        """An entry is complete with `si`."""
        if name == "t":
            self._reads = False
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "si":
            self._table.append(unescaped("".join(self._pieces)))

    def text(self, text: str) -> None:
        """A piece of an entry."""
        if self._reads:
            self._pieces.append(text)
