"""Evidence as a sender's software hands it in, and as a recipient's browser shows it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from werkzeug.test import TestResponse

from openredress_api.evidence.copies import making
from tests.factories.parties import Party

BASE = "/v1/evidence"
NOTE = b"Paid in full.\nMarch 2026\n"


def body(octets: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    """What is said of a file beforehand."""
    told = {"size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}
    return {"purpose": "payslip", "media_type": media_type, **told, **more}


def copied(media_type: str, octets: bytes) -> bytes:
    """The clean copy of a file, which must be taken."""
    facts, copy = making.unframed(making.copy(making.framed({"media_type": media_type}, octets)))
    assert facts == {}, facts
    return copy


def announced(party: Party, octets: bytes, media_type: str, **more: Any) -> str:
    """The id of a file that was announced."""
    answer = party.post(BASE, body(octets, media_type, **more))
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def send(party: Party, evidence: str, octets: bytes, offset: int = 0) -> TestResponse:
    """One part."""
    return put(party, f"{BASE}/{evidence}/content?offset={offset}", octets)


def put(party: Party, path: str, octets: bytes, **more: str) -> TestResponse:
    """Octets with their digest."""
    return party.put(path, octets, **headers(octets) | more)


def headers(octets: bytes) -> dict[str, str]:
    """What is sent beside octets."""
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    return {"Content_Type": "application/octet-stream", "Content_Digest": f"sha-256=:{digest}:"}


def handed_in(
    party: Party, octets: bytes = NOTE, media_type: str = "text/plain", **more: Any
) -> str:
    """The id of a file that is ready."""
    evidence = announced(party, octets, media_type, **more)
    answer = send(party, evidence, octets)
    assert (answer.status_code, answer.json.get("state")) == (200, "ready"), answer.json
    return evidence


def link(party: Party, evidence: str) -> str:
    """The path of a link."""
    answer = party.post(f"{BASE}/{evidence}/links")
    assert answer.status_code == 201, answer.json
    return str(answer.json["url"]).removeprefix("http://127.0.0.1:8321")


def shown(party: Party, evidence: str) -> bytes:
    """The copy that a party gets to see."""
    answer = party.http.get(link(party, evidence))
    assert answer.status_code == 200, answer.json
    return answer.data
