"""Promises about pseudonyms: numbers of a firm's own are taken, numbers and names of people not."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from random import Random

import pytest

from openredress_webhooks.personal_data import in_pseudonym, is_name
from openredress_webhooks.personal_data.names import NAMES, TELLING

TOKENS, SHARE = 20_000, 0.001


def _chance(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - made-up pseudonyms


def _is_taken(pseudonym: str) -> bool:
    return in_pseudonym(pseudonym) is None and not is_name(pseudonym)


@pytest.mark.parametrize(
    ("pseudonym", "kind"),
    [
        *(("tel0812345678", "phone"), ("W_081-234-5678", "phone"), ("x9841234567", "phone")),
        *(("SK0812345678", "phone"), ("HR-0812345678", "phone"), ("HR0123456789", None)),
        *(("AA1234567", "passport"), ("md123456", "passport"), ("PA0204518", "passport")),
        *(("W-3-9997-01451-82-8", "national_id"), ("nik3273014107909021", "national_id")),
        *(("HR3999701451828", "national_id"), ("H-400-21257-583588", None)),
    ],
)
def test_a_pseudonym_is_no_number_of_a_person(pseudonym: str, kind: str | None) -> None:
    """With whatever letters around; only the letters of a staff number make digits one."""
    assert in_pseudonym(pseudonym) == kind


def test_staff_numbers_are_taken() -> None:
    """One letter and digits, or a year behind two letters: so firms number their people."""
    for one in ("E2024015", "A2024001", "K2023015", "P1234567", "A12345678", "H20240115"):
        assert _is_taken(one), one
    for one in ("AA2024015", "EM2567001", "PA1998123", "MD202403", "E0001234", "AB0001234"):
        assert _is_taken(one), one


NAMED = (
    *("somchai", "Somchai", "SOMCHAI", "SomChai", "NGUYEN_THI_LAN", "aung-aung", "lan-anh-85"),
    *("Nguyen_Van_A", "NguyenVanA", "Somchai-J", "SomchaiJ", "somchai1985", "1985somchai"),
    *("U_Aung_Min", "Md_Rahim", "ram-bahadur", "worker-somchai", "line3somchai", "TH-SKNguyen"),
    *("W2041-Fatima", "sok_sophea_2", "agus-s", "maya", "hong-lan"),
)


@pytest.mark.parametrize("pseudonym", NAMED)
def test_a_pseudonym_holds_no_name(pseudonym: str) -> None:
    """Neither as a whole nor in a part, beside digits, other letters or a change of case."""
    assert is_name(pseudonym)


# Words of the kind that pseudonyms are made of, and the places and firms of the workers.
WORDS = (
    *("worker", "line", "site", "mill", "dorm", "sewing", "cutting", "packing", "night", "shift"),
    *("blue", "green", "amber", "silver", "quiet", "happy", "brave", "early", "north", "seven"),
    *("tiger", "heron", "otter", "lotus", "mango", "river", "delta", "stone", "cedar", "comet"),
    *("rose", "grace", "may", "sun", "june", "hope", "dawn", "ruby", "sandy", "jade", "star"),
    *("hong-kong", "shah-alam", "maya", "hari", "quan", "thang", "putra", "lestari", "hung"),
    *("yangon", "bangkok", "samut-sakhon", "dhaka", "hanoi", "saigon", "johor", "penang"),
    *("lan", "mai", "nam", "hai", "tri", "sri", "soe", "eko", "adi", "wai", "zin", "moe"),
)
NUMBERED = ("{}-{:d}", "{}_{:04d}", "{}{:03d}", "W{1:d}-{0}", "PLC-{0}-{1:05d}")
FIXED = (
    *("W-2041", "MM-0007", "SEW2-119", "line3-w77", "worker-12", "blue-tiger-7", "w_2026_00451"),
    *("TH-2026-000123", "a1b2-c3d4", "EMP00012345", "HR-2024-0017", "id_000451", "p-9f86d081"),
    *("LINE-A-12", "F2-R14-B3", "anon", "anonymous-4", "____", "x-1", "BN-DG-0012", "mill"),
)


def _plausible() -> list[str]:
    chance = _chance("plausible")
    made = [
        chance.choice(NUMBERED[:2] if "-" in word else NUMBERED).format(
            word, chance.randrange(1000)
        )
        for word in WORDS
        for _ in range(5)
    ]
    pairs = [f"{one}-{other}-7" for one, other in zip(WORDS[10:30], WORDS[20:40], strict=True)]
    return [*FIXED, *made, *pairs]


def test_what_senders_make_up_is_taken() -> None:
    """Counters, words, places and mixtures of them are no names and no numbers of people."""
    many = _plausible()
    assert len(set(many)) >= 300
    assert not [one for one in many if not _is_taken(one)]


def _of(alphabet: str, length: int) -> Callable[[Random], str]:
    return lambda chance: "".join(chance.choices(alphabet, k=length))


SMALL = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
RANDOM: dict[str, Callable[[Random], str]] = {
    "8 hex": _of(DIGITS + "abcdef", 8),
    "12 hex": _of(DIGITS + "ABCDEF", 12),
    "16 hex": _of(DIGITS + "abcdef", 16),
    "32 hex": _of(DIGITS + "abcdef", 32),
    "prefix of a uuid": lambda chance: str(uuid.UUID(int=chance.getrandbits(128), version=4))[:13],
    "digest": lambda chance: "plc-" + hashlib.sha256(chance.randbytes(9)).hexdigest()[:24],
    "8 base32": _of(SMALL.upper() + "234567", 8),
    "16 base32": _of(SMALL.upper() + "234567", 16),
    "26 Crockford": _of(DIGITS + "abcdefghjkmnpqrstvwxyz", 26),
    "10 base36": _of(DIGITS + SMALL, 10),
    "12 base62": _of(DIGITS + SMALL + SMALL.upper(), 12),
    "22 base64url": _of(DIGITS + SMALL + SMALL.upper() + "-_", 22),
    "8 letters": _of(SMALL, 8),
    "W and 6 digits": lambda chance: "W" + _of(DIGITS, 6)(chance),
    "letter and 7 digits": lambda chance: _of(SMALL.upper(), 1)(chance) + _of(DIGITS, 7)(chance),
}


@pytest.mark.parametrize("alphabet", RANDOM)
def test_random_tokens_are_taken(alphabet: str) -> None:
    """Of 20,000 tokens that a machine drew at most one in a thousand is refused."""
    chance = _chance(alphabet)
    refused = [one for _ in range(TOKENS) if not _is_taken(one := RANDOM[alphabet](chance))]
    print(f"{alphabet}: {len(refused)} of {TOKENS}")  # noqa: T201 - the exact share
    assert len(refused) <= SHARE * TOKENS


def test_the_list_of_names_is_short_and_plain() -> None:
    """At most 400 names in small Latin letters; ordinary words tell nothing in a part."""
    assert len(NAMES) <= 400
    assert all(name.isascii() and name.islower() for name in NAMES)
    assert TELLING < NAMES
    assert all(is_name(name) for name in NAMES)
