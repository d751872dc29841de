"""Paging (Blättern): lists in pages, read so that nothing is lost when rows move while we read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.errors import Unavailable, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Row = dict[str, Any]

_MOST_PAGES: Final = 20_000  # a list that never ends is a mistake of the tool


class Shifted(Unavailable):
    """The pages do not add up: rows came or went while they were read. Read them again."""


class Page(NamedTuple):
    """One page of a list."""

    rows: Sequence[Row]
    total: int | None = None  # rows in the whole list, where the tool says so
    more: bool | None = None  # whether there is another page, where the tool says so
    after: str = ""  # where the next page starts, for tools that say it themselves


def numbered(ask: Callable[[int], Page], *, first: int, size: int, identity: Callable[[Row], str]) -> Iterator[Row]:
    """Read pages by their number, from ``first`` on; see ``_counted``."""
    return _counted((ask(number) for number in range(first, first + _MOST_PAGES)), size, identity)


def by_offset(ask: Callable[[int], Page], *, size: int, identity: Callable[[Row], str]) -> Iterator[Row]:
    """Read pages by how many rows lie before them; see ``_counted``."""
    return _counted((ask(number * size) for number in range(_MOST_PAGES)), size, identity)


def overlapping(ask: Callable[[int], Page], *, size: int, identity: Callable[[Row], str]) -> Iterator[Row]:
    """Read pages by offset from a tool that counts nothing: each begins with the last row of the one before.

    In an order that never changes, another row there tells that rows came or went: then Shifted is raised, after all
    rows were given.
    """
    last, shifted = "", False
    for number in range(_MOST_PAGES):
        rows = list(ask(number * (size - 1)).rows)
        joins = bool(last and rows and identity(rows[0]) == last)
        shifted |= bool(last) and not joins
        yield from rows[joins:]
        if len(rows) < size:
            break
        last = identity(rows[-1])
    else:
        raise _endless()
    if shifted:
        raise Shifted("rows came or went while the list was read; it is read again")


def by_cursor(ask: Callable[[str], Page]) -> Iterator[Row]:
    """Read pages that say themselves where the next one starts: rows cannot move between those."""
    after = ""
    been: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = ask(after)
        yield from page.rows
        if page.more is False or not page.after:
            return
        if page.after in been:
            raise Unreadable("a list of pages goes round in circles; tell whoever runs the tool")
        after = page.after
        been.add(after)
    raise _endless()


def _counted(pages: Iterator[Page], size: int, identity: Callable[[Row], str]) -> Iterator[Row]:
    """Give the rows of pages that are cut anew at every question, and count them.

    A row that leaves the list moves all later ones forward, and one of them is on no page; a new row moves them
    back, and one comes twice. Both show in the count at the end: then Shifted is raised, after all rows were given.
    """
    seen: set[str] = set()
    rows, totals = 0, set()
    for page in pages:
        yield from page.rows
        rows += len(page.rows)
        seen.update(map(identity, page.rows))
        totals.add(page.total)
        if not page.rows or page.more is False or (page.more is None and _was_last(page, rows, size)):
            break
    else:
        raise _endless()
    totals.discard(None)
    if rows != len(seen) or len(totals) > 1 or (totals and totals != {rows}):
        raise Shifted("rows came or went while the list was read; it is read again")


def _was_last(page: Page, rows: int, size: int) -> bool:
    """Whether a page ends the list: by the count where there is one, as some tools give less than asked for."""
    return len(page.rows) < size if page.total is None else rows >= page.total


def _endless() -> Unreadable:
    return Unreadable(f"a list has more than {_MOST_PAGES:,} pages; tell whoever runs the tool")
