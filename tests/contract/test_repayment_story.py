"""The story of docs/reference/repayments.md: block by block, by the client and real webhooks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from openredress_webhooks.events import read
from openredress_webhooks.signing import Secret
from tests.contract.test_sdk_over_the_server import client_of
from tests.factories.estate import FEE, PLACEMENT
from tests.factories.parties import Party, World
from tests.rooms.subscriptions.post_office import PostOffice

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "repayments.md"
BLOCKS = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = {"stated_on": "2026-03-02", "method": "call_back_all", "share_in_aggregates": True}


def told_their_fees(world: World, supplier: Party, site: str, workers: int = 14) -> None:
    """So many workers have said what they paid; the agency states no fee."""
    agency: Party = world.party("agency")
    world.related(agency, supplier, site)
    for number in range(workers):
        path = f"/v1/placements?external_id=P/{number}&source_system=ats"
        body = PLACEMENT | {"worker_pseudonym": f"W-{number:04}", "site": site}
        placed = agency.put(path, body)
        assert placed.status_code == 201, placed.json
        statement = SAID | {"fee_lines": [FEE | {"amount": "1500.00"}]}
        path = f"/v1/placements/{placed.json['id']}/worker-statements"
        assert world.institute.post(path, statement).status_code == 201


def test_fees_are_repaid_in_three_instalments(
    world: World, post_office: PostOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page runs from what workers said to a closed agreement, with one instalment disputed.

    row 12.
    """
    supplier = world.party("supplier")
    site = world.site(supplier)
    told_their_fees(world, supplier, site)
    path, endpoint = post_office.endpoint(supplier, event_patterns=["repayment.*"])
    variables: dict[str, Any] = {
        "institute": client_of(world, world.institute),
        "supplier": client_of(world, supplier),
        "payer": supplier.id,
        "site": site,
    }
    for code in BLOCKS.findall(PAGE.read_text(encoding="utf-8")):
        exec(compile(code, PAGE.name, "exec"), variables)  # noqa: S102 - our own page
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("20")]
    assert said == [
        "fee.service_matching 21000.00 THB 14 counted",
        "the agency states: None",
        "['7000.00', '7000.00', '7000.00']",
        "full disputed",
        "21000.00 14000.00 7500.00 13500.00",
        "round 2 claim 2",
        "completed",
        "21000.00 0.00 10",
        "[(1, 'full'), (2, 'disputed'), (2, 'full'), (3, 'full')]",
    ]
    post_office.settled(supplier)
    arrived(post_office, endpoint["secret"], variables)
    deliveries = supplier.get(f"{path}/deliveries").json["data"]
    assert {one["state"] for one in deliveries} == {"succeeded"}


def arrived(post_office: PostOffice, secret: str, variables: dict[str, Any]) -> None:
    """Each step of the others came as a signed webhook that says no more than ids and codes."""
    events = [
        read(headers, body, [Secret.parse(secret)])
        for headers, body in post_office.receiver.received
    ]
    told = [event for event in events if event.type != "endpoint.verify"]
    assert sorted(event.type for event in told) == [
        "repayment.closed",
        "repayment.completed",
        "repayment.disputed",
        "repayment.offered",
        "repayment.validated",
        "repayment.validated",
        "repayment.validated",
    ]
    (disputed,) = (event for event in told if event.type == "repayment.disputed")
    assert disputed.data == {
        "id": variables["second"].id,
        "agreement": variables["draft"].id,
        "instalment": 2,
    }
