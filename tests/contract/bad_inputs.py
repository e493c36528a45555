"""What no caller should send, and the answer that api.md 6.4 gives to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GRIEVANCE = (
    b'{"site": "SITE", "category": "wages.late_payment", "channel": "hr_open_door", '
    b'"received_at": "2026-03-01T08:15:00+07:00"MORE}'
)
URL = "/v1/grievances?external_id=bad&source_system=hr"
SITES = "/v1/sites?external_id=bad&source_system=hr"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Bad:
    """One call that must be refused: what is sent, and status, code and place of the answer."""

    status: int
    code: str
    pointer: str | None = None
    fault: str | None = None
    method: str = "PUT"
    path: str = URL
    body: bytes | None = None
    # Members of a good grievance that are replaced or added, as JSON text.
    more: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


def bad(pointer: str, fault: str, more: str, code: str = "validation_failed") -> Bad:
    """A good grievance with one member that is not."""
    return Bad(422, code, pointer, fault, more=more)


# A member that stands twice counts as its last one: so `more` replaces what the good body says.
BODIES = {
    "malformed JSON": Bad(400, "invalid_json", body=b'{"site": '),
    "an empty body": Bad(400, "invalid_json", body=b""),
    "not UTF-8": Bad(400, "invalid_json", body=b'{"site": "\xff\xfe"}'),
    "UTF-16": Bad(400, "invalid_json", body='{"site": "x"}'.encode("utf-16")),
    "a byte order mark": Bad(400, "invalid_json", body=b"\xef\xbb\xbf{}"),
    "two documents": Bad(400, "invalid_json", body=b"{}{}"),
    "NaN": Bad(400, "invalid_json", more='"workers_affected": NaN'),
    "a lone surrogate": Bad(400, "invalid_json", more=r'"category": "\ud800"'),
    "depth 100,000": Bad(400, "invalid_json", body=b"[" * 100_000 + b"]" * 100_000),
    "a list": Bad(422, "validation_failed", "/", "not_an_object", body=b"[]"),
    "null": Bad(422, "validation_failed", "/", "not_an_object", body=b"null"),
    "nothing required": Bad(422, "validation_failed", "/site", "required", body=b"{}"),
    "another content type": Bad(
        415, "unsupported_media_type", headers={"Content-Type": "text/xml"}
    ),
    "no content type": Bad(415, "unsupported_media_type", headers={}),
    "1 MiB and a byte": Bad(413, "payload_too_large", body=b" " * (1024 * 1024 + 1)),
    "an unknown field": bad("/colour", "unknown", '"colour": "red"', "unknown_field"),
    "a wrong type": bad("/category", "not_in_list", '"category": 7'),
    "text for a number": bad("/workers_affected", "not_a_whole_number", '"workers_affected": "7"'),
    "a fraction": bad("/workers_affected", "not_a_whole_number", '"workers_affected": 2.5'),
    # A number that no double holds is no JSON of ours.
    "10**400": Bad(400, "invalid_json", more=f'"workers_affected": 1{"0" * 400}'),
    "1e400": Bad(400, "invalid_json", more='"workers_affected": 1e400'),
    "2**63": bad("/workers_affected", "range", f'"workers_affected": {2**63}'),
    "a negative count": bad("/workers_affected", "range", '"workers_affected": -1'),
    "a flag as text": bad("/is_anonymous", "not_a_flag", '"is_anonymous": "true"'),
    "the year 2569": bad("/received_at", "buddhist_year", '"received_at": "2569-03-01T08:00:00Z"'),
    "the year 1": bad(
        "/received_at", "year_out_of_window", '"received_at": "0001-01-01T00:00:00Z"'
    ),
    "no zone": bad("/received_at", "not_an_instant", '"received_at": "2026-03-01T08:00:00"'),
    "30 February": bad("/received_at", "not_an_instant", '"received_at": "2026-02-30T08:00:00Z"'),
    "a malformed id": bad("/site", "not_an_id", '"site": "site_1"'),
    "an id of another kind": bad("/site", "not_an_id", f'"site": "grv_{"0" * 26}"'),
    "an absent id": bad("/site", "not_your_site", f'"site": "site_{"0" * 26}"'),
    "money as a number": bad(
        "/agreed_remedy/amount",
        "not_an_amount",
        '"agreed_remedy": {"amount": 5, "currency": "THB"}',
    ),
    "money with an exponent": bad(
        "/agreed_remedy/amount",
        "not_an_amount",
        '"agreed_remedy": {"amount": "1E+9", "currency": "THB"}',
    ),
    "duplicate keys": bad(
        "/category", "not_in_list", '"category": "wages.late_payment", "category": "x"'
    ),
}
QUERIES = {
    "an unknown parameter": Bad(
        422, "unknown_field", "?colour", "unknown", "GET", "/v1/sites?colour=red"
    ),
    "a repeated parameter": Bad(
        422, "validation_failed", "?limit", "repeated", "GET", "/v1/sites?limit=1&limit=2"
    ),
    "limit 0": Bad(422, "validation_failed", "?limit", "range", "GET", "/v1/sites?limit=0"),
    "limit abc": Bad(
        422, "validation_failed", "?limit", "not_a_whole_number", "GET", "/v1/sites?limit=abc"
    ),
    "a negative limit": Bad(
        422, "validation_failed", "?limit", "not_a_whole_number", "GET", "/v1/sites?limit=-1"
    ),
    "a made-up cursor": Bad(422, "cursor_invalid", None, None, "GET", "/v1/sites?cursor=AAAA"),
    "NUL in a query": Bad(
        422,
        "validation_failed",
        "?external_id",
        "control_character",
        path="/v1/sites?external_id=a%00b&source_system=hr",
        body=b'{"name": "x", "country": "TH", "time_zone": "Asia/Bangkok"}',
    ),
    "a malformed id in the path": Bad(404, "not_found", None, None, "GET", "/v1/sites/site_1"),
    "an absent id in the path": Bad(
        404, "not_found", None, None, "GET", f"/v1/sites/site_{'0' * 26}"
    ),
    "an unknown path": Bad(404, "not_found", None, None, "GET", "/v1/nothing"),
    "a slash too many": Bad(404, "not_found", None, None, "GET", "/v1/sites/"),
    "a wrong method": Bad(405, "method_not_allowed", None, None, "DELETE", "/v1/sites"),
    "TRACE": Bad(405, "method_not_allowed", None, None, "TRACE", "/v1/sites"),
    "NUL": Bad(
        422,
        "validation_failed",
        "/name",
        "control_character",
        path=SITES,
        body=rb'{"name": "a\u0000b", "country": "TH", "time_zone": "Asia/Bangkok"}',
    ),
    "no Idempotency-Key": Bad(
        400, "idempotency_key_missing", None, None, "POST", "/v1/webhook-endpoints", b"{}"
    ),
    "a key of 256 characters": Bad(
        400,
        "idempotency_key_missing",
        None,
        None,
        "POST",
        "/v1/webhook-endpoints",
        b"{}",
        headers={**JSON, "Idempotency-Key": "k" * 256},
    ),
}
