"""What only the sender of a sheet can say, each as field, code and what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from openredress_api.foundation.fields import Identifier, Instant
from openredress_api.imports.mapping.fields import Leaf
from openredress_api.imports.mapping.headings import Column
from openredress_api.imports.mapping.moments import Local
from openredress_api.imports.mapping.sources import Source
from openredress_api.imports.mapping.texts import is_zawgyi

# The import itself says it.
_SAID = ("source_system",)
Question = tuple[str, str, str]


def about_columns(
    columns: Sequence[Column], leaves: Mapping[str, Leaf], filled: Collection[str]
) -> Iterator[Question]:
    """Columns that are proposed only, and fields that need one and have none."""
    rivals = Counter(column.field for column in columns)
    for column in columns:
        if column.field is not None and column.field not in leaves:
            yield column.field, "no_such_field", column.heading
        elif column.field is not None and not column.applies:
            code = "which_column" if rivals[column.field] > 1 else "confirm_column"
            yield column.field, code, column.heading
        elif column.how == "none" and is_zawgyi(column.heading):
            yield "", "zawgyi_text", column.heading
    for name, leaf in leaves.items():
        if leaf.is_required and name not in _SAID and not filled_by(name, (*filled, *rivals)):
            yield name, "no_column", ""


def filled_by(name: str, names: Iterable[str | None]) -> bool:
    """Whether one of these fields is this one, or an entry of it."""
    return any(other == name or str(other).startswith(f"{name}.") for other in names)


def about_cells(sources: Sequence[Source], *, has_zone: bool) -> Iterator[Question]:
    """Orders and eras of dates, and the zone of times, where the cells leave them open."""
    for source in sources:
        if source.calendar is not None:
            for code, example in source.calendar.questions():
                yield source.name, code, example
    if not has_zone:
        yield from list(_without_zone(sources))[:1]


def _without_zone(sources: Sequence[Source]) -> Iterator[Question]:
    for source in sources:
        if isinstance(source.leaf.field, Instant):
            for cell in source.sample:
                if isinstance(source.read(cell), Local):
                    yield source.name, "time_zone", cell
                    break


def is_site(leaf: Leaf) -> bool:
    """Whether a field names a site of the record itself, whose clocks its times are by."""
    return leaf.path == ("site",) and isinstance(leaf.field, Identifier)
