"""Pseudonyms: one worker, another name at each recipient (R3)."""

from __future__ import annotations

from uuid import UUID

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import NotPermitted
from openredress_api.organisations import type_of_organisation
from openredress_api.protection import rules


def pseudonym_for(
    transaction: Transaction, worker_id: UUID, recipient: UUID, *, within: UUID | None = None
) -> str:
    """The name of a worker at one recipient; NotPermitted for a brand and for whoever is not there.

    `within` a case: another one, which holds in this case alone, for when the lasting one became
    known. Keyed by the institute's key and the recipient: no two recipients can join theirs.
    """
    if type_of_organisation(transaction, recipient) not in rules.PSEUDONYM_HOLDERS:
        raise NotPermitted("Pseudonyms are for those who act for a worker; brands get none.")
    about = f"{worker_id} {within}" if within else str(worker_id)
    return rules.spelt(transaction.blind_index(f"pseudonym {recipient}", about))
