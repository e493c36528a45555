"""The discovery documents list what is there, and what they list is there."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from openredress_api import access

PATHS = {
    "https://api.example.org": "",
    "https://example.org/openredress": "/openredress",
    "https://example.org/a/b": "/a/b",
}


@pytest.mark.parametrize(("issuer", "path"), PATHS.items())
@pytest.mark.parametrize("name", ["oauth-authorization-server", "oauth-protected-resource"])
def test_places(world: Any, tools: Any, issuer: Any, path: Any, name: Any) -> None:
    """Each document is at its root, and under the issuer's path as RFC 8414 section 3.1 says."""
    client = tools.make_app(world.database, issuer).test_client()
    for place in {"", path}:
        shown = client.get(f"/.well-known/{name}{place}")
        assert shown.status_code == 200
        assert issuer in (shown.json.get("issuer"), shown.json.get("resource"))
    assert client.get(f"/.well-known/{name}/other").status_code == 404
    assert get_well_known_url(issuer) == f"/.well-known/oauth-authorization-server{path}"


def test_server_document(world: Any, tools: Any) -> None:
    """The server's document is valid, and lists enabled grants, methods and algorithms only."""
    shown = world.app.test_client().get("/.well-known/oauth-authorization-server").json
    metadata = AuthorizationServerMetadata(shown)
    checks = [name for name in dir(metadata) if name.startswith("validate_")]
    assert len(checks) > 15
    for check in checks:
        # RFC 8414 requires the list; Authlib wants it filled even where no grant could use it.
        if check != "validate_response_types_supported":
            getattr(metadata, check)()
    assert shown["issuer"] == tools.issuer
    assert shown["grant_types_supported"] == ["client_credentials"]
    assert shown["response_types_supported"] == []
    for place in ("token", "revocation", "introspection"):
        methods = shown[f"{place}_endpoint_auth_methods_supported"]
        assert sorted(methods) == ["client_secret_basic", "private_key_jwt"]
        algorithms = shown[f"{place}_endpoint_auth_signing_alg_values_supported"]
        assert sorted(algorithms) == ["ES256", "Ed25519", "EdDSA", "PS256"]
    assert set(shown["scopes_supported"]) == set(access.ALL_SCOPES)


def test_listed_addresses_answer(world: Any, tools: Any) -> None:
    """Every address in the document answers a POST."""
    shown = world.app.test_client().get("/.well-known/oauth-authorization-server").json
    listed = [url for name, url in shown.items() if name.endswith("_endpoint")]
    assert len(listed) == 3
    for url in listed:
        place = url.removeprefix(tools.issuer)
        assert world.app.test_client().post(place).status_code == 400


def test_resource_document(world: Any, tools: Any) -> None:
    """The API names its authorization server and takes tokens in the header alone."""
    shown = world.app.test_client().get("/.well-known/oauth-protected-resource").json
    assert shown["resource"] == tools.issuer
    assert shown["authorization_servers"] == [tools.issuer]
    assert shown["bearer_methods_supported"] == ["header"]
