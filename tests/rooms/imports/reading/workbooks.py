"""Workbooks made by hand, so that each part can be what no program would write."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from openredress_api.foundation import confined
from openredress_api.imports.reading import Cells, Header, sheet_xlsx

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": f"""<Relationships xmlns="{_RELATIONS}">
        <Relationship Id="r1" Type="{_KINDS}/officeDocument" Target="xl/workbook.xml"/>
        </Relationships>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_RELATIONS}">
        <Relationship Id="r1" Type="{_KINDS}/worksheet" Target="worksheets/one.xml"/>
        <Relationship Id="r2" Type="{_KINDS}/worksheet" Target="/xl/worksheets/two.xml"/>
        <Relationship Id="r3" Type="{_KINDS}/styles" Target="styles.xml"/>
        <Relationship Id="r4" Type="{_KINDS}/sharedStrings" Target="texts.xml"/>
        </Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_MAIN}" xmlns:r="{_KINDS}"><workbookPr/><sheets>
        <sheet name="first" sheetId="1" r:id="r1"/><sheet name="second" sheetId="2" r:id="r2"/>
        </sheets></workbook>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{_MAIN}">
        <numFmts><numFmt numFmtId="164" formatCode="d/m/yyyy h:mm"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="17"/>
        <xf numFmtId="10"/></cellXfs></styleSheet>""",
    "xl/texts.xml": f"""<sst xmlns="{_MAIN}"><si><t>shared</t></si>
        <si><r><t>in </t></r><r><rPr><b/></rPr><t xml:space="preserve">two parts </t></r>
        <rPh sb="0" eb="1"><t>spoken</t></rPh></si><si><t>a_x000D_b _x005F_x0041_</t></si></sst>""",
}


def sheet(rows: str) -> str:
    """The part of a sheet with these rows."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


EMPTY = sheet("")
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c t="str"><v>b</v></c></row>'


def packed(parts: dict[str, str | bytes]) -> bytes:
    """An archive of these parts."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(rows: str = "", **parts: str) -> bytes:
    """A workbook whose first sheet has these rows below two headings; `parts` replace its own."""
    named = {f"xl/{name}.xml": content for name, content in parts.items()}
    sheets = {"xl/worksheets/one.xml": sheet(HEAD + rows), "xl/worksheets/two.xml": EMPTY}
    return packed({**PARTS, **sheets, **named})


def of_xlsx(content: bytes, name: str | None = None) -> tuple[Header, list[Cells]]:
    """A sheet as its header and all of its rows."""
    header, rows = sheet_xlsx(content, name)
    return header, list(rows)


@pytest.fixture
def unconfined(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a confined process would do is done here: starting one takes a second."""
    monkeypatch.setattr(confined, "run", lambda function, given, **_: function(given))


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is refused before any process is started for it."""

    def started(*_: object, **__: object) -> bytes:
        raise AssertionError("a process was started")

    monkeypatch.setattr(confined, "run", started)
