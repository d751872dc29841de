"""What a person still has to mark in an accounting tool (von Hand nachzutragen), because nobody tells it by wire."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from connectors.accounting import Capability, capabilities_of
from ledger.finding import Finding, Severity
from ledger.money import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from config.settings import SourceSettings
    from night.workplace import Workplace
    from storage.facts import StoredItem

_NAMED: Final = 5


def to_mark(work: Workplace, items: Iterable[StoredItem]) -> Iterator[Finding]:
    """Say, once for each tool and currency, which documents are paid here and open there, or the other way round."""
    paid: dict[tuple[str, str], list[StoredItem]] = defaultdict(list)
    taken_back: dict[tuple[str, str], list[StoredItem]] = defaultdict(list)
    for stored in items:
        if stored.amount.unconfirmed.minor:
            which = paid if stored.amount.unconfirmed.minor > 0 else taken_back
            which[stored.item.source, stored.item.currency].append(stored)
    for settings in work.company.source:
        for (source, currency), some in sorted(paid.items()):
            if source == settings.name and settings.kind != "file" and not settings.write_back.payments:
                yield _paid_here(settings, some, currency)
        for (source, currency), some in sorted(taken_back.items()):
            if source == settings.name and settings.kind != "file":
                yield _taken_back(source, some, currency)


def _paid_here(settings: SourceSettings, some: Sequence[StoredItem], currency: str) -> Finding:
    can = Capability.BOOKS_PAYMENTS in capabilities_of(settings.kind)
    todo = "Let it be told (write_back), or mark them there." if can else "Mark them there: it takes none by wire."
    return Finding(
        code="to_mark_in_tool",
        place=settings.name,
        severity=Severity.NOTE,
        what=f"{_counted(some, currency)} paid here and still shown as open in {settings.kind}",
        excerpt=_numbers(some),
        what_to_do=f"{todo} `export open-items` lists them: open is less than reported_open.",
    )


def _taken_back(source: str, some: Sequence[StoredItem], currency: str) -> Finding:
    return Finding(
        code="to_reopen_in_tool",
        place=source,
        severity=Severity.WARNING,
        what=f"{_counted(some, currency)} open again here, and the tool still counts the payment",
        excerpt=_numbers(some),
        what_to_do="Take the payment back there. `export open-items` lists them: open is more than reported_open.",
    )


def _counted(some: Sequence[StoredItem], currency: str) -> str:
    amount = total((abs(stored.amount.unconfirmed) for stored in some), currency)
    return f"1 document over {amount} is" if len(some) == 1 else f"{len(some)} documents over {amount} are"


def _numbers(some: Sequence[StoredItem]) -> str:
    numbers = sorted(stored.item.document_number for stored in some)
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return ", ".join(numbers[:_NAMED]) + more
