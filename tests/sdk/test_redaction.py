"""Promises about what is taken out of a record before it is sent."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from openredress.redaction import NOTES, Redaction, redact
from openredress_webhooks.personal_data import found

PLANTED = Path(__file__).parents[1] / "intake" / "planted.json"
RECORD: dict[str, Any] = {
    "external_id": "0812345678",
    "job_order_ref": "0899999999",
    "worker_pseudonym": "0812345678",
    "workers_affected": 812345678,
    "received_at": "2026-03-01T08:15:00+07:00",
    "site": "site_01jq3z7e5k8m2n4p6r8t0v2w4x",
    "description": "Call 081-234-5678 or write to lek@example.com.",
    "hops": [{"organisation_name": "Golden Road 02-555-0148", "licence_no": "0812345678"}],
    "odd/name~": ["fine", "NID 6431234567"],
}


def test_each_place_is_cleaned_and_told() -> None:
    """Texts get a note in place of each finding; references, pseudonyms and numbers stay."""
    before = json.dumps(RECORD)
    clean, taken = redact(RECORD)
    assert clean == {
        **RECORD,
        "description": "Call [phone removed] or write to [e-mail removed].",
        "hops": [{"organisation_name": "Golden Road [phone removed]", "licence_no": "0812345678"}],
        "odd/name~": ["fine", "NID [identity number removed]"],
    }
    assert taken == [
        Redaction("/description", "phone"),
        Redaction("/description", "email"),
        Redaction("/hops/0/organisation_name", "phone"),
        Redaction("/odd~1name~0/1", "national_id"),
    ]
    assert json.dumps(RECORD) == before


def test_only_the_fields_asked_for() -> None:
    """With `fields` nothing else is touched, and a reference not even then."""
    clean, taken = redact(RECORD, fields={"organisation_name", "external_id"})
    assert [one.pointer for one in taken] == ["/hops/0/organisation_name"]
    assert clean["description"] == RECORD["description"]


@pytest.mark.parametrize(
    "planted", json.loads(PLANTED.read_text(encoding="utf-8"))["planted"], ids=lambda one: one["id"]
)
def test_what_is_left_is_taken_by_the_server(planted: dict[str, str]) -> None:
    """After redaction the detector finds nothing, in whichever form the letters came."""
    for form in ("NFC", "NFD"):
        clean, taken = redact({"text": unicodedata.normalize(form, planted["text"])})
        assert taken
        assert planted["value"] not in clean["text"]
        assert not found(clean["text"])


def test_what_a_note_lays_bare_is_taken_too() -> None:
    """A second number that only now stands behind the word for phones goes as well."""
    clean, taken = redact({"text": "call 081-234-5678, 555 0123"})
    assert clean["text"] == f"call {NOTES['phone']}, {NOTES['phone']}"
    assert len(taken) == 2


def test_a_clean_record_stays_as_it_is() -> None:
    """Nothing is found, nothing is changed, not even the form of a letter."""
    record = {"name": unicodedata.normalize("NFD", "Nhà máy số 2"), "none": None}
    assert redact(record) == (record, [])
