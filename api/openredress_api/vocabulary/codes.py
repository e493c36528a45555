"""What a code list is: immutable codes with a meaning, a version and a source."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Attribute = str | int | bool | tuple[str, ...] | tuple[int, ...]

# Below this likeness a suggestion misleads: one wrong letter in a three-letter code is 0.67.
_ALIKE = 0.7
# No code or name is longer; comparing takes time in proportion to the text.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Code:
    """One word of a list: `code` never changes its meaning and is never used again."""

    code: str
    meaning: str
    attributes: Mapping[str, Attribute]

    def spellings(self) -> Iterator[str]:
        """The texts a person may have typed for this code, as `_plain` writes them."""
        yield _plain(self.code)
        yield _plain(self.code.rpartition(".")[2])
        yield _plain(self.meaning)
        if "also_known_as" in self.attributes:
            yield _plain(str(self.attributes["also_known_as"]))


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named, versioned list; `codes` keeps the order of its source."""

    name: str
    version: int
    description: str
    source: str
    codes: Mapping[str, Code]

    def find(self, text: str) -> Code:
        """The code written exactly as `text`; UnknownCode otherwise."""
        try:
            return self.codes[text]
        except KeyError:
            raise UnknownCode(self, text) from None


class UnknownCode(LookupError):
    """The list `codes` has no code `read`."""

    def __init__(self, codes: CodeList, read: str) -> None:
        super().__init__(f"{codes.name} has no code {read!r}")
        self.codes = codes
        self.read = read

    @property
    def nearest(self) -> str | None:
        """What may have been meant; worked out when asked, for it takes about a millisecond."""
        return nearest(self.codes, self.read)


def code(word: str, meaning: str, /, **attributes: Attribute) -> Code:
    """Make one code; nothing in it can be changed afterwards."""
    return Code(word, meaning, MappingProxyType(attributes))


def code_list_of(
    name: str, codes: Iterable[Code], *, description: str, source: str, version: int = 1
) -> CodeList:
    """Make a list; ValueError when a code stands in it twice."""
    by_code: dict[str, Code] = {}
    for each in codes:
        if each.code in by_code:
            raise ValueError(f"{name} has {each.code!r} twice")
        by_code[each.code] = each
    return CodeList(name, version, description, source, MappingProxyType(by_code))


def nearest(codes: CodeList, text: str) -> str | None:
    """The code of the list most like `text` (code, name or meaning), or None: 'did you mean'."""
    if len(text) > _LONGEST:
        return None
    spelt = {spelling: each.code for each in codes.codes.values() for spelling in each.spellings()}
    found = difflib.get_close_matches(_plain(text), spelt, n=1, cutoff=_ALIKE)
    return spelt[found[0]] if found else None


def as_json(codes: CodeList) -> dict[str, object]:
    """The list as served: {name, version, description, source, codes: [{code, meaning, …}]}."""
    return {
        "name": codes.name,
        "version": codes.version,
        "description": codes.description,
        "source": codes.source,
        "codes": [_code_as_json(each) for each in codes.codes.values()],
    }


def _code_as_json(each: Code) -> dict[str, object]:
    attributes = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in each.attributes.items()
    }
    return {"code": each.code, "meaning": each.meaning, **attributes}


def _plain(text: str) -> str:
    return text.strip().casefold().replace(" ", "_").replace("-", "_")
