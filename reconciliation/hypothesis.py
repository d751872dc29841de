"""A hypothesis (Hypothese): one complete way to book an entry, and the lines it consists of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.allocation import SETTLES_PRINCIPAL, Allocation, AllocationKind
from ledger.money import Money, german
from ledger.tax_share import split_by_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry


class Interpretation(StrEnum):
    """What the amount says, in the order in which an accountant would like it to be."""

    EXACT = "exact"
    SKONTO = "skonto"
    SMALL_DIFFERENCE = "small_difference"
    SKONTO_LATE = "skonto_late"
    SKONTO_TOO_MUCH = "skonto_too_much"
    BANK_CHARGE = "bank_charge"
    FEE = "fee"
    OVER = "over"
    PARTIAL = "partial"
    ON_ACCOUNT = "on_account"
    RETURN = "return"


SETTLES_EXACTLY: Final = frozenset({Interpretation.EXACT, Interpretation.SKONTO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One complete way to book an entry: a set of items and what the amount means for them."""

    item_ids: tuple[str, ...]  # sorted
    debtors: tuple[str, ...]  # sorted
    interpretation: Interpretation
    allocations: tuple[Allocation, ...]
    says: tuple[str, ...]  # about the amount
    residual: Money | None = None
    solutions: int = 1  # how many sets of this debtor's items explain the amount as well
    doubt: str = ""  # why nobody should book this without looking, whatever names it

    @property
    def settles_exactly(self) -> bool:
        """Whether nothing is left over, Skonto in time included."""
        return self.interpretation in SETTLES_EXACTLY and not self.doubt


def hypothesis_of(
    items: Sequence[OpenItem],
    interpretation: Interpretation,
    allocations: Iterable[Allocation],
    says: Iterable[str],
    *,
    residual: Money | None = None,
    doubt: str = "",
) -> Hypothesis:
    """Put one reading of an amount together; lines without an amount are left out."""
    one = items[0] if len(items) == 1 else None
    return Hypothesis(
        item_ids=(one.item_id,) if one else tuple(sorted([item.item_id for item in items])),
        debtors=(one.debtor_number,) if one else tuple(sorted({item.debtor_number for item in items})),
        interpretation=interpretation,
        allocations=tuple([a for a in allocations if a.amount.minor]),
        says=tuple(says),
        residual=residual,
        doubt=doubt,
    )


def principal(allocations: Iterable[Allocation]) -> Counter[str]:
    """Add up per item what some allocations settle of it, signed like them."""
    amounts: Counter[str] = Counter()
    for allocation in allocations:
        if allocation.item_id and allocation.kind in SETTLES_PRINCIPAL:
            amounts[allocation.item_id] += allocation.amount.minor
    return amounts


def paid_on(entry: StatementEntry) -> date:
    """Give the earlier of booking and value date."""
    return min(entry.booking_date, entry.value_date or entry.booking_date)


def paid_in_full(
    items: Sequence[OpenItem], waived: Mapping[str, int], kind: AllocationKind = AllocationKind.SKONTO
) -> list[Allocation]:
    """Pay every item in full, apart from what is waived on it; ``waived`` is minor units by item."""
    return payments(items, waived) + waived_lines(items, waived, kind) if waived else payments(items, waived)


def payments(items: Sequence[OpenItem], less: Mapping[str, int]) -> list[Allocation]:
    """Pay every item in full, ``less`` minor units by item."""
    return [_line(item, AllocationKind.PAYMENT, item.balance_minor - less.get(item.item_id, 0)) for item in items]


def waived_lines(items: Iterable[OpenItem], waived: Mapping[str, int], kind: AllocationKind) -> list[Allocation]:
    """Waive something on each item, Skonto by VAT rate where the rates of the document are known."""
    return [_line(item, kind, waived[item.item_id]) for item in items if waived.get(item.item_id)]


def waterfall(items: Sequence[OpenItem], minor: int, waived: Mapping[str, int]) -> list[Allocation]:
    """Pour an amount over the items, oldest due first (§ 366 (2) BGB), after using up the credit notes."""
    lines = [_line(item, AllocationKind.PAYMENT, item.balance_minor) for item in items if not item.is_invoice]
    rest = minor - sum(line.amount.minor for line in lines)
    for item in items:
        if item.is_invoice and rest > 0:
            part = min(rest, item.open_amount.minor - waived.get(item.item_id, 0))
            lines.append(_line(item, AllocationKind.PAYMENT, part))
            rest -= part
    assert rest == 0, (items, minor)
    return lines


def largest_of(items: Iterable[OpenItem]) -> OpenItem:
    """Give the item with the most open, which carries what belongs to none of them."""
    return max(items, key=lambda item: (item.balance_minor, item.item_id))


def in_currency(minor: int, entry: StatementEntry) -> str:
    """Write an amount of the payment's currency for people."""
    return f"{german(Money(minor, entry.amount.currency))} {entry.amount.currency}"


def numbers_of(items: Iterable[OpenItem]) -> str:
    """List the document numbers of some items for people."""
    return ", ".join(item.document_number for item in items)


def _line(item: OpenItem, kind: AllocationKind, minor: int) -> Allocation:
    amount = Money(minor, item.open_amount.currency)
    return Allocation(
        kind=kind,
        amount=amount,
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
        tax_parts=split_by_rate(amount, item.tax_shares) if item.tax_shares and kind is AllocationKind.SKONTO else (),
    )
