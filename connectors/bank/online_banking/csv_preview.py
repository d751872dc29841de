"""A look at a CSV export before anybody relies on it (Vorschau): how it would be read, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from connectors.bank.format import SET_ASIDE
from connectors.bank.online_banking.csv_account import NoAccount
from connectors.bank.online_banking.csv_guess import guess
from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_statement import choose, pieces_with
from connectors.bank.online_banking.csv_table import normalised, open_table
from ledger.errors import Unreadable
from ledger.money import Money
from ledger.statement import EntryStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from connectors.bank.format import Piece
    from connectors.bank.online_banking.csv_mapping import Mapping
    from connectors.bank.online_banking.csv_table import Table
    from ledger.statement import StatementEntry

_SHOWN: Final = 10
_NOBODY: Final = "?"  # the account, where only the preview may do without


class Origin(StrEnum):
    """Where the mapping of a preview comes from."""

    GIVEN = "given"  # by the user
    KNOWN = "known"  # of a bank we know
    GUESSED = "guessed"  # from the column names; nothing is read by it until somebody has saved it


@dataclass(slots=True, kw_only=True)
class Summary:
    """What one statement of the file amounts to."""

    account: str  # "?" where the file does not say
    currency: str
    booked: int = 0
    pending: int = 0
    money_in: Money
    money_out: Money  # negative
    first_day: date | None = None
    last_day: date | None = None
    opening: Money | None = None
    closing: Money | None = None

    @property
    def is_proven(self) -> bool:
        """Whether the balances of the file prove that no booking is missing."""
        return self.opening is not None and self.closing is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How a file would be read; ``problems`` say what stands in the way, in the words of the refusal."""

    file: str
    mapping: Mapping
    origin: Origin
    header_line: int
    columns: tuple[tuple[str, str], ...]  # each column of the file, and what it is to us; empty: not used
    entries: tuple[StatementEntry, ...]  # the first ones
    statements: tuple[Summary, ...]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())  # findings, which do not stand in the way

    @property
    def is_readable(self) -> bool:
        """Whether the file would be read as it is, once the mapping is saved where it is not a known one."""
        return not self.problems

    def as_toml(self) -> str:
        """Write the mapping as a file to correct and save; its first lines say what to look at."""
        heads = [f"# The columns of {self.file}, {self.origin}. Correct what is wrong, and save it."]
        heads += [f"# Missing: {problem.splitlines()[0]}" for problem in self.problems]
        heads += [f"# Not used: {', '.join(name for name, ours in self.columns if not ours)}"]
        return "\n".join(heads) + "\n" + self.mapping.as_toml()


def preview(path: Path, mapping: Mapping | None = None, mappings: Sequence[Mapping] = ()) -> Preview:
    """Look at an export: by the ``mapping`` given, else one of ``mappings`` or a known one, else by guessing.

    Raise Unreadable only where no line can be column names; all other mistakes are in the preview.
    """
    place = path.name

    def fits(names: tuple[str, ...]) -> tuple[Mapping, Origin] | None:
        if mapping is not None:
            return (mapping, Origin.GIVEN) if mapping.fits({normalised(name) for name in names}) else None
        if (chosen := choose(names, place, place, mappings)) is not None:
            return chosen, Origin.KNOWN if chosen in known_mappings() else Origin.GIVEN
        guessed = guess(names)
        return (guessed, Origin.GUESSED) if guessed is not None else None

    missing = "no line can be the names of the columns of bank bookings"
    if mapping is not None:
        missing = f"no line has all columns of {mapping.name} ({', '.join(mapping.recognised_by)})"
    table, (found, origin) = open_table(path, place, fits, missing)
    return _look(path, table, found, origin)


def _look(path: Path, table: Table, mapping: Mapping, origin: Origin) -> Preview:
    entries: list[StatementEntry] = []
    statements: list[Summary] = []
    remarks: list[str] = []
    problems: list[str] = []
    try:
        try:
            _read(mapping, path, table, entries, statements, remarks)
        except NoAccount as error:  # people still want to see what their file says
            problems.append(_why(error))
            _read(_without_account(mapping), path, table, entries, statements, remarks)
    except Unreadable as error:
        problems.append(_why(error))
    return Preview(
        file=table.place,
        mapping=mapping,
        origin=origin,
        header_line=table.header.line,
        columns=_columns(table, mapping),
        entries=tuple(entries),
        statements=tuple(statements),
        problems=tuple(problems),
        remarks=tuple(remarks),
    )


def _read(
    mapping: Mapping,
    path: Path,
    table: Table,
    entries: list[StatementEntry],
    statements: list[Summary],
    remarks: list[str],
) -> None:
    for piece in pieces_with(mapping, path, table.place):
        entries += piece.statement.entries[: _SHOWN - len(entries)]
        remarks += [str(finding) for finding in piece.findings][: _SHOWN - len(remarks)]
        if piece.number == len(statements):
            nothing = Money(0, piece.statement.currency)
            statements.append(
                Summary(
                    account=piece.statement.account,
                    currency=piece.statement.currency,
                    money_in=nothing,
                    money_out=nothing,
                )
            )
        _add(piece, statements[piece.number])


def _without_account(mapping: Mapping) -> Mapping:
    columns = {ours: theirs for ours, theirs in mapping.columns.items() if ours != "account"}
    return replace(mapping, account=_NOBODY, columns=columns)


def _add(piece: Piece, summary: Summary) -> None:
    for entry in piece.statement.entries:
        if entry.status is EntryStatus.PENDING:
            summary.pending += 1
        elif entry.amount.minor < 0:
            summary.money_out += entry.amount
        else:
            summary.money_in += entry.amount
    summary.booked += len(piece.statement.entries)
    if piece.is_last:
        summary.booked -= summary.pending
        summary.first_day, summary.last_day = piece.statement.period_from, piece.statement.period_to
        summary.opening, summary.closing = piece.statement.opening, piece.statement.closing


def _columns(table: Table, mapping: Mapping) -> tuple[tuple[str, str], ...]:
    ours = {normalised(name): column for column, names in mapping.columns.items() for name in names}
    ours |= {normalised(rule.column): "status" for rule in mapping.status if normalised(rule.column) not in ours}
    return tuple((name, ours.get(normalised(name), "")) for name in table.header.names)


def _why(error: Unreadable) -> str:
    """Give a refusal without the sentence about setting aside: a preview sets nothing aside."""
    return str(error).replace(f"{SET_ASIDE} ", "")
