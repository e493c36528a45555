"""Signing and verifying one request."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import openredress_webhooks
from openredress_webhooks.problems import ForgedWebhook, Reason
from openredress_webhooks.signing import Secret, SigningKey, Verified, VerifyKey, sign, verify

NOW = 1_800_000_000
BODY = b'{"id":"evt_1"}'
SECRET, SIGNER = Secret.generate(), SigningKey.generate()
TRUSTED: tuple[Secret | VerifyKey, ...] = (SECRET, SIGNER.public)
GOOD = sign([SECRET, SIGNER], "evt_1", NOW, BODY)

mutilations = st.sampled_from(
    ["v1", "v1a", ",", " ", "=", ".", "\n", "\0", "v1,AAAA", "v1a,!", "é", "\udcff", "٣", "9" * 30]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Take a piece of a good header out and put rubbish in."""
    text = draw(st.sampled_from([*GOOD.values(), ""]))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    rubbish = draw(st.lists(mutilations | st.text(max_size=8), max_size=3).map("".join))
    return text[:start] + rubbish + text[end:]


names = st.sampled_from([*GOOD, *(name.title() for name in GOOD)]) | st.text(max_size=12)


@given(
    changes=st.dictionaries(names, mutated() | st.sampled_from([*GOOD.values()]), max_size=3),
    dropped=st.sets(st.sampled_from([*GOOD]), max_size=1),
    body=st.just(BODY) | st.binary(),
)
@example(changes={}, dropped=set(), body=BODY)
@example(changes={}, dropped=set(), body=b"\xff\xfe")
@example(changes={"webhook-signature": f"v1a,{'A' * 88} \udcff"}, dropped=set(), body=BODY)
def test_only_forged_webhook_escapes(
    changes: dict[str, str], dropped: set[str], body: bytes
) -> None:
    """Whatever a stranger sends, verification answers with a verdict and never another error."""
    kept = {name: value for name, value in GOOD.items() if name not in dropped}
    try:
        verdict: str | Verified = verify({**kept, **changes}, body, TRUSTED, now=NOW)
    except ForgedWebhook as refused:
        verdict = refused.reason
    assert verdict in get_args(Reason) or (verdict, body) == (Verified("evt_1", NOW), BODY)


@given(
    st.from_regex(r"[A-Za-z0-9_]{1,128}", fullmatch=True), st.integers(0, 10**12 - 1), st.binary()
)
def test_round_trip(message_id: str, timestamp: int, body: bytes) -> None:
    """Whatever can be signed is accepted by each key's holder, with the same id and timestamp."""
    headers = sign([SECRET, SIGNER], message_id, timestamp, body)
    for key in TRUSTED:
        assert verify(headers, body, [key], now=timestamp) == Verified(message_id, timestamp)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_each_byte_of_the_body_counts(place: int, difference: int) -> None:
    """A body changed in any one byte is refused under both versions."""
    changed = bytearray(BODY)
    changed[place] ^= difference
    for key in TRUSTED:
        with pytest.raises(ForgedWebhook, match="no_matching_signature"):
            verify(GOOD, bytes(changed), [key], now=NOW)


def test_names_of_headers_in_any_case() -> None:
    """Frameworks that change the case of header names do not break verification."""
    for change in (str.title, str.upper):
        headers = {change(name): value for name, value in GOOD.items()}
        assert verify(headers, BODY, TRUSTED, now=NOW).id == "evt_1"


def test_header_given_twice() -> None:
    """A request with the same header twice, differing in case, is refused instead of guessed at."""
    with pytest.raises(ForgedWebhook, match="header_repeated"):
        verify({**GOOD, "Webhook-Id": "evt_2"}, BODY, TRUSTED, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_stale_by_one_second(seconds: int) -> None:
    """An attempt 301 s away is refused by default and accepted where the receiver allows it."""
    with pytest.raises(ForgedWebhook, match=r"too_old|too_new"):
        verify(GOOD, BODY, TRUSTED, now=NOW + seconds)
    assert verify(GOOD, BODY, TRUSTED, tolerance=301, now=NOW + seconds)


def test_rotation_overlap() -> None:
    """During the overlap both receivers verify; afterwards the old secret opens nothing."""
    old, new, stranger = Secret.generate(), Secret.generate(), Secret.generate()
    overlap = sign([new, old], "evt_1", NOW, BODY)
    assert overlap["webhook-signature"].count(" ") == 1
    for trust in ([old], [new], [old, new]):
        assert verify(overlap, BODY, trust, now=NOW)
    after = sign([new], "evt_1", NOW, BODY)
    for trust in ([old], [stranger]):
        with pytest.raises(ForgedWebhook, match="no_matching_signature"):
            verify(after, BODY, trust, now=NOW)


@pytest.mark.parametrize(
    ("message_id", "timestamp"),
    [("evt.1", NOW), ("", NOW), ("evt 1", NOW), ("évt", NOW), ("e" * 129, NOW), ("evt_1", -1)],
)
def test_sender_refuses_what_receivers_would(message_id: str, timestamp: int) -> None:
    """An id with a full stop, or a time before 1970, is never signed."""
    with pytest.raises(ValueError, match="message id needs"):
        sign([SECRET], message_id, timestamp, BODY)


def test_no_key_is_a_fault_of_the_settings() -> None:
    """Without a key neither end goes on, and the request is not blamed."""
    with pytest.raises(ValueError, match="no key given"):
        sign([], "evt_1", NOW, BODY)
    with pytest.raises(ValueError, match="no key given"):
        verify(GOOD, BODY, [], now=NOW)


STANDARD_LIBRARY_ONLY = """
import json, sys
sys.path.insert(0, sys.argv[1])
from openredress_webhooks import events, headers, signing
secret = signing.Secret.generate()
signed = signing.sign([secret], "evt_1", 5, b"x")
signing.verify(signed, b"x", [secret], now=5)
try:
    signing.SigningKey.generate()
except ModuleNotFoundError as missing:
    print(json.dumps([missing.name, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def test_needs_the_standard_library_only(tmp_path: Path) -> None:
    """Without site-packages v1 works; v1a alone asks for cryptography, by name."""
    package = Path(openredress_webhooks.__file__).parent
    shutil.copytree(package, tmp_path / package.name)
    command = [sys.executable, "-I", "-S", "-c", STANDARD_LIBRARY_ONLY, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    missing, loaded = json.loads(run.stdout)
    assert missing == "cryptography"
    assert set(loaded) <= {*sys.stdlib_module_names, "__main__", "openredress_webhooks"}
