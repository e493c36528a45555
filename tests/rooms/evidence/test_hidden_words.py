"""Documents: what a sender hid, deleted, cropped or left unused is not in the copy."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.factories.letters import copy_of, halves, letter, line, root_of, run, words

SEEN = line("seen")


def style(kind: str, name: str, inside: str, more: str = "") -> str:
    """A style."""
    return f'<w:style w:type="{kind}" w:styleId="{name}" {more}>{inside}</w:style>'


HIDE = "<w:rPr><w:vanish/></w:rPr>"
STYLES = "".join(
    (
        style("character", "Hid", HIDE),
        style("character", "Web", "<w:rPr><w:webHidden/></w:rPr>"),
        style("character", "Child", '<w:basedOn w:val="Hid"/>'),
        style("character", "Back", '<w:basedOn w:val="Hid"/><w:rPr><w:vanish w:val="0"/></w:rPr>'),
        style("character", "Round", '<w:basedOn w:val="Round"/>'),
        style("paragraph", "Hid", HIDE),
        style("paragraph", "Child", '<w:basedOn w:val="Hid"/>'),
        style("table", "Hid", HIDE),
        style("table", "Part", f'<w:tblStylePr w:type="firstRow">{HIDE}</w:tblStylePr>'),
    )
)
HIDDEN = {
    "itself": line("hidden", of_run="<w:vanish/>"),
    "on a page": line("hidden", of_run="<w:webHidden/>"),
    "by its style": line("hidden", of_run='<w:rStyle w:val="Hid"/>'),
    "by its style on a page": line("hidden", of_run='<w:rStyle w:val="Web"/>'),
    "by what its style is based on": line("hidden", of_run='<w:rStyle w:val="Child"/>'),
    "by the paragraph's style": line("hidden", '<w:pStyle w:val="Hid"/>'),
    "by what that is based on": line("hidden", '<w:pStyle w:val="Child"/>'),
    "by the table's style": "<w:tbl><w:tblPr><w:tblStyle w:val='Hid'/></w:tblPr><w:tr><w:tc>"
    f"{line('hidden')}</w:tc></w:tr></w:tbl>",
    "by a part of the table's style": "<w:tbl><w:tblPr><w:tblStyle w:val='Part'/></w:tblPr>"
    f"<w:tr><w:tc>{line('hidden')}</w:tc></w:tr></w:tbl>",
    "as a row": "<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr>"
    f"<w:tc>{line('hidden')}</w:tc></w:tr></w:tbl>",
    "as a deleted cell": f"<w:tbl><w:tr><w:tc><w:tcPr><w:cellDel/></w:tcPr>{line('hidden')}"
    "</w:tc></w:tr></w:tbl>",
    "as a code": '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    f'{run("hidden")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
    "in a shape that is off": '<w:p><w:r><w:drawing><wp:anchor><wp:docPr hidden="1"/>'
    f"<w:txbxContent>{line('hidden')}</w:txbxContent></wp:anchor></w:drawing></w:r></w:p>",
    "in an old shape that is off": '<w:p><w:r><w:pict><v:shape style="visibility: hidden">'
    f"<w:txbxContent>{line('hidden')}</w:txbxContent></v:shape></w:pict></w:r></w:p>",
}


@pytest.mark.parametrize("how", HIDDEN)
def test_hidden_words_are_not_in_the_copy(how: str) -> None:
    """However words are hidden, they stay behind, and what stands around them does not."""
    octets = letter(SEEN + HIDDEN[how] + SEEN, {"styles": STYLES})
    assert words(octets) == ["seen", "seen"]
    assert b"hidden" not in b"".join(copy_of(octets).values())


SHOWN = {
    "itself": line("seen", '<w:pStyle w:val="Hid"/>', '<w:vanish w:val="false"/>'),
    "by its style": line("seen", of_run='<w:rStyle w:val="Back"/>'),
    "by no style": line("seen", '<w:pStyle w:val="None"/>', '<w:rStyle w:val="Round"/>'),
    "before the change": line("seen", of_run=f'<w:rPrChange w:id="1">{HIDE}</w:rPrChange>'),
    "as a result": '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("seen")}'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
    "after a field without an end": '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>'
    + SEEN,
}


@pytest.mark.parametrize("how", SHOWN)
def test_words_that_are_seen_stay(how: str) -> None:
    """What only looks hidden in the file is seen, and is in the copy."""
    assert words(letter(SHOWN[how], {"styles": STYLES})) == ["seen"]


@pytest.mark.parametrize(
    "styles",
    [
        f"<w:docDefaults><w:rPrDefault>{HIDE}</w:rPrDefault></w:docDefaults>",
        style("paragraph", "Normal", HIDE, 'w:default="1"'),
        style("character", "Default", HIDE, 'w:default="1"'),
    ],
    ids=["all", "paragraphs", "runs"],
)
def test_what_is_hidden_unless_it_says_otherwise(styles: str) -> None:
    """A document may hide everything, and show what says so itself."""
    body = line("hidden") + line("seen", of_run='<w:vanish w:val="0"/>')
    assert words(letter(body, {"styles": styles})) == ["seen"]


def test_rows_and_tables_that_lost_everything() -> None:
    """A table of which nothing is left goes too: without a row it would be damaged."""
    root = root_of(letter(SEEN + HIDDEN["as a deleted cell"] + HIDDEN["as a row"]))
    assert not [one for one in root.iter() if one.tag.endswith(("}tbl", "}tr"))]


REFERENCE = '<w:{}Reference w:type="{}" r:id="{}"/>'


@pytest.mark.parametrize(
    ("section", "settings", "left"),
    [
        ("default", "", {"header1", "footer1"}),
        ("first", "", set()),
        ("first", "<w:titlePg/>", {"header1", "footer1"}),
        ("even", "", set()),
        ("even", "<w:evenAndOddHeaders/>", {"header1", "footer1"}),
    ],
)
def test_only_headers_that_are_shown(section: str, settings: str, left: set[str]) -> None:
    """A header that nothing names, or that belongs to pages that are not there, stays behind."""
    more = settings if "titlePg" in settings else ""
    body = SEEN + "<w:sectPr>{}{}{}</w:sectPr>".format(
        REFERENCE.format("header", section, "header1"),
        REFERENCE.format("footer", section, "footer1"),
        more,
    )
    names = ("header1", "header2", "footer1", "footer2")
    parts = {name: line(f"of {name}") for name in names} | {"settings": settings}
    said = b"".join(copy_of(letter(body, parts)).values())
    assert {name for name in names if f"of {name}".encode() in said} == left


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_only_notes_that_are_named(kind: str) -> None:
    """A note whose sign was deleted or hidden, or never stood, is not in the copy."""
    sign = f'<w:r><w:{kind}Reference w:id="{{}}"/></w:r>'
    body = (
        f"<w:p>{run('seen')}{sign.format(1)}<w:del>{sign.format(2)}</w:del>"
        f"{sign.format(3).replace('<w:r>', '<w:r><w:rPr><w:vanish/></w:rPr>')}</w:p>"
    )
    notes = f'<w:{kind} w:id="-1" w:type="separator">{line("rule")}</w:{kind}>' + "".join(
        f'<w:{kind} w:id="{number}">{line(f"note {number}")}</w:{kind}>' for number in range(1, 5)
    )
    copy = copy_of(letter(body, {f"{kind}s": notes}))
    said = copy[f"word/{kind}s.xml"]
    assert b"note 1" in said
    assert b"separator" in said
    assert not [what for what in (b"note 2", b"note 3", b"note 4", b"rule") if what in said]
    none = copy_of(letter(SEEN, {f"{kind}s": notes}))
    assert f"word/{kind}s.xml" not in none


def test_only_lists_that_are_used() -> None:
    """What stands before a level is seen where a paragraph is on that level, and only there."""
    level = '<w:lvl w:ilvl="{0}">{2}<w:lvlText w:val="{1}"/></w:lvl>'
    numbering = "".join(
        f'<w:abstractNum w:abstractNumId="{number}">{level.format(0, f"{number}-top", "")}'
        f"{level.format(1, f'{number}-below', '')}{level.format(2, f'{number}-hid', HIDE)}"
        "</w:abstractNum>"
        for number in range(2)
    )
    numbering += "".join(
        f'<w:num w:numId="{number + 1}"><w:abstractNumId w:val="{number}"/></w:num>'
        for number in range(2)
    )
    place = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr>'
    body = line("seen", place.format(0)) + line("seen", place.format(2))
    said = copy_of(letter(body, {"numbering": numbering}))["word/numbering.xml"]
    assert b"0-top" in said
    for other in (b"0-below", b"0-hid", b"1-top", b"1-below"):
        assert other not in said


def drawing(fill: str) -> str:
    """A picture in the line."""
    return (
        "<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData><pic:pic><pic:blipFill>"
        f'<a:blip r:embed="picture"/>{fill}</pic:blipFill></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r></w:p>"
    )


def pictures(body: str) -> list[Image.Image]:
    """The pictures of the copy."""
    copy = copy_of(letter(body, picture=halves()))
    return [Image.open(BytesIO(copy[name])) for name in sorted(copy) if name.endswith(".png")]


VML = '<w:p><w:r><w:pict><v:shape><v:imagedata r:id="picture" {}/></v:shape></w:pict></w:r></w:p>'


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (drawing('<a:srcRect r="50000" b="25000"/>'), (100, 75)),
        (drawing('<a:srcRect r="50%" b="25%"/>'), (100, 75)),
        (drawing('<a:stretch><a:fillRect r="-100000" b="-33334"/></a:stretch>'), (100, 75)),
        (VML.format('cropright="32768f" cropbottom=".25"'), (100, 75)),
    ],
    ids=["cut", "per cent", "beyond its shape", "old"],
)
def test_what_was_cropped_is_gone(body: str, size: tuple[int, int]) -> None:
    """The copy of a picture holds the part that was shown, and none of its other pixels."""
    (found,) = pictures(body)
    assert found.size == size
    assert found.convert("RGB").getcolors() == [(size[0] * size[1], (255, 255, 255))]


def test_a_picture_that_is_shown_whole_stays_so() -> None:
    """A rim around it takes nothing away; shown twice, each time it is what was shown."""
    (found,) = pictures(drawing('<a:srcRect l="-5000" t="-5000"/>'))
    assert found.size == (200, 100)
    twice = pictures(drawing("") + drawing('<a:srcRect l="50000"/>'))
    assert [one.size for one in twice] == [(200, 100), (100, 100)]
    assert pictures(drawing('<a:srcRect l="60000" r="60000"/>')) == []


def test_a_picture_deleted_from_a_box() -> None:
    """A box may hold tracked changes of its own."""
    inside = f"<w:txbxContent>{SEEN}<w:del>{drawing('')}</w:del></w:txbxContent>"
    body = f"<w:p><w:r><w:drawing><wp:inline>{inside}</wp:inline></w:drawing></w:r></w:p>"
    assert pictures(body) == []
    assert words(letter(body)) == ["seen"]


def test_only_known_fonts_are_named() -> None:
    """A font that text cannot be read without is named; one of another name is not."""
    fonts = '<w:rFonts w:ascii="Handwriting of Somchai" w:cs="Zawgyi-One" w:hAnsi="Arial"/>'
    said = copy_of(letter(line("seen", of_run=fonts)))["word/document.xml"]
    assert b"Somchai" not in said
    assert b"Zawgyi-One" in said
    assert b"Arial" in said
