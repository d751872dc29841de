"""New base rates (neuer Basiszinssatz): rows somebody brings, checked against the known table, without a network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from dunning.interest import BaseRate, BaseRates
from ledger.numerals import UnreadableDate, UnreadableNumber, read_date, read_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A row starts with a day (2027-01-01, 01.01.2027) or, in the Bundesbank's monthly series, with a month (2027-01).
# Its file has lines of explanation before them, which start with a letter or a blank cell.
_ROW: Final = re.compile(r'^"?(\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})"?\s*[;,\t]\s*(.*)$')
_NUMBER: Final = re.compile(r'^"?([+\-\u2212]?\d+(?:[.,]\d+)?)"?\s*(?:[;,\t].*)?$')
_JANUARY, _JULY = 1, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRateUpdate:
    """The table with the new rows, and which those are."""

    rates: BaseRates
    added: tuple[BaseRate, ...]


def merge_base_rates(known: BaseRates, text: str) -> BaseRateUpdate:
    """Merge rows of a text into the known table: our own CSV, or the Bundesbank's monthly series BBIN1 … BBKBAS2.

    Raises ValueError with every mistake: a row that cannot be read, one that contradicts what is known, a half-year
    left out, a step that cannot be right. Rows before the table and repeated ones change nothing (§ 247 BGB).
    """
    mistakes: list[str] = []
    rows = list(_rows(text, mistakes))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return add_base_rates(known, rows)


def add_base_rates(known: BaseRates, rows: Iterable[BaseRate]) -> BaseRateUpdate:
    """Add rows, in any order, to the known table; raises ValueError like ``merge_base_rates``."""
    mistakes: list[str] = []
    added: dict[date, BaseRate] = {}
    for row in sorted(rows, key=lambda one: (one.valid_from, one.percent)):
        if row.valid_from < known.known_from:
            continue
        start = _half_year(row.valid_from)
        before = added.get(start)
        now = known.on(start) if start <= known.known_until else before.percent if before else None
        if now is None and row.valid_from == start:
            added[start] = row
        elif now is None:
            mistakes.append(f"{row.valid_from}: base rates start on 1 January or 1 July only (§ 247 BGB)")
        elif now != row.percent:
            mistakes.append(f"{row.valid_from}: this says {row.percent}, but {now} is known for it; check both")
    if mistakes:
        raise ValueError("\n".join(mistakes))
    new = tuple(added.values())
    return BaseRateUpdate(rates=BaseRates((*known.rates, *new)), added=new)


def base_rate_row(rate: BaseRate) -> str:
    """Write one row as the table has it: 2027-01-01,1.77."""
    return f"{rate.valid_from.isoformat()},{rate.percent}"


def _rows(text: str, mistakes: list[str]) -> Iterator[BaseRate]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        found = _ROW.match(line.strip())
        if not found:
            if line.strip()[:1].isdigit():
                mistakes.append(f"line {number}: {line.strip()!r} is no row; write 2027-01-01,1.77")
            continue
        value = _NUMBER.match(found[2].strip())
        try:
            yield BaseRate(valid_from=_day(found[1]), percent=read_decimal(value[1] if value else found[2]))
        except (UnreadableDate, UnreadableNumber) as problem:
            mistakes.append(f"line {number}: {problem}")


def _day(text: str) -> date:
    return read_date(f"{text}-01" if len(text) == len("2027-01") else text)


def _half_year(day: date) -> date:
    return date(day.year, _JANUARY if day.month < _JULY else _JULY, 1)
