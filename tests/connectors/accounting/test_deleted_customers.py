"""Documents of customers who were deleted in the tool: they stand under a number that is nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest

from connectors.accounting.document import Contact, Document, RemoteKey
from connectors.accounting.easybill import translate
from connectors.accounting.sync import ToolSource
from connectors.accounting.tool import Changes
from ledger.debtor import Debtor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.capability import Capability


@dataclass
class Ledger:
    """A tool with one invoice of customer 7, and one customer who is told."""

    contact_id: str
    number: str

    name: ClassVar[str] = "tool"
    capabilities: ClassVar[frozenset[Capability]] = frozenset()

    def check(self) -> str:
        return "it answers"

    def contacts(self) -> Iterator[Contact]:
        yield Contact(remote_id=self.contact_id, debtor=Debtor(number=self.number, name="Huber GmbH"))

    def open_documents(self) -> Iterator[Document]:
        row = {"id": 1, "type": "INVOICE", "number": "RE-1", "document_date": "2026-04-01", "customer_id": 7}
        paid = {"amount": 11_900, "paid_amount": 0, "paid_at": None, "is_draft": False, "currency": "EUR"}
        yield translate(row | paid, self.name)

    def changed_documents(self, since: str) -> Changes:
        return Changes(documents=(), cursor=since)

    def document(self, key: RemoteKey) -> Document:
        raise AssertionError(key)


@pytest.mark.parametrize(
    ("contact_id", "number", "owes"),
    [("7", "10001", "10001"), ("8", "10001", "7"), ("8", "7", "id-7")],
    ids=["listed", "deleted", "deleted, and another one has its id as number"],
)
def test_nobody_owes_what_a_deleted_customer_owed(contact_id: str, number: str, owes: str) -> None:
    pulled = ToolSource(Ledger(contact_id, number)).pull()

    assert [item.debtor_number for item in pulled.items] == [owes]
