"""Opens what is sealed with an endpoint, for one batch only: no key stays in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from structlog.typing import FilteringBoundLogger

from openredress_delivery.access import Access, opened
from openredress_delivery.claims import Endpoint
from openredress_webhooks.signing import Secret, SigningKey

Unseal = Callable[[UUID, str, bytes], bytes]
"""Opens a sealed text: organisation, place (`webhook_key:<id>`, `webhook_endpoint:<id>`), sealed.

Raises ValueError when it cannot be opened; that endpoint's attempts then fail with `no_key`.
"""


class Opener:
    """Reads the rows of `claims.sealed_keys` and `claims.sealed_access`."""

    def __init__(self, unseal: Unseal, log: FilteringBoundLogger) -> None:
        self._unseal = unseal
        self._log = log

    def keys(self, sealed: Sequence[Row[Any]]) -> dict[Endpoint, list[Secret | SigningKey]]:
        """The keys of each endpoint that can be opened."""
        found: dict[Endpoint, list[Secret | SigningKey]] = defaultdict(list)
        for row in sealed:
            kind = Secret if row.kind == "hmac" else SigningKey
            try:
                text = self._unseal(row.organisation_id, f"webhook_key:{row.id}", row.sealed)
                found[row.organisation_id, row.endpoint_id].append(kind.parse(text.decode("ascii")))
            except ValueError:
                self._log.error("key_unreadable", endpoint_id=str(row.endpoint_id))
        return found

    def access(self, sealed: Sequence[Row[Any]]) -> dict[Endpoint, Access | None]:
        """What endpoints ask for besides a signature; None where it cannot be opened."""
        found: dict[Endpoint, Access | None] = {}
        for row in sealed:
            endpoint = row.organisation_id, row.endpoint_id
            try:
                place = f"webhook_endpoint:{row.endpoint_id}"
                text = self._unseal(row.organisation_id, place, row.sealed)
                found[endpoint] = opened(text, row.token_url, row.token_client_id, row.token_scope)
            except ValueError:
                self._log.error("access_unreadable", endpoint_id=str(row.endpoint_id))
                found[endpoint] = None
        return found
