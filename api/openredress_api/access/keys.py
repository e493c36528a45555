"""Public keys of clients: what may be registered, and which algorithm each kind signs with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import check_registry_header, check_supported_header

from openredress_api.access.errors import KeyRefused

# FAPI 2.0 section 5.4.1; `EdDSA` is the older name of Ed25519 (RFC 9864).
ALGORITHMS = ("ES256", "PS256", "Ed25519", "EdDSA")
ALGORITHMS_OF_KIND = {"EC": {"ES256"}, "RSA": {"PS256"}, "OKP": {"Ed25519", "EdDSA"}}
# Nothing else: jwk, jku and x5u must never choose a key, `crit` names what we do not know.
HEADER = ("alg", "kid", "typ")
PUBLIC_MEMBERS = {"EC": {"crv", "x", "y"}, "RSA": {"n", "e"}, "OKP": {"crv", "x"}}
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
DESCRIPTIONS = {"kty", "kid", "use", "key_ops", "alg"}
# Below 2048 bits a key can be broken; far above, a single signature check becomes a burden.
RSA_BITS = range(2048, 8193)
KID_LENGTH = 128


class AssertionAlgorithms(JWSRegistry):
    """The algorithms of client assertions, and only the header parameters we understand.

    `EdDSA` is read as Ed25519: joserfc's own entry also takes Ed448 and warns at each use.
    """

    def __init__(self) -> None:
        super().__init__(algorithms=ALGORITHMS)
        self.header_registry = {name: self.header_registry[name] for name in HEADER}

    def check_header(self, header: dict[str, Any]) -> None:
        """Refuse what is not ours to understand; joserfc would trip over a `crit` of no list."""
        check_registry_header(self.header_registry, header)
        check_supported_header(self.header_registry, header)

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc's model of an algorithm
        """The algorithm called `name` in a header."""
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


ASSERTION_ALGORITHMS = AssertionAlgorithms()


def read_public_key(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The JWK as it is stored: kind, public numbers, `kid`; KeyRefused for anything else.

    Accepted: EC P-256, RSA of 2048 to 8192 bits, Ed25519. A missing `kid` becomes the RFC 7638
    thumbprint.
    """
    _check_members(jwk)
    try:
        key = JWKRegistry.import_key(dict(jwk))
    except (JoseError, ValueError, KeyError) as fault:
        # KeyError: joserfc looks a curve up by its name.
        raise KeyRefused(f"this is no usable public key: {fault}") from None
    _check_strength(key)
    kid = jwk.get("kid", key.thumbprint())
    if not isinstance(kid, str) or not 1 <= len(kid) <= KID_LENGTH or not kid.isprintable():
        raise KeyRefused(f"`kid` must be a printable text of 1 to {KID_LENGTH} characters")
    return {name: jwk[name] for name in ("kty", *sorted(PUBLIC_MEMBERS[jwk["kty"]]))} | {"kid": kid}


def _check_members(jwk: Mapping[str, Any]) -> None:
    kind = jwk.get("kty")
    if not isinstance(kind, str) or kind not in ALGORITHMS_OF_KIND:
        raise KeyRefused("`kty` must be EC (curve P-256), RSA or OKP (curve Ed25519)")
    if PRIVATE_MEMBERS.intersection(jwk):
        raise KeyRefused(
            "this is a private key: keep it, make a new one if others saw it, and "
            "register the public half"
        )
    # x5u and jku would let a stranger's address decide which key counts.
    if unknown := sorted(jwk.keys() - DESCRIPTIONS - PUBLIC_MEMBERS[kind]):
        raise KeyRefused(f"unexpected members: {', '.join(unknown)}")
    if not all(isinstance(jwk.get(name), str) for name in PUBLIC_MEMBERS[kind]):
        raise KeyRefused(f"{kind} keys need {', '.join(sorted(PUBLIC_MEMBERS[kind]))} as texts")
    if jwk.get("use", "sig") != "sig" or jwk.get("key_ops", ["verify"]) != ["verify"]:
        raise KeyRefused("the key must be meant for signatures: `use` sig, `key_ops` verify")
    if "alg" in jwk and jwk["alg"] not in sorted(ALGORITHMS_OF_KIND[kind]):
        raise KeyRefused(f"`alg` of {kind} keys: {', '.join(sorted(ALGORITHMS_OF_KIND[kind]))}")


def _check_strength(key: Key) -> None:
    match key:
        case ECKey(curve_name="P-256") | OKPKey(curve_name="Ed25519"):
            return
        case RSAKey(raw_value=RSAPublicKey(key_size=bits)) if bits in RSA_BITS:
            return
    raise KeyRefused("expected EC P-256, Ed25519, or RSA of 2048 to 8192 bits")
