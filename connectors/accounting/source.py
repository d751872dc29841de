"""What every accounting tool (Buchhaltungsprogramm) gives us: open items, debtors, and what was wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ledger.debtor import Debtor
    from ledger.finding import Finding
    from ledger.open_item import OpenItem


class Capability(StrEnum):
    """What a tool can do for us; the rest of the house adapts to what it cannot."""

    READS_OPEN_AMOUNTS = "reads_open_amounts"  # reports what is still open, not only what was invoiced
    READS_DEBTORS = "reads_debtors"
    BOOKS_PAYMENTS = "books_payments"  # can be told that an invoice is paid
    SETS_DUNNING_LEVELS = "sets_dunning_levels"
    SENDS_WEBHOOKS = "sends_webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """One reading of an accounting tool.

    ``complete`` is True only when every item of the open set was read: then, and only then, an item that is absent
    has left the open set. ``unreadable_numbers`` names the documents that are in the tool but could not be used.
    """

    items: tuple[OpenItem, ...]
    debtors: tuple[Debtor, ...]
    findings: tuple[Finding, ...]
    complete: bool
    unreadable_numbers: frozenset[str]


class Source(Protocol):
    """An accounting tool as the night sees it."""

    @property
    def name(self) -> str:
        """The name under which the configuration knows it; part of every item's identity."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this tool can do."""

    def pull(self) -> Pulled:
        """Read the whole open set; raise Unavailable, Refused or Unreadable."""
