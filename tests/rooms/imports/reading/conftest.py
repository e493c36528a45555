"""Fixtures that say where a workbook is taken apart."""

from __future__ import annotations

from tests.rooms.imports.reading.workbooks import no_child, unconfined

__all__ = ["no_child", "unconfined"]
