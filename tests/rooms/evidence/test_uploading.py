"""Two steps, any number of parts: whatever breaks on the way, the upload goes on from there."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from openredress_api.foundation.contents import MAX_PART
from tests.factories.evidence import BASE, NOTE, announced, body, handed_in, put, send
from tests.factories.parties import Party, World

TEXT = "text/plain"


def stored(world: World, party: Party) -> list[bytes]:
    """Every sealed value of a party's files."""
    query = """SELECT sealed FROM content_part WHERE organisation_id = :me
        UNION ALL SELECT sealed FROM evidence_copy WHERE organisation_id = :me"""
    with world.installation.as_owner() as connection:
        found = connection.scalars(text(query), {"me": party.organisation_id}).all()
        return [bytes(one) for one in found]


def test_a_file_in_one_part(supplier: Party) -> None:
    """Announced with size and digest, sent, ready; and the record says that nobody scanned it."""
    evidence = announced(supplier, NOTE, TEXT, label="March payslip")
    answer = send(supplier, evidence, NOTE)
    assert answer.status_code == 200, answer.json
    said = answer.json
    assert (said["state"], said["received"], said["scan"]) == ("ready", len(NOTE), "not_scanned")
    assert (said["label"], said["purpose"]) == ("March payslip", "payslip")
    assert supplier.get(f"{BASE}/{evidence}").json == said
    assert evidence in [row["id"] for row in supplier.get(f"{BASE}?state=ready").json["data"]]


@pytest.mark.parametrize("kind", ["supplier", "agency"])
def test_who_may_hand_in(world: World, kind: str) -> None:
    """Suppliers and agencies hand in files; the institute reads what is known of them."""
    party = world.party(kind)
    evidence = handed_in(party)
    assert world.institute.get(f"{BASE}/{evidence}").json["organisation"] == party.id
    assert world.institute.post(BASE, body(NOTE, TEXT)).status_code == 403


def test_an_upload_goes_on_where_it_stopped(supplier: Party) -> None:
    """Parts follow each other; `received` says where to go on, and a part sent twice is one."""
    whole = b"0123456789" * 10
    evidence = announced(supplier, whole, TEXT)
    for offset, end in ((0, 40), (40, 70), (40, 70)):
        answer = send(supplier, evidence, whole[offset:end], offset)
        assert (answer.status_code, answer.json["state"]) == (200, "receiving")
        assert answer.json["received"] == end
    skipped = send(supplier, evidence, whole[80:], 80)
    assert (skipped.status_code, skipped.json["code"]) == (409, "upload_offset_mismatch")
    assert "70" in skipped.json["detail"]
    other = send(supplier, evidence, b"x" * 40, 0)
    assert other.json["code"] == "upload_offset_mismatch"
    last = [send(supplier, evidence, whole[70:], 70).json for _ in range(2)]
    assert last[0]["state"] == "ready"
    assert last[0] == last[1]


def test_a_large_file(supplier: Party) -> None:
    """A file of several full parts arrives in whole."""
    whole = b"one line of many\n" * (2 * MAX_PART // 17 + 5)
    evidence = announced(supplier, whole, TEXT)
    for offset in range(0, len(whole), MAX_PART):
        answer = send(supplier, evidence, whole[offset : offset + MAX_PART], offset)
        assert answer.status_code == 200, answer.json
    assert answer.json["state"] == "ready"
    assert supplier.get(f"{BASE}/{evidence}/original").data == whole


def test_a_part_that_is_too_large(supplier: Party) -> None:
    """More octets than a part may have, or than were announced, are refused."""
    evidence = announced(supplier, NOTE, TEXT)
    more = send(supplier, evidence, NOTE + b"x")
    assert (more.status_code, more.json["code"]) == (413, "payload_too_large")
    assert send(supplier, evidence, b" " * (MAX_PART + 1)).status_code == 413


def test_a_part_must_be_what_its_digest_says(supplier: Party) -> None:
    """A part without a digest, or with that of other octets, changes nothing."""
    evidence = announced(supplier, NOTE, TEXT)
    path = f"{BASE}/{evidence}/content?offset=0"
    assert put(supplier, path, NOTE, Content_Digest="sha-256=x").json["code"] == "digest_missing"
    other = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    assert put(supplier, path, NOTE, Content_Digest=other).json["code"] == "digest_mismatch"
    assert supplier.get(f"{BASE}/{evidence}").json["received"] == 0


def test_a_whole_that_is_not_what_was_announced(world: World, supplier: Party) -> None:
    """A digest that does not fit the whole erases what arrived; the upload begins again at 0."""
    evidence = announced(supplier, NOTE, TEXT)
    before = stored(world, supplier)
    wrong = send(supplier, evidence, NOTE.swapcase())
    assert (wrong.status_code, wrong.json["code"]) == (422, "whole_digest_mismatch")
    said = supplier.get(f"{BASE}/{evidence}").json
    assert (said["state"], said["received"]) == ("receiving", 0)
    assert stored(world, supplier) == before
    assert send(supplier, evidence, NOTE).json["state"] == "ready"


def test_the_refused_part_is_in_the_audit_log(world: World, supplier: Party) -> None:
    """What a refused upload changed is an entry of the log, like any other change."""
    evidence = announced(supplier, NOTE, TEXT)
    send(supplier, evidence, NOTE.swapcase())
    query = """SELECT count(*) FROM audit WHERE organisation_id = :me
        AND operation = 'put_evidence_content' AND content LIKE :subject"""
    with world.installation.as_owner() as connection:
        found = {"me": supplier.organisation_id, "subject": f"%{evidence}%"}
        assert connection.scalar(text(query), found) == 1


def test_what_is_stored_is_sealed(world: World, supplier: Party) -> None:
    """Neither the original nor its copy can be read in the database."""
    secret = b"nobody reads this in a stolen disk"
    handed_in(supplier, secret)
    sealed = stored(world, supplier)
    assert len(sealed) > 1
    assert not any(secret in one or b"stolen disk" in one for one in sealed)


@pytest.mark.parametrize(
    ("member", "value", "fault"),
    [
        ("size", 25 * 1024 * 1024 + 1, "range"),
        ("size", 0, "range"),
        ("sha256", "A" * 64, "not_a_sha256"),
        ("media_type", "image/gif", "not_in_list"),
        ("purpose", "selfie", "not_in_list"),
        ("label", "x" * 81, "length"),
        ("label", "call +66 81 234 5678", "personal_data_detected"),
        ("name", "Somchai's payslip.pdf", "unknown"),
    ],
)
def test_what_cannot_be_announced(supplier: Party, member: str, value: object, fault: str) -> None:
    """A file beyond the bounds is refused before any octet; and it can have no name at all."""
    answer = supplier.post(BASE, body(NOTE, TEXT) | {member: value})
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert (error["pointer"], error["code"]) == (f"/{member}", fault)


def test_a_stranger_finds_nothing(world: World, supplier: Party) -> None:
    """To another supplier the file does not exist, whatever is tried with it."""
    evidence, stranger = handed_in(supplier), world.party("supplier")
    for answer in (
        stranger.get(f"{BASE}/{evidence}"),
        stranger.get(f"{BASE}/{evidence}/original"),
        stranger.post(f"{BASE}/{evidence}/links"),
        stranger.post(f"{BASE}/{evidence}/void", {"reason": "entered_twice"}),
        send(stranger, evidence, NOTE),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert stranger.get(BASE).json["data"] == []


def test_the_original_is_its_owners_alone(world: World, supplier: Party) -> None:
    """The owner has its file back octet by octet; the institute has no way to it."""
    evidence = handed_in(supplier)
    answer = supplier.get(f"{BASE}/{evidence}/original")
    assert (answer.data, answer.mimetype) == (NOTE, TEXT)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert world.institute.get(f"{BASE}/{evidence}/original").status_code == 403


def test_there_is_nothing_to_show_of_half_a_file(supplier: Party) -> None:
    """Before the last part there is neither an original nor a link."""
    evidence = announced(supplier, NOTE, TEXT)
    send(supplier, evidence, NOTE[:5])
    for answer in (
        supplier.get(f"{BASE}/{evidence}/original"),
        supplier.post(f"{BASE}/{evidence}/links"),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "evidence_not_ready")
