"""Every page of a statement must have come, in whatever file; a bank that numbers otherwise is left in peace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.finding import Severity
from ledger.money import Money
from ledger.statement import Statement
from ledger.statement_chain import certainly_missing, gaps

FIRST_DAY = date(2026, 5, 4)
CAMT = "camt.053.001.08"


def _page(day: int, opening: int, closing: int, page: int, *, last: bool = False, form: str = CAMT) -> Statement:
    on = FIRST_DAY + timedelta(days=day)
    return Statement(
        account="DE02120300000000202051",
        currency="EUR",
        number=f"{day + 1}",
        opening_date=on,
        opening=Money(opening, "EUR"),
        closing_date=on,
        closing=Money(closing, "EUR"),
        page=page,
        is_last_page=last,
        format=form,
        place=f"{day}-{page}.sta:1",
    )


def _whole(day: int, opening: int, closing: int, *, form: str = CAMT) -> Statement:
    return _page(day, opening, closing, 1, last=True, form=form)


BEFORE, AFTER = _whole(0, 90, 100), _whole(2, 130, 140)
ONE, TWO, THREE = _page(1, 100, 110, 1), _page(1, 110, 120, 2), _page(1, 120, 130, 3, last=True)

# What came, and what is told of it.
CASES: dict[str, tuple[list[Statement], list[str]]] = {
    "all pages": ([BEFORE, ONE, TWO, THREE, AFTER], []),
    "all pages, in another order and some twice": ([THREE, AFTER, ONE, TWO, BEFORE, ONE, THREE], []),
    "the first page is missing": ([BEFORE, TWO, THREE, AFTER], ["page 1 of statement 2"]),
    "a page in the middle is missing": ([BEFORE, ONE, THREE, AFTER], ["page 2 of statement 2"]),
    "the last page is missing": ([BEFORE, ONE, TWO, AFTER], ["page 3 and whatever follows of statement 2"]),
    "the last page is missing, and nothing came since": (
        [BEFORE, ONE, TWO],
        ["page 3 and whatever follows of statement 2"],
    ),
    "two pages are missing": ([BEFORE, ONE, _page(1, 125, 130, 4, last=True)], ["pages 2 to 3 of statement 2"]),
    "a page that moved nothing is missing": (
        [BEFORE, ONE, _page(1, 110, 130, 3, last=True), AFTER],
        ["page 2 of statement 2"],
    ),
    "an MT940 file with two of three pages is named by its first": (
        [BEFORE, _page(1, 100, 120, 1, form="MT940"), _page(1, 120, 130, 3, last=True, form="MT940"), AFTER],
        [],
    ),
    "an MT940 file with two of four pages, and the last one": (
        [BEFORE, _page(1, 100, 120, 1, form="MT940"), _page(1, 125, 130, 4, last=True, form="MT940"), AFTER],
        ["pages 2 to 3 of statement 2"],
    ),
    "another format has the day": ([BEFORE, ONE, THREE, AFTER, _whole(1, 100, 130, form="MT940")], []),
    "the next page carries the next day": ([BEFORE, ONE, _page(1, 110, 130, 2, last=True), AFTER], []),
    "numbers that go on from day to day are no pages": (
        [_page(day, 90 + day, 91 + day, day + 1, last=True) for day in range(9)],
        [],
    ),
    "a bank that never says which page is the last": (
        [_page(day, 90 + day, 91 + day, 1) for day in range(9)],
        [],
    ),
    "statements without pages": ([_page(0, 90, 100, 0, last=True), _page(1, 100, 110, 0, last=True)], []),
}


@pytest.mark.parametrize("case", CASES)
def test_every_page_came_or_is_missed_once(case: str) -> None:
    statements, missing = CASES[case]
    found = gaps(statements)
    assert [finding.what.partition(" of 2026")[0] for finding in found] == missing
    assert {finding.code for finding in found} <= {"statement_pages_missing"}


def test_pages_that_are_missing_stop_dunning_and_are_named_to_the_gate() -> None:
    (missing,) = certainly_missing([BEFORE, ONE, THREE, AFTER])
    assert missing.finding.severity is Severity.ERROR
    assert missing.where == "within statement 2 of 2026-05-05: page 2"
    assert missing.days() == (date(2026, 5, 5),)
    assert str(missing.finding) == (
        "1-1.sta:1: page 2 of statement 2 of 2026-05-05 of DE02120300000000202051 never came\n"
        "    Fetch the whole statement again and put it into the inbox. Until then nobody is dunned."
    )


def test_a_gap_elsewhere_is_told_beside_missing_pages() -> None:
    assert [finding.code for finding in gaps([BEFORE, ONE, THREE, AFTER, _whole(4, 777, 778)])] == [
        "statement_pages_missing",
        "statement_gap",
    ]
