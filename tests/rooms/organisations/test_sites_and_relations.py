"""Sites are upserted by the supplier; relations count once the other side confirms them."""

from __future__ import annotations

from sqlalchemy import text

from openredress_api.organisations import suspend_organisation
from tests.factories.parties import World

SITE = {"name": "Mill 1", "country": "TH", "time_zone": "Asia/Bangkok", "os_id": "CN2021250D1DTN7"}
URL = "/v1/sites?external_id={}&source_system=erp"


def test_upsert_says_created_changed_unchanged(world: World) -> None:
    """The same PUT gives 201, then 204 unchanged; another body gives 200 and a new version."""
    supplier = world.party("supplier")
    first = supplier.put(URL.format("A/1"), SITE)
    assert first.status_code == 201, first.json
    assert first.headers["ETag"] == '"v1-supplier"'
    again = supplier.put(URL.format("A/1"), SITE)
    assert (again.status_code, again.data) == (204, b"")
    changed = supplier.put(URL.format("A/1"), SITE | {"name": "Mill One"})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"v2-supplier"'
    assert changed.json["id"] == first.json["id"]


def test_a_brand_sees_a_site_only_after_confirmation(world: World) -> None:
    """A stated relation shows nothing; a confirmed one shows that site and no other."""
    supplier, brand = world.party("supplier"), world.party("brand")
    site, other = world.site(supplier, "one"), world.site(supplier, "two")
    stated = brand.post(
        "/v1/relations", {"site": site, "partner": brand.id, "valid_from": "2024-01-01"}
    )
    assert stated.status_code == 201, stated.json
    assert brand.get(f"/v1/sites/{site}").status_code == 404
    assert brand.post(f"/v1/relations/{stated.json['id']}/confirm").status_code == 403
    confirmed = supplier.post(f"/v1/relations/{stated.json['id']}/confirm")
    assert confirmed.json["confirmed_by"] == supplier.id
    assert brand.get(f"/v1/sites/{site}").status_code == 200
    assert brand.get(f"/v1/sites/{other}").status_code == 404
    assert [row["id"] for row in brand.get("/v1/sites").json["data"]] == [site]


def test_a_stranger_neither_sees_nor_confirms_a_relation(world: World) -> None:
    """To a third organisation a relation does not exist."""
    supplier, brand, stranger = (world.party(kind) for kind in ("supplier", "brand", "supplier"))
    relation = world.related(brand, supplier, world.site(supplier))
    assert stranger.get(f"/v1/relations/{relation}").status_code == 404
    assert stranger.post(f"/v1/relations/{relation}/confirm").status_code == 404


def test_bad_fields_are_named(world: World) -> None:
    """Each fault names its place, what was read and what is right; nothing is stored."""
    supplier = world.party("supplier")
    bad = SITE | {"os_id": "CN20241096SFEBB", "country": "Thailand", "colour": "red"}
    answer = supplier.put(URL.format("bad"), bad)
    assert answer.status_code == 422
    found = {error["pointer"]: error["code"] for error in answer.json["errors"]}
    assert found == {"/os_id": "not_an_os_id", "/country": "not_in_list", "/colour": "unknown"}
    assert supplier.get("/v1/sites").json["data"] == []


def test_pages_do_not_overlap(world: World) -> None:
    """A cursor continues where the page ended; it fits no other list, filter or caller."""
    supplier = world.party("supplier")
    sites = [world.site(supplier, f"s{number}") for number in range(5)]
    first = supplier.get("/v1/sites?limit=3").json
    assert first["has_more"]
    rest = supplier.get(f"/v1/sites?limit=3&cursor={first['next_cursor']}").json
    assert [row["id"] for row in first["data"] + rest["data"]] == sites
    stranger = world.party("supplier")
    foreign = stranger.get(f"/v1/sites?cursor={first['next_cursor']}")
    assert (foreign.status_code, foreign.json["code"]) == (422, "cursor_invalid")


def test_what_the_institute_confirms_both_sides_see(world: World) -> None:
    """A relation stated by the supplier and confirmed by the institute opens the site."""
    supplier, brand = world.party("supplier"), world.party("brand")
    site = world.site(supplier)
    body = {"site": site, "partner": brand.id, "valid_from": "2020-01-01"}
    relation = f"/v1/relations/{supplier.post('/v1/relations', body).json['id']}"
    assert brand.get(f"/v1/sites/{site}").status_code == 404
    assert world.institute.post(f"{relation}/confirm").status_code == 200
    assert brand.get(f"/v1/sites/{site}").status_code == 200
    for side in (supplier, brand):
        assert side.get(relation).json["confirmed_by"] == world.institute.id


def test_a_suspended_organisation_is_sent_nothing(world: World) -> None:
    """Its endpoints are held, so that what comes meanwhile waits instead of being cancelled."""
    supplier = world.party("supplier")
    receiver = {"url": "http://127.0.0.1:9/hooks", "event_patterns": ["*"]}
    made = supplier.post("/v1/webhook-endpoints", receiver)
    assert made.status_code == 201, made.json
    with world.installation.as_owner() as connection:
        connection.execute(text("UPDATE webhook_endpoint SET state = 'active'"))
        suspend_organisation(connection, supplier.organisation_id)
        query = text("SELECT state, state_reason FROM webhook_endpoint WHERE organisation_id = :id")
        found = connection.execute(query, {"id": supplier.organisation_id}).one()
    assert tuple(found) == ("held", "organisation_suspended")
    assert supplier.get("/v1/me").status_code == 401
