"""Where a bank counts its statements without gaps, a skipped number is missed; no other numbers mean anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.calendar import add_bank_days
from ledger.finding import Severity
from ledger.money import Money
from ledger.statement import Statement
from ledger.statement_days import spans_by_currency
from ledger.statement_numbers import missing_numbers, numbers_twice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.finding import Finding


def _statement(on: date, number: str, *, form: str = "camt.053.001.08", minor: int = 100) -> Statement:
    return Statement(
        account="DE02120300000000202051",
        currency="EUR",
        number=number,
        opening_date=on,
        opening=Money(minor, "EUR"),
        closing_date=on,
        closing=Money(minor, "EUR"),
        format=form,
        place=f"{on}.xml:1",
    )


def _bank_days(count: int, first: date = date(2026, 1, 2)) -> list[date]:
    return [add_bank_days(first - timedelta(days=1), n + 1) for n in range(count)]


def _numbered(count: int, number: Callable[[int, date], object], first: date = date(2026, 1, 2)) -> list[Statement]:
    return [_statement(day, str(number(n, day))) for n, day in enumerate(_bank_days(count, first))]


def _missing(statements: Sequence[Statement]) -> list[str]:
    (spans,) = spans_by_currency(statements).values()
    return [one.finding.what.partition(" of ")[0] for one in missing_numbers(spans)]


def _twice(statements: Sequence[Statement]) -> tuple[Finding, ...]:
    (spans,) = spans_by_currency(statements).values()
    return numbers_twice(spans)


def test_a_number_that_was_skipped_is_missing() -> None:
    counted = _numbered(30, lambda n, _: n + 1)
    assert _missing(counted) == []
    assert _missing(counted[:14] + counted[15:]) == ["statement 15"]
    assert _missing(counted[:14] + counted[17:]) == ["statements 15 to 17"]


def test_leading_zeros_and_page_numbers_do_not_count() -> None:
    counted = _numbered(30, lambda n, _: f"{n + 1:05d}/00001")
    assert _missing(counted[:14] + counted[15:]) == ["statement 15"]


@pytest.mark.parametrize(
    ("bank", "number"),
    [
        ("always nothing", lambda _n, _day: ""),
        ("always zero, as FinTS", lambda _n, _day: "00000/001"),
        ("always one", lambda _n, _day: 1),
        ("the date", lambda _n, day: f"{day:%y%m%d}"),
        ("the day of the year", lambda _n, day: f"{day:%j}"),
        ("the day of the year, and a page", lambda _n, day: f"{day:%y%j}01"),
        ("the day of the month", lambda _n, day: day.day),
        ("every second number", lambda n, _day: 2 * n),
        ("numbers of another kind in between", lambda n, _day: n + n // 11),
        ("downwards", lambda n, _day: 400 - n),
        ("letters", lambda n, _day: f"A{n}"),
    ],
)
def test_numbers_that_do_not_count_statements_mean_nothing(bank: str, number: Callable[[int, date], object]) -> None:
    counted = _numbered(40, number)
    assert _missing(counted[:14] + counted[15:]) == [], bank
    assert _twice(counted) == (), bank


def test_a_new_way_of_counting_skips_nothing() -> None:
    assert _missing(_numbered(40, lambda n, _: n + 1 if n < 20 else 50_000 + n)) == []


def test_little_history_is_no_proof() -> None:
    counted = _numbered(9, lambda n, _: n + 1)
    assert _missing(counted[:4] + counted[5:]) == []


def test_every_year_begins_anew() -> None:
    days = _bank_days(60, date(2025, 11, 20))
    counted = [_statement(day, str(200 + n if day.year == 2025 else n - 26)) for n, day in enumerate(days)]
    assert _missing(counted) == []
    assert _missing(counted[:-10] + counted[-9:]) == [f"statement {60 - 10 - 26}"]


def test_the_year_before_is_proof_enough() -> None:
    before = _numbered(30, lambda n, _: n + 200, date(2025, 11, 3))
    after = _numbered(4, lambda n, _: n + 1)
    assert _missing([*before, after[0], after[1], after[3]]) == ["statement 3"]


def test_a_number_that_comes_on_another_day_is_not_missing() -> None:
    counted = _numbered(30, lambda n, _: n + 1)
    late = replace(counted[14], closing_date=counted[15].closing_date, opening_date=counted[15].closing_date)
    assert _missing([*counted[:14], *counted[15:], late]) == []


def test_what_another_format_covers_is_not_missing() -> None:
    counted = _numbered(30, lambda n, _: n + 1)
    other = [replace(statement, format="MT940", number="0") for statement in counted]
    assert _missing(counted[:14] + counted[15:] + other) == []
    assert _missing(counted[:14] + counted[15:] + other[:14] + other[15:]) == ["statement 15"]


def test_the_same_number_with_other_contents_is_told() -> None:
    counted = _numbered(30, lambda n, _: n + 1)
    assert _twice([*counted, counted[7]]) == ()
    (finding,) = _twice([*counted, replace(counted[7], closing=Money(250, "EUR"), place="again.xml:1")])
    assert (finding.code, finding.severity, finding.place) == (
        "statement_number_twice",
        Severity.WARNING,
        "again.xml:1",
    )
    assert finding.what == "statement 8 of 2026-01-13 of DE02120300000000202051 came before with other contents"
