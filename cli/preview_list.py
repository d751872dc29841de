"""How an open-item list is shown before it is relied on (Vorschau einer OP-Liste)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cli.asked import out
from connectors.accounting.column_guess import Sureness

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.accounting.list_preview import ListPreview
    from ledger.open_item import OpenItem


def show_list(found: ListPreview, *, as_toml: bool) -> None:
    """Show the columns, how sure each is, and the first items; or print only the line for the configuration."""
    if as_toml:
        print(found.as_toml())
        return
    out.print(Text(f"{found.file}: an open-item list, names of columns in line {found.header_line}"))
    _show_columns(found)
    _show_items(found.items)
    for line in (*found.problems, *found.remarks):
        out.print(Text(line, style="yellow"), soft_wrap=True)
    if found.is_understood:
        out.print(Text("The names of the columns are understood: no setting is needed."))
    else:
        out.print(Text("Guessed, and never read so by itself. Look at it, and put this into the [[company.source]]:"))
        out.print(Text(found.as_toml()), soft_wrap=True)


def _show_columns(found: ListPreview) -> None:
    ours = {header: one for one in reversed(found.guesses) for header in one.candidates}
    table = Table("column of the file", "for example", "what it is to us", "how sure", box=None, padding=(0, 1))
    for header, example in zip(found.header, found.examples, strict=True):
        one = ours.get(header)
        if one is None:
            cells = (header, example, "not used", "")
        else:
            guessed = one.sureness not in {Sureness.BY_NAME, Sureness.MISSING}
            cells = (header, example, one.ours, f"{one.sureness.value} ({one.percent} %)" if guessed else "by name")
        table.add_row(*(Text(cell, style="" if one else "dim") for cell in cells))
    out.print(table)


def _show_items(items: Iterable[OpenItem]) -> None:
    table = Table(box=None, padding=(0, 1))
    for heading in ("document", "kind", "debtor", "of", "due", "amount", "open"):
        table.add_column(heading, justify="right" if heading in {"amount", "open"} else "left")
    for item in items:
        days = (str(item.document_date), str(item.due_date))
        cells = (item.document_number, item.kind.value, item.debtor_number, *days, str(item.amount))
        table.add_row(*(Text(cell) for cell in (*cells, str(item.open_amount))))
    if table.row_count:
        out.print(table)
