"""Files in pieces, and what reading them comes to."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator

import pytest

from openredress_api.foundation import messages
from openredress_api.imports.reading import BadFile, Cells, Header, sheet_csv


def cut(content: bytes, size: int) -> Iterator[bytes]:
    """The content in pieces of `size` octets."""
    return (content[place : place + size] for place in range(0, len(content), size))


def refused(read: Callable[[], object]) -> BadFile:
    """Why a file is refused; the reason has a text in every language."""
    with pytest.raises(BadFile) as caught:
        read()
    for language in messages.LANGUAGES:
        assert messages.say(caught.value.fault, language)
    return caught.value


def of_csv(content: bytes | str, **options: str) -> tuple[Header, list[Cells]]:
    """A CSV file as its header and all of its rows."""
    octets = content.encode() if isinstance(content, str) else content
    header, rows = sheet_csv(cut(octets, 7), **options)
    return header, list(rows)


def faults_of(one) -> list[tuple[str, str]]:
    """Pointer and code of each fault of a line or row; each has a text in every language."""
    for error in one.faults:
        assert all(messages.say(error.fault, language) for language in messages.LANGUAGES)
    return [(error.pointer, str(error.fault)) for error in one.faults]


def peak_of(work: Callable[[], Iterable[object]]) -> int:
    """The octets that are held at most while something is read to its end."""
    tracemalloc.start()
    try:
        for _ in work():
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
