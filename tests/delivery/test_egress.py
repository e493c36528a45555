"""Where the house may call."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_delivery.egress import EgressRefusedError, allowed, check_url, target

REFUSED = [
    # addresses written plainly
    ("https://127.0.0.1/", "address_refused"),
    ("https://127.255.255.254/", "address_refused"),
    ("https://10.0.0.1/", "address_refused"),
    ("https://172.16.0.1/", "address_refused"),
    ("https://192.168.1.1/", "address_refused"),
    ("https://169.254.169.254/latest/meta-data/", "address_refused"),
    ("https://100.100.100.200/", "address_refused"),
    ("https://168.63.129.16/", "address_refused"),
    ("https://0.0.0.0/", "address_refused"),
    ("https://255.255.255.255/", "address_refused"),
    ("https://224.0.0.1/", "address_refused"),
    ("https://192.0.0.192/", "address_refused"),
    ("https://198.18.0.1/", "address_refused"),
    ("https://[::1]/", "address_refused"),
    ("https://[::]/", "address_refused"),
    ("https://[fe80::1]/", "address_refused"),
    ("https://[fc00::1]/", "address_refused"),
    ("https://[fec0::1]/", "address_refused"),
    ("https://[ff02::1]/", "address_refused"),
    # addresses inside addresses
    ("https://[::ffff:127.0.0.1]/", "address_refused"),
    ("https://[::ffff:7f00:1]/", "address_refused"),
    ("https://[::127.0.0.1]/", "address_refused"),
    ("https://[::169.254.169.254]/", "address_refused"),
    ("https://[64:ff9b::a9fe:a9fe]/", "address_refused"),
    ("https://[64:ff9b:1::1]/", "address_refused"),
    ("https://[2002:7f00:1::]/", "address_refused"),
    ("https://[2001:0:1::1]/", "address_refused"),
    ("https://[2a01:4f8::5efe:127.0.0.1]/", "address_refused"),
    ("https://[2a01:4f8::200:5efe:10.0.0.1]/", "address_refused"),
    # addresses in disguise
    ("https://2130706433/", "bad_host"),
    ("https://0x7f000001/", "bad_host"),
    ("https://0177.0.0.1/", "bad_host"),
    ("https://0x7f.1/", "bad_host"),
    ("https://127.1/", "bad_host"),
    ("https://127.0.0.1./", "address_refused"),
    ("https://127.0.0.01/", "bad_host"),
    ("https://1.2.3.4.5/", "bad_host"),
    ("https://256.1.1.1/", "bad_host"),
    ("https://１２７.0.0.1/", "address_refused"),  # noqa: RUF001 - full-width digits
    ("https://①②⑦.0.0.1/", "address_refused"),
    ("https://127。0。0。1/", "address_refused"),
    ("https://example.0x10/", "bad_host"),
    ("https://[fe80::1%25eth0]/", "bad_url"),
    ("https://[::1/", "bad_url"),
    # names
    ("https://localhost/", "bad_host"),
    ("https://LOCALHOST./", "bad_host"),
    ("https://intranet/", "bad_host"),
    ("https://exa_mple.org/", "bad_host"),
    ("https://-example.org/", "bad_host"),
    ("https://example..org/", "bad_host"),
    ("https://" + "a" * 64 + ".org/", "bad_host"),
    ("https://exam%70le.org/", "bad_url"),
    ("https://", "bad_url"),
    ("https:///path", "bad_url"),
    ("https://?q", "bad_url"),
    # readers that disagree
    ("https://good.example\\@127.0.0.1/", "bad_url"),
    ("https://good.example\\.evil.example/", "bad_url"),
    ("https://127.0.0.1\\@good.example/", "bad_url"),
    ("https://user@example.org/", "userinfo_refused"),
    ("https://user:secret@example.org/", "userinfo_refused"),
    ("https://example.org@127.0.0.1/", "userinfo_refused"),
    ("https://example.org:443@127.0.0.1/", "userinfo_refused"),
    ("https://example.org#@127.0.0.1/", "bad_url"),
    ("https://example.org/#part", "bad_url"),
    ("https://example.org /", "bad_url"),
    ("https://example.org/a b", "bad_url"),
    (" https://example.org/", "not_https"),
    ("https://example.org/\r\nx-evil: 1", "bad_url"),
    ("https://example.org\t/", "bad_url"),
    ("https://example.org/\x00", "bad_url"),
    ("https://example.org/é", "bad_url"),
    ("https://example.org/%zz", "bad_url"),
    ("https://example.org/" + "a" * 2_048, "bad_url"),
    ("https:/example.org/", "not_https"),
    ("https:example.org", "not_https"),
    ("//example.org/", "not_https"),
    # other ways in
    ("http://example.org/", "not_https"),
    ("http://127.0.0.1/", "not_https"),
    ("ftp://example.org/", "not_https"),
    ("file:///etc/passwd", "not_https"),
    ("gopher://example.org/", "not_https"),
    ("", "not_https"),
    # ports
    ("https://example.org:25/", "port_refused"),
    ("https://example.org:6379/", "port_refused"),
    ("https://example.org:80/", "port_refused"),
    ("https://example.org:0/", "port_refused"),
    ("https://example.org:65979/", "port_refused"),
    ("https://example.org:443443/", "bad_url"),
    ("https://example.org:/", "bad_url"),
    ("https://example.org:-443/", "bad_url"),
    ("https://example.org:４４３/", "bad_url"),  # noqa: RUF001 - full-width digits
]

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
