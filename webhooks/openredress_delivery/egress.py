"""Where the house may call: the one rule for every outgoing request.

`check_url` reads the text of a URL, `allowed` judges an address. A name says nothing about where
it leads, so each address it resolves to is judged again at every attempt. The rule is an own
table: `ipaddress.is_global` is true for NAT64, 6to4, multicast and others, and changes between
Python releases.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

import idna

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = frozenset({443, 8443})
_LAST_PORT = 65_535
_MAX_URL = 2_048
# One strict grammar, of which only the parts taken apart here are put together again: two URL
# parsers that disagree about a host cannot meet (RFC 3986 section 3.2). Non-ASCII is for hosts.
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[^/?#@:%\[\]\\\s]+)"
    r"(?P<port>:[0-9]{1,5})?"
    r"(?P<path>/[a-z0-9\-._~:/@!$&'()*+,;=%]*)?"
    r"(?P<query>\?[a-z0-9\-._~:/@!$&'()*+,;=%?]*)?",
    re.IGNORECASE,
)
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A host whose last label is a number is an address to some resolvers (0177.0.0.1, 0x7f.1, 127.1).
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_LOCAL_NAME = "localhost"

_IPV4_REFUSED = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host service on a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_IPV6_GLOBAL = ipaddress.IPv6Network("2000::/3")
_IPV6_REFUSED = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
# Interface identifiers that carry an IPv4 address inside a global prefix (RFC 5214 section 6.1).
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


class EgressRefusedError(ValueError):
    """The house does not call there.

    Attributes:
        code: for the endpoint's owner: `bad_url`, `not_https`, `port_refused`,
            `userinfo_refused`, `bad_host` or `address_refused`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that passed: its normalised text, host (ASCII), address if the host is one, port."""

    url: str
    host: str
    address: Address | None
    port: int


def check_url(url: str, *, development: bool) -> str:
    """The normalised form of a URL that the house may call.

    Args:
        url: what the endpoint's owner typed.
        development: also allow http and https to the loopback on any port.

    Raises:
        EgressRefusedError: with a code that the owner can act upon.
    """
    return target(url, development=development).url


@lru_cache(maxsize=4_096)
def target(url: str, *, development: bool) -> Target:
    """As `check_url`, with host and port taken apart; remembered, as every attempt asks again."""
    parts = _parts(url)
    scheme = parts["scheme"].lower()
    host, literal = _host(parts["host"])
    local = development and (host == _LOCAL_NAME or (literal is not None and literal.is_loopback))
    if not local:
        _refuse_unless_public(scheme, host, literal)
    default = 443 if scheme == "https" else 80
    port = int(parts["port"][1:]) if parts["port"] else default
    if not (0 < port <= _LAST_PORT if local else port in _PORTS):
        raise EgressRefusedError("port_refused", "an endpoint listens on port 443 or 8443")
    shown = f"[{host}]" if ":" in host else host
    suffix = "" if port == default else f":{port}"
    path = (parts["path"] or "/") + (parts["query"] or "")
    return Target(f"{scheme}://{shown}{suffix}{path}", host, literal, port)


@lru_cache(maxsize=4_096)
def allowed(address: Address) -> bool:
    """Whether an address is on the public internet and carries no other address inside."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _IPV4_REFUSED)
    return (
        address.scope_id is None
        and address in _IPV6_GLOBAL
        and not any(address in network for network in _IPV6_REFUSED)
        and (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP
    )


def _parts(url: str) -> re.Match[str]:
    """The parts of a URL, unless a URL parser somewhere could read it in another way."""
    if not url.lower().startswith(("https://", "http://")):
        raise EgressRefusedError("not_https", "an endpoint's URL begins with https://")
    if "@" in re.split(r"[/?#\\]", url, maxsplit=3)[2]:
        raise EgressRefusedError("userinfo_refused", "a URL must not carry a user or a password")
    read = _URL.fullmatch(url)
    if read is None or len(url) > _MAX_URL or _BROKEN_PERCENT.search(url):
        raise EgressRefusedError("bad_url", "this is not a URL that every reader reads alike")
    return read


def _host(text: str) -> tuple[str, Address | None]:
    """A host in ASCII and, where it is a literal, its address."""
    try:
        if text.startswith("["):
            literal: Address = ipaddress.IPv6Address(text[1:-1])
            return str(literal), literal
        host = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
        if _NUMBER.fullmatch(host):
            return host, ipaddress.IPv4Address(host)
    except ValueError as fault:
        raise EgressRefusedError("bad_host", "the host is no name and no address") from fault
    return host, None


def _refuse_unless_public(scheme: str, host: str, literal: Address | None) -> None:
    if scheme != "https":
        raise EgressRefusedError("not_https", "an endpoint's URL begins with https://")
    if literal is None and "." not in host:
        raise EgressRefusedError("bad_host", "the host has no domain")
    if literal is not None and not allowed(literal):
        raise EgressRefusedError("address_refused", "this address is not on the public internet")
