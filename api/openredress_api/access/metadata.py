"""The two discovery documents; they list what is enabled and nothing else."""

from __future__ import annotations

from typing import Any

from openredress_api.access.keys import ALGORITHMS
from openredress_api.access.scopes import ALL_SCOPES
from openredress_api.access.server import AUTH_METHODS


def server_metadata(issuer: str) -> dict[str, Any]:
    """RFC 8414 section 2. No grant of ours uses a response type, so that list is empty."""
    authentication = {
        f"{place}_endpoint_auth_{name}_supported": list(values)
        for place in ("token", "revocation", "introspection")
        for name, values in (("methods", AUTH_METHODS), ("signing_alg_values", ALGORITHMS))
    }
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth2/token",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": sorted(ALL_SCOPES),
        **authentication,
    }


def resource_metadata(issuer: str) -> dict[str, Any]:
    """RFC 9728 section 2: the API, its authorization server, and where a token goes."""
    return {
        "resource": issuer,
        "resource_name": "OpenRedress",
        "authorization_servers": [issuer],
        "scopes_supported": sorted(ALL_SCOPES),
        "bearer_methods_supported": ["header"],
    }
