"""How a case is graded and its worker comes back, as a part of the walk of the main loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.recorder import done, read
from tests.factories.cases import ARRIVAL, OBSERVATION, SAFE_CONTACT

if TYPE_CHECKING:
    from tests.contract.walk import Walk


def follow_up(walk: Walk, case: str, site: str) -> None:
    """A call is counted, a case is graded, its worker comes back; another one is merged."""
    us, path = walk.institute, f"/v1/cases/{case}"
    opening = {"site": site, "categories": ["wages.withheld"], "severity": "s4_minor"}
    call = done(us.post("/v1/contacts", ARRIVAL | {"open_case": opening}))
    read(us, "/v1/contacts", call.headers["Location"])
    seen = done(us.post(f"{path}/observations", OBSERVATION)).json["id"]
    done(us.post(f"/v1/observations/{seen}/void", {"reason": "entered_by_mistake"}))
    graver = {"severity": "s2_severe", "reasons": ["many_workers"]}
    done(us.post(f"{path}/severity", graver))
    milder = {"severity": "s3_serious", "reasons": ["breach_of_law", "facts_corrected"]}
    done(walk.second.post(f"{path}/severity", milder))
    done(us.put(f"{path}/safe-contact", SAFE_CONTACT))
    code = done(us.post(f"{path}/receipt-codes")).json["code"]
    done(us.post(f"{path}/messages", {"text": "We spoke with the payroll office."}))
    done(us.post("/v1/follow-ups/open", {"code": code}))
    done(us.post("/v1/follow-ups/messages", {"code": code, "text": "They paid half of it."}))
    done(us.post(f"{path}/receipt-codes/revoke"))
    parts = ("severity-changes", "observations", "safe-contact", "safe-contact/now", "messages")
    read(us, *(f"{path}/{part}" for part in parts))
    done(us.post(f"/v1/cases/{call.json['case']}/merge", {"into": case}))
