"""A mapping laid over the columns of one file (Spaltenlage): where everything stands that a row can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.bank.format import unreadable
from connectors.bank.online_banking.csv_table import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping as Table
    from collections.abc import Sequence

    from connectors.bank.online_banking.csv_mapping import Mapping
    from connectors.bank.online_banking.csv_table import Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A mapping laid over the columns of one file, and what the whole file told about its numbers and dates."""

    place: str
    mapping: Mapping
    header: Header
    at: Table[str, int]  # our column -> its place
    joined: Table[str, tuple[int, ...]]  # purpose and references
    twins: tuple[tuple[int, int], ...]  # columns of the same name, of which one is used
    status: tuple[tuple[int, frozenset[str], frozenset[str]], ...]
    balances_at: int | None  # where balances in rows of the table have their labels
    is_cut: bool  # the purpose goes on from one column to the next: Verwendungszweck 1, 2, 3
    width: int  # cells that every row must have
    opening: frozenset[str]
    closing: frozenset[str]
    skip: tuple[str, ...]
    decimal: str = ""
    date_order: str = ""
    debit_is_minus: bool = False  # debits stand with a minus in their column


def lay_out(mapping: Mapping, header: Header, place: str) -> Layout:
    """Find the mapping's columns; raise Unreadable where one that must be there is missing."""
    names = [normalised(name) for name in header.names]
    at: dict[str, int] = {}
    joined: dict[str, tuple[int, ...]] = {}
    for ours, theirs in mapping.columns.items():
        places = [names.index(name) for name in map(normalised, theirs) if name in names]
        if places and ours in {"purpose", "references"}:
            joined[ours] = tuple(dict.fromkeys(places))
        elif places:
            at[ours] = places[0]
    _check_core(at, mapping, header, place)
    used = sorted({*at.values(), *(one for places in joined.values() for one in places)})
    rules = [
        (names.index(normalised(rule.column)), rule) for rule in mapping.status if normalised(rule.column) in names
    ]
    return Layout(
        place=place,
        mapping=mapping,
        header=header,
        at=at,
        joined=joined,
        twins=tuple(
            (one, other) for one in used for other in range(len(names)) if other != one and names[other] == names[one]
        ),
        status=tuple((where, words(rule.booked), words(rule.pending)) for where, rule in rules),
        is_cut=len({names[place].rstrip("0123456789") for place in joined.get("purpose", ())}) == 1,
        balances_at=names.index(inside) if (inside := normalised(mapping.balance_rows)) in names else None,
        width=max(used[-1], *(n for n, name in enumerate(header.names) if name != f"column {n + 1}")) + 1,
        opening=words(mapping.opening),
        closing=words(mapping.closing),
        skip=tuple(words(mapping.skip)),
        decimal=mapping.decimal,
        date_order=mapping.date_order,
    )


def _check_core(at: Table[str, int], mapping: Mapping, header: Header, place: str) -> None:
    has_amount = "amount" in at or ("debit" in at and "credit" in at)
    missing = [ours for ours, there in (("booking_date", "booking_date" in at), ("amount", has_amount)) if not there]
    if missing:
        wanted = ", ".join(name for ours in missing for name in mapping.columns.get(ours, ("Soll and Haben",)))
        raise unreadable(
            f"{place}:{header.line}",
            f"this is an export of {mapping.name}, but it has no column for {' and '.join(missing)} ({wanted})",
            found=f"it has {', '.join(header.names)}",
            what_to_do="Choose the complete export in online banking.",
        )


def words(texts: Sequence[str]) -> frozenset[str]:
    """Give texts in the form in which they are compared."""
    return frozenset(normalised(text) for text in texts)


def cell_of(cells: Sequence[str], layout: Layout, column: str) -> str:
    """Give what a row says in one of our columns; empty where the file has no such column."""
    where = layout.at.get(column)
    if where is None or where >= len(cells):
        return ""
    text = cells[where]
    return "" if text in layout.mapping.blank else text
