"""Handing in a file: parts, digests, and going on where it broke off."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from openredress import Client, errors
from openredress.uploads import PART

DIGEST = hashlib.sha256(b"octets").hexdigest()
RECORD = {
    "id": "evd_1",
    "purpose": "receipt",
    "label": None,
    "media_type": "text/plain",
    "size": 6,
    "sha256": DIGEST,
    "state": "receiving",
    "received": 0,
}
NONE: dict[str, Any] = {"data": [], "next_cursor": None, "has_more": False}


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A small file whose name is nobody's business."""
    path = tmp_path / "Somchai.txt"
    path.write_bytes(b"octets")
    return path


def test_a_file_goes_without_its_name(client: Client, server: Any, note: Path) -> None:
    """The file is announced by size and digest and sent with its digest; its name stays here."""
    server.then("/v1/evidence", server.says(NONE), server.says(RECORD, 201))
    server.then("/v1/evidence/evd_1/content", server.says({**RECORD, "state": "ready"}))
    assert client.evidence.upload(note, purpose="receipt").state == "ready"
    _, announced = server.at("/v1/evidence")
    told = {name: RECORD[name] for name in ("purpose", "label", "media_type", "size", "sha256")}
    assert announced.body == told
    (sent,) = server.at("/v1/evidence/evd_1/content")
    assert (sent.raw_body, sent.query) == (b"octets", {"offset": "0"})
    assert sent.headers["Content-Type"] == "application/octet-stream"
    digest = base64.b64encode(bytes.fromhex(DIGEST)).decode()
    assert sent.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert not [seen for seen in server.seen if b"Somchai" in seen.raw_body]


def test_a_broken_upload_goes_on(client: Client, server: Any, note: Path) -> None:
    """A file of the same digest that is half there is not announced again: its rest is sent."""
    half = {**RECORD, "received": 4}
    server.then("/v1/evidence", server.says({**NONE, "data": [half]}))
    server.then("/v1/evidence/evd_1/content", server.says({**RECORD, "state": "ready"}))
    client.evidence.upload(str(note), purpose="receipt")
    assert [seen.method for seen in server.at("/v1/evidence")] == ["GET"]
    (sent,) = server.at("/v1/evidence/evd_1/content")
    assert (sent.raw_body, sent.query) == (b"ts", {"offset": "4"})


@pytest.mark.parametrize("member", ["purpose", "label", "media_type", "size", "sha256"])
def test_another_upload_is_left_alone(client: Client, server: Any, note: Path, member: str) -> None:
    """An upload under way that was announced as something else is not this file's."""
    other = {**RECORD, "received": 4, member: "another"}
    server.then("/v1/evidence", server.says({**NONE, "data": [other]}), server.says(RECORD, 201))
    server.then("/v1/evidence/evd_1/content", server.says({**RECORD, "state": "ready"}))
    client.evidence.upload(note, purpose="receipt")
    assert [seen.method for seen in server.at("/v1/evidence")] == ["GET", "POST"]


def test_a_large_file_goes_in_parts(client: Client, server: Any, tmp_path: Path) -> None:
    """No part is larger than the server takes; a part that meets a fault is sent again."""
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * (PART + 5))
    record = {**RECORD, "size": PART + 5}
    server.then("/v1/evidence", server.says(NONE), server.says(record, 201))
    server.then(
        "/v1/evidence/evd_1/content",
        server.resets,
        server.says({**record, "received": PART}),
        server.refuses(503, "scan_unavailable"),
        server.says({**record, "state": "ready"}),
    )
    client.evidence.upload(path, purpose="receipt")
    sent = server.at("/v1/evidence/evd_1/content")
    sizes = [(seen.query["offset"], len(seen.raw_body)) for seen in sent]
    assert sizes == [*[("0", PART)] * 2, *[(str(PART), 5)] * 2]


def test_a_refusal_is_an_error(client: Client, server: Any, note: Path) -> None:
    """A file that is not taken raises, with the server's reason."""
    server.then("/v1/evidence", server.says(NONE), server.says(RECORD, 201))
    server.then("/v1/evidence/evd_1/content", server.refuses(422, "evidence_refused"))
    with pytest.raises(errors.InvalidRequest) as refused:
        client.evidence.upload(note, purpose="receipt")
    assert refused.value.code == "evidence_refused"


def test_a_type_that_nobody_can_guess(client: Client, tmp_path: Path) -> None:
    """A name whose end tells no type needs one; nothing is sent without."""
    with pytest.raises(ValueError, match=r"heic tells no media type"):
        client.evidence.upload(tmp_path / "IMG_1.heic", purpose="photo")


def test_a_download_is_a_link_that_is_opened(client: Client, server: Any) -> None:
    """The copy comes as octets, by a link of its own."""
    link = {"id": "evl_1", "url": f"{server.url}/v1/evidence-links/0a1b", "expires_at": "x"}
    server.then("/v1/evidence/evd_1/links", server.says(link, 201))
    server.then("/v1/evidence-links/0a1b", server.says(b"\x89PNG"))
    assert client.evidence.download("evd_1") == b"\x89PNG"
