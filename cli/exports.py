"""The errands that write files: exports for other programs, and an invented company to try the house with."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    Stop,
    companies_of,
    date_of,
    day_of,
    office_of,
    out,
    told,
)
from config.loading import Office
from demo.company import write_demo
from export.tables.matches import MATCHES
from export.tables.notices import NOTICES
from export.tables.open_items import OPEN_ITEMS
from export.tables.table import write_csv, write_jsonl
from night.exports import match_rows, notice_rows, open_item_rows
from night.report import WRONG_USAGE
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

app = typer.Typer()


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


class ExportKind(StrEnum):
    """What can be exported."""

    MATCHES = "matches"
    NOTICES = "notices"
    OPEN_ITEMS = "open-items"


@app.command()
def export(
    kind: Annotated[ExportKind, typer.Argument(help="What to export.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.JSONL,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")] = None,
    run_date: Annotated[str | None, typer.Option("--run-date", help="Only notices of this run.")] = None,
) -> None:
    """Write matches, notices or open items as JSONL or CSV."""
    with told():
        office = office_of(config)
        today = day_of(as_of)
        wanted = date_of(run_date, "--run-date") if run_date else None
        rows = list(_rows(office, company, kind, today, wanted))
        table = {ExportKind.MATCHES: MATCHES, ExportKind.NOTICES: NOTICES, ExportKind.OPEN_ITEMS: OPEN_ITEMS}[kind]
        if output is not None:
            encoding = "utf-8-sig" if form is Format.CSV else "utf-8"
            with output.open("w", encoding=encoding, newline="") as file:
                write_csv(rows, file, table) if form is Format.CSV else write_jsonl(rows, file)
        elif form is Format.CSV:
            write_csv(rows, sys.stdout, table)
        else:
            write_jsonl(rows, sys.stdout)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    seed: Annotated[int, typer.Option(help="Another seed is another company.")] = 2026,
) -> None:
    """Write a believable invented company: debtors, open items and three months of statements."""
    with told():
        if folder.exists() and any(folder.iterdir()):
            raise Stop(f"{folder}: the folder is not empty; name a new one, nothing was written", WRONG_USAGE)
        summary = write_demo(folder, seed=seed)
    out.print(
        Text(
            f"{folder}: {summary.company}, {summary.debtors} debtors, {summary.items} open items, {summary.payments} "
            f"payments on {summary.statements} statements from {summary.first_day} to {summary.last_day}"
        )
    )
    next_day = summary.last_day + timedelta(days=1)
    out.print(Text(f"Now: run_sync.py night --config {folder / 'kontorist.toml'} --as-of {next_day}"))


def _rows(
    office: Office, company: list[str] | None, kind: ExportKind, today: date, run_date: date | None
) -> Iterator[Mapping[str, Any]]:
    for one, engine in companies_of(office, company):
        with reading(engine) as connection:
            match kind:
                case ExportKind.MATCHES:
                    yield from match_rows(connection, one.id)
                case ExportKind.NOTICES:
                    yield from notice_rows(connection, one, run_date)
                case ExportKind.OPEN_ITEMS:
                    yield from open_item_rows(connection, one.id, today)
