"""What every accounting tool (Buchhaltungsprogramm) gives us: open items, debtors, and what was wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connectors.accounting.capability import Capability
    from connectors.accounting.document import Document, RemoteKey, Standing
    from ledger.debtor import Debtor
    from ledger.finding import Finding
    from ledger.open_item import OpenItem


def _never_told(_key: RemoteKey) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we knew of a source before tonight."""

    open: Mapping[RemoteKey, str] = field(default_factory=dict)  # documents open at the last reading: their item ids
    cursors: Mapping[str, str] = field(default_factory=dict)  # how far each stream of changes was read
    told: Callable[[RemoteKey], Mapping[str, Any] | None] = _never_told  # what the tool said of an open document


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A document that left the open set, and why."""

    key: RemoteKey
    item_id: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """One reading of an accounting tool.

    ``complete`` is True only when every item of the open set was read: then, and only then, an item that is absent
    has left the open set. ``unreadable_numbers`` names the documents that are in the tool but could not be used.
    """

    items: Collection[OpenItem]
    debtors: tuple[Debtor, ...]
    findings: tuple[Finding, ...]
    complete: bool
    unreadable_numbers: frozenset[str]
    documents: Collection[Document] = ()  # what a tool said word for word; files are kept as files
    left: tuple[Left, ...] = ()  # why documents left the open set, where the tool says
    unclear: frozenset[RemoteKey] = frozenset()  # left the open set, and nobody knows yet why: they wait
    cursors: Mapping[str, str] = field(default_factory=dict)  # committed with the items


NOTHING_KNOWN: Final = Known()


class Source(Protocol):
    """An accounting tool as the night sees it."""

    @property
    def name(self) -> str:
        """The name under which the configuration knows it; part of every item's identity."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this tool can do."""

    def pull(self, known: Known = NOTHING_KNOWN) -> Pulled:
        """Read the whole open set; raise Unavailable, Refused or Unreadable."""
