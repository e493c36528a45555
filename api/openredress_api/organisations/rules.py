"""Rules of organisations in plain Python."""

from __future__ import annotations

from uuid import UUID

PARTNERS = ("brand", "agency")


def other_side(me: UUID, supplier: UUID | None, partner: UUID) -> UUID | None:
    """Who has to confirm a relation that `me` states; None if `me` is no side of it.

    `supplier` is None for a site that is not there.
    """
    sides = {supplier: partner, partner: supplier}
    return sides.get(me)


def may_confirm(me: UUID, institute: UUID, stated_by: UUID, stated_to: UUID) -> bool:
    """Whether `me` may confirm: the side it was stated to or the institute, never the stater."""
    return me != stated_by and me in {stated_to, institute}
