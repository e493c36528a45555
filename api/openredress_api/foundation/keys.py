"""By what a sender names its own records."""

from __future__ import annotations

from openredress_api.foundation.fields import Text, WireSchema


class ExternalKey(WireSchema):
    """The sender's own identifier of a record; never in the path."""

    external_id = Text(
        at_most=120, reference=True, required=True, description="the sender's own identifier"
    )
    source_system = Text(
        at_most=60, reference=True, required=True, description="the system it comes from"
    )
