"""CSV exports of online banking as statements (Umsätze als CSV): surveyed by their mapping, then read in pieces."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.bank.format import PIECE_ENTRIES, Piece, unreadable
from connectors.bank.online_banking.csv_booking import booking_of
from connectors.bank.online_banking.csv_entry import entry_of
from connectors.bank.online_banking.csv_evidence import with_evidence
from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_layout import lay_out
from connectors.bank.online_banking.csv_survey import group_of, proven_of, survey_of
from connectors.bank.online_banking.csv_table import header_in, normalised, open_table, rows
from ledger.finding import Finding, Severity
from ledger.money import Money
from ledger.statement import EntryStatus, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from connectors.bank.online_banking.csv_balance import Proven
    from connectors.bank.online_banking.csv_layout import Layout
    from connectors.bank.online_banking.csv_mapping import Mapping
    from connectors.bank.online_banking.csv_survey import Group, Survey
    from connectors.bank.online_banking.csv_table import Table
    from ledger.statement import StatementEntry


def looks_like(head: bytes, mappings: Sequence[Mapping] = ()) -> bool:
    """Whether these first bytes hold the column names of a known export, or of one of the user's ``mappings``."""
    candidates = (*mappings, *known_mappings())

    def fits(names: tuple[str, ...]) -> bool | None:
        header = {normalised(name) for name in names}
        return True if any(mapping.fits(header) for mapping in candidates) else None

    return header_in(head, fits) or False


def pieces(path: Path, place: str, mappings: Sequence[Mapping] = ()) -> Iterator[Piece]:
    """Read an export by the mapping that fits it best, the user's ``mappings`` before the known ones."""

    def fits(names: tuple[str, ...]) -> Mapping | None:
        return choose(names, path.name, place, mappings)

    yield from _pieces(*open_table(path, place, fits, "no line has the column names of an export we know"))


def pieces_with(mapping: Mapping, path: Path, place: str) -> Iterator[Piece]:
    """Read an export by this mapping and no other; raise Unreadable where its columns are not there."""

    def fits(names: tuple[str, ...]) -> Mapping | None:
        return mapping if mapping.fits({normalised(name) for name in names}) else None

    wanted = ", ".join(mapping.recognised_by)
    yield from _pieces(*open_table(path, place, fits, f"no line has all columns of {mapping.name} ({wanted})"))


def choose(names: Sequence[str], file: str, place: str, mappings: Sequence[Mapping]) -> Mapping | None:
    """Choose the mapping for these column names; raise Unreadable where two fit equally well.

    One that names the file goes before one that does not, then the one that recognises more columns.
    """
    header = {normalised(name) for name in names}
    for candidates in (mappings, known_mappings()):
        fitting = [one for one in candidates if one.fits_file(file) and one.fits(header)]
        ranked = sorted(fitting, key=_rank, reverse=True)
        if len(ranked) > 1 and _rank(ranked[0]) == _rank(ranked[1]):
            raise unreadable(
                place,
                f"the mappings {ranked[0].name} and {ranked[1].name} fit this file equally well",
                what_to_do="Say with `file_name` which files each of them is for, or rename the file.",
            )
        if ranked:
            return ranked[0]
    return None


def _rank(mapping: Mapping) -> tuple[bool, int]:
    return bool(mapping.file_name), len(mapping.recognised_by)


def _pieces(table: Table, mapping: Mapping) -> Iterator[Piece]:
    layout = with_evidence(lay_out(mapping, table.header, table.place), table)
    survey = survey_of(layout, table)
    for number, group in enumerate(survey.groups.values()):
        proven = proven_of(group, survey, layout)
        statement, findings = _header(group, survey, layout, proven)
        entries: list[StatementEntry] = []
        for entry in _entries(group, proven, survey, layout, table, findings):
            if len(entries) == PIECE_ENTRIES:
                yield Piece(
                    number, replace(statement, entries=tuple(entries)), is_last=False, findings=tuple(findings)
                )
                entries.clear()
                findings.clear()
            entries.append(entry)
        yield Piece(number, replace(statement, entries=tuple(entries)), is_last=True, findings=tuple(findings))


def _header(group: Group, survey: Survey, layout: Layout, proven: Proven | None) -> tuple[Statement, list[Finding]]:
    """Give the statement without its entries, and what has to be said about it."""
    last_day = _last_day(group, proven)
    first = min(day for day in (group.first_day, survey.covers_from) if day) if group.first_day else None
    statement = Statement(
        account=group.account,
        currency=group.currency,
        opening=Money(proven.opening, group.currency) if proven else None,
        closing=Money(proven.closing, group.currency) if proven else None,
        closing_date=last_day,
        period_from=first,
        period_to=last_day,
        format=f"CSV {layout.mapping.name}",
        place=f"{layout.place}:{layout.header.line}",
    )
    findings = [] if proven else [_unchecked(group, statement)]
    if group.without_day:
        findings.append(_without_day(group, statement))
    return statement, findings


def _last_day(group: Group, proven: Proven | None) -> date | None:
    """Give the last day on which something was booked.

    The end of the period, as banks write it, is no proof: people choose periods that end in the future.
    """
    moved = proven.moved.values() if proven else ()
    return max((day for day in (group.last_day, *moved) if day), default=None)


def _unchecked(group: Group, statement: Statement) -> Finding:
    if 0 < group.without_balance < group.booked:
        what = f"{group.without_balance} of {group.booked} bookings have no balance after them"
    elif group.booked and not group.without_balance:
        what = "the balances fit from the first row down as well as from the last one up"
    else:
        what = "the export has no balances"
    return Finding(
        code="statement_unchecked",
        place=statement.place,
        what=f"{what}, so nothing proves that it is complete",
        what_to_do="Compare the balance with online banking, or fetch CAMT.053 or MT940 from the bank.",
    )


def _without_day(group: Group, statement: Statement) -> Finding:
    return Finding(
        code="pending_without_day",
        severity=Severity.NOTE,
        place=statement.place,
        what=f"{group.without_day} announced bookings have no booking day yet and were left out",
        what_to_do="Nothing: they come again when they are booked.",
    )


def _entries(
    group: Group,
    proven: Proven | None,
    survey: Survey,
    layout: Layout,
    table: Table,
    findings: list[Finding],
) -> Iterator[StatementEntry]:
    """Read the rows of one statement in the order of the file; raise Unreadable if they are not what was surveyed."""
    moved = proven.moved if proven else {}
    number, sum_minor = 0, 0
    for row in rows(table, quotes=layout.mapping.quotes):
        booking = booking_of(row, layout)
        if booking is None or booking.day is None or group_of(booking, survey, layout) is not group:
            continue
        number += 1
        is_booked = not booking.is_open or booking.line in moved
        status = EntryStatus.BOOKED if is_booked else EntryStatus.PENDING
        sum_minor += booking.minor if is_booked else 0
        yield entry_of(booking, layout, account=group.account, number=number, status=status, findings=findings)
    if sum_minor != (proven.closing - proven.opening if proven else group.movement):
        raise unreadable(
            f"{layout.place}:{layout.header.line}",
            "the file has changed while it was read",
            what_to_do="Put it into the inbox again, once whatever writes it has finished.",
        )
