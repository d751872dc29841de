"""Texts as payers write them, read with the numbers of several companies: the tables lie beside this file.

A table begins with the books (``invoice RE-2026-00465..00480 dated 2026``). Each line behind them is a text, an arrow
and what is found in it: the form and the number (several numbers, where the text leaves it open), ``unknown`` and the
number as it was read, or ``nothing``.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.text import squeeze
from reconciliation.numbers import Numbers, learn_numbers
from reconciliation.reading import Reading, read

TABLES = Path(__file__).parent / "companies"
_BOOK_LINE = re.compile(r"(invoice|credit)\s+(\S+)\s+dated ([0-9]{4})(?:-([0-9]{2}))?")


def _lines(table: str) -> list[tuple[str, str]]:
    text = (TABLES / table).read_text(encoding="utf-8")
    split = (line.partition(" -> ") for line in text.splitlines() if " -> " in line)
    return [(written.strip(), expected.strip()) for written, _, expected in split]


CASES = [
    (table.name, written, expected)
    for table in sorted(TABLES.glob("*.txt"))
    for written, expected in _lines(table.name)
]


@pytest.mark.parametrize(("table", "written", "expected"), CASES, ids=[f"{t}: {w}" for t, w, _ in CASES])
def test_a_text_is_read_as_an_accountant_would(table: str, written: str, expected: str) -> None:
    reading = read(written, books(table))
    assert shown(reading) == normal(expected)
    for found in (*reading.known, *reading.unknown):
        assert found.span is not None
        assert written[slice(*found.span)] == found.text


def test_the_tables_hold_hundreds_of_texts() -> None:
    assert len(CASES) >= 320


@cache
def books(table: str) -> Numbers:
    text = (TABLES / table).read_text(encoding="utf-8")
    return learn_numbers(
        item
        for kind, numbers, year, month in _BOOK_LINE.findall(text)
        for item in _items(kind, numbers, date(int(year), int(month or "3"), 1))
    )


def shown(reading: Reading) -> list[str]:
    known = [f"{f.form.value} {'/'.join(sorted(f.item_ids))}" for f in reading.known]
    return sorted(known + [f"unknown {f.squeezed}" for f in reading.unknown])


def normal(expected: str) -> list[str]:
    if expected == "nothing":
        return []
    told = (finding.split(" ", 1) for finding in expected.split(", "))
    return sorted(f"{form} {squeeze(number) if form == 'unknown' else number}" for form, number in told)


def _items(kind: str, numbers: str, dated: date) -> list[OpenItem]:
    return [
        OpenItem(
            item_id=number,
            document_number=number,
            kind=ItemKind.CREDIT_NOTE if kind == "credit" else ItemKind.INVOICE,
            debtor_number="10001",
            document_date=dated,
            due_date=dated,
            amount=Money(11900, "EUR"),
            open_amount=Money(11900, "EUR"),
        )
        for number in _several(numbers)
    ]


def _several(numbers: str) -> list[str]:
    first, dots, last = numbers.partition("..")
    if not dots:
        return [numbers]
    if last.partition("/")[2]:  # 7/2025..24/2025
        year = last.partition("/")[2]
        return [f"{n}/{year}" for n in range(int(first.partition("/")[0]), int(last.partition("/")[0]) + 1)]
    tail = re.search(r"[0-9]+$", last)
    assert tail, numbers
    head = first[: -len(tail[0])]
    low = int(first[len(head) :])
    return [f"{head}{str(n).zfill(len(tail[0]))}" for n in range(low, int(tail[0]) + 1)]
