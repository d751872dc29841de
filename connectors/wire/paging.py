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


def by_cursor(ask: Callable[[str], Page]) -> Iterator[Row]:
    """Read pages that say themselves where the next one starts: rows cannot move between those."""
    after = ""
    for _ in range(_MOST_PAGES):
        page = ask(after)
        yield from page.rows
        if page.more is False or not page.after:
            return
        if page.after == after:
            raise Unreadable(f"a list of pages goes round in circles at {after!r}; tell whoever runs the tool")
        after = page.after
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
        if not page.rows or page.more is False or (page.more is None and len(page.rows) < size):
            break
    else:
        raise _endless()
    totals.discard(None)
    if rows != len(seen) or len(totals) > 1 or (totals and totals != {rows}):
        raise Shifted("rows came or went while the list was read; it is read again")


def _endless() -> Unreadable:
    return Unreadable(f"a list has more than {_MOST_PAGES:,} pages; tell whoever runs the tool")
