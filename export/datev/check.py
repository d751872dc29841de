"""The formal check of a posting batch (Formatprüfung): every rule DATEV would complain about, before DATEV does."""

from __future__ import annotations

from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from export.datev.accounts import is_person_account
from export.datev.columns import COLUMNS, HEADER
from export.datev.reader import problem, read_batch
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from export.datev.batch import DatevBatch
    from export.datev.columns import Field
    from export.datev.reader import Cell, ReadBatch, Row

# Four-digit accounts that hold money, by Sachkontenrahmen: cash, banks, money transit.
_MONEY: Final = MappingProxyType(
    {
        "03": (range(1000, 1300), range(1360, 1370)),
        "04": (range(1460, 1470), range(1600, 1900)),
    }
)
# Four-digit accounts that compute tax by themselves (Automatikkonten): the ones receivables meet.
_AUTOMATIC: Final = MappingProxyType(
    {
        "03": frozenset({8300, 8400, 8731, 8736}),
        "04": frozenset({4300, 4400, 4731, 4736}),
    }
)
# Columns that are filled together or not at all: a foreign currency, and every kind (Art) with its content.
_TOGETHER: Final = (
    frozenset({4, 5, 6}),
    *(frozenset({kind, kind + 1}) for kind in (*range(21, 37, 2), *range(48, 88, 2))),
)
_NEEDS: Final = ((115, 116), (17, 105))  # the first is allowed only with the second
_PERSON_ONLY_MATTERS: Final = ("31", "40")


def check_delivery(batch: DatevBatch, *, money_accounts: Iterable[int] = ()) -> tuple[Finding, ...]:
    """Check a batch that is about to leave: its name, its number of lines, its sums, and every rule of the format."""
    read = read_batch(batch.content)
    debit, credit = read.sums()
    expectations = (
        (batch.file_name.startswith("EXTF_") and batch.file_name.endswith(".csv"), "the file name is not EXTF_….csv"),
        (len(read.rows) == batch.line_count, f"{len(read.rows)} lines were written instead of {batch.line_count}"),
        (debit == batch.sum_debit.decimal(), f"the lines marked S add up to {debit}, not to {batch.sum_debit}"),
        (credit == batch.sum_credit.decimal(), f"the lines marked H add up to {credit}, not to {batch.sum_credit}"),
    )
    delivery = tuple(
        Finding(
            code="datev-delivery",
            place=batch.file_name,
            what=what,
            what_to_do="Do not send the file; export it again.",
            severity=Severity.ERROR,
        )
        for met, what in expectations
        if not met
    )
    return (*delivery, *_findings(read, frozenset(money_accounts)))


def check_batch(content: bytes, *, money_accounts: Iterable[int] = ()) -> tuple[Finding, ...]:
    """Check a file against the rules of EXTF 700, category 21, version 13; no finding means DATEV can read it.

    ``money_accounts`` are accounts of the company that hold money although they lie outside the usual ranges.
    """
    return tuple(_findings(read_batch(content), frozenset(money_accounts)))


def _findings(batch: ReadBatch, money: frozenset[int]) -> Iterator[Finding]:
    yield from batch.findings
    yield from _header_findings(batch)
    yield from _title_findings(batch)
    for row in batch.rows:
        yield from _row_findings(row, batch, money)
    yield from _locking_findings(batch)


def _header_findings(batch: ReadBatch) -> Iterator[Finding]:
    yield from _field_findings(1, HEADER, batch.header_cells)
    start, first, last = (_day(batch.header_value(number)) for number in (13, 15, 16))
    if start and first and last and not start <= first <= last < _a_year_later(start):
        yield problem(
            "datev-period",
            1,
            HEADER[14],
            f"the period {first.isoformat()} to {last.isoformat()} is not inside the business year from "
            f"{start.isoformat()}",
            "Write one file per business year.",
        )


def _title_findings(batch: ReadBatch) -> Iterator[Finding]:
    if len(batch.titles) != len(COLUMNS):
        what = f"{len(batch.titles)} column titles instead of {len(COLUMNS)}"
        yield problem("datev-titles", 2, None, what, "Write all columns in their order.")
    for column, title in zip(COLUMNS, batch.titles, strict=False):
        if title != column.title:
            yield problem("datev-titles", 2, column, "another title stands here", "Keep the order of columns.", title)


def _row_findings(row: Row, batch: ReadBatch, money: frozenset[int]) -> Iterator[Finding]:
    yield from _field_findings(row.line, COLUMNS, row.cells)
    yield from _zero_findings(row)
    yield from _date_findings(row, batch)
    yield from _account_findings(row, batch)
    yield from _skonto_findings(row, batch, money)
    yield from _person_findings(row, batch)
    yield from _tax_key_findings(row, batch)
    yield from _company_findings(row)


def _field_findings(line: int, fields: tuple[Field, ...], cells: tuple[Cell, ...]) -> Iterator[Finding]:
    """Check number, quotes, presence and pattern of the values of a line."""
    if len(cells) != len(fields):
        what = f"{len(cells)} values instead of {len(fields)}"
        yield problem("datev-width", line, None, what, "Write every field, empty ones too.")
    for of_field, cell in zip(fields, cells, strict=False):
        if cell.quoted != of_field.is_text:
            what = "a number stands in quotation marks" if cell.quoted else "a text stands without quotation marks"
            yield problem("datev-quotes", line, of_field, what, "Quote every text and no number.", cell.text)
        if not cell.text:
            if of_field.required:
                yield problem("datev-required", line, of_field, "a required value is missing", "Fill it in.")
        elif not of_field.accepts(cell.text):
            yield problem(
                "datev-value", line, of_field, "the value is not allowed here", _advice(of_field), cell.text
            )


def _zero_findings(row: Row) -> Iterator[Finding]:
    for number in (1, 4, 5, 13):
        value = row.value(number)
        if value and not value.strip("0,"):
            column = COLUMNS[number - 1]
            yield problem("datev-zero", row.line, column, "the amount is zero", "Leave the line or value out.", value)


def _date_findings(row: Row, batch: ReadBatch) -> Iterator[Finding]:
    """Find the day of the period that TTMM means; the year is only in the header."""
    text = row.value(10)
    first, last = _day(batch.header_value(15)), _day(batch.header_value(16))
    if first is None or last is None or not COLUMNS[9].accepts(text) or not text:
        return
    days = (_day(f"{year}{text[2:]}{text[:2]}") for year in range(first.year, last.year + 1))
    if not any(day is not None and first <= day <= last for day in days):
        what = f"the day is not inside {first.isoformat()} to {last.isoformat()}"
        yield problem("datev-date", row.line, COLUMNS[9], what, "Book it in the file of its month.", text)


def _account_findings(row: Row, batch: ReadBatch) -> Iterator[Finding]:
    longest = batch.account_length + 1
    for number in (7, 8, 125):
        value = row.value(number)
        if value.isdecimal() and len(value) > longest:
            what = f"the account is longer than {longest} digits"
            yield problem("datev-account", row.line, COLUMNS[number - 1], what, "Check the account length.", value)
    if row.value(7) and row.value(7) == row.value(8):
        yield problem("datev-account", row.line, COLUMNS[7], "both accounts are the same", "Correct one of them.")


def _skonto_findings(row: Row, batch: ReadBatch, money: frozenset[int]) -> Iterator[Finding]:
    if row.value(13) and not is_payment(row, batch, money):
        what = "Skonto stands on a line that is no payment"
        yield problem("datev-skonto", row.line, COLUMNS[12], what, "Skonto belongs on the payment.", row.value(13))


def is_payment(row: Row, batch: ReadBatch, money: frozenset[int] = frozenset()) -> bool:
    """Whether a line moves money between an account that holds some and a person account."""
    sides = [_account_kind(row.value(number), batch, money) for number in (7, 8)]
    return sorted(sides) == ["money", "person"]


def _account_kind(value: str, batch: ReadBatch, money: frozenset[int]) -> str:
    if not value.isdecimal():
        return "none"
    account = int(value)
    if is_person_account(account, batch.account_length):
        return "person"
    ranges = _MONEY.get(batch.header_value(27), ())
    return "money" if account in money or any(_short(account, batch) in r for r in ranges) else "other"


def _person_findings(row: Row, batch: ReadBatch) -> Iterator[Finding]:
    """Find due dates, dunning interest and dunning fees where there is no person account to carry them."""
    if any(_account_kind(row.value(number), batch, frozenset()) == "person" for number in (7, 8)):
        return
    if row.value(117):
        yield problem("datev-person", row.line, COLUMNS[116], "a due date without a person account", "Leave it out.")
    if row.value(18) in _PERSON_ONLY_MATTERS:
        yield problem("datev-person", row.line, COLUMNS[17], "no person account to dun", "Book it on the debtor.")


def _tax_key_findings(row: Row, batch: ReadBatch) -> Iterator[Finding]:
    automatic = _AUTOMATIC.get(batch.header_value(27), frozenset())
    accounts = {_short(int(row.value(n)), batch) for n in (7, 8) if row.value(n).isdecimal()}
    if row.value(9) and row.value(9) != "40" and accounts & automatic:
        what = "a tax key on an account that computes the tax by itself"
        yield problem("datev-tax-key", row.line, COLUMNS[8], what, "Leave the key empty.", row.value(9))


def _company_findings(row: Row) -> Iterator[Finding]:
    """Check the values that are only allowed together."""
    filled = {number for number, cell in enumerate(row.cells, start=1) if cell.text}
    for group in _TOGETHER:
        if missing := group - filled if group & filled else frozenset():
            column = COLUMNS[min(group & filled) - 1]
            others = ", ".join(str(number) for number in sorted(missing))
            yield problem("datev-pair", row.line, column, f"field {others} is missing", "Fill all of them or none.")
    for number, needed in _NEEDS:
        if number in filled and needed not in filled:
            column = COLUMNS[number - 1]
            yield problem("datev-pair", row.line, column, f"field {needed} is missing", "Fill both or none.")


def _locking_findings(batch: ReadBatch) -> Iterator[Finding]:
    """One line with an empty or set Festschreibung locks the whole batch, whatever the header says."""
    if batch.header_value(21) != "0":
        return
    for row in batch.rows:
        if row.value(114) != "0":
            what = "this line would lock the whole batch (Festschreibung)"
            yield problem("datev-locking", row.line, COLUMNS[113], what, "Write 0 on every line.", row.value(114))


def _short(account: int, batch: ReadBatch) -> int:
    """Give the four-digit account of the chart that a longer G/L account was made from."""
    return int(str(account)[:4]) if len(str(account)) == batch.account_length else account


def _advice(of_field: Field) -> str:
    rule = f" ({of_field.rule})" if of_field.rule else ""
    return f"Write at most {of_field.length} characters of type {of_field.type.value}{rule}."


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None
    except ValueError:
        return None


def _a_year_later(start: date) -> date:
    """Give the first day of the next business year, one day later where the start is a leap day."""
    try:
        return start.replace(year=start.year + 1)
    except ValueError:
        return start.replace(year=start.year + 1, day=28) + timedelta(days=1)
