"""Open items and debtors from files (OP-Liste, Debitorenliste), CSV or XLSX, as any tool can export them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from connectors.accounting.capability import Capability
from connectors.accounting.debtor_rows import read_debtors
from connectors.accounting.headers import DEBTOR_COLUMNS, positions, spellings
from connectors.accounting.open_item_list import KNOWN_COLUMNS, layout_of_items, read_items
from connectors.accounting.source import NOTHING_KNOWN, Known, Pulled
from connectors.accounting.table import Table, read_table
from ledger.errors import Refused
from ledger.finding import Finding, Severity
from ledger.money import MINOR_DIGITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from connectors.accounting.open_item_rows import OpenItemRows
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem


CAPABILITIES_OF_LISTS: Final = frozenset(
    {Capability.READS_OPEN_AMOUNTS, Capability.READS_DEBTORS, Capability.READS_CREDIT_NOTES, Capability.READS_SKONTO}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsPulled(Pulled):
    """One reading of the lists, whose items lie in the memory."""

    items: tuple[OpenItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """One pair of exported lists; the fields are its settings in the configuration.

    Document and debtor numbers are texts: ``00471`` keeps its zeros. In XLSX a number cell holding 471 is the text
    ``471``; where a tool's numbers begin with zeros, its column must be text there (or carry a format such as 00000).
    """

    name: str
    open_items: Path
    debtors: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # our column -> header in the open-item list
    debtor_columns: Mapping[str, str] = field(default_factory=dict)  # our column -> header in the debtor list
    delimiter: str = ""  # empty: found out from the header
    encoding: str = ""  # empty: found out from the bytes
    currency: str = "EUR"  # of rows that name none
    sheet: str = ""  # of the open-item workbook; empty: the first one

    @property
    def capabilities(self) -> frozenset[Capability]:
        """A list tells what is open and who owes it; nobody can write into it."""
        return CAPABILITIES_OF_LISTS if self.debtors else CAPABILITIES_OF_LISTS - {Capability.READS_DEBTORS}

    def pull(self, known: Known = NOTHING_KNOWN) -> ListsPulled:
        """Read both lists; raise Unavailable, Refused or Unreadable when one of them cannot be read as a whole."""
        if self.currency not in MINOR_DIGITS:
            raise Refused(f"{self.name}: {self.currency!r} is no currency we know. Configure its ISO 4217 code.")
        read = self._open_items()
        debtors, findings = self._debtors() if self.debtors else ((), ())
        orphans = _items_without_debtor(read.items, debtors) if self.debtors else ()
        return ListsPulled(
            items=read.items,
            debtors=debtors,
            findings=(*read.findings, *findings, *orphans),
            complete=read.complete,
            unreadable_numbers=read.unreadable_numbers,
        )

    def _open_items(self) -> OpenItemRows:
        known = spellings(KNOWN_COLUMNS, self.columns)
        table = self._table(self.open_items, known, self.sheet)
        read = read_items(table, layout_of_items(table, self.columns, self.open_items), self.name, self.currency)
        return read if table.rows else replace(read, findings=(_nothing_below(table),))

    def _debtors(self) -> tuple[tuple[Debtor, ...], tuple[Finding, ...]]:
        assert self.debtors is not None, self
        table = self._table(self.debtors, spellings(DEBTOR_COLUMNS, self.debtor_columns))
        places = positions(table.header, DEBTOR_COLUMNS, self.debtor_columns, self.debtors, "debtor_columns")
        return read_debtors(table.rows, table.layout(places))

    def _table(self, path: Path, known: Collection[str], sheet: str = "") -> Table:
        return read_table(path, known_headers=known, delimiter=self.delimiter, encoding=self.encoding, sheet=sheet)


def _nothing_below(table: Table) -> Finding:
    return Finding(
        code="no_rows",
        place=f"{table.file}:{table.header_line}",
        what="there is a header and no row below it, so nothing is open any more",
        what_to_do="If that cannot be, the export was interrupted: export the list again.",
    )


def _items_without_debtor(items: Iterable[OpenItem], debtors: Iterable[Debtor]) -> Iterator[Finding]:
    """Name each debtor number that no debtor row explains, once, at its first item."""
    known = {debtor.number for debtor in debtors}
    for item in items:
        if item.debtor_number not in known:
            known.add(item.debtor_number)
            yield Finding(
                code="debtor_unknown",
                place=item.place,
                what=f"debtor {item.debtor_number} has no usable row in the debtor list, so nobody can be written to",
                what_to_do="Add or repair the debtor there, or correct the number in the open item.",
                severity=Severity.WARNING,
                excerpt=f"{item.document_number}, open {item.open_amount}",
            )
