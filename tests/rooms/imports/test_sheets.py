"""Sheets from end to end: templates, columns, questions, corrections, periods."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests.factories.imports import announce, findings, imported, read, work
from tests.factories.parties import Party, World

HEADINGS = "external_id,site,category,channel,status,received_at,workers_affected"


def sheet(*rows: str, headings: str = HEADINGS) -> bytes:
    """A CSV file."""
    return "\r\n".join((headings, *rows, "")).encode()


def line(site: str, name: str, received: str = "2026-03-01T08:00:00+07:00", **fields: str) -> str:
    """One row of it."""
    told = {
        "external_id": name,
        "site": site,
        "category": "wages.late_payment",
        "channel": "hr_open_door",
        "status": "received",
        "received_at": received,
        "workers_affected": "3",
    } | fields
    return ",".join(told[name] for name in HEADINGS.split(","))


def register(supplier: Party) -> dict[str, Any]:
    """The register by the sender's own ids."""
    listed = supplier.get("/v1/grievances?limit=500").json["data"]
    return {one["external_id"]: one for one in listed}


def test_a_sheet_with_our_own_headings(world: World) -> None:
    """Its columns are taken as they are named, and the import says how each was found."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    done = imported(world, supplier, sheet(line(site, "A"), line(site, "B")), format="csv")
    assert (done["state"], done["counts"]["new"]) == ("done", 2)
    assert {one["how"] for one in done["columns"]} == {"exact"}
    assert register(supplier)["A"]["workers_affected"] == 3


def test_a_site_is_named_as_its_sender_names_it(world: World) -> None:
    """Our id, an OS ID or the supplier's own code of the site are one and the same."""
    supplier = world.party("supplier")
    site = world.site(supplier, "F-1", os_id="CN2021250D1DTN7")
    rows = sheet(line(site, "A"), line("F-1", "B"), line("CN2021250D1DTN7", "C"))
    done = imported(world, supplier, rows, format="csv")
    assert done["counts"]["new"] == 3, findings(supplier, done["id"])
    assert {one["site"] for one in register(supplier).values()} == {site}


def test_a_date_that_could_be_two_is_asked_about(world: World) -> None:
    """3/4 is April or March: nothing is stored until its sender says which."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    rows = sheet(line(site, "A", "3/4/2026 08:00"), line(site, "B", "5/6/2026 08:00"))
    checked = imported(world, supplier, rows, format="csv", mode="check")
    assert checked["state"] == "checked"
    assert [one["code"] for one in checked["questions"]] == ["date_order"]
    supplier.post(f"/v1/imports/{checked['id']}/commit", {})
    work(world)
    refused = read(supplier, checked["id"])
    assert (refused["state"], refused["fault"]["code"]) == ("failed", "mapping_unsettled")
    assert refused["questions"] == checked["questions"]
    assert register(supplier) == {}
    kept = supplier.put(
        "/v1/import-mappings?record=grievance&source_system=hr", {"dates": {"order": "dmy"}}
    )
    assert kept.status_code == 201, kept.json
    done = imported(world, supplier, rows, format="csv")
    assert done["state"] == "done"
    assert register(supplier)["A"]["received_at"].startswith("2026-04-03")


def test_what_is_only_like_a_heading_is_proposed(world: World) -> None:
    """A misspelt heading is shown with what it is like, and taken only when confirmed."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    octets = sheet(
        line(site, "A"), headings=HEADINGS.replace("workers_affected", "workers afected")
    )
    checked = imported(world, supplier, octets, format="csv", mode="check")
    (column,) = [one for one in checked["columns"] if one["how"] == "nearest"]
    assert (column["heading"], column["field"]) == ("workers afected", "workers_affected")
    confirmed = {"columns": {"workers afected": "workers_affected"}}
    done = imported(world, supplier, octets, format="csv", mapping=confirmed)
    assert register(supplier)["A"]["workers_affected"] == 3
    assert done["state"] == "done"


@pytest.mark.parametrize("language", ["en", "th", "my", "km", "ne", "es"])
def test_a_template_is_filled_in_and_taken(world: World, language: str) -> None:
    """The sheet that we hand out in a language comes back as records, without any mapping."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    path = f"/v1/import-templates?record=grievance&language={language}"
    answer = supplier.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    form = book.worksheets[0]
    fields = [cell.value for cell in form[2]]
    told = dict(zip(HEADINGS.split(","), line(site, "A").split(","), strict=True))
    told["source_system"] = "hr"
    for place, name in enumerate(fields, 1):
        if name in told:
            form.cell(3, place, told[name])
    out = BytesIO()
    book.save(out)
    done = imported(world, supplier, out.getvalue(), format="xlsx")
    assert done["state"] == "done", (done, findings(supplier, done["id"]))
    assert register(supplier)["A"]["site"] == site


def test_corrections_hold_only_what_needs_somebody(world: World) -> None:
    """The bad rows come back marked; put right and sent again, they alone are touched."""
    supplier = world.party("supplier")
    site = world.site(supplier)
    rows = [line(site, f"G{number}") for number in range(5)]
    rows[1] = line(site, "G1", category="wages.late_paymnt")
    rows[3] = line(site, "G3", workers_affected="many")
    done = imported(world, supplier, sheet(*rows), format="csv")
    assert (done["counts"]["new"], done["has_corrections"]) == (3, True)
    answer = supplier.get(f"/v1/imports/{done['id']}/corrections")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(BytesIO(answer.data))
    form = book.worksheets[0]
    header = [cell.value for cell in form[1]]
    ids = [form.cell(row, header.index("external_id") + 1).value for row in (2, 3)]
    assert ids == ["G1", "G3"]
    marked = form.cell(2, header.index("category") + 1)
    assert "wages.late_payment" in marked.comment.text
    marked.value = "wages.late_payment"
    form.cell(3, header.index("workers_affected") + 1).value = "40"
    out = BytesIO()
    book.save(out)
    again = imported(world, supplier, out.getvalue(), format="xlsx")
    assert (again["counts"]["read"], again["counts"]["new"]) == (2, 2), findings(
        supplier, again["id"]
    )
    assert len(register(supplier)) == 5
    assert register(supplier)["G3"]["workers_affected"] == 40


def test_what_needs_nobody_has_no_corrections(world: World) -> None:
    """A good file leaves nothing to fetch."""
    supplier = world.party("supplier")
    done = imported(world, supplier, sheet(line(world.site(supplier), "A")), format="csv")
    assert done["has_corrections"] is False
    assert supplier.get(f"/v1/imports/{done['id']}/corrections").status_code == 404


def test_a_period_is_replaced_as_a_whole(world: World) -> None:
    """A month is what the file says of it; other months stay, and all do if a row is bad."""
    supplier = world.party("supplier")
    first, second = world.site(supplier, "A"), world.site(supplier, "B")
    headings = "site,month,total,source"

    def push(*rows: str, **body: Any) -> dict[str, Any]:
        octets = sheet(*rows, headings=headings)
        return imported(world, supplier, octets, format="csv", record="headcount", **body)

    def totals() -> set[tuple[str, str, int]]:
        listed = supplier.get("/v1/headcounts").json["data"]
        return {(one["site"], one["month"], one["total"]) for one in listed}

    push(
        f"{first},2026-01,100,payroll",
        f"{first},2026-02,110,payroll",
        f"{second},2026-02,50,payroll",
    )
    bad = push(f"{first},2026-02,120,payroll", f"{second},2026-02,x,payroll", mode="replace_period")
    assert bad["counts"]["refused"] == 1
    assert (second, "2026-02", 50) in totals()
    push(f"{first},2026-02,120,payroll", mode="replace_period")
    assert totals() == {(first, "2026-01", 100), (first, "2026-02", 120)}


def test_records_of_people_are_never_replaced(world: World) -> None:
    """A period is replaced where nobody can vanish with it."""
    supplier = world.party("supplier")
    refused = announce(supplier, b"x", mode="replace_period")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "no_period_to_replace")
