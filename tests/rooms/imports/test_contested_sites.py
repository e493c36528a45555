"""An OS ID that two suppliers claim names no site: nobody guesses which one was meant."""

from __future__ import annotations

from tests.factories.imports import findings, imported
from tests.factories.parties import World

OS_ID = "CN2021250D1DTN7"
HEADINGS = "external_id,worker_pseudonym,origin,destination,site,status,no_fees_stated"


def test_an_os_id_of_two_suppliers(world: World) -> None:
    """The row of such a site is refused with the ids of both; by our id it is taken."""
    agency = world.party("agency")
    sites = []
    for number in range(2):
        supplier = world.party("supplier")
        told = {"os_id": OS_ID, "country": "CN", "time_zone": "Asia/Shanghai"}
        sites.append(world.site(supplier, f"F-{number}", **told))
        world.related(agency, supplier, sites[-1])
    named = f"{HEADINGS}\n" + "".join(
        f"P{number},W-204{number},MM,CN,{site},job_order_received,true\n"
        for number, site in enumerate((OS_ID, *sites))
    )
    done = imported(world, agency, named.encode(), record="placement", format="csv")
    assert (done["state"], done["counts"]["new"], done["counts"]["refused"]) == ("done", 2, 1)
    (found,) = findings(agency, done["id"])
    assert (found["line"], found["pointer"], found["code"]) == (2, "/site", "site_is_ambiguous")
    assert all(site in found["detail"] for site in sites)


def test_an_own_id_in_two_systems(world: World) -> None:
    """The sender's own id that two of its other systems have is told, not called unknown."""
    supplier = world.party("supplier")
    body = {"name": "Mill", "country": "TH", "time_zone": "Asia/Bangkok"}
    for system in ("one", "two"):
        put = supplier.put(f"/v1/sites?external_id=F-1&source_system={system}", body)
        assert put.status_code == 201
    sheet = (
        b"external_id,site,category,channel,received_at\nA,F-1,wages.late_payment,line,2026-03-01\n"
    )
    checked = imported(world, supplier, sheet, format="csv", mode="check", source_system="hr")
    assert [one["code"] for one in findings(supplier, checked["id"])] == ["site_is_ambiguous"]
    taken = imported(world, supplier, sheet, format="csv", mode="check", source_system="two")
    assert not findings(supplier, taken["id"])
