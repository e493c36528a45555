"""Where the server gives out tokens, and what time it is there (RFC 8414)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from openredress.answers import Answer
from openredress.clock import Clock
from openredress.errors import UnexpectedAnswer

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TOLERATED = 5.0


def checked_base_url(base_url: str) -> str:
    """Return the issuer's URL without a last slash.

    Raises:
        ValueError: not https (http is taken on the loopback only), or with query or user.
    """
    parts = urlsplit(base_url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("base_url: https://host or https://host/path is needed")
    return base_url.rstrip("/")


@dataclass(frozen=True)
class AuthorizationServer:
    """The token endpoint of one issuer, and the server's clock less ours, in seconds."""

    token_endpoint: str
    skew: float


def discover(base_url: str, fetch: Callable[[str], Answer], clock: Clock) -> AuthorizationServer:
    """Read the issuer's metadata; `fetch` gets a URL.

    Raises:
        UnexpectedAnswer: another issuer, or a token endpoint on another host.
    """
    answer = fetch(_metadata_url(base_url))
    members = answer.members()
    if members.get("issuer") != base_url:
        raise UnexpectedAnswer(f"the server at {base_url} is the issuer {members.get('issuer')!r}")
    endpoint = str(members.get("token_endpoint") or "")
    if urlsplit(endpoint)[:2] != urlsplit(base_url)[:2]:
        raise UnexpectedAnswer(f"the token endpoint {endpoint!r} is not on {base_url}")
    return AuthorizationServer(endpoint, _skew(answer, clock.wall()))


def _metadata_url(base_url: str) -> str:
    # RFC 8414, section 3.1: the well-known part goes between host and path.
    parts = urlsplit(base_url)
    path = f"/.well-known/oauth-authorization-server{parts.path}"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _skew(answer: Answer, now: float) -> float:
    date = answer.date()
    skew = date.timestamp() - now if date else 0.0
    # A Date has whole seconds and travelled: small differences say nothing about our clock.
    return skew if abs(skew) > _TOLERATED else 0.0
