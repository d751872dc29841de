"""Lists in pages: what the tool says counts, what does not add up is noticed, and nothing goes on without end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wire.paging import Page, Shifted, by_cursor, by_offset, numbered
from ledger.errors import Unreadable


def rows(*numbers: int) -> list[dict[str, Any]]:
    """Write rows."""
    return [{"id": number} for number in numbers]


def identity(row: dict[str, Any]) -> str:
    """Tell rows apart."""
    return str(row["id"])


@given(
    count=st.integers(0, 40),
    size=st.integers(1, 7),
    given_less=st.integers(1, 7),
    says=st.sampled_from(["total", "more"]),
)
def test_a_list_that_stands_still_is_read_whole(*, count: int, size: int, given_less: int, says: str) -> None:
    real = min(size, given_less)  # some tools give less than asked for
    whole = rows(*range(count))

    def ask(number: int) -> Page:
        some = whole[number * real : (number + 1) * real]
        more = (number + 1) * real < count
        return Page(rows=some, total=count) if says == "total" else Page(rows=some, more=more)

    assert list(numbered(ask, first=0, size=size, identity=identity)) == whole


@pytest.mark.parametrize(
    "pages",
    [
        [Page(rows(1, 2), total=3), Page(rows(2), total=3)],
        [Page(rows(1, 2), total=4), Page(rows(4), total=3)],
        [Page(rows(1, 2)), Page(rows(2))],
        [Page(rows(1, 2), total=5), Page([], total=5)],
        [Page(rows(1, 2), more=True), Page(rows(1, 2), more=False)],
    ],
    ids=["twice", "another count", "twice without a count", "too few", "the same page"],
)
def test_what_does_not_add_up_is_noticed(pages: list[Page]) -> None:
    asked = iter(pages)
    with pytest.raises(Shifted):
        list(by_offset(lambda _: next(asked), size=2, identity=identity))


@pytest.mark.parametrize("circle", [1, 2, 3])
def test_pages_that_go_round_in_circles_end(circle: int) -> None:
    asked: list[str] = []

    def ask(after: str) -> Page:
        asked.append(after)
        return Page(rows(1), after=str(len(asked) % circle))

    with pytest.raises(Unreadable, match="circles"):
        list(by_cursor(ask))
    assert len(asked) <= circle + 2


def test_a_list_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.wire.paging._MOST_PAGES", 50)
    asked: list[int] = []

    def ask(number: int) -> Page:
        asked.append(number)
        return Page(rows(number), more=True)

    with pytest.raises(Unreadable, match="more than 50 pages"):
        list(numbered(ask, first=1, size=1, identity=identity))
    assert len(asked) == 50
