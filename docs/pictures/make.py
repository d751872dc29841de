#!/usr/bin/env python3
"""Make the pictures of the documentation (Bilder) from a real night of the demo company.

Run from the root of the project: ``.venv/bin/python docs/pictures/make.py``.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pypdfium2
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.terminal_theme import MONOKAI
from rich.text import Text

PROJECT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from night.report_text import headline, sections  # noqa: E402 - the project is no package to be installed
from night.statements_screen import show_overview  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from night.report_text import Section

PICTURES: Final = Path(__file__).parent
_RUN_DATE: Final = "2026-07-01"
_WIDTH: Final = 110  # columns
_MOST_ROWS: Final = 3  # of debtors, entries and findings; the terminal shows more
_MOST_FIGURES: Final = 6  # of short tables
_LONGEST_CELL: Final = 48
_LETTER_WIDTH: Final = 700  # pixels
_GREYS: Final = 24

# The frame of the picture. Fonts come from the reader's machine: a picture must not call anybody.
_SVG: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Consolas, Menlo, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Write the demo, walk its night, and take the pictures; then hide a statement and look at the calendar."""
    with tempfile.TemporaryDirectory() as folder:
        company = Path(folder) / "demo"
        _run("demo", str(company))
        report = json.loads(
            _run("night", "--json", "--as-of", _RUN_DATE, "--config", str(company / "kontorist.toml"))
        )
        (PICTURES / "night.svg").write_text(_terminal(report), encoding="utf-8")
        letters = sorted((company / "output").glob("*/letters/*.pdf"))
        letter = next(pdf for pdf in letters if len(pypdfium2.PdfDocument(pdf)) == 1)
        (PICTURES / "letter.png").write_bytes(_first_page(letter))
        config = ("--config", str(company / "kontorist.toml"))
        _run("take-back", "2026-05-20_camt053.xml", "--reason", "for the picture", "--who", "nobody", *config)
        overview = json.loads(_run("statements", "--json", "--as-of", _RUN_DATE, "--months", "3", *config))
        (PICTURES / "statements.svg").write_text(_calendar(overview[0]), encoding="utf-8")


def _run(*arguments: str) -> bytes:
    done = subprocess.run(  # noqa: S603 - our own program with arguments of this file
        [sys.executable, "run_sync.py", *arguments], cwd=PROJECT, stdout=subprocess.PIPE, check=False
    )
    assert done.returncode in {0, 1}, arguments
    return done.stdout


def _calendar(overview: Mapping[str, Any]) -> str:
    """Draw the calendar of the first account."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    show_overview(console, {**overview, "accounts": overview["accounts"][:1]}, most_rows=_MOST_ROWS)
    return console.export_svg(
        title="run_sync.py statements", theme=MONOKAI, code_format=_SVG, font_aspect_ratio=0.6, unique_id="statements"
    )


def _terminal(report: Mapping[str, Any]) -> str:
    """Draw the report as it stands on a terminal, with fewer rows and cut cells, so that it fits on a page."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    title = Text.assemble((str(report["name"]), "bold"), f"  night of {report['run_date']}")
    console.print(
        Panel(Text(headline(report), style="yellow"), title=title, title_align="left", border_style="yellow")
    )
    for section in sections(report, most_rows=_MOST_ROWS):
        _print(console, section)
    return console.export_svg(
        title="make night", theme=MONOKAI, code_format=_SVG, font_aspect_ratio=0.6, unique_id="night"
    )


def _print(console: Console, section: Section) -> None:
    console.print(Text(section.title, style="bold red" if section.alarming else "bold cyan"))
    console.print(Padding(Text(section.says), (0, 2)))
    if section.rows:
        table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
        for header in section.headers:
            table.add_column(header, justify="right" if header in {"amount", "total", "lines"} else "left")
        shown = section.rows if section.left_out else section.rows[:_MOST_FIGURES]
        for row in shown:
            table.add_row(*(Text(_cut(cell)) for cell in row))
        console.print(Padding(table, (0, 4)))
        section = replace(section, left_out=section.left_out + len(section.rows) - len(shown))
    if section.left_out:
        console.print(Padding(Text(f"and {section.left_out} more", style="dim"), (0, 4)))
    console.print()


def _cut(cell: str) -> str:
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1].rstrip()}…"


def _first_page(pdf: Path) -> bytes:
    page = pypdfium2.PdfDocument(pdf)[0]
    image = page.render(scale=_LETTER_WIDTH / page.get_width(), grayscale=True).to_pil()
    png = io.BytesIO()
    image.quantize(_GREYS).save(png, "PNG", optimize=True)
    return png.getvalue()


if __name__ == "__main__":
    main()
