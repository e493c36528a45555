"""Fees that are repaid, as a part of the walk of the main loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.recorder import done
from tests.factories.repayments import BASE, COUNTED, FEW, PAID, SAID, SAYING, TERMS, THIRDS

if TYPE_CHECKING:
    from tests.contract.walk import Walk

# What two workers say of each instalment of a group whose sum the payer is not told.
TWO = {"n_affected": 2, "n_contacted": 2, "n_confirmed": 2, "n_unreachable": 0}
DUE = {1: "233.34", 2: "233.34", 3: "233.33"}
CORRIDOR = {"origin": "MM", "destination": "TH"}


def repay(walk: Walk, request: str, site: str) -> None:
    """An agreement is contested, offered again, disputed once, and completed by the CSO's calls."""
    us, payer = walk.institute, walk.supplier
    body = TERMS | {"payer": payer.id, "request": request, "site": site, "corridor": CORRIDOR}
    body |= {"groups": [COUNTED, FEW]}
    path = done(us.post(BASE, body)).headers["Location"]
    for party, verb, sent in (
        (us, "offer", {}),
        (payer, "contest", {"reason": "insufficient_information"}),
        (us, "offer", {}),
        (payer, "accept", {}),
    ):
        done(party.post(f"{path}/{verb}", sent))
    for number, group in ((1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (3, "b")):
        paid = PAID | {"instalment_no": number, "group": group}
        if (number, group) == (2, "a"):
            _paid(walk, path, paid, SAYING["disputed"])
        _paid(walk, path, paid, TWO | {"amount_confirmed": DUE[number]} if group == "b" else {})
    done(us.get(f"{path}/balance"))
    for where in (BASE, path, f"{path}/payments"):
        done(payer.get(where))
    done(us.post(f"{path}/close"))
    _late(walk)


def _paid(walk: Walk, path: str, paid: dict[str, object], said: dict[str, object]) -> None:
    """The supplier reports a payment, and the CSO what workers say of it."""
    made = done(walk.supplier.post(f"{path}/payments", paid)).headers["Location"]
    body = SAID | {"validator_type": "cso"} | said
    done(walk.cso.post(f"{made}/validations", body))
    done(walk.supplier.get(made))
    done(walk.institute.get(f"{made}/validations"))


def _late(walk: Walk) -> None:
    """An agency agrees and does not pay; another draft was a mistake; what may be owed is asked."""
    us, agency = walk.institute, walk.agency
    body = TERMS | {"payer": agency.id, "instalments": THIRDS[:1]}
    path = done(us.post(BASE, body)).headers["Location"]
    done(us.post(f"{path}/offer"))
    done(agency.post(f"{path}/accept"))
    mistaken = done(us.post(BASE, body)).headers["Location"]
    done(us.post(f"{mistaken}/cancel", {"reason": "entered_by_mistake"}))
    done(us.get(f"{BASE}/proposal?agency={agency.id}"))
