"""Events about nothing, in sandboxes: for whoever tries out a receiver."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode, random_id
from openredress_api.foundation.problems import Fault, FieldError, Problem, ValidationFailed
from openredress_api.subscriptions import rules
from openredress_webhooks.events import EVENT_TYPES, SCHEMA_VERSION, Event
from openredress_webhooks.fields import Field


class SandboxOnly(Problem):
    """This is for sandbox organisations; nothing was done."""

    status, code, title = 403, "sandbox_only", "Sandbox only"


def trigger(transaction: Transaction, name: str) -> dict[str, Any]:
    """Put a synthetic event of this type into the caller's own feed."""
    context = transaction.context
    if not context.is_sandbox:
        raise SandboxOnly
    if context.organisation_type not in EVENT_TYPES[name].recipients:
        error = FieldError("/type", Fault("not_your_event"), name)
        raise ValidationFailed(errors=[error])
    event_id = dated_id()
    made = _event(transaction, name, event_id)
    row = (event_id, name, made.subject, made.timestamp, made.data_class, made.render())
    transaction.session.execute(select(func.gate.publish_synthetic(*row)))
    return {"id": event_id, "type": name}


def _event(transaction: Transaction, name: str, event_id: UUID) -> Event:
    known, context = EVENT_TYPES[name], transaction.context
    family = name.split(".", maxsplit=1)[0]
    kind, path = rules.SUBJECTS.get(family, ("org", "me"))
    data = {
        member: _value(field, rules.OTHERS.get(member, kind))
        for member, field in known.data_fields.items()
    }
    subject = str(data.get("id", encode("org", context.organisation_id)))
    address = f"{transaction.services.public_url}/v1/{path.format(**data)}/{subject}"
    return Event(
        id=encode("evt", event_id),
        type=name,
        timestamp=context.now,
        schema_version=SCHEMA_VERSION,
        subject=subject,
        subject_seq=1,
        data_class=known.data_class,
        data=data,
        links={"self": address} if known.thin else {},
    )


def _value(field: Field, kind: str) -> object:
    """The catalogue's example of a member; an id of nothing that there is."""
    if field.kind == "id":
        return encode(kind, random_id())
    examples = field.schema()["examples"]
    return next(iter(examples))  # type: ignore[call-overload] # each has one
