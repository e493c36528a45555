"""What is kept, erased and asked for by authorities, as a part of the walk of the main loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.recorder import done, read
from tests.factories import protection
from tests.factories.estate import LEGAL

if TYPE_CHECKING:
    from tests.contract.walk import Walk


def keep(walk: Walk, site: str) -> None:
    """A worker is erased, another is not; a court asks for names and is refused."""
    us, custodian = walk.institute, protection.colleague(walk.world, "custodian")
    for verb in ("refuse", "approve"):
        asked = done(us.post("/v1/erasure-requests", {"case": walk.case(site)}))
        done(custodian.post(f"{asked.headers['Location']}/{verb}"))
        read(us, asked.headers["Location"])
    read(us, "/v1/erasure-requests")
    read(custodian, "/v1/retention-dues?until=2026-12-31T00:00:00Z")
    administrator = protection.colleague(walk.world, "administrator")
    recorded = done(administrator.post("/v1/legal-requests", LEGAL)).headers["Location"]
    decision = {"decision": "refused", "workers_told": "yes"}
    done(custodian.post(f"{recorded}/decision", decision))
    read(custodian, recorded, "/v1/legal-requests")
