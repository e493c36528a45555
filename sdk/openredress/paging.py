"""Lists that come in pages, read as one, and resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from openredress.answers import Answer
from openredress.errors import UnexpectedAnswer

T = TypeVar("T")

START = "0"
"""The position before the first event of a feed."""


@dataclass(frozen=True)
class Page:
    """One page: its items, the cursor behind it, whether more follows, seconds to wait first."""

    items: Sequence[Mapping[str, object]]
    next_cursor: str | None
    has_more: bool
    poll_after: float


def page_of(answer: Answer) -> Page:
    """Read `{data, next_cursor, has_more, poll_after?}`.

    Raises:
        UnexpectedAnswer: the body is no list.
    """
    members = answer.members()
    items, cursor, wait = members.get("data"), members.get("next_cursor"), members.get("poll_after")
    if not isinstance(items, list):
        raise UnexpectedAnswer("an answer without `data` where a list was asked for")
    return Page(
        items,
        None if cursor is None else str(cursor),
        members.get("has_more") is True,
        float(wait) if isinstance(wait, (int, float)) else 0.0,
    )


class Listing(Iterator[T], Generic[T]):
    """Hands out the items of all pages, fetching each page when it is needed; one thread only.

    `cursor` may be saved at any moment and given to the same list, with the same filters, to go
    on: nothing is skipped; items of a page that was not finished come again. None: the start.
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Page],
        make: Callable[[Mapping[str, object]], T],
        cursor: str | None,
    ) -> None:
        self.cursor = cursor
        self._fetch = fetch
        self._make = make
        self._page: Page | None = None
        self._given = 0

    def __next__(self) -> T:
        page = self._unfinished()
        item = self._make(page.items[self._given])
        self._given += 1
        self._move_on(page)
        return item

    def _unfinished(self) -> Page:
        while self._page is None or self._given == len(self._page.items):
            if self._page is not None and not self._goes_on(self._page):
                raise StopIteration
            self._page = self._fetch(self.cursor)
            self._given = 0
            self._move_on(self._page)
        return self._page

    def _move_on(self, page: Page) -> None:
        if self._given == len(page.items) and page.next_cursor is not None:
            self.cursor = page.next_cursor

    def _goes_on(self, page: Page) -> bool:
        return page.has_more
