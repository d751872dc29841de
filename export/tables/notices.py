"""The table of notices (Mahnungen): what was said to whom in a run, and where the house kept silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from export.tables.table import JOINT, Table, major

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dunning.notice import Notice, NoticeItem, NoticeState
    from export.tables.table import CellValue


_AMOUNTS: Final = ("open", "interest", "fee", "lump_sum")


def notice_row(
    company: str, notice: Notice, state: NoticeState, receipt: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Tell one notice to one debtor; ``total_minor`` is open amounts plus interest, fees and lump sums.

    ``receipt`` is when it arrived and what proves it; None for what never left the house.
    """
    return {
        "company": company,
        "debtor_number": notice.debtor.number,
        "stage": notice.stage,
        "run_date": notice.run_date.isoformat(),
        "state": state.value,
        "held_because": [reason.code for reason in notice.held_because],
        "channel": notice.channel.value,
        "total_minor": notice.total.minor,
        "currency": notice.total.currency,
        "items": [_item(item) for item in notice.items],
        "receipt": receipt,
    }


def _item(item: NoticeItem) -> dict[str, Any]:
    return {
        "document_number": item.document_number,
        "due_date": item.due_date.isoformat(),
        "days_overdue": item.days_overdue,
        "open_minor": item.open.minor,
        "interest_minor": item.interest.minor,
        "fee_minor": item.fee.minor if item.fee is not None else 0,
        "lump_sum_minor": item.lump_sum.minor if item.lump_sum is not None else 0,
    }


def _lines(row: Mapping[str, Any]) -> Iterator[dict[str, CellValue]]:
    """Give one line per item; the total stands on the first line only, so that columns add up."""
    currency = row["currency"]
    told = {
        key: row[key] for key in ("company", "debtor_number", "stage", "run_date", "state", "channel", "currency")
    }
    told["held_because"] = JOINT.join(row["held_because"])
    if receipt := row["receipt"]:
        told |= {
            "received_on": receipt["day"] if receipt["received"] else "",
            "proof": receipt["proof"],
            "evidence": receipt["evidence"],
        }
    for n, item in enumerate(row["items"] or [None]):
        line: dict[str, CellValue] = dict(told)
        if n == 0:
            line |= {"total_minor": row["total_minor"], "total": major(row["total_minor"], currency)}
        if item is not None:
            line |= item
            line |= {name: major(item[f"{name}_minor"], currency) for name in _AMOUNTS}
        yield line


NOTICES: Final = Table(
    name="notices",
    columns=(
        "company",
        "debtor_number",
        "stage",
        "run_date",
        "state",
        "held_because",
        "channel",
        "total_minor",
        "total",
        "currency",
        "document_number",
        "due_date",
        "days_overdue",
        "open_minor",
        "open",
        "interest_minor",
        "interest",
        "fee_minor",
        "fee",
        "lump_sum_minor",
        "lump_sum",
        "received_on",
        "proof",
        "evidence",
    ),
    lines=_lines,
)
