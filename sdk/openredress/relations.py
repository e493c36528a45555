"""Relations: a brand or agency works with a site, stated by one side, confirmed by the other."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Relation(Record):
    """A stated relation; figures count it once `confirmed_at` is there."""

    id: str
    site: str
    supplier: str
    partner: str
    tier: int
    valid_from: str
    valid_to: str | None
    stated_by: str
    confirmed_by: str | None
    confirmed_at: str | None


class Relations(Capability):
    """`/v1/relations`."""

    def state(
        self,
        site: str,
        partner: str,
        *,
        valid_from: object,
        idempotency_key: str | None = None,
        **body: object,
    ) -> Relation:
        """State that `partner`, a brand or agency, works with `site` from a day on."""
        stated = {"site": site, "partner": partner, "valid_from": valid_from, **body}
        return self._post(Relation, "relations", body=stated, key=idempotency_key)

    def confirm(self, relation_id: str, *, idempotency_key: str | None = None) -> Relation:
        """Confirm a relation that the other side stated."""
        return self._post(Relation, "relations", relation_id, "confirm", key=idempotency_key)

    def get(self, relation_id: str) -> Relation:
        """Return one relation."""
        return self._get(Relation, "relations", relation_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Relation]:
        """Iterate over the relations the caller is a side of."""
        return self._list(Relation, "relations", cursor=cursor, **filters)
