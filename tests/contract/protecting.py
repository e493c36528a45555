"""How a worker is protected, as a part of the walk of the main loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.recorder import done, read
from tests.factories import protection

if TYPE_CHECKING:
    from tests.contract.walk import Walk


def protect(walk: Walk, site: str) -> None:
    """A grave case is assessed and watched; a reprisal holds the site; a worker is called."""
    case = walk.case(site)
    done(protection.assessed(walk.second, case))
    read(walk.institute, f"/v1/cases/{case}/safety-assessments")
    walk.offer(case, walk.supplier)
    watch = read(walk.institute, f"/v1/retaliation-watches?case={case}")["data"][0]["id"]
    read(walk.institute, f"/v1/retaliation-watches/{watch}")
    said = protection.REPRISAL | {"at": "2026-07-06T19:00:00+07:00"}
    done(walk.institute.post(f"/v1/retaliation-watches/{watch}/check-backs", said))
    hold = read(walk.institute, f"/v1/site-holds?site={site}")["data"][0]["id"]
    read(walk.institute, f"/v1/site-holds/{hold}")
    done(walk.second.post(f"/v1/site-holds/{hold}/clear", {"reason": "remedied"}))
    worker = protection.worker(walk.institute, case, phone=protection.WORKER["phone"])["id"]
    path = f"/v1/cases/{case}/workers"
    read(walk.institute, path, f"{path}/{worker}/pseudonyms")
    custodian = protection.colleague(walk.world, "custodian")
    for verb in ("refuse", "grant"):
        asked = done(protection.identity_asked(walk.institute, case, worker)).headers
        done(custodian.post(f"{asked['Location']}/{verb}"))
    read(custodian, "/v1/identity-requests", asked["Location"])
    read(walk.institute, f"{asked['Location']}/identity")
