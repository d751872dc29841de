"""The errands about single entries and files: explaining an entry, and taking a file back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    JsonOption,
    WhoOption,
    asked,
    companies_of,
    day_of,
    decide,
    office_of,
    out,
    told,
)
from ledger.errors import Refused
from night.explained import explain_entry, explain_item
from review.files import take_back
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from config.settings import Company
    from storage.database import Connection

app = typer.Typer()
explain_app = typer.Typer(help="Why something is as it is.")


@app.command("take-back")
def take_back_file(
    file: Annotated[str, typer.Argument(help="The file's name as it came, or the beginning of its hash.")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Take an imported file out of the books, with everything that was decided on it; it can be read again."""
    decide(config, company, who, lambda c, i, a: _told_as_sentence(take_back(c, i, a, file, reason)))


@explain_app.command("entry")
def explain(
    entry_id: Annotated[str, typer.Argument(help="The entry, or the beginning of its identity.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the bank said and where it stands, in which form it is booked, and what was made of it."""
    _explain(config, company, as_json, lambda c, one: explain_entry(c, one, entry_id, day_of(None)), _show)


@explain_app.command("item")
def explain_open_item(
    number: Annotated[str, typer.Argument(help="The document number, written in any way.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    entry: Annotated[str, typer.Option(help="Ask about this one payment: why (not)?")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show what settled an open item, which payments may, and why others do not."""
    _explain(config, company, as_json, lambda c, one: explain_item(c, one, number, day_of(None), entry), _show_item)


def _explain(
    config: Path | None,
    company: list[str] | None,
    as_json: bool,
    explained_by: Callable[[Connection, Company], Mapping[str, Any]],
    show: Callable[[Mapping[str, Any]], None],
) -> None:
    """Ask every company that was meant; it is enough that one of them knows what is asked about."""
    with told():
        found, missing = [], []
        for one, engine in companies_of(office_of(config), company):
            with reading(engine) as connection:
                try:
                    found.append(explained_by(connection, one))
                except Refused as error:
                    missing.append(error)
        if not found:
            raise missing[0]
        for explained in found:
            if as_json or asked.as_json:
                print(json.dumps(explained, ensure_ascii=False, indent=2))
            else:
                show(explained)


def _show_item(explained: Mapping[str, Any]) -> None:
    title = f"{explained['document_number']}  {explained['debtor']}"
    out.print(Text(title, style="bold"))
    _rows("the document", [(name, explained[name]) for name in ("amount", "open", "due")])
    _rows(
        "settled by",
        [
            (one["entry_id"][:12], f"{one['kind']} {one['amount']}" + (", taken back" if one["takes_back"] else ""))
            for one in explained["settled_by"]
        ],
    )
    for one in explained["payments"]:
        said = f"{one['booked_on']}  {one['amount']}  {one['payer']}"
        _rows(
            f"{said}  ({one['entry_id'][:12]}): {one['probability']:.1%}",
            [("text", one["text"]), *_numbered(one["why"])],
        )
    if explained["more_payments"]:
        out.print(f"and {explained['more_payments']} more payments that are less likely")
    if not explained["payments"]:
        out.print("no undecided payment points to this document or its debtor")


def _told_as_sentence(taken: object) -> None:
    out.print(Text(str(taken)), soft_wrap=True)


def _show(explained: Mapping[str, Any]) -> None:
    out.print(Text(f"{explained['entry_id']}  {explained['status']}", style="bold"))
    _rows("what the bank said", explained["said"].items())
    _rows(
        "where it stands",
        [
            (one["received_on"], f"{one['place']}  ({one['format']}, statement {one['statement']}, {one['says']})")
            for one in explained["delivered"]
        ],
    )
    if explained["batch"]:
        _rows("total and payments", [(name, _listed(value)) for name, value in explained["batch"].items()])
    _rows(f"what we made of it: {explained['state'] or 'no night has looked at it'}", _numbered(explained["reasons"]))
    for number, proposal in enumerate(explained["proposals"], start=1):
        title = f"proposal {number}, {proposal['probability']:.1%}: {'; '.join(proposal['allocations'])}"
        told_once = dict.fromkeys([*(clue["says"] for clue in proposal["clues"]), *proposal["reasons"]])
        _rows(title, _numbered([line for line in told_once if line not in explained["reasons"]]))
        _rows("  what that weighs", [(f"{one['log_odds']:+.2f}", one["argument"]) for one in proposal["weights"]])
    _rows(
        "it would be booked without a person if",
        [("or" if at else "", line) for at, line in enumerate(explained["would_be_booked_if"])],
    )
    if explained["would_be_booked_if"] or explained["proposals"]:
        _rows("what a booking without a person needs", _thresholds(explained["needed"]))
    _rows(
        "what was decided",
        [
            (
                one["allocation_id"],
                f"{one['document_number'] or one['debtor_number']} {one['kind']} {one['amount']}"
                + (f", takes back {one['takes_back']}" if one["takes_back"] else ""),
            )
            for one in explained["decided"]
        ],
    )


def _thresholds(needed: Mapping[str, float | None]) -> list[tuple[str, str]]:
    return [(name, f"{value:.2%}" if value is not None else "never") for name, value in needed.items()]


def _rows(title: str, rows: Sequence[tuple[str, str]] | Any) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(f"  {name.replace('_', ' ')}", style="dim"), Text(value))
    if table.row_count or title.startswith("proposal"):
        out.print(Text(title, style="bold"))
    if table.row_count:
        out.print(table)


def _numbered(lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"{number}.", line) for number, line in enumerate(lines, start=1)]


def _listed(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
