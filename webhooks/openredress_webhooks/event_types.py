"""What one event type promises: recipients, sensitivity, and the members of its `data`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from openredress_webhooks.fields import Field

SCHEMA_VERSION = 1
"""Version of all bodies that this distribution renders."""

DataClass = Literal["none", "pseudonymous", "restricted"]
"""What stands behind an event: no person | a pseudonym | a record whose every read is logged."""

Role = Literal["institute", "supplier", "agency", "brand", "cso"]


@dataclass(frozen=True)
class EventType:
    """One type of event.

    `recipients` are the roles that may receive it; which organisation does is decided by the
    sender. `thin`: the detail is read by an authenticated GET on `links.self`, which is then
    present; otherwise the body says all.
    """

    name: str
    data_class: DataClass
    recipients: tuple[Role, ...]
    description: str
    data_fields: Mapping[str, Field]
    thin: bool

    def check(self, data: Mapping[str, object]) -> None:
        """Refuse data that is not exactly this type's.

        Raises:
            ValueError: names the missing, unknown or wrong members, never their values.
        """
        needed = {name for name, field in self.data_fields.items() if not field.optional}
        strangers = data.keys() - self.data_fields.keys()
        wrong = {
            name
            for name, value in data.items()
            if name not in strangers and not self.data_fields[name].accepts(value)
        }
        faults = {"missing": needed - data.keys(), "unknown": strangers, "wrong kind": wrong}
        said = [f"{fault}: {', '.join(sorted(names))}" for fault, names in faults.items() if names]
        if said:
            raise ValueError(f"data of {self.name}: {'; '.join(said)}")

    def data_schema(self) -> dict[str, object]:
        """Return the JSON Schema (2020-12) of `data`; receivers must bear members added later."""
        return {
            "type": "object",
            "properties": {name: field.schema() for name, field in self.data_fields.items()},
            "required": [name for name, field in self.data_fields.items() if not field.optional],
        }
