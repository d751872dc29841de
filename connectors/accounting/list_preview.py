"""A look at an open-item list before anybody relies on it (Vorschau): its columns, how sure each is, some rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.accounting.column_guess import Guess, Sureness, guess
from connectors.accounting.headers import spellings
from connectors.accounting.open_item_list import KNOWN_COLUMNS, layout_of_items, read_items
from connectors.accounting.row import text_of
from connectors.accounting.table import Table, read_table
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ledger.open_item import OpenItem

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPreview:
    """How a list would be read with what was guessed; nothing is read so until somebody has configured it."""

    file: str
    header_line: int
    header: tuple[str, ...]
    examples: tuple[str, ...]  # of each column, the first cell that says something
    guesses: tuple[Guess, ...]
    items: tuple[OpenItem, ...]  # of the first rows
    problems: tuple[str, ...]  # what stands in the way
    remarks: tuple[str, ...]  # findings of the first rows

    @property
    def is_understood(self) -> bool:
        """Whether the list is read as it is, without any setting."""
        return not self.problems and all(one.sureness in {Sureness.BY_NAME, Sureness.MISSING} for one in self.guesses)

    @property
    def is_readable(self) -> bool:
        """Whether every column is told, so that the line to paste is whole."""
        return not self.problems

    @property
    def columns(self) -> Mapping[str, str]:
        """Give the mapping to configure: what is neither understood by its name nor ambiguous."""
        return {one.ours: one.header for one in self.guesses if one.header and one.sureness is not Sureness.BY_NAME}

    def as_toml(self) -> str:
        """Write the line for the configuration; above it what is still missing or must be chosen."""
        heads = [f"# {problem}" for problem in self.problems]
        pairs = ", ".join(
            f"{ours} = {json.dumps(theirs, ensure_ascii=False)}" for ours, theirs in self.columns.items()
        )
        line = (
            f"columns = {{ {pairs} }}"
            if pairs
            else "# The names of the columns are understood: no setting is needed."
        )
        if self.is_readable or pairs:
            heads.append(line)
        return "\n".join(heads)


def looks_like_items(found: ListPreview, *, may_be_bookings: bool) -> bool:
    """Whether a table is an open-item list: only such a list has document numbers and due dates.

    Where it may be bank bookings as well, the names of these columns must say so, and not only what stands in them.
    """
    told = {
        one.ours
        for one in found.guesses
        if one.sureness is not Sureness.MISSING and not (may_be_bookings and one.is_by_content)
    }
    return {"document_number", "due_date"} <= told and bool(told & {"amount", "open_amount", "debit"})


def preview_list(path: Path, mapping: Mapping[str, str], currency: str = "EUR") -> ListPreview:
    """Look at a list; raise a ConnectorError only where it is no table at all."""
    table = read_table(path, known_headers=spellings(KNOWN_COLUMNS, mapping))
    guesses = guess(table, mapping)
    problems = [problem for one in guesses if (problem := _problem(one))]
    chosen = {**mapping, **{one.ours: one.header for one in guesses if one.header}}
    first = Table(file=table.file, header=table.header, header_line=table.header_line, rows=table.rows[:_SHOWN])
    items: tuple[OpenItem, ...] = ()
    remarks: tuple[str, ...] = ()
    if not problems:
        try:
            read = read_items(first, layout_of_items(first, chosen, path), path.stem, currency)
        except Refused as error:
            problems.append(str(error).splitlines()[1].strip() if "\n" in str(error) else str(error))
        else:
            items, remarks = read.items, tuple(str(finding) for finding in read.findings)
    return ListPreview(
        file=table.file,
        header_line=table.header_line,
        header=table.header,
        examples=tuple(_example(table, place) for place in range(len(table.header))),
        guesses=guesses,
        items=items,
        problems=tuple(problems),
        remarks=remarks,
    )


def _problem(one: Guess) -> str:
    if one.sureness is Sureness.AMBIGUOUS:
        return f"{one.ours} may be {' or '.join(repr(header) for header in one.candidates)}: choose one"
    if one.sureness is Sureness.MISSING and one.mandatory:
        return f"{one.ours} was not found: no column looks like it"
    return ""


def _example(table: Table, place: int) -> str:
    texts = (text_of(row.cells[place]) for row in table.rows[:_SHOWN] if place < len(row.cells))
    return next((text for text in texts if text), "")
