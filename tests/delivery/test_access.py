"""Headers of an endpoint's own, and OAuth tokens towards a receiver."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from tests.delivery.authority import Authority
from tests.delivery.conftest import Workers
from tests.delivery.house import House, work_until
from tests.delivery.receiver import Receiver, answer

SECRET = "a b+c/ä"


@pytest.fixture
def issuer(authority: Authority) -> Iterator[Receiver]:
    """Where tokens come from."""
    with Receiver(authority) as running:
        running.answers = [_token("first"), _token("second")]
        yield running


def _token(text: str, **more: object) -> object:
    told = {"access_token": text, "token_type": "Bearer", "expires_in": 300} | more
    return answer(200, json.dumps(told).encode())


def _endpoint(house: House, receiver: Receiver, issuer: Receiver | None, **headers: str) -> UUID:
    organisation = house.organisation()
    asked = {
        "sealed": json.dumps({"headers": headers, "client_secret": SECRET}).encode(),
        "header_names": list(headers),
    }
    if issuer:
        asked |= {"token_url": issuer.url, "token_client_id": "us:1", "token_scope": "hooks"}
    house.key(organisation, house.endpoint(organisation, receiver.url, **asked))
    return organisation


def test_headers_of_its_own_arrive(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """They come with every attempt and never in the place of one that is signed."""
    house = delivery_database
    organisation = _endpoint(house, receiver, None, **{"X-Api-Key": "k1", "webhook-id": "forged"})
    house.events(organisation)
    house.settle(workers(), organisation)
    (received,) = receiver.received
    assert received.headers["x-api-key"] == "k1"
    assert received.headers["webhook-id"].startswith("evt_")


def test_a_token_is_fetched_once_and_anew_when_it_is_not_taken(
    delivery_database: House, receiver: Receiver, issuer: Receiver, workers: Workers
) -> None:
    """One token serves many attempts; a 401 makes the next attempt fetch another one."""
    house = delivery_database
    organisation = _endpoint(house, receiver, issuer)
    house.events(organisation, 3)
    worker = workers()
    house.settle(worker, organisation, 3)
    assert [one.headers["authorization"] for one in receiver.received] == ["Bearer first"] * 3
    (asked,) = issuer.received
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["hooks"],
    }
    shown = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert shown == "us%3A1:a+b%2Bc%2F%C3%A4"
    receiver.answers = [answer(401), answer(204)]
    house.events(organisation)
    house.settle(worker, organisation, 4)
    house.make_due(organisation)
    work_until(
        [worker],
        lambda: {row.state for row in house.deliveries(organisation)} == {"succeeded"},
    )
    assert receiver.received[-1].headers["authorization"] == "Bearer second"


@pytest.mark.parametrize(
    "said",
    [
        answer(400, b'{"error": "invalid_client"}'),
        answer(302, location="https://127.0.0.1/"),
        answer(200, b"<html>"),
        answer(200, b"[1]"),
        answer(200, b'{"access_token": 1}'),
        answer(200, b'{"access_token": "a\\r\\nx: y", "expires_in": 60}'),
        answer(200, b'{"access_token": "a", "expires_in": "soon"}'),
        answer(200, b"[" * 9_000),
    ],
)
def test_without_a_token_nothing_is_sent(
    delivery_database: House, receiver: Receiver, issuer: Receiver, workers: Workers, said: object
) -> None:
    """An answer that is no token is told to the owner as token_failed, and tried again."""
    house = delivery_database
    organisation = _endpoint(house, receiver, issuer)
    issuer.answers = [said]  # type: ignore[list-item] # what `answer` returns
    house.events(organisation)
    house.settle(workers(), organisation)
    (row,) = house.deliveries(organisation)
    assert (row.state, row.state_reason) == ("waiting", "token_failed")
    assert receiver.received == []


def test_what_cannot_be_opened_is_not_left_out(
    delivery_database: House, receiver: Receiver, workers: Workers
) -> None:
    """An endpoint whose headers cannot be read gets nothing rather than a bare request."""
    house = delivery_database
    organisation = _endpoint(house, receiver, None)
    house.rows(
        "UPDATE webhook_endpoint SET sealed = 'x' WHERE organisation_id = :id", id=organisation
    )
    house.events(organisation)
    house.settle(workers(), organisation)
    assert house.attempts(organisation)[0].error_code == "no_key"
    assert receiver.received == []
