"""`private_key_jwt`: a client shows who it is by a signed, short-lived, single-use assertion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from openredress_api.access.clients import PREFIX, Client
from openredress_api.access.errors import ClientRefused
from openredress_api.access.keys import ASSERTION_ALGORITHMS
from openredress_api.access.secret_texts import digest
from openredress_api.access.tables import used_assertion
from openredress_api.foundation import identifiers

# FAPI 2.0 section 5.3.2.1: clocks 10 s ahead are accepted, 60 s are not.
LEEWAY_S = 10
LIFETIME_S = 300
JTI_LENGTH = 256
ESSENTIAL = ("iss", "sub", "aud", "exp", "iat", "jti")


class PrivateKeyJwt(JWTBearerClientAssertion):
    """RFC 7523 section 3 as FAPI 2.0 narrows it; one per request, on the request's connection."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, connection: Connection, issuer: str) -> None:
        super().__init__()
        self._connection = connection
        self._issuer = issuer

    def resolve_client_public_key(self, client: Client) -> KeySet:
        """The registered keys; `kid` chooses, and may be absent while there is only one."""
        return KeySet([JWKRegistry.import_key(key) for key in client.jwks["keys"]])

    def process_assertion_claims(self, unverified_assertion: str, keys: KeySet) -> dict[str, Any]:
        """Verify signature, then claims; the signature first, so only its owner burns a `jti`."""
        try:
            token = jwt.decode(unverified_assertion, keys, registry=ASSERTION_ALGORITHMS)
        except JoseError as fault:
            raise ClientRefused from fault
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Raise ClientRefused unless the assertion is for us, by its subject, fresh and unused."""
        # The database's clock: it also decides when a used `jti` may be forgotten.
        moment = self._connection.execute(select(func.clock_timestamp())).scalar_one()
        options: dict[str, Any] = {name: {"essential": True} for name in ESSENTIAL}
        options["iss"]["value"] = claims["sub"]
        options["aud"]["value"] = self._issuer
        try:
            jwt.JWTClaimsRegistry(now=int(moment.timestamp()), leeway=LEEWAY_S, **options).validate(
                claims
            )
        except JoseError as fault:
            raise ClientRefused from fault
        is_single = isinstance(claims["aud"], str)
        # Added, not subtracted: the difference of a huge whole number and a fraction overflows.
        is_short = claims["exp"] <= claims["iat"] + LIFETIME_S
        if not (is_single and is_short and len(claims["jti"]) <= JTI_LENGTH):
            raise ClientRefused
        if not self._remember(claims):
            raise ClientRefused

    def _remember(self, claims: dict[str, Any]) -> bool:
        """Whether this `jti` is new; the unique key lets one of many parallel replays through."""
        done = self._connection.execute(
            insert(used_assertion)
            .values(
                client_id=identifiers.decode(PREFIX, claims["sub"]),
                jti_hash=digest(claims["jti"]),
                expires_at=datetime.fromtimestamp(claims["exp"] + LEEWAY_S, UTC),
            )
            .on_conflict_do_nothing()
            .returning(used_assertion.c.jti_hash)
        )
        return done.first() is not None
