"""Sheets of any system as records: headings to fields, cells to values, doubts to questions.

May import organisations (what a time zone is), vocabulary and foundation.
Must never hold a guess: what a sheet does not say by itself, its sender is asked.
"""

from openredress_api.imports.mapping.calendars import ERAS as DATE_ERAS
from openredress_api.imports.mapping.dates import ORDERS as DATE_ORDERS
from openredress_api.imports.mapping.plan import Plan, plan
from openredress_api.imports.mapping.ready_made import READY

__all__ = ["DATE_ERAS", "DATE_ORDERS", "READY", "Plan", "plan"]
