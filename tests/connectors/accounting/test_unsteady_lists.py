"""Lists that change while they are read: customers and changes are read again, and nothing is skipped for good."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.accounting.tool import Changes
from connectors.wire.paging import Shifted
from ledger.debtor import Debtor
from ledger.errors import NotThere
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator


def document(number: int, *, terms: bool = False) -> Document:
    """Give an open invoice; with its terms it says so in what the tool said."""
    amount = Money(100 * number, "EUR")
    item = OpenItem(
        item_id=f"tool:invoice:{number}",
        document_number=str(number),
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=date(2026, 4, 1),
        due_date=date(2026, 4, 15),
        amount=amount,
        open_amount=amount,
    )
    payload = {"id": number, "terms": True} if terms else {"id": number}
    key = RemoteKey("invoice", str(number))
    return Document(key=key, number=str(number), standing=Standing.OPEN, item=item, payload=payload)


@dataclass
class UnsteadyTool:
    """A tool whose lists do not add up the first so many times."""

    unsteady_contacts: int = 0
    unsteady_changes: int = 0
    name: str = "tool"
    capabilities: frozenset[Capability] = frozenset({Capability.READS_CHANGES, Capability.READS_ONE_ITEM})
    changed: list[Document] = field(default_factory=list)

    def check(self) -> str:
        return "here"

    def contacts(self) -> Iterator[Contact]:
        yield Contact(remote_id="7", debtor=Debtor(number="10001", name="Huber GmbH"))
        if self.unsteady_contacts > 0:
            self.unsteady_contacts -= 1
            raise Shifted("moved")
        yield Contact(remote_id="8", debtor=Debtor(number="10002", name="Meier AG"))

    def open_documents(self) -> Iterator[Document]:
        yield document(1)

    def changed_documents(self, since: str) -> Changes:
        return Changes(documents=self._changed(), cursor="tonight")

    def _changed(self) -> Iterator[Document]:
        yield document(2)
        if self.unsteady_changes > 0:
            self.unsteady_changes -= 1
            raise Shifted("moved")
        yield document(3)

    def document(self, key: RemoteKey) -> Document:
        raise NotThere(str(key))


class ListsWithoutTerms(UnsteadyTool):
    """A tool whose lists leave the terms out."""

    deleted = ""

    def remembered(self, listed: Document, told: Any) -> Document | None:
        return document(int(listed.number), terms=True) if told and told.get("terms") else None

    def completed(self, listed: Document) -> Document:
        if listed.number == self.deleted:
            raise NotThere(listed.number)
        return document(int(listed.number), terms=True)


@pytest.mark.parametrize("times", [0, 1])
def test_customers_are_read_again_when_their_pages_did_not_add_up(times: int) -> None:
    pulled = ToolSource(UnsteadyTool(unsteady_contacts=times)).pull()

    assert [debtor.number for debtor in pulled.debtors] == ["10001", "10002"]


@pytest.mark.parametrize(("times", "cursor", "read"), [(0, "tonight", 3), (2, "tonight", 3), (3, "before", 2)])
def test_changes_that_never_add_up_are_asked_for_again_the_next_night(times: int, cursor: str, read: int) -> None:
    pulled = ToolSource(UnsteadyTool(unsteady_changes=times)).pull(Known(cursors={"changes": "before"}))

    assert pulled.cursors == {"changes": cursor}
    assert len(pulled.items) == read


def test_only_what_is_not_remembered_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.accounting.sync._COMPLETED", 1)
    told = {RemoteKey("invoice", "1"): {"id": 1, "terms": True}}
    pulled = ToolSource(ListsWithoutTerms()).pull(Known(told=told.get))

    assert [one.payload.get("terms") for one in pulled.documents] == [True, True, None]
    assert [finding.code for finding in pulled.findings] == ["terms_not_read"]


def test_what_is_deleted_when_it_is_asked_for_is_gone() -> None:
    tool = ListsWithoutTerms()
    tool.deleted = "1"
    pulled = ToolSource(tool).pull(Known(open={RemoteKey("invoice", "1"): "tool:invoice:1"}))

    assert [(left.item_id, left.standing) for left in pulled.left] == [("tool:invoice:1", Standing.DELETED)]
