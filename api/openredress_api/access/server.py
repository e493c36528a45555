"""The authorization server of one request: Authlib's, over one connection in one transaction."""

from __future__ import annotations

import json
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, g
from sqlalchemy.engine import Connection

from openredress_api.access.assertions import PrivateKeyJwt
from openredress_api.access.basic import client_secret_basic
from openredress_api.access.clients import PREFIX, Client, find_client
from openredress_api.access.errors import ClientRefused
from openredress_api.access.tokens import (
    LIFETIME_S,
    ActiveToken,
    find_active,
    new_token,
    revoke_token,
    store_token,
)
from openredress_api.foundation import identifiers

AUTH_METHODS = ["private_key_jwt", "client_secret_basic"]


class FormRequest(OAuth2Request):
    """A guarded request: parameters come from the form alone, each at most once."""

    payload: Any
    client: Any

    def __init__(self, uri: str, headers: Any, form: dict[str, str]) -> None:  # noqa: ANN401 - werkzeug's
        super().__init__("POST", uri, headers=headers)
        self.payload = BasicOAuth2Payload(form)

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        form: dict[str, str] = self.payload.data
        return form


class ClientCredentials(ClientCredentialsGrant):
    """RFC 6749 section 4.4 with our two ways of client authentication."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS


class Revocation(RevocationEndpoint):
    """RFC 7009: 200 whether or not there was something of the caller's to end."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def authenticate_token(self, request: FormRequest, client: Client) -> None:
        """End the caller's token here: one statement, and no other answer than Authlib's 200."""
        revoke_token(self.server.connection, _token(request), client)


class Introspection(IntrospectionEndpoint):
    """RFC 7662 for the tokens of the caller's own organisation."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def authenticate_token(self, request: FormRequest, client: Client) -> ActiveToken | None:
        """The token if it is active and of the caller's organisation."""
        return find_active(self.server.connection, _token(request), client)

    def create_introspection_payload(self, token: ActiveToken | None) -> dict[str, Any]:
        """What is told of a token; of any that is not active, only that."""
        if token is None:
            return {"active": False}
        client_id = identifiers.encode(PREFIX, token.client_id)
        return {
            "active": True,
            "scope": " ".join(token.scopes),
            "client_id": client_id,
            "sub": client_id,
            "token_type": "Bearer",
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
            "iss": self.server.issuer,
        }


class Server(AuthorizationServer):
    """What this installation offers: each further grant or endpoint is one line here."""

    def __init__(self, connection: Connection, issuer: str) -> None:
        super().__init__()
        self.connection = connection
        self.issuer = issuer
        # Authlib's own lifetime for this grant would be ten days.
        generator = BearerTokenGenerator(new_token, expires_generator=LIFETIME_S)
        self.register_token_generator("default", generator)
        self.register_client_auth_method("client_secret_basic", client_secret_basic)
        self.register_client_auth_method("private_key_jwt", PrivateKeyJwt(connection, issuer))
        self.register_grant(ClientCredentials)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def authenticate_client(
        self, request: FormRequest, methods: list[str], endpoint: str = "token"
    ) -> Client:
        """The client, or ClientRefused in the same words whatever was wrong."""
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except (InvalidClientError, UnicodeError, RecursionError) as fault:
            # Text with lone surrogates and JSON nested a thousand deep are wrong credentials too.
            raise ClientRefused from fault
        # RFC 7521 section 4.2: `client_id` is optional beside an assertion, but never another.
        if request.payload.client_id not in {None, client.public_id}:
            raise ClientRefused
        return client

    def get_token_grant(self, request: FormRequest) -> Any:  # noqa: ANN401 - Authlib's grant
        """The grant of a request; a request without one is malformed (RFC 6749 section 5.2)."""
        if request.payload.grant_type is None:
            raise InvalidRequestError("The parameter grant_type is missing.")
        return super().get_token_grant(request)

    def query_client(self, client_id: str) -> Client | None:
        """Find the client of a request."""
        return find_client(self.connection, client_id)

    def save_token(self, token: dict[str, Any], request: FormRequest) -> None:
        """Store what was just made; the transaction commits before the client sees it."""
        store_token(self.connection, token["access_token"], request.client, token["scope"])

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        """The guard has made it already."""
        return request

    def send_signal(self, *_news: object, **_details: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:  # noqa: ANN401 - Authlib's
        """An answer in OAuth's words."""
        return oauth_response(status, body, headers)


def oauth_response(status: int, body: Any, headers: Any) -> Response:  # noqa: ANN401 - Authlib's
    """JSON with no-store (RFC 6749 section 5); an error is named in the request log."""
    g.problem = body.get("error")
    return Response(json.dumps(body), status=status, headers=headers)


def _token(request: FormRequest) -> str:
    token = request.form.get("token")
    if token is None:
        raise InvalidRequestError("The parameter token is missing.")
    return token
