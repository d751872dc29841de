"""The overview of statements on a terminal: a calendar of each account, its last statements, and what is missing."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ledger.finding import Severity
from ledger.money import Money, german
from ledger.statement_calendar import Rhythm
from night.statements_overview import DayState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class _Cell(NamedTuple):
    """How a day looks: its sign, the sign where a terminal knows letters only, its colour, its word in the legend."""

    sign: str
    plain: str
    style: str
    word: str


_CELLS: Final = {
    DayState.BOOKINGS: _Cell("■", "#", "green", "statement with bookings"),
    DayState.NO_MOVEMENT: _Cell("□", "o", "green", "statement without movement"),
    DayState.PREVIEW: _Cell("◌", "~", "cyan", "only a preview"),
    DayState.MISSING: _Cell("✗", "X", "bold red", "expected but missing"),
    DayState.NOTHING: _Cell("–", "-", "yellow", "no statement, none expected"),
    DayState.NOT_YET: _Cell("·", ".", "dim", "not yet"),
    DayState.CLOSED: _Cell(" ", " ", "", "weekend or bank holiday"),
    DayState.BEFORE: _Cell(" ", " ", "", ""),
}

_RHYTHMS: Final = {
    Rhythm.EVERY_BANK_DAY: "Statements come on every bank day",
    Rhythm.WEEKLY: "Statements come every week",
    Rhythm.MONTHLY: "Statements come every month",
    Rhythm.WHEN_BOOKED: "Statements come on no fixed days",
    Rhythm.UNKNOWN: "There are too few statements to know when they come",
}

# As wide as the calendar above it.
_LEGEND_WIDTH: Final = 70

_MARKED_DAYS: Final = (1, 5, 10, 15, 20, 25, 30)


def show_overview(console: Console, told: Mapping[str, Any], *, most_rows: int | None) -> None:
    """Print the overview of a company, with at most so many statements of each account, the last ones."""
    for account in told["accounts"]:
        console.print(_rendered(account, ascii_only=console.options.ascii_only, most_rows=most_rows))


def _rendered(account: Mapping[str, Any], *, ascii_only: bool, most_rows: int | None) -> Group:
    parts: list[Any] = [Text(account["summary"], style=f"bold {_colour(account)}")]
    if account["days"]:
        rhythm = _RHYTHMS[Rhythm(account["rhythm"])]
        following = f"; the next one should be of {account['next_expected']}" if account["next_expected"] else ""
        parts += [
            _indented(Text(f"{rhythm}{following}.")),
            Text(""),
            _indented(_calendar(account["days"], ascii_only=ascii_only)),
            Text(""),
            _indented(_legend(account["days"], ascii_only=ascii_only)),
        ]
    if account["statements"]:
        parts += _statements(account["statements"], most_rows)
    parts += [_finding(finding) for finding in account["findings"]]
    parts.append(Text(""))
    return Group(*parts)


def _indented(part: Text | Table | Group) -> Padding:
    return Padding(part, (0, 0, 0, 2))


def _colour(account: Mapping[str, Any]) -> str:
    severities = {finding["severity"] for finding in account["findings"]}
    if account["read_up_to"] is None or Severity.ERROR in severities:
        return "red"
    return "yellow" if Severity.WARNING in severities else "green"


def _calendar(days: Sequence[Mapping[str, Any]], *, ascii_only: bool) -> Text:
    """Draw one row for each month, one cell for each day."""
    drawn = Text(_ruler(), style="dim", no_wrap=True)
    for month, of_month in groupby(days, key=lambda day: day["day"][:7]):
        drawn.append(f"\n{month} ", style="default")
        for day in of_month:
            cell = _CELLS[DayState(day["state"])]
            drawn.append(f" {cell.plain if ascii_only else cell.sign}", style=cell.style)
    return drawn


def _ruler() -> str:
    line = [" "] * (len("2026-01 ") + 2 * 31)
    for day in _MARKED_DAYS:
        end = len("2026-01 ") + 2 * day
        line[end - len(str(day)) : end] = str(day)
    return "".join(line).rstrip()


def _legend(days: Sequence[Mapping[str, Any]], *, ascii_only: bool) -> Group:
    seen = {DayState(day["state"]) for day in days}
    lines = [Text()]
    for state, cell in _CELLS.items():
        if state not in seen or not cell.word:
            continue
        sign = (cell.plain if ascii_only else cell.sign).strip() or "blank:"
        explained = Text.assemble((sign, cell.style), " ", cell.word)
        if lines[-1] and len(lines[-1]) + len(explained) > _LEGEND_WIDTH:
            lines.append(Text())
        lines[-1].append_text(Text("   ") if lines[-1] else Text()).append_text(explained)
    return Group(*lines)


def _statements(statements: Sequence[Mapping[str, Any]], most_rows: int | None) -> list[Any]:
    left_out = max(0, len(statements) - most_rows) if most_rows is not None else 0
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    for header in ("no.", "format", "first day", "last day", "opening", "closing", "entries"):
        table.add_column(header, justify="right" if header in {"no.", "opening", "closing", "entries"} else "left")
    table.add_column("file", overflow="fold")
    for one in statements[left_out:]:
        table.add_row(*(Text(cell) for cell in _row(one)))
    title = f"The last {most_rows} of {len(statements)} statements" if left_out else "Statements"
    parts: list[Any] = [Text(""), Text(title, style="bold cyan"), _indented(table)]
    if left_out:
        parts.append(_indented(Text("--account and --json show all of them", style="dim")))
    return parts


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    page = f"/{one['page']}" if one["page"] else ""
    return (
        f"{one['number']}{page}",
        one["format"].partition(".001.")[0],
        one["first_day"],
        one["last_day"],
        _amount(one["opening_minor"], one["currency"]),
        _amount(one["closing_minor"], one["currency"]),
        str(one["entries"]),
        one["file"],
    )


def _amount(minor: int | None, currency: str) -> str:
    return "none" if minor is None else german(Money(minor, currency))


def _finding(finding: Mapping[str, Any]) -> Group:
    style = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}[finding["severity"]]
    more = f" ({finding['excerpt']})" if finding["excerpt"] else ""
    where = "" if finding["place"] in finding["what"] else f"{finding['place']}: "
    return Group(
        Text(""),
        Text(f"{finding['code']}: {finding['what']}{more}", style=style),
        _indented(Text(f"{where}{finding['what_to_do']}")),
    )
