"""Documents of tools (Belege der Programme) on their way into the books: as rows, and read again one by one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from config.sources import source_of
from connectors.accounting import Capability, ToolSource
from connectors.accounting.document import RemoteKey, payload_bytes
from storage.facts import load_debtor_number
from storage.remote_documents import RemoteRow, find_key, save_documents

if TYPE_CHECKING:
    from connectors.accounting.document import Document
    from night.workplace import Workplace


def row_of(document: Document) -> RemoteRow:
    """Give a document as it is stored, with the hash by which an unchanged one is recognised."""
    payload = payload_bytes(document.payload)
    # What we make of it belongs to the hash: a newer version of ours may read the same words better.
    made = hashlib.sha256(payload + repr(document.item).encode())
    return RemoteRow(
        document.key.kind,
        document.key.remote_id,
        document.standing.value,
        document.item,
        made.hexdigest(),
        payload,
    )


def tools_of(work: Workplace) -> dict[str, ToolSource]:
    """Connect the tools among the company's sources; raise Refused where a secret is missing."""
    sources = (source_of(one, work.office, work.engine, work.company_id) for one in work.company.source)
    return {source.name: source for source in sources if isinstance(source, ToolSource)}


def read_again(work: Workplace, source: ToolSource, item_id: str) -> Document | None:
    """Read an item of a tool as it stands now, and save what it says; None where the tool cannot tell.

    Raises Unavailable, Refused or Unreadable when it does not answer.
    """
    if Capability.READS_ONE_ITEM not in source.capabilities:
        return None
    with work.step() as connection:
        key = find_key(connection, work.company_id, source.name, item_id)
        debtor_number = load_debtor_number(connection, work.company_id, item_id)
    if key is None:
        return None
    document = source.reread(RemoteKey(*key))
    if document.item is not None and not document.item.debtor_number:
        document = replace(document, item=replace(document.item, debtor_number=debtor_number))
    with work.step() as connection:
        save_documents(
            connection, work.company_id, source.name, [row_of(document)], run_date=work.run_date, cursors={}
        )
    return document
