"""Promises about what is read and what is sent: records, lists, values."""

from __future__ import annotations

import copy
import pickle
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from openredress import Client
from openredress.grievances import Grievance
from openredress.records import Record

GRIEVANCES = "/v1/grievances"


def _pages(server: Any) -> None:
    def page(handler: Any, seen: Any) -> None:
        start = int(seen.query.get("cursor", "0"))
        rows = [{"id": f"grv_{number}"} for number in range(start, min(start + 2, 5))]
        more = start + 2 < 5
        cursor = str(start + 2) if more else None
        body = {"data": rows, "next_cursor": cursor, "has_more": more}
        server.says(body)(handler, seen)

    server.then(GRIEVANCES, page)


def test_a_record_is_mapping_and_attributes(client: Client, server: Any) -> None:
    """A record's members are read either way, inner objects too; its version is `etag`."""
    stored = {"id": "grv_1", "money": {"amount": "1520.50", "currency": "THB"}, "steps": [{"n": 1}]}
    server.then(f"{GRIEVANCES}/grv_1", server.says(stored, ETag='"v3-s"', X_Request_Id="req_7"))
    grievance = client.grievances.get("grv_1")
    assert isinstance(grievance, Grievance)
    assert grievance["id"] == grievance.id == "grv_1"
    assert grievance.money.amount == "1520.50"
    assert grievance.steps[0].n == 1
    assert (grievance.etag, grievance.request_id, grievance.replayed) == ('"v3-s"', "req_7", False)
    assert dict(grievance).keys() == stored.keys()
    with pytest.raises(AttributeError, match="Grievance has no 'status'"):
        _ = grievance.status


def test_a_record_can_be_copied() -> None:
    """A record survives copy and pickle."""
    record = Record({"id": "x_1", "inner": {"a": 1}})
    for made in (copy.deepcopy(record), pickle.loads(pickle.dumps(record))):  # noqa: S301 - ours
        assert made == record
        assert made.inner.a == 1


def test_money_stays_text(client: Client, server: Any) -> None:
    """An amount is never a binary fraction: it is read as text and a Decimal is sent as text."""
    server.then("/v1/placements", server.says({"id": "plc_1"}, 201))
    amount = Decimal("1.5E+3")
    fee = {"amount": amount, "currency": "THB"}
    client.placements.upsert("P-1", source_system="sap", fees=[fee, Record(fee)])
    sent = server.at("/v1/placements")[0]
    assert sent.body == {"fees": [{"amount": "1500", "currency": "THB"}] * 2}


def test_times_carry_their_zone(client: Client, server: Any) -> None:
    """Days and aware times are sent as RFC 3339; a time without a zone is refused here."""
    _pages(server)
    yangon = timezone(timedelta(hours=6, minutes=30))
    since = datetime(2026, 11, 1, 8, 15, tzinfo=yangon)
    next(client.grievances.list(updated_since=since, opened_on=date(2026, 1, 2), mine=True))
    assert server.at(GRIEVANCES)[0].query == {
        "updated_since": "2026-11-01T08:15:00+06:30",
        "opened_on": "2026-01-02",
        "mine": "true",
    }
    with pytest.raises(ValueError, match="zone"):
        next(client.grievances.list(updated_since=since.replace(tzinfo=None)))
    with pytest.raises(ValueError, match="zone"):
        client.cases.open(at=since.replace(tzinfo=None))


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_values_without_a_form(client: Client, server: Any, value: object) -> None:
    """A value that has no form on the wire is refused before anything is sent."""
    with pytest.raises(TypeError):
        client.cases.open(value=value)
    with pytest.raises(TypeError):
        next(client.cases.list(value=value))
    with pytest.raises(ValueError, match="JSON"):
        client.cases.open(value=float("nan"))
    assert server.seen == []


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a?b", "grv_1/../../oauth2", "a%2e", "é"])
def test_an_id_cannot_change_the_path(client: Client, server: Any, name: str) -> None:
    """An id that would lead to another path is refused before anything is sent."""
    with pytest.raises(ValueError, match="no id or code"):
        client.grievances.get(name)
    assert server.seen == []


def test_external_ids_travel_in_the_query(client: Client, server: Any) -> None:
    """An external id with slashes, dots and spaces arrives as it is."""
    server.then(GRIEVANCES, server.says({"id": "grv_1"}, 201))
    client.grievances.upsert("GRV/2026/../0001 &ü", source_system="SAP HCM", status="received")
    seen = server.at(GRIEVANCES)[0]
    assert seen.query == {"external_id": "GRV/2026/../0001 &ü", "source_system": "SAP HCM"}


@pytest.mark.parametrize(
    ("status", "outcome"), [(201, "created"), (200, "updated"), (204, "unchanged")]
)
def test_an_upsert_tells_what_it_did(
    client: Client, server: Any, status: int, outcome: str
) -> None:
    """An upsert tells created, updated or unchanged, and gives id and version each time."""
    location = f"{GRIEVANCES}/grv_1"
    server.then(GRIEVANCES, server.says({"id": "grv_1"}, status, Location=location, ETag='"v1-s"'))
    stored = client.grievances.upsert("G1", source_system="sap")
    assert (stored.outcome, stored.id, stored.etag) == (outcome, "grv_1", '"v1-s"')


def test_lists_are_read_to_their_end(client: Client, server: Any) -> None:
    """A list goes on over its pages, with the same filters on each."""
    _pages(server)
    found = [grievance.id for grievance in client.grievances.list(status="received", limit=2)]
    assert found == ["grv_0", "grv_1", "grv_2", "grv_3", "grv_4"]
    filters = [(seen.query["status"], seen.query["limit"]) for seen in server.at(GRIEVANCES)]
    assert filters == [("received", "2")] * 3


@pytest.mark.parametrize("taken", range(6))
def test_a_list_resumes(client: Client, server: Any, taken: int) -> None:
    """Broken off anywhere and resumed by its cursor, a list skips nothing."""
    _pages(server)
    listing = client.grievances.list()
    assert listing.cursor is None
    first = [next(listing).id for _ in range(min(taken, 5))]
    rest = [grievance.id for grievance in client.grievances.list(cursor=listing.cursor)]
    assert sorted({*first, *rest}) == [f"grv_{number}" for number in range(5)]
    if taken in (2, 4):
        assert not set(first) & set(rest)


def test_an_empty_page_is_not_the_end(client: Client, server: Any) -> None:
    """A page without rows that promises more is passed over."""
    server.then(
        GRIEVANCES,
        server.says({"data": [], "next_cursor": "7", "has_more": True}),
        server.says({"data": [{"id": "grv_9"}], "next_cursor": None, "has_more": False}),
    )
    assert [grievance.id for grievance in client.grievances.list()] == ["grv_9"]
    assert server.at(GRIEVANCES)[1].query == {"cursor": "7"}
