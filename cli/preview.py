"""The errand that looks into a statement file before anybody relies on it (Vorschau); it stores nothing."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import ConfigOption, Stop, office_of, out, told
from config.loading import ConfigError
from config.mappings import csv_mappings
from connectors.bank import formats_with
from connectors.bank.container import members
from connectors.bank.online_banking.csv_preview import Preview
from connectors.bank.online_banking.csv_preview import preview as look
from connectors.bank.reading import read_pieces
from ledger.errors import ConnectorError
from ledger.money import Money
from night.report import A_PERSON_IS_NEEDED, COULD_NOT_FINISH, DONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.bank.container import Member
    from connectors.bank.online_banking.csv_mapping import Mapping
    from ledger.statement import Statement, StatementEntry

app = typer.Typer()

_SHOWN: Final = 10


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A statement file of any kind, or an archive of them.")],
    as_toml: Annotated[
        bool, typer.Option("--as-toml", help="Print the mapping of a CSV export, to correct and save.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Show how a statement file would be read, without storing anything; a CSV export with its mapping."""
    readable = True
    with told():
        mappings = _own_mappings(config)
        try:
            with members(file, file.name) as contents:
                for member in contents.members:
                    readable &= _show(member, mappings, as_toml=as_toml)
        except ConnectorError as error:
            raise Stop(str(error), COULD_NOT_FINISH) from None
    raise typer.Exit(DONE if readable else A_PERSON_IS_NEEDED)


def _own_mappings(config: Path | None) -> tuple[Mapping, ...]:
    try:
        return csv_mappings(office_of(config))
    except ConfigError:  # a look at a file needs no office; its own mappings are used where there is one
        return ()


def _show(member: Member, mappings: Sequence[Mapping], *, as_toml: bool) -> bool:
    if member.path.suffix.lower() in {".csv", ".txt", ".tsv"} or as_toml:
        try:
            found = look(member.path, mappings=mappings)
        except ConnectorError:
            pass  # no table; whatever else it is, it is shown as that
        else:
            if as_toml:
                print(found.as_toml())
            else:
                _show_table(found)
            return found.is_readable
    return _show_statements(member, mappings)


def _show_table(found: Preview) -> None:
    out.print(
        Text(
            f"{found.file}: {found.mapping.name} ({found.origin.value}), names of columns in line {found.header_line}"
        )
    )
    columns = Table("column of the file", "what it is to us", box=None, padding=(0, 1))
    for name, ours in found.columns:
        columns.add_row(Text(name), Text(ours or "not used", style="" if ours else "dim"))
    out.print(columns)
    for one in found.statements:
        proof = "proven by balances" if one.is_proven else "nothing proves that it is complete"
        out.print(
            Text(
                f"{one.account} {one.currency}: {one.booked} booked, {one.pending} announced, in {one.money_in}, "
                f"out {one.money_out}, {one.first_day} to {one.last_day}; {proof}"
            )
        )
    _show_entries(found.entries)
    for line in (*found.problems, *found.remarks):
        out.print(Text(line, style="yellow"), soft_wrap=True)
    if not found.is_readable or found.origin.value == "guessed":
        out.print(
            Text("Print the mapping with --as-toml, correct it, and save it in csv-mappings/ beside kontorist.toml.")
        )


def _show_statements(member: Member, mappings: Sequence[Mapping]) -> bool:
    bookings: list[StatementEntry] = []
    counted, moved = 0, 0
    try:
        for piece in read_pieces(member.path, place=member.name, formats=formats_with(mappings)):
            entries = piece.statement.entries
            bookings += islice(entries, _SHOWN - len(bookings))
            counted, moved = counted + len(entries), moved + sum(entry.amount.minor for entry in entries)
            for finding in piece.findings:
                out.print(Text(str(finding), style="yellow"), soft_wrap=True)
            if piece.is_last:
                _show_statement(piece.statement, counted, Money(moved, piece.statement.currency or "EUR"))
                _show_entries(bookings)
                bookings, counted, moved = [], 0, 0
    except ConnectorError as error:
        out.print(Text(str(error), style="red"), soft_wrap=True)
        return False
    return True


def _show_statement(statement: Statement, payments: int, moved: Money) -> None:
    books = "booked" if statement.is_binding else "announced"
    balances = f"{statement.opening} + {moved} = {statement.closing}" if statement.opening else f"moves {moved}"
    days = " to ".join(str(day) for day in (statement.opening_date, statement.closing_date) if day)
    out.print(
        Text(
            f"{statement.place}: {statement.format}, account {statement.account}, statement {statement.number}, "
            f"{days}\n  {payments} payments {books}: {balances}"
        ),
        soft_wrap=True,
    )


def _show_entries(entries: Iterable[StatementEntry]) -> None:
    table = Table(box=None, padding=(0, 1))
    for heading in ("booked", "amount", "payer", "text"):
        table.add_column(
            heading, justify="right" if heading == "amount" else "left", overflow="ellipsis", no_wrap=True
        )
    for entry in entries:
        cells: tuple[Any, ...] = (entry.booking_date, entry.amount, entry.payer_name, entry.remittance)
        table.add_row(*(Text(str(cell)) for cell in cells))
    if table.row_count:
        out.print(table)
