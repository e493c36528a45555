"""What the server holds, as one reads it: attributes and members of the same names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from openredress.answers import Answer

Outcome = Literal["", "created", "updated", "unchanged"]
"""What an upsert did; empty for everything else."""


class Record(Mapping[str, Any]):
    """A read-only mapping whose members are attributes too: `record.status`, `record["status"]`.

    Objects inside are records, money is `{amount: "1520.50", currency: "THB"}` with the amount
    as text. `etag` is the version for If-Match, empty for a row of a list; `replayed` tells that
    the server had done this before under the same idempotency key. The repr shows the id only:
    members can be personal or, for a new webhook endpoint, secret.
    """

    def __init__(
        self, members: Mapping[str, object], answer: Answer | None = None, outcome: Outcome = ""
    ) -> None:
        self._members = {name: _shown(value) for name, value in members.items()}
        headers = answer.headers if answer else {}
        self.etag = headers.get("ETag", "")
        self.replayed = headers.get("Idempotency-Replayed") == "true"
        self.request_id = headers.get("X-Request-Id", "")
        self.outcome: Outcome = outcome

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a member has any JSON type
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a member has any JSON type
        # A copy under construction has no members yet: to look for them would never end.
        if not name.startswith("_") and name in self._members:
            return self._members[name]
        raise AttributeError(f"{type(self).__name__} has no {name!r} in this answer")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._members.get('id', '')}>"


def _shown(value: object) -> object:
    if isinstance(value, Mapping):
        return Record(value)
    return [_shown(item) for item in value] if isinstance(value, list) else value
