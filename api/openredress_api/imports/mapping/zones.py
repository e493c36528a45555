"""Time zones in cells: by their names, or as that of a country that has no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from openredress_api.foundation.problems import Fault
from openredress_api.imports.mapping import choices
from openredress_api.vocabulary import TAXONOMIES

_SHOWN = 5


def reader() -> Callable[[str], str | Fault | None]:
    """The function that reads a time zone; of a country with several, nobody can guess one."""
    country = choices.chooser(tuple(TAXONOMIES["country"].codes))
    zones = _of_countries()
    names = available_timezones()

    def read(text: str) -> str | Fault | None:
        meant = country(text)
        if text in names or isinstance(meant, Fault):
            return text
        found = zones.get(meant, ()) if meant else ()
        if len(found) == 1:
            return found[0]
        return Fault("several_time_zones", zones=", ".join(found[:_SHOWN])) if found else None

    return read


@cache
def _of_countries() -> Mapping[str, tuple[str, ...]]:
    """The zones of each country, by the table of the time zone database."""
    found: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), zone)
    return found
