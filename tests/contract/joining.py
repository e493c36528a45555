"""What goes on beside a remedy, as a part of the walk: progress, answers, sponsors, change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.recorder import done, read
from tests.factories import evidence

if TYPE_CHECKING:
    from tests.contract.walk import Walk

TEXT = "The wages of March are paid on Friday, to everybody on the night shift."


def join(walk: Walk) -> None:
    """One request is reported on, escalated, sponsored and joined; workers are written to."""
    us, payer = walk.institute, walk.supplier
    site = walk.world.site(payer, "TH-07")
    case = walk.case(site)
    path = walk.ask(case, site)
    for party, verb, body in walk.straight()[:4]:
        done(party.post(f"{path}/{verb}", body))
    shown = evidence.handed_in(payer)
    report = {"planned_outcome": "wages_paid", "state": "late", "expected_on": "2026-08-01"}
    done(payer.post(f"{path}/progress-reports", report | {"evidence": [shown]}))
    done(us.post(f"{path}/request-evidence", {"purposes": ["payslip", "bank_proof"]}))
    done(us.post(f"{path}/escalate", {"reason": "deadline_passed"}))
    read(payer, f"{path}/progress-reports", path)
    _write(walk, case, path)
    _sponsor(walk, case, path, site)
    _change(walk, path, site)


def _write(walk: Walk, case: str, path: str) -> None:
    us, payer = walk.institute, walk.supplier
    done(us.post(f"/v1/cases/{case}/receipt-codes"))
    referral = walk.offer(case, walk.agency)
    for party, place, verbs in (
        (payer, path, ("approve", "deliver")),
        (walk.agency, referral, ("return",)),
    ):
        written = done(party.post(f"{place}/worker-responses", {"text": TEXT})).headers
        for verb in verbs:
            body = {"reason": "hard_to_understand"} if verb == "return" else {}
            done(us.post(f"{written['Location']}/{verb}", body))
        read(party, written["Location"], "/v1/worker-responses")


def _sponsor(walk: Walk, case: str, path: str, site: str) -> None:
    us, brand = walk.institute, walk.brand
    done(
        us.post(
            f"/v1/cases/{case}/consents",
            {
                "scope": "share_brand_aggregate",
                "state": "granted",
                "method": "spoken",
                "language": "my",
            },
        )
    )
    walk.world.related(brand, walk.supplier, site)
    for verbs in (("accept", "end"), ("decline",), ("accept",)):
        invited = done(us.post(f"{path}/sponsors", {"brand": brand.id})).headers["Location"]
        for verb in verbs:
            done(brand.post(f"{invited}/{verb}"))
    read(brand, invited, "/v1/sponsorships")
    again = walk.case(site)
    other = walk.ask(again, site)
    found = read(us, f"/v1/duplicate-candidates?site={site}")["data"]
    assert found
    pair = {"request": path.rpartition("/")[2], "other": other.rpartition("/")[2]}
    done(us.post("/v1/duplicate-decisions", pair | {"decision": "joined"}))
    done(us.post(f"{path}/cancel", {"reason": "contest_accepted"}))


def _change(walk: Walk, path: str, site: str) -> None:
    us, payer = walk.institute, walk.supplier
    body = {"site": site, "kind": "policy_changed", "categories": ["wages.withheld"]}
    changed = {"effective_on": "2026-07-01", "requests": [path.rpartition("/")[2]]}
    stated = done(payer.post("/v1/systemic-actions", body | changed)).headers["Location"]
    found = {"verdict": "verified", "method": "committee_meeting"}
    done(us.post(f"{stated}/verdicts", found))
    read(payer, stated, "/v1/systemic-actions")
    read(us, f"{stated}/recurrence")
