"""Whatever a payer does by itself, what workers confirmed stays what it was (R19)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openredress_api.access.scopes import ALL_SCOPES
from tests.factories import repayments
from tests.factories.parties import World
from tests.factories.repayments import PAID, SAID, SAYING

PAYMENTS = st.fixed_dictionaries(
    {
        "instalment_no": st.integers(1, 4),
        "group": st.sampled_from("ab"),
        "amount": st.sampled_from(["0", "0.01", "6500.00", "7000.00", "7000.01"]),
        "workers": st.sampled_from([0, 1, 14, 15]),
    }
).map(lambda fields: ("payments", PAID | fields))
VERBS = st.sampled_from(
    [
        ("accept", {}),
        ("contest", {"reason": "no_capacity"}),
        ("offer", {}),
        ("close", {}),
        ("cancel", {"reason": "duplicate"}),
    ]
)
# The number of a payment in the order in which they were taken, and what the payer says of it.
OWN_WORD = st.tuples(st.integers(0, 5), st.sampled_from(sorted(SAYING)))
ACTS = st.lists(st.one_of(PAYMENTS, VERBS, OWN_WORD), max_size=8)


@given(ACTS)
@settings(max_examples=25)
def test_r19_a_payer_alone_confirms_nothing(world: World, acts: list[tuple[Any, Any]]) -> None:
    """R19: no sequence of a payer's calls makes what is validated grow, or completes anything."""
    agreed = repayments.drafted(world, groups=[repayments.COUNTED, repayments.FEW])
    agreed.until("accepted")
    taken = [agreed.paid()]
    assert agreed.result(taken[0], **SAYING["partial"]) == "partial"
    before = agreed.balance(world.institute)["validated"]
    payer = replace(agreed.payer, token=f"ort_{agreed.id[4:].ljust(64, 'x')}")
    # Without what is the institute's, the payer could pass for it; with its role it cannot.
    world.grant(payer, sorted(ALL_SCOPES))
    for act, body in acts:
        if isinstance(act, int):
            path = f"payments/{taken[act % len(taken)]}/validations"
            answer = payer.post(f"{agreed.path}/{path}", SAID | SAYING[body])
        else:
            answer = payer.post(f"{agreed.path}/{act}", body)
        assert answer.status_code < 500, answer.json
        if act == "payments" and answer.status_code == 201:
            taken.append(answer.json["id"])
        assert agreed.balance(world.institute)["validated"] == before
        assert agreed.status == "in_progress"
