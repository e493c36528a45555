"""Promises about what is found in a text, and what is left alone."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_webhooks.personal_data import emails_in, found

ROUNDS = 300

# How people of each country write their numbers; any digit may stand for a number sign.
PHONES = {
    "TH": ("08########", "06-####-####", "09# ### ####", "+66 8# ### ####", "6681#######"),
    "MM": ("09 4######## ", "09-250-###-###", "+95 9 420 ### ###", "959-780-###-###", "01-5#####"),
    "KH": ("012 3## 6##", "097#######", "+855 12 ### ###", "(855) 92 ### ###", "023 4## ###"),
    "NP": ("984#######", "98415-#####", "+977 984-#######", "977 9745 ######", "01-4######"),
    "BD": ("017########", "01812-######", "+880 16##-######", "880-14##-######", "02-550#####"),
    "VN": ("09########", "0987.###.###", "+84 90 ### ####", "84-38-###-####", "(028) 38## ####"),
    "ID": (
        "0812-####-####",
        "0857########",
        "+62 813-####-####",
        "62 838 #### ####",
        "(021) 5##-####",
    ),
    "MY": ("012-34# ####", "011-234# ####", "+60 12-34# ####", "60123######", "03-12## ####"),
    "SG": ("+65 91## ####", "65 8123 ####", "+65 6#######", "tel 9######1", "phone: 81## ####"),
    "abroad": ("+974 5512 ####", "+1 212 555 ####", "+82-10-####-####", "call 5550 ####"),
}
DOCUMENTS = {
    "passport": ("AA1######", "MD######", "N0#######", "PA1######", "BX0######", "C1######"),
    "national_id": (
        *("12/KaMaYa(N)######", "၁၂/ကမရ(နိုင်)######", "0102#####(01)", "27-01-72-#####"),
        *("NID 64########", "CCCD 0011990#####", "số CMND 01#######", "নাগরিক NID 26172########"),
    ),
}


def _chance(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - made-up numbers


def _filled(form: str, chance: Random) -> str:
    return "".join(str(chance.randrange(10)) if letter == "#" else letter for letter in form)


@pytest.mark.parametrize("country", PHONES)
def test_phones_are_found_in_every_form(country: str) -> None:
    """Whatever the digits, separators and neighbours are, the place named is the number."""
    chance = _chance(country)
    for form in PHONES[country]:
        for _ in range(ROUNDS):
            number = _filled(form, chance).strip()
            before, behind = chance.choice((("", ""), ("She uses ", ", at night"), ("Lan: ", ".")))
            only = [one for one in found(before + number + behind) if one.kind == "phone"]
            assert only, before + number + behind
            written = (before + number + behind)[only[0].start : only[0].end]
            assert number.endswith(written), number
            assert sum(map(str.isdigit, written)) == sum(map(str.isdigit, number))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_documents_are_found(kind: str) -> None:
    """By their form, or by the word before digits that have none."""
    chance = _chance(kind)
    for form in DOCUMENTS[kind]:
        for _ in range(ROUNDS):
            number = _filled(form, chance)
            assert found(f"Minh, {number}, line 7"), number


def test_check_digits_are_checked() -> None:
    """A Thai number with a wrong check digit is no card's, unless the word before it says so."""
    assert found("1-9999-00203-45-3")[0].kind == "national_id"
    assert not found("1-9999-00203-45-4")
    assert found("บัตรประชาชน 1-9999-00203-45-4")
    assert not found("0105999612348"), "the number of a firm"
    assert found("NIK 3273014107909021")
    assert not found("3273013407909021"), "born on a day 34"


@pytest.mark.parametrize(
    "zero", [chr(code) for code in range(sys.maxunicode) if unicodedata.decimal(chr(code), 1) == 0]
)
def test_digits_of_every_script_count(zero: str) -> None:
    """A number is the same in Thai, Burmese, Khmer, Devanagari or any other digits."""
    number = "".join(chr(ord(zero) + int(digit)) for digit in "0812345678")
    assert [(one.kind, one.start, one.end) for one in found(f"to {number} ok")] == [
        ("phone", 3, 13)
    ]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "a@b.co",
            "o'neil+x@mail.example.co.th",
            "hương@example.vn",
            "สมชาย@ตัวอย่าง.ไทย",
            "lek@ตัวอย่าง.com",
        ),
        *("lek (at) gmail dot com", "lek[at]example.com", "lek at example dot com"),
        *("lek @ example . com", "LEK@EXAMPLE.COM", "lek\uff20example.com"),
    ],
)
def test_addresses_are_found(address: str) -> None:
    """Written, spaced or spelt out, and in a reference too."""
    text = f"write to {address}, please"
    places = [(one.kind, text[one.start : one.end]) for one in found(text)]
    assert places == [("email", address)]
    assert emails_in(text) == found(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Overtime @1.5",
            "3 boots @ 250.00 THB",
            "@union_mm",
            "Del Al @ Associates",
            "at the dot",
        ),
        *(
            "he@work",
            "12 pcs@1.50",
            "root@127.0.0.1",
            "module@1.0.3",
            "meet at noon (at the gate)",
            "a dot com firm",
        ),
    ],
)
def test_no_addresses_are_invented(text: str) -> None:
    """An at sign alone makes no address."""
    assert not found(text)


def _digits(chance: Random, count: int) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(count))


def _moment(chance: Random) -> datetime:
    start = datetime(2001, 1, 1, tzinfo=timezone.utc)
    return start + timedelta(seconds=chance.randrange(10**9), microseconds=chance.randrange(10**6))


def _day(chance: Random) -> str:
    form = chance.choice(("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %m %Y"))
    day = _moment(chance)
    era = day.replace(year=day.year + chance.choice((0, 543, 57)), day=min(day.day, 28))
    return era.strftime(form)


# What stands in such texts and is no person's number, however its digits fall.
HARMLESS: dict[str, Callable[[Random], str]] = {
    "uuid": lambda chance: f"trace {uuid.UUID(int=chance.getrandbits(128), version=4)}",
    "digest": lambda chance: hashlib.sha256(chance.randbytes(9)).hexdigest(),
    "typed id": lambda chance: (
        "site_" + "".join(chance.choices("0123456789abcdefghjkmnpqrs", k=26))
    ),
    "case": lambda chance: f"H-{_digits(chance, 3)}-{_digits(chance, 5)}-{_digits(chance, 6)}",
    "old case": lambda chance: f"see A-{_digits(chance, 5)}-{_digits(chance, 5)}.",
    "sum": lambda chance: f"{chance.randrange(10**10)} THB",
    "thousands": lambda chance: (
        f"Rp {chance.randrange(1, 999)}.{_digits(chance, 3)}.{_digits(chance, 3)}"
    ),
    "heads": lambda chance: " ".join(str(chance.randrange(20, 2000)) for _ in range(12)),
    "rooms": lambda chance: " ".join(f"{chance.randrange(60):02}" for _ in range(8)),
    "days": lambda chance: f"phone taken {_day(chance)}, given back {_day(chance)}",
    "hours": lambda chance: (
        f"{_day(chance)} {_moment(chance):%H:%M}, {_moment(chance):%H.%M-%H.%M}"
    ),
    "moment": lambda chance: _moment(chance).isoformat(),
    "stamp": lambda chance: f"file {_moment(chance):%Y%m%d%H%M%S}.csv",
    "place": lambda chance: f"{chance.uniform(-90, 90):.6f}, {chance.uniform(-180, 180):.6f}",
    "share": lambda chance: f"{chance.random():.8f}",
    "post code": lambda chance: f"{_digits(chance, 5)}-{_digits(chance, 4)}",
    "order": lambda chance: f"Job order 4{_digits(chance, 9)} was signed",
    "licence": lambda chance: f"licence no. 0{_digits(chance, 9)}",
    "facility": lambda chance: f"Rest Home #0{_digits(chance, 8)}",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_other_numbers_are_left_alone(what: str) -> None:
    """Case numbers, sums, days, codes and lists are nobody's phone or document."""
    chance = _chance(what)
    wrong = [text for _ in range(ROUNDS * 10) if found(text := HARMLESS[what](chance))]
    assert not wrong


NASTY = st.sampled_from(
    [
        *"0123456789+-./ ()@#:,\u0e50\u0e59\u1040\u101d\u09e6ABNaz\u200b\u00a0",
        "tel ",
        " at ",
        " dot ",
        "com",
        "+66",
        "NID ",
    ]
)


@given(st.lists(NASTY, max_size=60).map("".join))
def test_findings_stand_apart_and_in_order(text: str) -> None:
    """Whatever is written, each finding is a piece of the text, and none overlaps the next."""
    end = 0
    for one in found(text):
        assert end <= one.start < one.end <= len(text)
        end = one.end


MISSED_ONCE = (
    *(("passport: aa1234567", "passport"), ("took her passport, aa1234567,", "passport")),
    *(("PP aa1234567", "passport"), ("PP no. AA 1234567", "passport"), ("MA 123456", "passport")),
    *(("passport number is AA 123 4567", "passport"), ("Hoa (B7204518), bed 7", "passport")),
    *(("Passport E2024031", "passport"), ("employee AA2024567", "passport")),
    *(("somchai at gmail.com", "email"), ("ask somchai.j at Yahoo.co.th.", "email")),
    *(("12/ma ka na (naing) 123456", "national_id"), ("၁၂/က မ ရ (နိုင်) ၁၂၃၄၅၆", "national_id")),
    *(("0812\n345678", "phone"), ("call 081-234-\r\n5678 now", "phone")),
    *(("Lan 081 234 5678\n120 workers", "phone"), ("0812345678\n0898765432", "phone")),
)


@pytest.mark.parametrize(("text", "kind"), MISSED_ONCE)
def test_what_people_type_in_haste_is_found(text: str, kind: str) -> None:
    """Small letters, short words, spaces within, an at for the sign, a line that ends too soon."""
    assert found(text)
    assert {one.kind for one in found(text)} == {kind}


def test_a_number_over_two_lines_is_found_in_its_whole() -> None:
    """What the end of a line cuts in two is one finding, beside those of one line."""
    places = [(one.start, one.end) for one in found("0898765432, 0812\n345678")]
    assert places == [(0, 10), (12, 23)]


@pytest.mark.parametrize(
    "text",
    [
        *("Payslip E2024031 March", "Payslip A1234567 March", "E2567015 signed", "badge B7204518"),
        *("employee no. A1234567", "HR0123456789", "code HR-0123456789"),
        *("shift 0600 1400 2200", "shifts 0700-1500-2300", "0815 1345 1200"),
        *(
            "net pay 9812345678",
            "Total: 9812345678",
            "PAID MA 150000",
            "MA 123456 kyat",
            "pp 12-14",
        ),
        *("Mumbai, MH 400001", "GIVE ME 123456", "MD 20850", "look at gmail", "at live.com"),
        *("0800\n1700\n2000", "0812\n345678\n345679", "2026-01-15\n0930", "12500\n12600"),
    ],
)
def test_what_looked_like_a_person_is_left_alone(text: str) -> None:
    """Staff numbers, hours, pay, postal codes and columns are taken."""
    assert not found(text)
