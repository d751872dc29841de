"""Pages that overlap by one row: a tool that counts nothing can still not lose a row unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wire.paging import Page, Shifted, overlapping

if TYPE_CHECKING:
    from collections.abc import Callable


def pages_of(ids: list[int], size: int, meanwhile: Callable[[int], None] = lambda _page: None) -> list[str]:
    """Read a list that may change before each page is cut."""
    asked = 0

    def ask(offset: int) -> Page:
        nonlocal asked
        asked += 1
        meanwhile(asked)
        return Page(rows=[{"id": number} for number in sorted(ids)[offset : offset + size]])

    def identity(row: dict[str, Any]) -> str:
        return str(row["id"])

    return [identity(row) for row in overlapping(ask, size=size, identity=identity)]


@given(st.integers(0, 60), st.integers(2, 10))
def test_a_list_at_rest_is_read_whole_and_each_row_once(count: int, size: int) -> None:
    assert pages_of(list(range(count)), size) == [str(number) for number in range(count)]


@given(st.integers(1, 40), st.integers(2, 7), st.data())
def test_a_row_that_leaves_is_missed_by_nobody_or_noticed(count: int, size: int, data: st.DataObject) -> None:
    ids = list(range(count))
    leaves, at = data.draw(st.sampled_from(ids)), data.draw(st.integers(2, 6))

    def meanwhile(page: int) -> None:
        if page == at and leaves in ids:
            ids.remove(leaves)

    try:
        found = pages_of(ids, size, meanwhile)
    except Shifted:
        return
    assert {str(number) for number in ids} <= set(found)


def test_a_row_that_comes_at_the_end_disturbs_nobody() -> None:
    ids = [1, 2, 3, 4]

    def meanwhile(page: int) -> None:
        if page == 2:
            ids.append(9)

    assert pages_of(ids, 3, meanwhile) == ["1", "2", "3", "4", "9"]


def test_a_row_that_comes_back_in_the_middle_is_noticed() -> None:
    ids = [1, 3, 4, 5, 6]

    def meanwhile(page: int) -> None:
        if page == 2:
            ids.append(2)

    with pytest.raises(Shifted):
        pages_of(ids, 3, meanwhile)
