"""The posting batch (EXTF Buchungsstapel): booked allocations in, files for the tax adviser out. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from export.datev import unclear
from export.datev.characters import windows_text
from export.datev.columns import COLUMNS, HEADER, LINES_PER_FILE
from export.datev.posting import Books, Reversal, Side, posting_lines
from ledger.finding import Finding, Severity
from ledger.money import minor_digits, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from export.datev.accounts import ChartOfAccounts
    from export.datev.columns import Field
    from export.datev.posting import PostingFact, PostingLine
    from ledger.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DatevSettings:
    """What the tax adviser tells about the company, once."""

    chart: ChartOfAccounts
    consultant_number: int | None = None  # Beraternummer, 1001 to 9999999
    client_number: int | None = None  # Mandantennummer, 1 to 99999
    fiscal_year_start_month: int = 1  # first month of the business year (Wirtschaftsjahr)
    label: str = "Zahlungen"  # Bezeichnung of the batch; the month is added
    initials: str = ""  # Diktatkürzel, two letters
    debtor_accounts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # by debtor number
    currency: str = "EUR"
    reversal: Reversal = Reversal.GENERALUMKEHR


@dataclass(frozen=True, slots=True, kw_only=True)
class DatevBatch:
    """One file: the bookings of one month of one business year. The sums count a Generalumkehr with a minus."""

    file_name: str
    number: int
    content: bytes  # Windows-1252, CRLF
    line_count: int  # postings, without header and titles
    sum_debit: Money  # Umsatz of all lines marked S
    sum_credit: Money  # Umsatz of all lines marked H
    first_day: date
    last_day: date
    facts: tuple[PostingFact, ...]  # what this file books, to be marked as exported


@dataclass(frozen=True, slots=True, kw_only=True)
class DatevExport:
    """All files of one export, and what waits: an entry is exported completely or not at all."""

    batches: tuple[DatevBatch, ...]
    unclear: tuple[PostingFact, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booking:
    """The facts of one entry (or of one reversal) with their lines; never torn apart."""

    facts: tuple[PostingFact, ...]
    lines: tuple[PostingLine, ...]


DEFAULT_CONSULTANT: Final = 1001
DEFAULT_CLIENT: Final = 1
_TEXT_COLUMNS: Final = frozenset(column.number for column in COLUMNS if column.is_text)
_EMPTY_ROW: Final = tuple('""' if column.is_text else "" for column in COLUMNS)
_NOT_IN_A_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9-]+")
_FIRST_INFO_COLUMN: Final = 21  # Beleginfo - Art 1


def datev_batches(
    company: str,
    facts: Iterable[PostingFact],
    settings: DatevSettings,
    *,
    created_at: datetime,
    first_batch_number: int = 1,
) -> DatevExport:
    """Write the booked allocations as batches, one file per month of a business year.

    Only what is beyond doubt is written: an entry with an unknown account, a foreign currency or an ambiguous number
    goes to ``unclear`` with a finding. The order of the facts decides nothing but the order of lines inside an entry.
    """
    entries = _by_entry(facts)
    mistakes = tuple(_header_mistakes(settings, created_at))
    if mistakes:
        return DatevExport(batches=(), unclear=tuple(f for entry in entries for f in entry), findings=mistakes)
    bookings, waiting, findings = _booked(entries, settings)
    periods = _by_month(bookings)
    batches = tuple(
        _batch(company, month, chunk, settings, created_at, number)
        for number, (month, chunk) in enumerate(periods, start=first_batch_number)
    )
    notes = tuple(_default_notes(settings)) if batches else ()
    return DatevExport(batches=batches, unclear=waiting, findings=(*notes, *findings))


def fiscal_year_start(day: date, first_month: int) -> date:
    """Give the first day of the business year (WJ-Beginn) that a day belongs to."""
    return date(day.year if day.month >= first_month else day.year - 1, first_month, 1)


def _by_entry(facts: Iterable[PostingFact]) -> list[tuple[PostingFact, ...]]:
    gathered: defaultdict[tuple[date, str, bool, str], list[PostingFact]] = defaultdict(list)
    for fact in facts:
        gathered[fact.booking_date, fact.entry_id, fact.is_reversal, fact.account].append(fact)
    return [tuple(gathered[key]) for key in sorted(gathered)]


def _booked(
    entries: Sequence[tuple[PostingFact, ...]], settings: DatevSettings
) -> tuple[list[_Booking], tuple[PostingFact, ...], tuple[Finding, ...]]:
    chart = settings.chart
    accounts = unclear.debtor_accounts((f for e in entries for f in e), chart, settings.debtor_accounts)
    fields = unclear.document_fields((f for e in entries for f in e), accounts)
    books = Books(
        chart=chart,
        debtor_accounts={number: a for number, a in accounts.items() if isinstance(a, int)},
        document_fields={number: text for number, text in fields.items() if isinstance(text, str)},
        reversal=settings.reversal,
    )
    bookings: list[_Booking] = []
    waiting: list[PostingFact] = []
    findings = dict.fromkeys(unclear.rewritten_numbers(fields))
    findings |= dict.fromkeys(unclear.rates_left_to_datev((f for e in entries for f in e), chart))
    for entry in entries:
        if problems := unclear.problems(entry, chart, settings.currency, accounts, fields):
            findings |= dict.fromkeys(problems)
            waiting.extend(entry)
        else:
            bookings.append(_Booking(facts=entry, lines=posting_lines(entry, books)))
    return bookings, tuple(waiting), tuple(findings)


def _by_month(bookings: Iterable[_Booking]) -> Iterator[tuple[date, list[_Booking]]]:
    """Give the bookings month by month, and a month in as many files as DATEV's limit of lines asks for."""
    months: defaultdict[date, list[_Booking]] = defaultdict(list)
    for booking in bookings:
        months[booking.facts[0].booking_date.replace(day=1)].append(booking)
    for month, of_month in sorted(months.items()):
        chunk: list[_Booking] = []
        lines = 0
        for booking in of_month:
            if chunk and lines + len(booking.lines) > LINES_PER_FILE:
                yield month, chunk
                chunk, lines = [], 0
            chunk.append(booking)
            lines += len(booking.lines)
        if lines:
            yield month, chunk


def _batch(
    company: str,
    month: date,
    bookings: Sequence[_Booking],
    settings: DatevSettings,
    created_at: datetime,
    number: int,
) -> DatevBatch:
    lines = [line for booking in bookings for line in booking.lines]
    last_day = month.replace(day=monthrange(month.year, month.month)[1])
    header = _header(settings, created_at, month, last_day)
    titles = ";".join(column.title for column in COLUMNS)
    text = "\r\n".join((_written_header(header), titles, *(_written_line(line) for line in lines), ""))
    return DatevBatch(
        file_name=f"EXTF_Buchungsstapel_{_file_name_part(company)}_{month:%Y%m}_{number:04d}.csv",
        number=number,
        content=text.encode("cp1252"),
        line_count=len(lines),
        sum_debit=_sum(lines, Side.DEBIT, settings.currency),
        sum_credit=_sum(lines, Side.CREDIT, settings.currency),
        first_day=month,
        last_day=last_day,
        facts=tuple(fact for booking in bookings for fact in booking.facts),
    )


def _header(settings: DatevSettings, created_at: datetime, first_day: date, last_day: date) -> dict[int, str]:
    start = fiscal_year_start(first_day, settings.fiscal_year_start_month)
    return {
        1: "EXTF",
        2: "700",
        3: "21",
        4: "Buchungsstapel",
        5: "13",
        6: f"{created_at:%Y%m%d%H%M%S}{created_at.microsecond // 1000:03d}",
        8: "RE",  # DATEV writes its own origin over it
        9: "Kontorist",
        11: str(DEFAULT_CONSULTANT if settings.consultant_number is None else settings.consultant_number),
        12: str(DEFAULT_CLIENT if settings.client_number is None else settings.client_number),
        13: f"{start:%Y%m%d}",
        14: str(settings.chart.length),
        15: f"{first_day:%Y%m%d}",
        16: f"{last_day:%Y%m%d}",
        17: windows_text(f"{windows_text(settings.label, 22)} {first_day:%m.%Y}", 30),
        18: settings.initials.upper(),
        19: "1",  # Finanzbuchführung
        20: "0",
        21: "0",  # Festschreibung: locking is the adviser's decision; a missing value would lock
        22: settings.currency,
        27: settings.chart.framework,
        31: "Kontorist",
    }


def _header_mistakes(settings: DatevSettings, created_at: datetime) -> Iterator[Finding]:
    """Check the settings against the header's own rules, before anything is written with them."""
    day = created_at.date().replace(day=1)
    header = _header(settings, created_at, day, day)
    for header_field in HEADER:
        value = header.get(header_field.number, "")
        if not header_field.accepts(value):
            yield Finding(
                code="datev-header",
                place=f"DATEV settings, {header_field.title}",
                what=f"{value!r} is not allowed in the header of a batch",
                what_to_do="Correct the setting; the tax adviser knows the value. Nothing was exported.",
                severity=Severity.ERROR,
                excerpt=value,
            )


def _default_notes(settings: DatevSettings) -> Iterator[Finding]:
    for missing, name, default in (
        (settings.consultant_number is None, "Beraternummer", DEFAULT_CONSULTANT),
        (settings.client_number is None, "Mandantennummer", DEFAULT_CLIENT),
    ):
        if missing:
            yield Finding(
                code="datev-default-number",
                place=f"DATEV settings, {name}",
                what=f"the {name} is not configured; the batch says {default}",
                what_to_do="Ask the tax adviser for the number and configure it; DATEV asks on import otherwise.",
                severity=Severity.NOTE,
            )


def _written_header(header: Mapping[int, str]) -> str:
    return ";".join(_written(header_field, header.get(header_field.number, "")) for header_field in HEADER)


def _written_line(line: PostingLine) -> str:
    values = {
        1: _amount(line.amount),
        2: line.side.value,
        7: str(line.account),
        8: str(line.contra_account),
        10: f"{line.document_date:%d%m}",
        11: line.document_field,
        14: line.text,
        114: "0",  # Festschreibung: an empty field would lock
    }
    if line.skonto is not None:
        values[13] = _amount(line.skonto)
    if line.skonto is not None and line.skonto_account is not None:
        values[125] = str(line.skonto_account)
    if line.matter is not None:
        values[18] = str(line.matter)
    if line.is_reversal:
        values[118] = "1"
    for n, (kind, content) in enumerate(line.info):
        values |= {_FIRST_INFO_COLUMN + 2 * n: kind, _FIRST_INFO_COLUMN + 2 * n + 1: content}
    row = list(_EMPTY_ROW)
    for number, value in values.items():
        row[number - 1] = _quoted(value) if number in _TEXT_COLUMNS else value
    return ";".join(row)


def _written(of_field: Field, value: str) -> str:
    return _quoted(value) if of_field.is_text else value


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _amount(amount: Money) -> str:
    """Write 1234,56: decimal comma, no thousands mark."""
    assert minor_digits(amount.currency) == 2, amount
    return f"{amount.decimal():.2f}".replace(".", ",")


def _sum(lines: Iterable[PostingLine], side: Side, currency: str) -> Money:
    return total((-line.amount if line.is_reversal else line.amount for line in lines if line.side is side), currency)


def _file_name_part(company: str) -> str:
    return _NOT_IN_A_FILE_NAME.sub("-", company).strip("-") or "company"
