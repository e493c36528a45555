"""What a receiver asks for beside a signature: headers and OAuth, with their secrets sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openredress_api.foundation.database import Transaction
from openredress_api.foundation.problems import Fault, FieldError, ValidationFailed
from openredress_api.subscriptions.actions.addresses import checked_url
from openredress_api.subscriptions.tables import Endpoint


def set_access(transaction: Transaction, endpoint: Endpoint, body: Mapping[str, Any]) -> list[str]:
    """Store headers and oauth as far as `body` names them; returns the names of what it named."""
    named = [name for name in ("headers", "oauth") if name in body]
    if not named:
        return []
    secret = _opened(transaction, endpoint)
    if "headers" in body:
        secret["headers"] = body["headers"]
        endpoint.header_names = list(body["headers"])
    if "oauth" in body:
        _set_oauth(transaction, endpoint, secret, body["oauth"])
    is_bearer = "authorization" in map(str.lower, endpoint.header_names)
    if endpoint.token_url and is_bearer:
        raise ValidationFailed(errors=[FieldError("/headers", Fault("not_with_oauth"))])
    endpoint.sealed = _sealed(transaction, endpoint, secret)
    return named


def _set_oauth(
    transaction: Transaction,
    endpoint: Endpoint,
    secret: dict[str, Any],
    oauth: Mapping[str, Any] | None,
) -> None:
    secret.pop("client_secret", None)
    endpoint.token_url = endpoint.token_client_id = endpoint.token_scope = None
    if oauth is not None:
        endpoint.token_url = checked_url(transaction, oauth["token_url"], "/oauth/token_url")
        endpoint.token_client_id, endpoint.token_scope = oauth["client_id"], oauth["scope"]
        secret["client_secret"] = oauth["client_secret"]


def _place(endpoint: Endpoint) -> str:
    return f"webhook_endpoint:{endpoint.id}"


def _opened(transaction: Transaction, endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.sealed is None:
        return {"headers": {}}
    found: dict[str, Any] = json.loads(transaction.unseal(_place(endpoint), endpoint.sealed))
    return found


def _sealed(
    transaction: Transaction, endpoint: Endpoint, secret: Mapping[str, Any]
) -> bytes | None:
    if not secret["headers"] and "client_secret" not in secret:
        return None
    return transaction.seal(_place(endpoint), json.dumps(secret).encode())
