"""Octets of a stranger's file as numbered lines: JSON records, or a header and rows of cells.

May import foundation only.
Must never hold what a heading or a value means, nor a whole file of records in memory.
"""

from openredress_api.imports.reading.excel import sheet_xlsx
from openredress_api.imports.reading.flattening import flat_names, flat_sheet, pointer_of
from openredress_api.imports.reading.records import ndjson
from openredress_api.imports.reading.separated import sheet_csv
from openredress_api.imports.reading.shapes import BadFile, Cells, Header, Line
from openredress_api.imports.reading.unpacking import octets

__all__ = [
    "BadFile",
    "Cells",
    "Header",
    "Line",
    "flat_names",
    "flat_sheet",
    "ndjson",
    "octets",
    "pointer_of",
    "sheet_csv",
    "sheet_xlsx",
]
