"""What a CSV file as a whole tells about its numbers and dates (1.234,56 or 1,234.56): evidence, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.bank.format import unreadable
from connectors.bank.online_banking.csv_booking import amounts_in, day_in
from connectors.bank.online_banking.csv_table import rows
from connectors.bank.online_banking.csv_values import COMMA, DAY_FIRST, decimal_told_by, is_undecided, order_told_by

if TYPE_CHECKING:
    from connectors.bank.online_banking.csv_layout import Layout
    from connectors.bank.online_banking.csv_table import Table


def with_evidence(layout: Layout, table: Table) -> Layout:
    """Decide decimal mark, order of dates and sign of debits for the whole file; raise Unreadable where in doubt."""
    if layout.decimal and layout.date_order and "debit" not in layout.at:
        return layout
    decimal = _Evidence("the decimal mark", "decimal")
    order = _Evidence("the order of day and month", "date_order")
    debit = _Evidence("the sign of debits", "debit")
    for row in rows(table, quotes=layout.mapping.quotes):
        if not (day := day_in(row.cells, layout)):
            continue
        order.add(row.line, day, order_told_by(day), undecided=order_told_by(day) == "")
        for column, text in amounts_in(row.cells, layout):
            told = decimal_told_by(text)
            decimal.add(row.line, text, told, undecided=is_undecided(text))
            if column == "debit" and any(digit in text for digit in "123456789"):
                debit.add(row.line, text, "minus" if "-" in text else "plus")
    return replace(
        layout,
        decimal=layout.decimal or decimal.verdict(layout) or COMMA,
        date_order=layout.date_order or order.verdict(layout) or DAY_FIRST,
        debit_is_minus=debit.verdict(layout) == "minus",
    )


@dataclass(slots=True)
class _Evidence:
    """What the cells of a file prove about the way they are written."""

    of: str
    setting: str
    proofs: dict[str, tuple[int, str]] = field(default_factory=dict)  # what was proven, where first, by what
    undecided: tuple[int, str] | None = None

    def add(self, line: int, text: str, told: str, *, undecided: bool = False) -> None:
        if told and told != "any":
            self.proofs.setdefault(told, (line, text))
        elif undecided and self.undecided is None:
            self.undecided = line, text

    def verdict(self, layout: Layout) -> str:
        """Give what was proven; empty where it does not matter. Raise Unreadable for contradiction and doubt."""
        if len(self.proofs) > 1:
            (one, (line, text)), (other, (later, also)) = list(self.proofs.items())[:2]
            raise unreadable(
                f"{layout.place}:{later}",
                f"{self.of} differs inside the file: {text!r} in line {line} ({one}), {also!r} here ({other})",
                what_to_do="Download it again in online banking, and do not save it through a spreadsheet.",
            )
        if not self.proofs and self.undecided is not None:
            line, text = self.undecided
            raise unreadable(
                f"{layout.place}:{line}",
                f"nothing in the file decides {self.of}: {text!r} can be read in two ways",
                what_to_do=f"Save a mapping with `{self.setting}` (see the preview), or export more days.",
            )
        return next(iter(self.proofs), "")
