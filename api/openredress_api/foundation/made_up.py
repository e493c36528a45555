"""What may be written about workers in a sandbox: nothing that looks like a real person's (R24)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema

from openredress_api.foundation.fields import Personal
from openredress_api.foundation.problems import Fault, FieldError, PersonalDataDetected
from openredress_webhooks import personal_data

# No country has the code 999 (ITU-T E.164), nobody the domains of RFC 2606.
_MADE_UP = {
    "phone": re.compile(r"(\(?\+|00)\s*999"),
    "email": re.compile(r".*[@.](example(\.(com|net|org))?|test|invalid)", re.IGNORECASE),
}


def check(schema: Schema, body: Mapping[str, Any]) -> None:
    """PersonalDataDetected if a sealed text of `body` seems to tell of somebody who exists.

    Other texts are refused for any personal data, made up or not, in a sandbox and outside.
    """
    if errors := list(_real(schema, body)):
        raise PersonalDataDetected(errors=errors)


def _real(schema: Schema, body: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, field in schema.fields.items():
        text = body.get(name)
        if not isinstance(field, Personal) or text is None:
            continue
        for one in personal_data.found(text):
            made_up = _MADE_UP.get(one.kind)
            if made_up is None or not made_up.match(text[one.start : one.end]):
                place = one.start + 1
                yield FieldError(f"/{name}", Fault("real_in_sandbox", what=one.kind, place=place))
