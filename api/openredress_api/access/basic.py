"""`client_secret_basic`: sandbox clients show a secret in the Authorization header."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import unquote

from authlib.oauth2.rfc6749 import OAuth2Request

from openredress_api.access.clients import Client

_BASIC = re.compile(r"Basic +([A-Za-z0-9+/=]{1,4096})", re.IGNORECASE)


def client_secret_basic(
    query_client: Callable[[str], Client | None], request: OAuth2Request
) -> Client | None:
    """The client whose id and secret the header holds (RFC 6749 section 2.3.1), or None.

    Authlib's own reader fails on headers that are no base64, no text or empty.
    """
    found = _BASIC.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        return None
    try:
        pair = base64.b64decode(found[1], validate=True).decode("ascii")
    except ValueError:
        return None
    name, _, secret = pair.partition(":")
    client = query_client(unquote(name))
    return client if client is not None and client.check_client_secret(unquote(secret)) else None
