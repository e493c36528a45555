"""A file from its announcement to its end: octets, checks, commits, cancelling, who may."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from openredress_api.imports import rules
from tests.factories.imports import (
    announce,
    findings,
    hand_in,
    imported,
    lines,
    read,
    receipts,
    row,
    send,
    work,
)
from tests.factories.parties import Party, World


def supplier_with_site(world: World) -> tuple[Party, str]:
    """A supplier and a site of its own."""
    supplier = world.party("supplier")
    return supplier, world.site(supplier)


def stored(supplier: Party) -> list[str]:
    """The external ids in the register."""
    listed = supplier.get("/v1/grievances?limit=500").json["data"]
    return sorted(one["external_id"] for one in listed)


def test_a_file_is_only_checked_unless_told_otherwise(world: World) -> None:
    """Without a mode nothing is stored, and the counts say what would be."""
    supplier, site = supplier_with_site(world)
    octets = lines(row(site, f"G{n}") for n in range(3))
    announced = announce(supplier, octets, mode="check")
    assert announced.json["mode"] == "check"
    import_id = announced.json["id"]
    send(supplier, import_id, octets)
    work(world)
    checked = read(supplier, import_id)
    assert (checked["state"], checked["counts"]["new"]) == ("checked", 3)
    assert stored(supplier) == []


def test_a_checked_file_is_committed_without_being_sent_again(world: World) -> None:
    """One call stores what was checked."""
    supplier, site = supplier_with_site(world)
    checked = imported(world, supplier, lines([row(site, "A")]), mode="check")
    committed = supplier.post(f"/v1/imports/{checked['id']}/commit", {})
    assert (committed.status_code, committed.json["state"]) == (202, "waiting")
    work(world)
    assert read(supplier, checked["id"])["state"] == "done"
    assert stored(supplier) == ["A"]
    again = supplier.post(f"/v1/imports/{checked['id']}/commit", {})
    assert (again.status_code, again.json["code"]) == (409, "import_not_ready")


def test_the_same_file_again_changes_nothing(world: World) -> None:
    """A second run finds every row unchanged; its sender reads of it in one event alone."""
    supplier, site = supplier_with_site(world)
    octets = lines(row(site, f"G{n}") for n in range(50))
    first = imported(world, supplier, octets)
    assert (first["state"], first["counts"]["new"]) == ("done", 50)
    again = imported(world, supplier, octets)
    assert (again["counts"]["unchanged"], again["counts"]["changed"]) == (50, 0)
    told = [one["event"] for one in supplier.get("/v1/events").json["data"]]
    assert [one["type"] for one in told] == ["import.completed"] * 2
    assert told[1]["data"]["unchanged"] == 50
    institute = world.institute.get("/v1/events?limit=500").json["data"]
    assert again["id"] in [one["event"]["data"]["id"] for one in institute]


def test_every_bad_row_is_explained_and_the_others_are_stored(world: World) -> None:
    """A finding names line, own id, place, what was read and an example of right."""
    supplier, site = supplier_with_site(world)
    rows = [row(site, f"G{n}") for n in range(4)]
    rows[2]["category"] = "wages.late_paymnt"
    rows[3]["received_at"] = "2569-03-01T00:00:00Z"
    done = imported(world, supplier, lines(rows))
    assert (done["counts"]["new"], done["counts"]["refused"]) == (2, 2)
    assert stored(supplier) == ["G0", "G1"]
    category, year = findings(supplier, done["id"])
    assert (category["line"], category["external_id"]) == (3, "G2")
    assert (category["weight"], category["pointer"]) == ("must_fix", "/category")
    assert category["read"] == "wages.late_paymnt"
    assert "wages.late_payment" in category["detail"]
    assert (year["line"], year["code"]) == (4, "buddhist_year")


def test_all_or_nothing(world: World) -> None:
    """With commit=all one refused row keeps every row out, also one the lifecycle refuses."""
    supplier, site = supplier_with_site(world)
    imported(world, supplier, lines([row(site, "old", status="acknowledged")]))
    rows = [row(site, "new"), row(site, "old", status="received")]
    refused = imported(world, supplier, lines(rows), commit="all")
    assert (refused["state"], refused["counts"]["refused"]) == ("refused", 1)
    assert findings(supplier, refused["id"])[0]["code"] == "no_way_from_present_status"
    assert stored(supplier) == ["old"]
    done = imported(world, supplier, lines(rows[:1]), commit="all")
    assert done["state"] == "done"
    assert stored(supplier) == ["new", "old"]


def test_octets_go_on_where_they_broke_off(world: World) -> None:
    """A part sent twice is taken once, a gap is refused, and the end begins the work."""
    supplier, site = supplier_with_site(world)
    octets = lines(row(site, f"G{n}") for n in range(20))
    import_id = announce(supplier, octets).json["id"]
    assert send(supplier, import_id, octets[:100]).json["received"] == 100
    assert send(supplier, import_id, octets[:100]).json["received"] == 100
    gap = send(supplier, import_id, octets[200:300], 200)
    assert (gap.status_code, gap.json["code"]) == (409, "upload_offset_mismatch")
    assert "100" in gap.json["detail"]
    last = send(supplier, import_id, octets[100:], 100)
    assert (last.json["state"], last.json["received"]) == ("waiting", len(octets))
    work(world)
    assert read(supplier, import_id)["counts"]["new"] == 20


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (
            {"Content-Digest": "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"},
            422,
            "digest_mismatch",
        ),
        ({"Content-Digest": "md5=:AAAA:"}, 400, "digest_missing"),
        ({"Content-Type": "application/json"}, 415, "unsupported_media_type"),
    ],
)
def test_octets_that_are_not_vouched_for(
    world: World, headers: dict[str, str], status: int, code: str
) -> None:
    """Each part comes with the digest of exactly its octets, or it is not taken."""
    supplier, site = supplier_with_site(world)
    octets = lines([row(site, "A")])
    import_id = announce(supplier, octets).json["id"]
    answer = send(supplier, import_id, octets, **headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert read(supplier, import_id)["received"] == 0


def test_more_octets_than_announced_are_refused(world: World) -> None:
    """The size that was announced holds, and 4 MiB for one part."""
    supplier, site = supplier_with_site(world)
    octets = lines([row(site, "A")])
    import_id = announce(supplier, octets, size=len(octets) - 1).json["id"]
    assert send(supplier, import_id, octets).status_code == 413
    large = b" " * (4 * 1024 * 1024 + 1)
    assert send(supplier, import_id, large).status_code == 413


def test_a_file_with_another_digest_stores_nothing(world: World) -> None:
    """All octets came, but they are not those of the announced digest."""
    supplier, site = supplier_with_site(world)
    failed = imported(world, supplier, lines([row(site, "A")]), sha256="0" * 64)
    assert (failed["state"], failed["fault"]["code"]) == ("failed", "file_digest_mismatch")
    assert stored(supplier) == []


def test_a_cancelled_import_takes_no_more_octets(world: World) -> None:
    """What would never be read is refused, and not kept."""
    supplier = world.party("supplier")
    octets = lines([row(world.site(supplier), "G1")])
    import_id = announce(supplier, octets).json["id"]
    assert supplier.post(f"/v1/imports/{import_id}/cancel").status_code == 202
    answer = send(supplier, import_id, octets)
    assert (answer.status_code, answer.json["code"]) == (409, "import_not_ready")
    assert read(supplier, import_id)["received"] == 0


def test_a_cancelled_import_stores_no_more(world: World) -> None:
    """Cancelling before the worker came leaves nothing; a second time is refused."""
    supplier, site = supplier_with_site(world)
    import_id = hand_in(supplier, lines([row(site, "A")]))
    assert supplier.post(f"/v1/imports/{import_id}/cancel").status_code == 202
    work(world)
    assert read(supplier, import_id)["state"] == "cancelled"
    assert stored(supplier) == []
    assert supplier.post(f"/v1/imports/{import_id}/cancel").status_code == 409


def test_a_suspended_sender_has_nothing_more_stored(world: World) -> None:
    """What was handed in before a suspension is not stored after it."""
    supplier, site = supplier_with_site(world)
    hand_in(supplier, lines([row(site, "A")]))
    with world.installation.as_owner() as connection:
        connection.execute(
            text("UPDATE client SET suspended_at = now() WHERE id = :id"),
            {"id": supplier.client_id},
        )
    work(world)
    with world.installation.as_owner() as connection:
        found = connection.execute(
            text("SELECT state, fault ->> 'code' FROM bulk_import WHERE organisation_id = :id"),
            {"id": supplier.organisation_id},
        ).one()
        count = connection.scalar(
            text("SELECT count(*) FROM grievance WHERE organisation_id = :id"),
            {"id": supplier.organisation_id},
        )
    assert (*found, count) == ("failed", "sender_suspended", 0)


def test_a_row_that_stands_twice(world: World) -> None:
    """Which of two rows is right nobody knows: the second is kept out and names the first."""
    supplier, site = supplier_with_site(world)
    rows = [row(site, "A"), row(site, "B"), row(site, "A", workers_affected=3)]
    done = imported(world, supplier, lines(rows))
    assert (done["counts"]["new"], done["counts"]["refused"]) == (2, 1)
    (finding,) = findings(supplier, done["id"])
    assert (finding["line"], finding["code"]) == (3, "repeats_a_row")
    assert "1" in finding["detail"]


def test_receipts_tell_what_became_of_each_row(world: World) -> None:
    """Line, key, id, version and outcome; over many batches, in pages."""
    supplier, site = supplier_with_site(world)
    octets = lines(row(site, f"G{n}") for n in range(5_001))
    done = imported(world, supplier, octets)
    found = receipts(supplier, done["id"])
    assert [one["line"] for one in found] == list(range(1, 5_002))
    assert {one["outcome"] for one in found} == {"new"}
    first = supplier.get("/v1/grievances?limit=1").json["data"][0]
    assert (f"hr|{first['external_id']}", first["id"]) in {(one["key"], one["id"]) for one in found}


def test_a_merge_leaves_an_audit_entry_with_its_digest(world: World) -> None:
    """The audit names the digest of the list of rows that each merge wrote."""
    supplier, site = supplier_with_site(world)
    done = imported(world, supplier, lines([row(site, "A")]))
    with world.installation.as_owner() as connection:
        digest = connection.scalar(
            text("SELECT encode(digest, 'hex') FROM bulk_import_batch WHERE organisation_id = :id"),
            {"id": supplier.organisation_id},
        )
        content = connection.scalar(
            text(
                "SELECT content FROM audit WHERE organisation_id = :id AND operation = 'merge_rows'"
            ),
            {"id": supplier.organisation_id},
        )
    assert f"sha256:{digest}" in content
    assert done["id"] in content


def test_an_import_is_its_senders_alone(world: World) -> None:
    """A stranger finds none of its paths; an organisation that keeps no such records sends none."""
    supplier, site = supplier_with_site(world)
    done = imported(world, supplier, lines([row(site, "A")]))
    stranger = world.party("supplier")
    for path in ("", "/findings", "/receipts", "/corrections"):
        assert stranger.get(f"/v1/imports/{done['id']}{path}").status_code == 404
    assert send(stranger, done["id"], b"x").status_code == 404
    agency = world.party("agency")
    refused = announce(agency, lines([row(site, "A")]))
    assert (refused.status_code, refused.json["code"]) == (403, "not_permitted")
    reader = world.colleague(
        supplier.organisation_id, "supplier", scopes=("imports:write", "grievances:read")
    )
    refused = announce(reader, lines([row(site, "A")]))
    assert (refused.status_code, refused.json["code"]) == (403, "insufficient_scope")


def test_a_foreign_site_is_refused_row_by_row(world: World) -> None:
    """A row that names a stranger's site is refused like one that names none."""
    supplier, site = supplier_with_site(world)
    _, foreign = supplier_with_site(world)
    rows = [row(site, "A"), row(foreign, "B"), row(f"site_{'0' * 26}", "C")]
    done = imported(world, supplier, lines(rows))
    assert done["counts"]["new"] == 1
    assert [one["code"] for one in findings(supplier, done["id"])] == ["not_your_site"] * 2


def test_findings_are_kept_as_far_as_anybody_reads_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counts tell of every refused row, the findings of the first ones."""
    supplier, site = supplier_with_site(world)
    monkeypatch.setattr(rules, "MAX_FINDINGS", 10)
    rows = [row(site, f"G{n}", channel="pigeon") for n in range(30)]
    done = imported(world, supplier, lines(rows), mode="check")
    assert (done["counts"]["refused"], done["findings"]) == (30, 10)
    assert len(findings(supplier, done["id"])) == 10
    assert done["corrections_are_cut"] is True


def test_a_file_with_too_many_rows_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is told by name; what was stored stays."""
    supplier, site = supplier_with_site(world)
    monkeypatch.setattr(rules, "MAX_ROWS", 10)
    failed = imported(world, supplier, lines(row(site, f"G{n}") for n in range(11)))
    assert (failed["state"], failed["fault"]["code"]) == ("failed", "file_has_too_many_rows")


def test_old_files_are_forgotten(world: World) -> None:
    """Days after the end file and findings are gone, and files that never arrived; counts stay."""
    supplier, site = supplier_with_site(world)
    done = imported(world, supplier, lines([row(site, "A", channel="pigeon"), row(site, "B")]))
    never = announce(supplier, b"x" * 10).json["id"]
    with world.installation.as_owner() as connection:
        connection.execute(text("UPDATE bulk_import SET updated_at = now() - interval '9 days'"))
        connection.execute(
            text("UPDATE bulk_import SET ended_at = updated_at WHERE ended_at IS NOT NULL")
        )
        while connection.scalar(text("SELECT gate.forget_imported_files(7)")):
            pass
    assert findings(supplier, done["id"]) == []
    assert read(supplier, done["id"])["counts"]["new"] == 1
    assert read(supplier, never)["state"] == "cancelled"
    assert supplier.get(f"/v1/imports/{done['id']}/corrections").status_code == 404
    assert len(receipts(supplier, done["id"])) == 1


def test_rows_are_read_by_those_who_may_send_them(world: World) -> None:
    """A client without the record's scope reads neither findings nor receipts nor corrections."""
    supplier, site = supplier_with_site(world)
    done = imported(world, supplier, lines([row(site, "A", channel="pigeon")]))
    other = world.colleague(supplier.organisation_id, "supplier", scopes=("imports:write",))
    for path in ("findings", "receipts", "corrections"):
        assert other.get(f"/v1/imports/{done['id']}/{path}").status_code == 403
