"""The report on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from night.report_text import headline, sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from night.report_text import Section

_COLOURS = {0: "green", 1: "yellow", 3: "red"}


def show_report(console: Console, report: Mapping[str, Any], *, output: str, config: str) -> None:
    """Print a report the way a person reads it in the morning, and say where to go from there."""
    colour = _COLOURS[report["exit_code"]]
    title = Text.assemble((str(report["name"]), "bold"), f"  night of {report['run_date']}")
    console.print(Panel(Text(headline(report), style=colour), title=title, title_align="left", border_style=colour))
    for section in sections(report, most_rows=12):
        console.print(_rendered(section))
    if not report["rehearsal"]:
        console.print(Text.assemble(("Letters, mails and batches: ", "bold"), output))
        console.print(Text.assemble(("What waits for you: ", "bold"), f"run_sync.py review --config {config}"))


def _rendered(section: Section) -> Group:
    parts: list[Any] = [
        Text(section.title, style="bold red" if section.alarming else "bold cyan"),
        Padding(Text(section.says), (0, 2)),
    ]
    if section.rows:
        table = Table(box=None, show_header=True, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
        for header in section.headers:
            table.add_column(header, justify="right" if header in {"amount", "total", "lines"} else "left")
        for row in section.rows:
            table.add_row(*(Text(cell) for cell in row))
        parts.append(Padding(table, (0, 4)))
    if section.left_out:
        parts.append(Padding(Text(f"and {section.left_out} more (--json shows all)", style="dim"), (0, 4)))
    parts.append(Text(""))
    return Group(*parts)
