"""Taxonomies: the field's code lists, public and rarely changed."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class TaxonomyEntry(Record):
    """A code list among all: its name, version and meaning."""

    name: str
    version: int
    description: str


class Taxonomy(TaxonomyEntry):
    """A list of codes, each with its meaning and attributes."""

    source: str
    codes: list[Record]


class Taxonomies(Capability):
    """`/v1/taxonomies`."""

    def get(self, name: str) -> Taxonomy:
        """Return one list, such as `grievance_category`."""
        return self._get(Taxonomy, "taxonomies", name)

    def list(self) -> Listing[TaxonomyEntry]:
        """Iterate over all lists, without their codes."""
        return self._list(TaxonomyEntry, "taxonomies")
