"""Voiding: the octets go, what was told of them stays."""

from __future__ import annotations

from sqlalchemy import text

from tests.factories.evidence import BASE, NOTE, announced, handed_in, link, send
from tests.factories.parties import Party, World

REASON = {"reason": "erasure_asked"}


def test_a_tombstone_stays(world: World) -> None:
    """Size, digest and reason are still told to both; label, octets, copy and links are gone."""
    supplier = world.party("supplier")
    evidence = handed_in(supplier, label="wrong file")
    path = link(world.institute, evidence)
    before = supplier.get(f"{BASE}/{evidence}").json
    answer = supplier.post(f"{BASE}/{evidence}/void", REASON)
    assert answer.status_code == 200, answer.json
    said = world.institute.get(f"{BASE}/{evidence}").json
    assert (said["state"], said["void_reason"], said["label"]) == ("voided", "erasure_asked", None)
    assert (said["sha256"], said["size"]) == (before["sha256"], before["size"])
    assert supplier.get(f"{BASE}/{evidence}/original").json["code"] == "evidence_not_ready"
    gone = world.app.test_client().get(path)
    assert (gone.status_code, gone.json["code"]) == (410, "gone")
    with world.installation.as_owner() as connection:
        for table in ("content", "content_part", "evidence_copy"):
            query = text(f"SELECT count(*) FROM {table} WHERE organisation_id = :me")  # noqa: S608 - a table's name
            assert connection.scalar(query, {"me": supplier.organisation_id}) == 0


def test_an_upload_is_given_up(supplier: Party) -> None:
    """Half a file can be voided too; nothing more of it is taken then."""
    evidence = announced(supplier, NOTE, "text/plain")
    send(supplier, evidence, NOTE[:4])
    assert supplier.post(f"{BASE}/{evidence}/void", REASON).json["state"] == "voided"
    assert send(supplier, evidence, NOTE[4:], 4).json["code"] == "evidence_ended"


def test_a_tombstone_is_not_voided_again(supplier: Party) -> None:
    """The first reason stands."""
    evidence = handed_in(supplier)
    assert supplier.post(f"{BASE}/{evidence}/void", REASON).status_code == 200
    again = supplier.post(f"{BASE}/{evidence}/void", {"reason": "entered_twice"})
    assert (again.status_code, again.json["code"]) == (409, "evidence_ended")


def test_a_version_that_was_not_read_is_not_voided(supplier: Party) -> None:
    """With a stale If-Match the file stays."""
    evidence = handed_in(supplier)
    path = f"{BASE}/{evidence}/void"
    assert supplier.post(path, REASON, If_Match='"v1-supplier"').status_code == 412
    etag = supplier.get(f"{BASE}/{evidence}").headers["ETag"]
    assert supplier.post(path, REASON, If_Match=etag).status_code == 200


def test_a_refused_file_can_be_voided(supplier: Party) -> None:
    """A refused file has no octets left; its record can still be taken out of the way."""
    evidence = announced(supplier, b"\x00", "text/plain")
    send(supplier, evidence, b"\x00")
    said = supplier.post(f"{BASE}/{evidence}/void", {"reason": "entered_by_mistake"}).json
    assert (said["state"], said["refusal"]) == ("voided", "type_not_accepted")
