"""Members of bodies that are no free text, by name: both ends leave their digits alone.

The server says at each field what it is; a test compares its fields with these names.
"""

from __future__ import annotations

REFERENCES = frozenset(
    {
        *("cursor", "document_sha256", "external_id", "external_ref", "job_order_ref"),
        *("licence_no", "record", "reference", "sha256", "source_system", "token_url", "url"),
    }
)
"""Identifiers, numbers and addresses that another system gave."""

PSEUDONYMS = frozenset({"pseudonym", "worker_pseudonym"})
"""What stands for a person."""
