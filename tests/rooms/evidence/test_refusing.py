"""A file that is not taken leaves its record and the reason, and none of its octets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.factories import files
from tests.factories.evidence import BASE, NOTE, announced, body, send
from tests.factories.parties import Party, World

SCANNER = """
import pathlib, sys, time
octets = sys.stdin.buffer.read()
if pathlib.Path({folder!r}, "broken").exists():
    sys.exit(2)
sys.exit(b"EICAR" in octets)
"""


def octets_of(world: World, party: Party) -> int:
    """How many parts and copies of a party's files are stored."""
    query = """SELECT (SELECT count(*) FROM content WHERE organisation_id = :me)
        + (SELECT count(*) FROM content_part WHERE organisation_id = :me)
        + (SELECT count(*) FROM evidence_copy WHERE organisation_id = :me)"""
    with world.installation.as_owner() as connection:
        return int(connection.scalar(text(query), {"me": party.organisation_id}) or 0)


@pytest.mark.parametrize(
    ("declared", "octets", "refusal", "told"),
    [
        ("image/jpeg", files.image("PNG"), "type_mismatch", ("image/jpeg", "image/png")),
        ("application/pdf", files.pdf(locked=True), "encrypted", ("password",)),
        ("image/jpeg", files.image()[:500], "unreadable", ("image/jpeg",)),
        ("text/plain", b"\x00\x01\x02", "type_not_accepted", ("text/plain", "UTF-8")),
    ],
)
def test_a_refusal_is_told_and_kept(
    world: World,
    supplier: Party,
    declared: str,
    octets: bytes,
    refusal: str,
    told: tuple[str, ...],
) -> None:
    """The answer names what was announced and what it is; the record keeps the reason alone."""
    before = octets_of(world, supplier)
    evidence = announced(supplier, octets, declared)
    answer = send(supplier, evidence, octets)
    assert (answer.status_code, answer.json["code"]) == (422, "evidence_refused")
    assert all(word in answer.json["detail"] for word in told)
    said = supplier.get(f"{BASE}/{evidence}").json
    assert (said["state"], said["refusal"]) == ("refused", refusal)
    assert octets_of(world, supplier) == before
    again = send(supplier, evidence, octets)
    assert (again.status_code, again.json["code"]) == (409, "evidence_ended")
    assert supplier.post(f"{BASE}/{evidence}/links").json["code"] == "evidence_not_ready"


def test_a_bomb_ends_its_process_alone(supplier: Party) -> None:
    """A file that unpacks without end is refused; the next call is answered as ever."""
    rows = "<row><c><v>1</v></c></row>" * 600_000
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "xl/workbook.xml": "<workbook/>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
    }
    octets = files.package(parts)
    evidence = announced(supplier, octets, files.XLSX)
    answer = send(supplier, evidence, octets)
    assert (answer.status_code, answer.json["code"]) == (422, "evidence_refused")
    assert supplier.get(BASE).status_code == 200


@pytest.fixture(scope="module")
def scanned(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Path]]:
    """An installation with a scanner, and the folder by which it is broken."""
    folder = tmp_path_factory.mktemp("scanner")
    script = folder / "scan.py"
    script.write_text(SCANNER.format(folder=str(folder)))
    installation = server.clone()
    command = (sys.executable, str(script))
    installation.settings = replace(installation.settings, scan_command=command)
    made = World(installation)
    yield made, folder
    made.app.extensions["openredress"].dispose()


def test_a_clean_file_is_called_so(scanned: tuple[World, Path]) -> None:
    """With a scanner the record says what it found."""
    party = scanned[0].party("agency")
    evidence = announced(party, NOTE, "text/plain")
    assert send(party, evidence, NOTE).json["scan"] == "clean"


def test_an_infected_file_does_not_stay(scanned: tuple[World, Path]) -> None:
    """What the scanner warns of is refused, and erased before anybody opens it."""
    world, _ = scanned
    party, octets = world.party("supplier"), b"EICAR and nothing else"
    evidence = announced(party, octets, "text/plain")
    answer = send(party, evidence, octets)
    assert (answer.status_code, answer.json["code"]) == (422, "evidence_refused")
    said = party.get(f"{BASE}/{evidence}").json
    assert (said["state"], said["refusal"], said["scan"]) == ("refused", "infected", None)
    assert octets_of(world, party) == 0


def test_without_an_answer_of_the_scanner_nothing_is_taken(scanned: tuple[World, Path]) -> None:
    """A scanner that fails lets nothing pass: the last part is sent again when it is back."""
    world, folder = scanned
    party = world.party("supplier")
    evidence = announced(party, NOTE, "text/plain")
    (folder / "broken").touch()
    answer = send(party, evidence, NOTE)
    assert (answer.status_code, answer.json["code"]) == (503, "scan_unavailable")
    assert answer.headers["Retry-After"] == "60"
    assert party.get(f"{BASE}/{evidence}").json["received"] == 0
    (folder / "broken").unlink()
    assert send(party, evidence, NOTE).json["state"] == "ready"


def test_a_scanner_that_is_not_there(server: Any) -> None:
    """A command that cannot be started is a scanner that fails, not one that finds nothing."""
    installation = server.clone()
    installation.settings = replace(installation.settings, scan_command=("/no/such/scanner",))
    world = World(installation)
    party = world.party("supplier")
    evidence = announced(party, NOTE, "text/plain")
    assert send(party, evidence, NOTE).json["code"] == "scan_unavailable"
    world.app.extensions["openredress"].dispose()


def test_a_label_is_text_of_a_few_words(supplier: Party) -> None:
    """A label is optional and comes back as it was written."""
    for label in (None, "ใบแจ้งเงินเดือน มีนาคม"):
        answer = supplier.post(BASE, body(NOTE, "text/plain", label=label))
        assert answer.json["label"] == label
