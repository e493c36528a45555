"""A month that nobody sent is not the last value: what rates are divided by is then unknown."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from openredress_api.metrics import queries, rules
from openredress_api.organisations import set_sandbox_clock
from tests.factories.parties import Party, World


def base(world: World, brand: Party, period: str) -> int | None:
    """The mean number of workers of the brand's sites in a quarter, as figures are given it."""
    token = hashlib.sha256(world.institute.token.encode()).hexdigest()
    with world.app.extensions["openredress"].transaction(token) as transaction:
        found = queries._rows(transaction, queries.BASE, rules.quarter(period))
    return {row.brand: row.base for row in found}.get(brand.organisation_id)


def test_a_mean_over_a_missing_month_is_null(world: World) -> None:
    """Two months of three give no mean, whichever is missing; with the third there is one."""
    supplier, brand = world.party("supplier"), world.party("brand")
    now = datetime.fromisoformat(supplier.get("/v1/me").json["now"])
    year, quarter = now.year, (now.month + 2) // 3
    # The last month of the quarter has begun, so none of the three is still to come.
    begun = max(now, datetime(year, 3 * quarter, 1, tzinfo=UTC))
    with world.installation.as_owner() as connection:
        set_sandbox_clock(connection, [supplier.organisation_id], begun - now)
    sent = {f"{year}-{3 * quarter - 2 + n:02}": total for n, total in enumerate((100, 300, 201))}
    for missing in sent:
        site = world.site(supplier, f"without-{missing}")
        world.related(brand, supplier, site)

        def put(month: str, site: str = site) -> None:
            url = f"/v1/headcounts?site={site}&month={month}"
            answer = supplier.put(url, {"total": sent[month], "source": "payroll"})
            assert answer.status_code == 201, answer.json

        before = base(world, brand, f"{year}-Q{quarter}")
        for one in sent.keys() - {missing}:
            put(one)
        assert base(world, brand, f"{year}-Q{quarter}") == before
        put(missing)
        assert base(world, brand, f"{year}-Q{quarter}") == (before or 0) + 200
