"""Taxonomies: the field's code lists, public and rarely changed."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.records import Record


class Taxonomy(Record):
    """A list of codes with their names."""

    name: str


class Taxonomies(Capability):
    """`/v1/taxonomies`."""

    def get(self, name: str) -> Taxonomy:
        """Return one list, such as `grievance_category`."""
        return self._get(Taxonomy, "taxonomies", name)
