"""A shortage read as Skonto: in time, too late, or more than was offered; what the customer's policy makes of it."""

from __future__ import annotations

from itertools import combinations, islice
from typing import TYPE_CHECKING, Final

from ledger.allocation import AllocationKind
from ledger.money import Money
from reconciliation.customer_policy import OnSkonto
from reconciliation.hypothesis import (
    Interpretation,
    hypothesis_of,
    in_currency,
    largest_of,
    numbers_of,
    paid_in_full,
    paid_on,
    payments,
    waived_lines,
    waterfall,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.hypothesis import Hypothesis
    from reconciliation.settings import MatchSettings

_CENT: Final = 1  # payers round the discount of each invoice their own way
_MOST_ITEMS: Final = 10  # among more, only all of them or none is tried
_USUAL: Final = (2, 3)  # per cent


def skonto_in_time(paid: date, item: OpenItem, settings: MatchSettings) -> bool:
    """Whether Skonto may still be taken: bank days on the way are not the debtor's, so it counts when it was paid."""
    if item.skonto_until is None:
        return False
    return (paid - item.skonto_until).days <= settings.policy_of(item.debtor_number).skonto_grace_days


def may_take_skonto(item: OpenItem) -> bool:
    """Whether the item offers a discount that is smaller than what is open."""
    return 0 < item.skonto_minor < item.balance_minor


def skonto_taken(items: Sequence[OpenItem], short: int) -> list[tuple[OpenItem, ...]]:
    """Find whose discounts explain the shortage, to one cent each: the fullest explanation, and a second if any."""
    offering = [item for item in items if may_take_skonto(item)]
    if sum([item.skonto_minor + _CENT for item in offering]) < short:
        return []
    sizes = range(len(offering), 0, -1) if len(offering) <= _MOST_ITEMS else (len(offering),)
    explained = (
        some
        for size in sizes
        for some in combinations(offering, size)
        if abs(sum([item.skonto_minor for item in some]) - short) <= _CENT * size
    )
    return list(islice(explained, 2))


def with_skonto(
    entry: StatementEntry,
    items: Sequence[OpenItem],
    explained: Sequence[Sequence[OpenItem]],
    short: int,
    settings: MatchSettings,
) -> Hypothesis:
    """Read the shortage as the discount of the documents that explain it; late ones as the policy wishes."""
    taken = explained[0]
    waived = {item.item_id: item.skonto_minor for item in taken}
    waived[taken[0].item_id] += short - sum(waived.values())
    late = [item for item in taken if not skonto_in_time(paid_on(entry), item, settings)]
    says = [f"pays {entry.amount}, that is with {in_currency(short, entry)} Skonto"]
    says.extend(_says(entry, item) for item in taken)
    doubt = ""
    if len(explained) > 1:
        doubt = f"it cannot be told from which document the Skonto was taken: {numbers_of(explained[1])} fits as well"
    if not late:
        lines = paid_in_full(items, waived)
        return hypothesis_of(items, Interpretation.SKONTO, lines, says, doubt=doubt)
    policy, maximum = _on_late(late, settings)
    deducted = sum(waived[item.item_id] for item in late)
    if policy is OnSkonto.ASK or deducted > maximum:
        doubt = doubt or f"Skonto was taken too late on {numbers_of(late)}"
        return hypothesis_of(items, Interpretation.SKONTO_LATE, paid_in_full(items, waived), says, doubt=doubt)
    says.append(_policy_says(late, "late Skonto", policy, maximum, entry))
    if policy is OnSkonto.ACCEPT:
        return hypothesis_of(items, Interpretation.SKONTO_LATE, paid_in_full(items, waived), says, doubt=doubt)
    granted = {item.item_id: waived[item.item_id] for item in taken if item not in late}
    return hypothesis_of(
        items,
        Interpretation.PARTIAL,
        payments(items, waived) + waived_lines(items, granted, AllocationKind.SKONTO),
        says,
        residual=Money(deducted, entry.amount.currency),
        doubt=doubt,
    )


def too_much_skonto(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings
) -> Iterator[Hypothesis]:
    """Accept the discount that was offered; what was deducted beyond it as the policy wishes, else it stays open."""
    offering = [item for item in items if may_take_skonto(item)]
    offered = sum(item.skonto_minor for item in offering)
    if not offering:
        yield from _accepted_though_not_offered(entry, items, short, settings)
    if not offering or not offered < short <= 2 * offered:
        return
    waived = {item.item_id: item.skonto_minor for item in offering}
    beyond = short - offered
    policy, maximum = _on_too_much(offering, settings)
    late = [item for item in offering if not skonto_in_time(paid_on(entry), item, settings)]
    decided = policy is not OnSkonto.ASK and beyond <= maximum and not late
    told = _policy_says(offering, "too much Skonto", policy, maximum, entry) if decided else ""
    if decided and policy is OnSkonto.ACCEPT:
        waived[largest_of(offering).item_id] += beyond
        accepted = (f"pays {entry.amount}: {in_currency(beyond, entry)} more Skonto than offered", told)
        yield hypothesis_of(items, Interpretation.SKONTO_TOO_MUCH, paid_in_full(items, waived), accepted)
        return
    rest = Money(beyond, entry.amount.currency)
    says = [f"pays {entry.amount}: more Skonto than offered, {rest} stays open"]
    if decided:
        says.append(told)
    yield hypothesis_of(
        items,
        Interpretation.SKONTO_TOO_MUCH,
        waterfall(items, entry.amount.minor, waived) + waived_lines(offering, waived, AllocationKind.SKONTO),
        says,
        residual=rest,
        doubt="" if decided else "more was deducted than the Skonto that was offered",
    )


def looks_like_skonto(item: OpenItem, short: int) -> bool:
    """Whether a shortage is one of the usual discounts, to one unit of the currency, though none was offered."""
    return any(abs(short * 100 - item.amount.minor * percent) <= 100 for percent in _USUAL)


def not_offered_stays_open(entry: StatementEntry, item: OpenItem, short: int, settings: MatchSettings) -> str:
    """Give the policy by which a discount that nobody offered stays open without asking; nothing if there is none."""
    policy, maximum = _on_too_much((item,), settings)
    if policy is not OnSkonto.KEEP_OPEN or short > maximum:
        return ""
    return _policy_says((item,), "Skonto that was not offered", policy, maximum, entry)


def _accepted_though_not_offered(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings
) -> Iterator[Hypothesis]:
    if len(items) > 1 or not looks_like_skonto(items[0], short):
        return
    policy, maximum = _on_too_much(items, settings)
    if policy is OnSkonto.ACCEPT and short <= maximum:
        says = (
            f"pays {entry.amount}, {in_currency(short, entry)} Skonto taken that was not offered",
            _policy_says(items, "Skonto that was not offered", policy, maximum, entry),
        )
        lines = paid_in_full(items, {items[0].item_id: short})
        yield hypothesis_of(items, Interpretation.SKONTO_TOO_MUCH, lines, says)


def _on_late(items: Iterable[OpenItem], settings: MatchSettings) -> tuple[OnSkonto, int]:
    policies = [settings.policy_of(item.debtor_number) for item in items]
    return _agreed({p.late_skonto for p in policies}), min(p.late_skonto_maximum_minor for p in policies)


def _on_too_much(items: Iterable[OpenItem], settings: MatchSettings) -> tuple[OnSkonto, int]:
    policies = [settings.policy_of(item.debtor_number) for item in items]
    return _agreed({p.too_much_skonto for p in policies}), min(p.too_much_skonto_maximum_minor for p in policies)


def _agreed(wishes: set[OnSkonto]) -> OnSkonto:
    """Follow the policies of several customers where they all say the same."""
    return wishes.pop() if len(wishes) == 1 else OnSkonto.ASK


def _says(entry: StatementEntry, item: OpenItem) -> str:
    assert item.skonto_percent is not None, item
    rate = f"{item.skonto_percent:.2f}".replace(".", ",")
    if item.skonto_until is None:
        return f"{rate} % Skonto taken on {item.document_number}, which has no date for it"
    days = (item.skonto_until - paid_on(entry)).days
    when = "on its last day" if days == 0 else f"{_days(days)} before its end" if days > 0 else f"{_days(-days)} late"
    return f"{rate} % Skonto taken on {item.document_number} {when}"


def _policy_says(items: Iterable[OpenItem], what: str, policy: OnSkonto, maximum: int, entry: StatementEntry) -> str:
    customers = ", ".join(sorted({item.debtor_number for item in items}))
    does = "is accepted" if policy is OnSkonto.ACCEPT else "stays open"
    return f"the policy for customer {customers} says that {what} up to {in_currency(maximum, entry)} {does}"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
