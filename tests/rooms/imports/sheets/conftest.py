"""Workbooks are taken apart here, not in a process that takes a second to start."""

from __future__ import annotations

from tests.rooms.imports.reading.workbooks import unconfined

__all__ = ["unconfined"]
