"""Where the house may call."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_delivery.egress import EgressRefusedError, allowed, check_url, target
from tests.delivery.egress_vectors import REFUSED

NORMALISED = [
    ("https://example.org", "https://example.org/"),
    ("HTTPS://Example.ORG:443/Hook?a=B", "https://example.org/Hook?a=B"),
    ("https://example.org:8443/x", "https://example.org:8443/x"),
    ("https://example.org.?q=1", "https://example.org/?q=1"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://8.8.8.8/", "https://8.8.8.8/"),
    ("https://[2A00:1450:4001::8]/", "https://[2a00:1450:4001::8]/"),
    ("https://example.org/a%2Fb/@x:1", "https://example.org/a%2Fb/@x:1"),
]

LOOPBACK = [
    "http://127.0.0.1:8000/hook",
    "http://localhost:3000/hook",
    "https://localhost:8443/hook",
    "http://[::1]:1/hook",
]

BAD_ADDRESSES = [
    "0.1.2.3", "10.255.0.1", "100.64.0.1", "127.0.0.1", "168.63.129.16", "169.254.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.19.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:1::1", "2001:db8::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1",
    "fd00::1", "fe80::1", "fec0::1", "ff02::1", "4000::1", "2a00::1%eth0", "2a00::5efe:8.8.8.8",
]  # fmt: skip

GOOD_ADDRESSES = [
    "1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1",
    "172.32.0.1", "192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255",
    "2001:200::1", "2400:cb00::1", "2606:4700::1111", "2a00:1450:4001::8", "3ffe::1",
]  # fmt: skip


@pytest.mark.parametrize(("url", "code"), REFUSED)
def test_refused(url: str, code: str) -> None:
    """A URL that leads, or might lead, anywhere but to the public internet is refused."""
    with pytest.raises(EgressRefusedError) as refusal:
        check_url(url, development=False)
    assert refusal.value.code == code


@pytest.mark.parametrize(("url", "normalised"), NORMALISED)
def test_normalised(url: str, normalised: str) -> None:
    """A good URL is stored in one form, and that form stays as it is."""
    assert check_url(url, development=False) == normalised
    assert check_url(normalised, development=True) == normalised


@pytest.mark.parametrize("url", LOOPBACK)
def test_development(url: str) -> None:
    """The loopback is open in development and nowhere else."""
    assert check_url(url, development=True) == url
    with pytest.raises(EgressRefusedError):
        check_url(url, development=False)


@pytest.mark.parametrize("url", ["http://example.org/", "https://10.0.0.1/", "https://a.b:25/"])
def test_development_is_only_loopback(url: str) -> None:
    """Development opens nothing but the loopback."""
    with pytest.raises(EgressRefusedError):
        check_url(url, development=True)


@pytest.mark.parametrize("text", BAD_ADDRESSES)
def test_bad_addresses(text: str) -> None:
    """Addresses that are not public, or carry another one, are not allowed."""
    assert not allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", GOOD_ADDRESSES)
def test_good_addresses(text: str) -> None:
    """Public addresses are allowed, up to the edges of the refused networks."""
    assert allowed(ipaddress.ip_address(text))


@given(st.integers(0, 2**128 - 1))
def test_ipv6_only_global(number: int) -> None:
    """No IPv6 address outside 2000::/3 is ever allowed."""
    address = ipaddress.IPv6Address(number)
    assert not allowed(address) or number >> 125 == 1


@given(st.text(max_size=60), st.booleans())
def test_any_text(text: str, development: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """Any text is either normalised to a fixed point or refused with a code, nothing else."""
    try:
        read = target("https://" + text, development=development)
    except EgressRefusedError:
        return
    assert read.url.isascii()
    assert target(read.url, development=development) == read
