"""Which column of a sheet fills which field, by its heading: taken, proposed, or left alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from openredress_api.imports.mapping import lexicon
from openredress_api.imports.mapping.synonyms import Synonyms, of_kind
from openredress_api.imports.mapping.texts import is_zawgyi, key, words

# Below this likeness a proposal costs more time than it saves.
ALIKE = 0.86
_SHORTEST, _LONGEST = 5, 200
_NUMBER = re.compile(r"\d+")
# A heading in two languages, or with a remark behind it.
_IN_BRACKETS = re.compile(r"[(\[（]([^()\[\]（）]*)[)\]）]")  # noqa: RUF001 - as below
_PARTS = re.compile(r"[/|\n;:()\[\]（）]+|\s[-–]\s")  # noqa: RUF001 - brackets of East Asian keyboards


@dataclass(frozen=True, slots=True)
class Column:
    """A column, the field that it is for, and how that was found.

    `how`: given by the sender, exact (a field's own name), synonym, nearest, none. Only what
    `applies` is read; the rest is a proposal that the sender has to confirm.
    """

    heading: str
    field: str | None = None
    how: str = "none"
    score: float | None = None
    applies: bool = False


def propose(
    kind: str,
    headings: Sequence[str],
    fields: Collection[str],
    saved: Mapping[str, str | None] | None = None,
    template: Sequence[str] | None = None,
    constants: Collection[str] = (),
) -> list[Column]:
    """One column per heading; no two of them apply to one field.

    `saved` is the sender's own word by heading, `template` the field of each column of a sheet of
    ours. A field of `constants` takes no column but one that the sender gives.
    """
    synonyms = of_kind(kind, frozenset(fields))
    given = {key(heading): field for heading, field in (saved or {}).items()}
    told = template or [""] * len(headings)
    found = [
        _given(heading, given, saved or {})
        or _told(heading, field, synonyms)
        or _known(heading, synonyms)
        for heading, field in zip(headings, told, strict=True)
    ]
    surest = [
        Column(column.heading) if column.field in constants and column.how != "given" else column
        for column in _surest(found)
    ]
    taken = {*constants, *(column.field for column in surest)}
    return [
        _nearest(column, synonyms, taken) if before.how == "none" else column
        for before, column in zip(found, surest, strict=True)
    ]


def _given(
    heading: str, given: Mapping[str, str | None], saved: Mapping[str, str | None]
) -> Column | None:
    if heading in saved:
        return Column(heading, saved[heading], "given", applies=saved[heading] is not None)
    if (plain := key(heading)) and plain in given:
        return Column(heading, given[plain], "given", applies=given[plain] is not None)
    return None


def _told(heading: str, field: str, synonyms: Synonyms) -> Column | None:
    if field in synonyms.fields:
        return Column(heading, field, "exact", applies=True)
    return None


def _known(heading: str, synonyms: Synonyms) -> Column:
    """The column by its whole heading, else by all of its parts that are no remarks."""
    if is_zawgyi(heading):
        return Column(heading)
    parts = [heading]
    if _found(heading, synonyms) is None and not synonyms.refuses(heading):
        told = _IN_BRACKETS.sub(lambda found: "" if _is_remark(found[1]) else found[0], heading)
        parts = [part for part in _PARTS.split(told) if key(part) and not _is_remark(part)]
    meant = [_found(part, synonyms) for part in parts]
    known = [one for one in meant if one is not None]
    if not known or any(map(synonyms.refuses, parts)) or len({field for field, _, _ in known}) > 1:
        return Column(heading)
    field, how, _ = known[0]
    is_sure = len(known) == len(parts) and all(sure for _, _, sure in known)
    return Column(heading, field, how, applies=is_sure)


def _is_remark(part: str) -> bool:
    """Whether words say how a cell is to be written, and not what it is."""
    word = lexicon.spelt(part)
    return word in lexicon.BESIDE_HEADINGS or word in lexicon.CURRENCIES


def _found(text: str, synonyms: Synonyms) -> tuple[str, str, bool] | None:
    """Field, way and certainty of a whole text; numbers in it count the entries of a list."""
    plain = key(text)
    if plain in synonyms.names:
        return synonyms.names[plain], "exact", True
    if plain in synonyms.sure:
        return synonyms.sure[plain], "synonym", True
    if plain in synonyms.asked:
        return synonyms.asked[plain], "synonym", False
    numbers = _NUMBER.findall(plain)
    if len(numbers) <= 1 and len(plain) <= _LONGEST:
        number = numbers[0] if numbers else "1"
        pattern = _NUMBER.sub("#", plain) if numbers else plain
        for table, is_sure in ((synonyms.numbered, True), (synonyms.numbered_asked, False)):
            field = table.get(pattern, "").replace("#", str(int(number)))
            if field in synonyms.fields:
                return field, "synonym", is_sure
    return None


def _surest(columns: Iterable[Column]) -> list[Column]:
    """Of several columns for one field the surer one; among equals only the sender chooses."""
    columns = list(columns)
    ranks: dict[str, Counter[int]] = {}
    for column in columns:
        if column.field:
            ranks.setdefault(column.field, Counter())[_rank(column)] += 1
    return [_beside(column, ranks) for column in columns]


def _rank(column: Column) -> int:
    if column.how == "given":
        return 0
    return 1 if column.applies else 2


def _beside(column: Column, ranks: Mapping[str, Counter[int]]) -> Column:
    if not column.field:
        return column
    best = min(ranks[column.field])
    if _rank(column) > best:
        return Column(column.heading)
    is_alone = ranks[column.field][best] == 1 and not _has_rank_above(column.field, ranks)
    return replace(column, applies=column.applies and is_alone)


def _has_rank_above(field: str, ranks: Mapping[str, Counter[int]]) -> bool:
    """Whether another column is for the whole list that this one is for an entry of."""
    return field.rpartition(".")[0] in ranks


def _nearest(column: Column, synonyms: Synonyms, taken: Collection[str | None]) -> Column:
    """A proposal by likeness; never for what looks like a person's."""
    plain = key(column.heading)
    if (
        not _SHORTEST <= len(plain) <= _LONGEST
        or synonyms.refuses(column.heading)
        or is_zawgyi(column.heading)
    ):
        return column
    if synonyms.is_personal(plain, words(column.heading)):
        return column
    best: tuple[float, str] = (0.0, "")
    matcher = SequenceMatcher(b=plain, autojunk=False)
    for synonym, field in synonyms.near.items():
        if field in taken:
            continue
        matcher.set_seq1(synonym)
        if matcher.real_quick_ratio() > best[0] and matcher.quick_ratio() > best[0]:
            best = max(best, (matcher.ratio(), field))
    if best[0] < ALIKE:
        return column
    return Column(column.heading, best[1], "nearest", round(best[0], 2))
