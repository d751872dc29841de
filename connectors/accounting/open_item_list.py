"""An open-item list as a table (OP-Liste): which kind of list it is, and its rows read that way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.accounting.debit_credit_rows import read_debit_credit_rows
from connectors.accounting.headers import (
    DEBIT_CREDIT_COLUMNS,
    OPEN_ITEM_COLUMNS,
    columns_of_items,
    positions,
)
from connectors.accounting.open_item_rows import OpenItemRows, read_open_items

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connectors.accounting.record import Layout
    from connectors.accounting.table import Table

KNOWN_COLUMNS: Final = (*OPEN_ITEM_COLUMNS, *DEBIT_CREDIT_COLUMNS)


def layout_of_items(table: Table, mapping: Mapping[str, str], path: Path) -> Layout:
    """Find where the columns stand; raise Refused where that cannot be told."""
    columns = columns_of_items(table.header, mapping)
    return table.layout(positions(table.header, columns, mapping, path, "columns"))


def read_items(table: Table, layout: Layout, source: str, currency: str) -> OpenItemRows:
    """Read the rows as the kind of list that the columns make it; ``currency`` is meant where a row names none."""
    by_sides = "debit" in layout.positions or "side" in layout.positions
    read = read_debit_credit_rows if by_sides else read_open_items
    return read(table.rows, layout, source, currency)
