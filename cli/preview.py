"""The errand that looks first (Vorschau): into a statement or a list, at a letter or a mail; nothing is stored."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import CompanyOption, ConfigOption, JsonOption, Stop, companies_of, office_of, out, told, workplace
from cli.preview_list import show_list
from config.loading import ConfigError
from config.mappings import csv_mappings
from connectors.accounting.list_preview import ListPreview, looks_like_items, preview_list
from connectors.bank import formats_with
from connectors.bank.container import members
from connectors.bank.online_banking.csv_preview import Origin, Preview
from connectors.bank.online_banking.csv_preview import preview as look
from connectors.bank.reading import read_pieces
from export.file_name import safe_file_name
from ledger.errors import ConnectorError
from ledger.money import Money
from night.preview import preview as preview_letter
from night.report import A_PERSON_IS_NEEDED, COULD_NOT_FINISH, DONE, WRONG_USAGE
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.bank.container import Member
    from connectors.bank.online_banking.csv_mapping import Mapping
    from ledger.statement import Statement, StatementEntry

app = typer.Typer()

_SHOWN: Final = 10
_LETTERS: Final = {"letter": ".pdf", "mail": ".eml"}


@app.command()
def preview(
    file: Annotated[
        Path,
        typer.Argument(
            help="A statement file of any kind, an archive of them, an open-item list, or `letter` or `mail`."
        ),
    ],
    debtor: Annotated[str, typer.Argument(help="After `letter` or `mail`: the debtor number.")] = "",
    stage: Annotated[
        str, typer.Option("--stage", help="Of the letter: a stage, `statement`, `thank_you` or another text.")
    ] = "",
    output: Annotated[Path | None, typer.Option("--output", help="The file or folder it is laid into.")] = None,
    as_toml: Annotated[
        bool, typer.Option("--as-toml", help="Print the mapping of a CSV export, to correct and save.")
    ] = False,
    open_items: Annotated[
        bool, typer.Option("--open-items", help="It is an open-item list, even if it does not look like one.")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
) -> None:
    """Show how a statement or an open-item list would be read, or what a letter would say; nothing is stored."""
    if debtor:
        _preview_letter(str(file), debtor, stage, output, config, company, as_json=as_json)
        return
    readable = True
    with told():
        if as_json:
            raise Stop(
                "--json: only `preview letter` and `preview mail` print JSON; a file is shown as it is", WRONG_USAGE
            )
        mappings = _own_mappings(config)
        try:
            if (found := _open_item_list(file, mappings, is_one=open_items)) is not None:
                show_list(found, as_toml=as_toml)
                raise typer.Exit(DONE if found.is_readable else A_PERSON_IS_NEEDED)
            with members(file, file.name) as contents:
                for member in contents.members:
                    readable &= _show(member, mappings, as_toml=as_toml)
        except ConnectorError as error:
            raise Stop(str(error), COULD_NOT_FINISH) from None
    raise typer.Exit(DONE if readable else A_PERSON_IS_NEEDED)


def _preview_letter(
    what: str,
    debtor: str,
    stage: str,
    output: Path | None,
    config: Path | None,
    company: list[str] | None,
    *,
    as_json: bool,
) -> None:
    with told():
        if what not in _LETTERS:
            raise Stop(f"preview: {what!r} has no debtor; write `preview letter {debtor}`, or mail", WRONG_USAGE)
        office = office_of(config)
        companies = list(companies_of(office, company))
        if len(companies) != 1:
            raise Stop("several companies are configured: say which one with --company", WRONG_USAGE)
        ((one, engine),) = companies
        work = workplace(office, one, engine, None, watch=False)
        with reading(engine) as connection:
            written = preview_letter(connection, work, debtor, stage=stage)
        name = f"preview_{debtor}_{stage or 'first'}{_LETTERS[what]}"
        target = output or Path(safe_file_name(name))
        target = target / safe_file_name(name) if target.is_dir() else target
        target.write_bytes(written.pdf if what == "letter" else written.mail)
        if as_json:
            found = {"debtor_number": debtor, "subject": written.subject, "text": written.text, "file": str(target)}
            print(json.dumps(found, ensure_ascii=False, indent=2))
            return
        out.print(Text(f"{written.subject}\n{target}: nothing was recorded or sent."), soft_wrap=True)
        out.print(Text("Interest and costs are left out here; a run computes them.", style="dim"))


def _own_mappings(config: Path | None) -> tuple[Mapping, ...]:
    try:
        return csv_mappings(office_of(config))
    except ConfigError:  # a look at a file needs no office; its own mappings are used where there is one
        return ()


def _open_item_list(file: Path, mappings: Sequence[Mapping], *, is_one: bool) -> ListPreview | None:
    """Look at a table as an open-item list; None where it is none, or bank bookings by a mapping we have."""
    if is_one:
        return preview_list(file, {})
    if file.suffix.lower() not in {".csv", ".txt", ".tsv", ".xlsx"} or not file.is_file():
        return None
    origin = _origin_as_bookings(file, mappings)
    if origin in {Origin.GIVEN, Origin.KNOWN}:
        return None
    try:
        found = preview_list(file, {})
    except ConnectorError:
        return None  # no table either; whatever it is, it is told as a statement
    return found if looks_like_items(found, may_be_bookings=origin is not None) else None


def _origin_as_bookings(file: Path, mappings: Sequence[Mapping]) -> Origin | None:
    """Give by which mapping a table would be bank bookings; None where by none."""
    try:
        return look(file, mappings=mappings).origin
    except ConnectorError:
        return None


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
