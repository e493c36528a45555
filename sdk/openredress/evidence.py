"""Evidence: files that show something; others see clean copies with their name across them."""

from __future__ import annotations

from os import PathLike, fspath

from openredress.bodies import path
from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record
from openredress.uploads import SLOW_S, measured, sent

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
}
"""What the server takes, by the end of a file's name."""

_PATH = "evidence"


class EvidenceFile(Record):
    """What is known of a file: `state` is receiving, ready, refused or voided."""

    id: str
    organisation: str
    purpose: str
    label: str | None
    media_type: str
    size: int
    sha256: str
    state: str
    received: int
    scan: str | None
    refusal: str | None
    voided_at: str | None
    void_reason: str | None
    created_at: str
    updated_at: str


class EvidenceLink(Record):
    """A way to the copy that opens without a token until `expires_at`; keep the `url` secret."""

    id: str
    url: str
    expires_at: str


class Evidence(Capability):
    """`/v1/evidence`."""

    def upload(
        self,
        file: str | PathLike[str],
        *,
        purpose: str,
        label: str | None = None,
        media_type: str | None = None,
    ) -> EvidenceFile:
        """Hand in a file; its name stays here. One that broke off before goes on where it was.

        Raises:
            ValueError: the end of the name tells no media type that is taken; give one.
            InvalidRequest: it is refused, with code `evidence_refused`, or changed meanwhile.
        """
        kind = media_type or _kind(fspath(file))
        with open(file, "rb") as octets:  # noqa: PTH123 - any path, also of a network share
            size, sha256 = measured(octets)
            facts: dict[str, object] = {
                "purpose": purpose,
                "label": label,
                "media_type": kind,
                "size": size,
                "sha256": sha256,
            }
            record = self._begun(facts) or self._post(EvidenceFile, _PATH, body=facts)
            return sent(record, octets, self.put_content)

    def _begun(self, facts: dict[str, object]) -> EvidenceFile | None:
        for record in self.list(state="receiving"):
            if all(record[name] == value for name, value in facts.items()):
                return record
        return None

    def download(self, evidence_id: str) -> bytes:
        """Return the clean copy with the own organisation's name across it."""
        return self.open_link(self.link(evidence_id).url.rpartition("/")[2])

    def announce(self, *, idempotency_key: str | None = None, **body: object) -> EvidenceFile:
        """Announce a file by its size and SHA-256; `upload` does this and sends it."""
        return self._post(EvidenceFile, _PATH, body=body, key=idempotency_key)

    def put_content(self, evidence_id: str, *, offset: int, octets: bytes) -> EvidenceFile:
        """Send octets from an offset on; with the last ones the server looks at the file."""
        answer = self._transport.send(
            "PUT",
            path(_PATH, evidence_id, "content"),
            params={"offset": offset},
            octets=octets,
            silence=SLOW_S,
        )
        return EvidenceFile(answer.members(), answer)

    def get(self, evidence_id: str) -> EvidenceFile:
        """Return what is known of a file."""
        return self._get(EvidenceFile, _PATH, evidence_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[EvidenceFile]:
        """Iterate over the files; `updated_since` is RFC 3339 or an aware datetime."""
        return self._list(
            EvidenceFile, _PATH, cursor=cursor, updated_since=updated_since, **filters
        )

    def original(self, evidence_id: str) -> bytes:
        """Return one's own file as it was handed in."""
        return self._transport.send("GET", path(_PATH, evidence_id, "original")).body

    def link(self, evidence_id: str) -> EvidenceLink:
        """Make a link to the copy, for a person's browser; it ends after five minutes."""
        return self._post(EvidenceLink, _PATH, evidence_id, "links")

    def open_link(self, token: str) -> bytes:
        """Return the copy behind a link; `token` is what its `url` ends with."""
        answer = self._transport.send("GET", path("evidence-links", token), silence=SLOW_S)
        return answer.body

    def void(
        self,
        evidence_id: str,
        reason: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> EvidenceFile:
        """Erase a file that should not be there; what is told of it stays."""
        segments, body = (_PATH, evidence_id, "void"), {"reason": reason}
        return self._post(EvidenceFile, *segments, body=body, key=idempotency_key, etag=etag)


def _kind(name: str) -> str:
    end = name.rpartition(".")[2].lower()
    if end not in MEDIA_TYPES:
        raise ValueError(f".{end} tells no media type that is taken: {', '.join(MEDIA_TYPES)}")
    return MEDIA_TYPES[end]
