"""The table of open items (Offene-Posten-Liste): what is owed today, and where its dunning stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from export.tables.table import JOINT, Table, major

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from export.tables.table import CellValue
    from ledger.money import Money
    from ledger.open_item import OpenItem


def open_item_row(
    company: str,
    item: OpenItem,
    *,
    debtor_name: str,
    reported_open: Money,
    today: date,
    stage: str = "",
    hold_codes: Iterable[str] = (),
) -> dict[str, Any]:
    """Tell one open item; ``item.open_amount`` is ours, ``reported_open`` is what the accounting tool still says.

    ``stage`` is the last one really sent, empty before the first.
    """
    return {
        "company": company,
        "document_number": item.document_number,
        "kind": item.kind.value,
        "debtor_number": item.debtor_number,
        "debtor_name": debtor_name,
        "document_date": item.document_date.isoformat(),
        "due_date": item.due_date.isoformat(),
        "amount_minor": item.amount.minor,
        "reported_open_minor": reported_open.minor,
        "open_minor": item.open_amount.minor,
        "currency": item.currency,
        "days_overdue": item.days_overdue(today),
        "stage": stage,
        "hold_codes": list(hold_codes),
    }


def _lines(row: Mapping[str, Any]) -> Iterator[dict[str, CellValue]]:
    """Give one line per item; ``balance`` counts credit notes with a minus, so that it adds up."""
    amounts = {name: major(row[f"{name}_minor"], row["currency"]) for name in ("amount", "reported_open", "open")}
    balance = amounts["open"] if row["kind"] == "invoice" else -amounts["open"]
    yield {**row, **amounts, "balance": balance, "hold_codes": JOINT.join(row["hold_codes"])}


OPEN_ITEMS: Final = Table(
    name="open-items",
    columns=(
        "company",
        "document_number",
        "kind",
        "debtor_number",
        "debtor_name",
        "document_date",
        "due_date",
        "amount_minor",
        "amount",
        "reported_open_minor",
        "reported_open",
        "open_minor",
        "open",
        "balance",
        "currency",
        "days_overdue",
        "stage",
        "hold_codes",
    ),
    lines=_lines,
)
