"""What a supplier or an agency can ask of the whole interface, and what it cannot (R16)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from marshmallow import Schema

from openredress_api.access import SCOPES_BY_ROLE
from openredress_openapi.operations import Operation
from tests.factories import protection
from tests.factories.cases import case, consent, referral
from tests.factories.parties import World
from tests.security.asking import OPERATIONS, named_ids

# Ids by which somebody could ask about a worker, or what the institute knows of one.
OF_WORKERS = {"case", "iss", "con", "wrk", "idr", "rtw", "ckb", "hld", "saf", "stm", "per"}
# What would tell in an answer who complained, or how.
TELLING = {"worker", "workers_named", "consents", "received_at", "received_at_basis", "pseudonym"}
OWN_REGISTER = {"grievances", "imports", "evidence", "placements", "mechanisms"}


def opened(role: str) -> Iterator[Operation]:
    """The operations that such an organisation may call."""
    for one in OPERATIONS:
        may = not one.roles or role in one.roles
        if may and (one.scope is None or one.scope in SCOPES_BY_ROLE[role]):
            yield one


def members(schema: Schema | None) -> set[str]:
    """The names in an answer, at its top."""
    return set(schema.fields) if schema else set()


@pytest.mark.parametrize("role", ["supplier", "agency", "brand"])
def test_r16_nothing_takes_a_worker_or_a_case(role: str) -> None:
    """No path, query or body of theirs names one: there is nothing to try ids or names with."""
    for one in opened(role):
        assert not OF_WORKERS & {*one.path_parameters.values()}, one.name
        assert not OF_WORKERS & {prefix for _, _, prefix in named_ids(one)}, one.name


@pytest.mark.parametrize("role", ["supplier", "agency", "brand"])
def test_r16_nothing_tells_who_or_how(role: str) -> None:
    """Beyond a sender's own records no answer has a place for a worker, consent or first call."""
    for one in opened(role):
        if one.room not in OWN_REGISTER:
            for schema in one.gives.values():
                assert not TELLING & members(schema), one.name


def test_r16_a_refusal_of_consent_shows_nowhere(world: World) -> None:
    """What a supplier reads is the same whether another worker said no or was never asked."""
    supplier = world.party("supplier")
    referral(world, supplier)
    site = world.site(supplier, "second")
    paths = ("/v1/referrals", "/v1/remediation-requests", "/v1/events", "/v1/sites")
    supplier.get("/v1/events")
    before = [supplier.get(path).get_data() for path in paths]
    refused = case(world, site)["id"]
    consent(world, refused, "share_deidentified_employer", "refused")
    protection.worker(world.institute, refused)
    assert [supplier.get(path).get_data() for path in paths] == before
