"""Where the sender really connects to, in a world where every address would answer."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.delivery.authority import Authority
from tests.delivery.egress_vectors import AWAY, INNER_NAMES, OUTER, OUTER_NAMES, REFUSED

ROOT = Path(__file__).parents[2]
PROXY = "http://127.0.0.1:3128"
HERE, THERE = OUTER

REACHED = {
    # addresses
    "https://8.8.8.8/": ("8.8.8.8", 443),
    "https://1.1.1.1/x?y=z": ("1.1.1.1", 443),
    "https://8.8.8.8:8443/": ("8.8.8.8", 8443),
    "https://8.8.8.8:443/": ("8.8.8.8", 443),
    "https://11.0.0.1/": ("11.0.0.1", 443),
    "https://100.63.255.255/": ("100.63.255.255", 443),
    "https://172.15.0.1/": ("172.15.0.1", 443),
    "https://172.32.0.1/": ("172.32.0.1", 443),
    "https://192.0.1.1/": ("192.0.1.1", 443),
    "https://223.255.255.255/": ("223.255.255.255", 443),
    "https://\uff18.8.8.8/": ("8.8.8.8", 443),
    "https://8\u30028\u30028\u30028/": ("8.8.8.8", 443),
    "https://[2606:4700::1111]/": ("2606:4700::1111", 443),
    "https://[2606:4700:0:0::1111]:8443/": ("2606:4700::1111", 8443),
    "https://[2a00:1450:4001::8]/": ("2a00:1450:4001::8", 443),
    "https://[3ffe::1]/": ("3ffe::1", 443),
    # names
    "https://four.test/": (HERE, 443),
    "https://six.test/": (THERE, 443),
    "https://both.test:8443/": (HERE, 8443),
    "https://FOUR.Test./hook": (HERE, 443),
    "https://b\u00fccher.test/": (HERE, 443),
    "https://outer.alias.test/": (HERE, 443),
    "https://four.test/@127.0.0.1/": (HERE, 443),
    "https://four.test?@127.0.0.1/": (HERE, 443),
    "https://four.test/https://127.0.0.1/": (HERE, 443),
    "https://four.test/..//127.0.0.1/": (HERE, 443),
    "https://four.test:00443/": (HERE, 443),
}
"""What may be called, and where each of them leads."""

CODES = (301, 302, 303, 307, 308)


@dataclass
class Seen:
    """What came of calls at once, and of calls one after the other."""

    together: list[dict[str, Any]]
    tokens: list[dict[str, Any]]
    apart: list[dict[str, Any]]


class World:
    """Starts a world and has it call URLs."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self._ca_file = str(authority.ca_file)
        names = [x509.DNSName(name) for name in OUTER_NAMES]
        literals = {address for address, _ in REACHED.values()}
        addresses = [x509.IPAddress(ipaddress.ip_address(one)) for one in sorted(literals)]
        authority.server("world", [*names, *addresses])
        self._certificate = str(folder / "world.pem")

    def call(
        self,
        together: Sequence[str] = (),
        tokens: Sequence[str] = (),
        apart: Sequence[tuple[str, int]] = (),
        **environment: str,
    ) -> Seen:
        """Call some at once, then others one after the other, each with its attempt's number."""
        asked = {
            "ca_file": self._ca_file,
            "certificate": self._certificate,
            "together": [*together],
            "tokens": [*tokens],
            "apart": [*apart],
        }
        done = subprocess.run(
            ["unshare", "-rn", sys.executable, "-m", "tests.delivery.egress_world"],
            cwd=ROOT,
            env={**os.environ, **environment},
            input=json.dumps(asked),
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return Seen(**json.loads(done.stdout))


@pytest.fixture(scope="module")
def world(authority: Authority) -> World:
    """A world, where this machine lets us make one."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("unshare and ip are not on this machine")
    tried = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("this user may not make a network namespace")
    return World(authority, authority.ca_file.parent)


def test_nobody_is_led_inside(world: World) -> None:
    """Two hundred URLs and fifty names: each is refused with its code, none is connected to."""
    expected = [*REFUSED, *((f"https://{name}/hook", None) for name in INNER_NAMES)]
    assert len(expected) > 240
    seen = world.call([url for url, _ in expected])
    for (url, code), result in zip(expected, seen.together, strict=True):
        codes = {code} if code else {"address_refused", "name_not_found"}
        assert (url, result["fault"] in codes, result["status"]) == (url, True, None)
        assert result["head"] is None
    assert seen.together[-1]["connected"] == []


def test_no_token_is_fetched_inside(world: World) -> None:
    """The same holds for the URL of a token server: none is connected to, nor the endpoint then."""
    urls = [*(url for url, _ in REFUSED), *(f"https://{name}/token" for name in INNER_NAMES)]
    seen = world.call(tokens=urls)
    assert {result["fault"] for result in seen.tokens} == {"token_failed"}
    assert seen.tokens[-1]["connected"] == []
    (outside,) = world.call(tokens=["https://four.test/token"]).tokens
    assert outside["connected"] == [[HERE, 443]]


def test_the_public_is_reached(world: World) -> None:
    """What may be called is reached at its own address; so the world would have noticed others."""
    seen = world.call(apart=[(url, 1) for url in REACHED])
    assert len(REACHED) > 20
    for (url, address), result in zip(REACHED.items(), seen.apart, strict=True):
        assert (url, result["status"], result["fault"]) == (url, 204, None)
        assert (url, [tuple(one) for one in result["connected"]]) == (url, [address])


def test_rebinding(world: World) -> None:
    """A name that was public is judged anew at the next attempt, and no longer called."""
    calls = [("https://rebinding.test/", number) for number in (1, 2, 3)]
    first, *later = world.call(apart=calls).apart
    assert (first["status"], first["connected"]) == (204, [[HERE, 443]])
    for result in later:
        assert (result["fault"], result["connected"]) == ("address_refused", [])


def test_the_next_attempt_takes_the_next_address(world: World) -> None:
    """Where a name has several public addresses, attempts take them in turn."""
    calls = [("https://many.test/", number) for number in (1, 2, 3, 4)]
    called = [result["connected"] for result in world.call(apart=calls).apart]
    assert called == [[["1.1.1.1", 443]], [["8.8.4.4", 443]], [[HERE, 443]], [["1.1.1.1", 443]]]


def test_redirects_lead_nowhere(world: World) -> None:
    """Whatever a public receiver redirects to is shown to its owner and never called."""
    calls = [(f"https://four.test/{code}?{n}", 1) for code in CODES for n in range(len(AWAY))]
    for (url, _), result in zip(calls, world.call(apart=calls).apart, strict=True):
        assert (url, result["connected"]) == (url, [[HERE, 443]])
        assert result["status"] in CODES
        assert result["head"].startswith("Location: ")


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_proxies_of_the_environment_are_ignored(world: World, case: Any) -> None:
    """No variable leads our calls through a proxy, whatever the operator's shell has set."""
    names = ("http_proxy", "https_proxy", "all_proxy")
    environment = {case(name): PROXY for name in names} | {case("no_proxy"): ""}
    (result,) = world.call(apart=[("https://four.test/", 1)], **environment).apart
    assert (result["status"], result["connected"]) == (204, [[HERE, 443]])
