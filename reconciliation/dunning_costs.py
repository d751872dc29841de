"""An overpayment read as what our own notices asked for on top (Mahngebühr und Verzugszinsen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.allocation import Allocation, AllocationKind
from reconciliation.hypothesis import Interpretation, hypothesis_of, paid_in_full

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.money import Money
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.hypothesis import Hypothesis
    from reconciliation.item_history import AskedCosts


def as_asked(
    entry: StatementEntry, items: Sequence[OpenItem], over: int, asked: Mapping[str, Sequence[AskedCosts]]
) -> Hypothesis | None:
    """Book what is over as fee and interest where one notice asked exactly this for these items; else None.

    The latest such notice is named. Items of several debtors never stand on one notice.
    """
    if len({item.debtor_number for item in items}) > 1:
        return None
    for costs in sorted(_by_notice(items, asked), key=lambda one: (one.sent_on, one.notice_id), reverse=True):
        if costs.fee.minor + costs.interest.minor == over and costs.fee.currency == entry.amount.currency:
            return _as_costs(entry, items, costs, asked)
    return None


def _by_notice(items: Sequence[OpenItem], asked: Mapping[str, Sequence[AskedCosts]]) -> Iterator[AskedCosts]:
    """Add up what each notice asked for the items that stand on it."""
    notices: dict[str, AskedCosts] = {}
    for item in items:
        for costs in asked.get(item.item_id, ()):
            before = notices.get(costs.notice_id)
            notices[costs.notice_id] = _together(before, costs) if before else costs
    yield from notices.values()


def _together(one: AskedCosts, other: AskedCosts) -> AskedCosts:
    return one._replace(fee=one.fee + other.fee, interest=one.interest + other.interest)


def _as_costs(
    entry: StatementEntry, items: Sequence[OpenItem], costs: AskedCosts, asked: Mapping[str, Sequence[AskedCosts]]
) -> Hypothesis:
    # Item by item, so that what was paid is not asked for again.
    lines = [
        line
        for item in items
        for one in asked.get(item.item_id, ())
        if one.notice_id == costs.notice_id
        for line in (_cost(item, AllocationKind.FEE, one.fee), _cost(item, AllocationKind.INTEREST, one.interest))
    ]
    what = " and ".join(
        f"{amount} {name}" for amount, name in ((costs.fee, "fee"), (costs.interest, "interest")) if amount
    )
    says = (
        f"pays {entry.amount}, and with it {what}, exactly as asked for by {costs.title} of {costs.sent_on:%d.%m.%Y}"
    )
    return hypothesis_of(items, Interpretation.FEE, [*paid_in_full(items, {}), *lines], (says,))


def _cost(item: OpenItem, kind: AllocationKind, amount: Money) -> Allocation:
    return Allocation(
        kind=kind,
        amount=amount,
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
    )
