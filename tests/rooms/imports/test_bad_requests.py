"""Bad requests about files: each is refused by name before it costs anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories.imports import announce, hand_in, imported, send
from tests.factories.parties import Party, World

OCTETS = b"external_id,site\r\n"
KEY = "record=grievance&source_system=hr"


def deep(levels: int) -> dict[str, Any]:
    """Objects in objects."""
    made: Any = 1
    for _ in range(levels):
        made = {"a": made}
    return {"a": made}


@dataclass(frozen=True)
class Mapped:
    """A mapping that must be refused, and the first place and code of the refusal."""

    mapping: Any
    place: str
    code: str


def many(value: Any) -> dict[str, Any]:
    """An object of 10,000 members."""
    return dict.fromkeys(map(str, range(10_000)), value)


LONG = "x" * 10_000
MAPPINGS = {
    "10,000 columns": Mapped({"columns": many(None)}, "/columns", "not_entries"),
    "10,000 values": Mapped({"values": many({})}, "/values", "not_entries"),
    "10,000 words": Mapped({"values": {"category": many("x")}}, "/values", "not_entries"),
    "a long heading": Mapped({"columns": {LONG: None}}, "/columns", "not_an_entry"),
    "a long field": Mapped({"values": {LONG: {}}}, "/values", "not_an_entry"),
    "a long constant": Mapped({"constants": {"a": LONG}}, "/constants", "not_an_entry"),
    "NUL in a heading": Mapped({"columns": {"a\0": None}}, "/columns", "control_character"),
    "NUL in a field": Mapped({"columns": {"a": "b\0"}}, "/columns", "control_character"),
    "NUL in a word": Mapped({"values": {"a": {"b\0": "c"}}}, "/values", "control_character"),
    "NUL in a constant": Mapped({"constants": {"a": "\0"}}, "/constants", "control_character"),
    "objects for fields": Mapped({"columns": {"a": {}}}, "/columns", "not_an_entry"),
    "300 objects deep": Mapped({"columns": deep(300)}, "/columns", "not_an_entry"),
    "900 objects deep": Mapped({"values": deep(900)}, "/values", "not_an_entry"),
    "a number for a text": Mapped({"constants": {"a": 1}}, "/constants", "not_an_entry"),
    "null for a constant": Mapped({"constants": {"a": None}}, "/constants", "not_an_entry"),
    "a list of columns": Mapped({"columns": []}, "/columns", "not_entries"),
    "an unknown name": Mapped({"name": "excel"}, "/name", "not_in_list"),
    "an unknown member": Mapped({"column": {}}, "/column", "unknown"),
    "an unknown order": Mapped({"dates": {"order": "ydm"}}, "/dates/order", "not_in_list"),
    "an unknown zone": Mapped({"time_zone": "Mars/Base"}, "/time_zone", "not_a_time_zone"),
    "no object": Mapped([], "", "not_an_object"),
}
BODIES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no octet": ({"size": 0}, "/size", "range"),
    "a negative size": ({"size": -1}, "/size", "range"),
    "more than a gibibyte": ({"size": 1024**3 + 1}, "/size", "range"),
    "2**63 octets": ({"size": 2**63}, "/size", "range"),
    "a size as text": ({"size": "10"}, "/size", "not_a_whole_number"),
    "a large workbook": ({"size": 64 * 1024**2 + 1, "format": "xlsx"}, "/size", "range"),
    "a short digest": ({"sha256": "ab"}, "/sha256", "not_a_sha256"),
    "a digest in capitals": ({"sha256": "AB" * 32}, "/sha256", "not_a_sha256"),
    "an unknown kind": ({"record": "worker"}, "/record", "not_in_list"),
    "an unknown format": ({"format": "xls"}, "/format", "not_in_list"),
    "an unknown packing": ({"compression": "zip"}, "/compression", "not_in_list"),
    "an unknown charset": ({"charset": "utf-7"}, "/charset", "not_in_list"),
    "NUL in the source": ({"source_system": "a\0"}, "/source_system", "control_character"),
    "a long source": ({"source_system": "a" * 61}, "/source_system", "length"),
    "NUL in the sheet": ({"sheet": "a\0"}, "/sheet", "control_character"),
    "a long sheet": ({"sheet": "a" * 32}, "/sheet", "length"),
    "a period of grievances": ({"mode": "replace_period"}, "/mode", "no_period_to_replace"),
    "headcounts as a whole": (
        {"record": "headcount", "is_complete": True},
        "/is_complete",
        "never_complete",
    ),
    "an unknown member": ({"colour": "red"}, "/colour", "unknown"),
}
NO_NUMBERS = ("-1", "", "abc", "1e3", "1.5", "0x0", "%00", "%D9%A3", "9" * 5_000)
OFFSETS = {
    **dict.fromkeys(NO_NUMBERS, "not_a_whole_number"),
    **dict.fromkeys((str(1024**3 + 1), str(2**31), str(2**53)), "range"),
    "0&offset=0": "repeated",
    "0&colour=red": "unknown",
}
QUERIES = {
    "/findings?weight=heavy": "not_in_list",
    "/findings?limit=0": "range",
    "/findings?cursor=%00": "control_character",
    "/receipts?limit=1": "unknown",
    f"/receipts?cursor={'A' * 301}": "length",
}


@pytest.fixture(scope="module")
def supplier(world: World) -> Party:
    """Who asks."""
    return world.party("supplier")


@pytest.fixture
def nothing_begins(supplier: Party) -> Iterator[None]:
    """There are as many imports and mappings after the test as before."""
    before = kept(supplier)
    yield
    assert kept(supplier) == before


def kept(supplier: Party) -> list[str]:
    """The ids of the imports, and the status of asking for the mapping."""
    listed = supplier.get("/v1/imports?limit=500").json["data"]
    asked = supplier.get(f"/v1/import-mappings?{KEY}")
    return [*(one["id"] for one in listed), str(asked.status_code)]


def refused(answer: Any, code: str, place: str) -> None:
    """The answer is a 422 that names this place with this code."""
    assert answer.status_code == 422, answer.get_data(as_text=True)[:500]
    assert (place, code) in [(one["pointer"], one["code"]) for one in answer.json["errors"]]
    assert len(answer.data) < 100_000


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("name", MAPPINGS)
def test_a_mapping_that_cannot_be(supplier: Party, name: str) -> None:
    """With a file or by itself, it is refused at its place."""
    bad = MAPPINGS[name]
    announced = announce(supplier, OCTETS, format="csv", mapping=bad.mapping)
    refused(announced, bad.code, f"/mapping{bad.place}")
    put = supplier.put(f"/v1/import-mappings?{KEY}", bad.mapping)
    refused(put, bad.code, bad.place or "/")


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("name", BODIES)
def test_an_announcement_that_cannot_be(supplier: Party, name: str) -> None:
    """Each member is refused by its place."""
    told, place, code = BODIES[name]
    refused(announce(supplier, OCTETS, **told), code, place)


@pytest.mark.usefixtures("nothing_begins")
def test_not_more_errors_than_anybody_reads(supplier: Party) -> None:
    """A body of 80,000 unknown members is answered in short."""
    answer = announce(supplier, OCTETS, **dict.fromkeys(map(str, range(80_000)), 1))
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_field")
    assert 0 < len(answer.json["errors"]) <= 100


@pytest.mark.parametrize("offset", OFFSETS)
def test_an_offset_that_cannot_be(supplier: Party, offset: str) -> None:
    """Negative, without end, no number, twice: refused, and no octet is taken."""
    import_id = announce(supplier, OCTETS, format="csv").json["id"]
    place = "?colour" if "colour" in offset else "?offset"
    answer = supplier.http.open(
        f"/v1/imports/{import_id}/content?offset={offset}",
        method="PUT",
        data=b"x",
        headers={"Authorization": f"Bearer {supplier.token}"},
    )
    refused(answer, OFFSETS[offset], place)
    assert supplier.get(f"/v1/imports/{import_id}").json["received"] == 0


def test_the_last_octet_of_the_largest_file_has_an_offset(supplier: Party) -> None:
    """An offset of ten digits is a number too: what is missing before it is told."""
    import_id = announce(supplier, OCTETS, format="csv", size=1024**3).json["id"]
    answer = send(supplier, import_id, b"x", 1024**3 - 1)
    assert (answer.status_code, answer.json["code"]) == (409, "upload_offset_mismatch")


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_cannot_be(supplier: Party, query: str) -> None:
    """Findings and receipts are asked for as the document says, or not at all."""
    import_id = announce(supplier, OCTETS, format="csv").json["id"]
    name = query.partition("?")[2].partition("=")[0]
    refused(supplier.get(f"/v1/imports/{import_id}{query}"), QUERIES[query], f"?{name}")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Digest": ""}, 400, "digest_missing"),
        ({"Content-Digest": "sha-256=:AAAA:"}, 400, "digest_missing"),
        ({"Content-Digest": "sha-512=:AAAA:"}, 400, "digest_missing"),
        ({"Content-Digest": f"sha-256=:{'A' * 43}=:"}, 422, "digest_mismatch"),
        ({"Content-Type": "text/csv"}, 415, "unsupported_media_type"),
        ({"Content-Type": ""}, 415, "unsupported_media_type"),
        ({"Content-Type": "multipart/form-data"}, 415, "unsupported_media_type"),
        ({"Authorization": ""}, 401, "token_missing"),
    ],
)
def test_a_part_that_nobody_vouches_for(
    supplier: Party, headers: dict[str, str], status: int, code: str
) -> None:
    """Without its digest, its type or a token no part is taken."""
    import_id = announce(supplier, OCTETS, format="csv").json["id"]
    answer = send(supplier, import_id, OCTETS, **headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert supplier.get(f"/v1/imports/{import_id}").json["received"] == 0


def test_other_octets_in_the_same_place(supplier: Party) -> None:
    """What has come is not replaced: neither by other octets, nor by a longer part."""
    import_id = announce(supplier, OCTETS, format="csv").json["id"]
    assert send(supplier, import_id, OCTETS[:5]).status_code == 200
    for octets, offset in ((b"wrong", 0), (OCTETS, 0), (OCTETS[3:], 3)):
        answer = send(supplier, import_id, octets, offset)
        assert (answer.status_code, answer.json["code"]) == (409, "upload_offset_mismatch")
    assert send(supplier, import_id, OCTETS[5:] + b"x", 5).status_code == 413
    assert send(supplier, import_id, OCTETS[5:], 5).status_code == 200


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"columns": {"external_id": "no_such_field"}}, "no_such_field"),
        ({"constants": {"no_such_field": "x"}}, "no_such_field"),
    ],
)
def test_a_field_that_no_record_has_is_asked_about(
    world: World, supplier: Party, mapping: dict[str, Any], code: str
) -> None:
    """A mapping may be older than the fields: nothing is stored before its sender answers."""
    checked = imported(world, supplier, OCTETS, format="csv", mapping=mapping, mode="check")
    assert code in [one["code"] for one in checked["questions"]]
    stored = imported(world, supplier, OCTETS, format="csv", mapping=mapping)
    assert (stored["state"], stored["fault"]["code"]) == ("failed", "mapping_unsettled")


def test_nothing_is_committed_out_of_turn(supplier: Party) -> None:
    """A file that was not checked, or is none of the caller's, is neither stored nor stopped."""
    import_id = hand_in(supplier, OCTETS, format="csv", mode="check")
    for path in ("commit", "cancel"):
        assert supplier.post(f"/v1/imports/imp_{'0' * 26}/{path}", {}).status_code == 404
    commit = f"/v1/imports/{import_id}/commit"
    answer = supplier.post(commit, {})
    assert (answer.status_code, answer.json["code"]) == (409, "import_not_ready")
    refused(supplier.post(commit, {"mode": "check"}), "not_in_list", "/mode")
