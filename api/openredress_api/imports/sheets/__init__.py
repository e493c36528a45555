"""Sheets that we hand out: templates to fill in, and corrections of what was sent.

May import imports.reading, vocabulary and foundation.
Must never hold what a kind of record is: that is derived from its schema.
"""

from openredress_api.imports.sheets.correcting import (
    Finding,
    corrections,
    corrections_ndjson,
)
from openredress_api.imports.sheets.describing import Column, Described, described
from openredress_api.imports.sheets.templates import template

__all__ = [
    "Column",
    "Described",
    "Finding",
    "corrections",
    "corrections_ndjson",
    "described",
    "template",
]
