"""Reading a tool (Abgleich mit dem Programm): the open set, what changed, then by id whatever left the open set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from connectors.accounting.capability import Capability
from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.source import NOTHING_KNOWN, Known, Left, Pulled
from connectors.accounting.spool import Spool
from connectors.accounting.tool import CompletesDocuments
from connectors.wire.paging import Shifted
from ledger.errors import NotThere
from ledger.finding import Finding, Severity
from ledger.open_item import OpenItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connectors.accounting.document import Contact
    from connectors.accounting.tool import Tool
    from ledger.debtor import Debtor

_TIMES: Final = 3  # the open set is read when its pages do not add up
_LOOKED_AFTER: Final = 2_000  # documents that left the open set, asked for one by one in one night
_COMPLETED: Final = 2_000  # documents whose lists leave something out, asked for one by one in one night
_CHANGES: Final = "changes"  # the name of the only stream of changes, among the cursors


@dataclass(frozen=True, slots=True)
class ToolSource:
    """A tool as the night sees it: one pull, in which nothing is missed and nothing is counted twice."""

    tool: Tool

    @property
    def name(self) -> str:
        """The name under which the configuration knows it."""
        return self.tool.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this tool can do."""
        return self.tool.capabilities

    def check(self) -> str:
        """Ask something cheap, and say who answered."""
        return self.tool.check()

    def pull(self, known: Known = NOTHING_KNOWN) -> Pulled:
        """Read everything that matters tonight; raise Unavailable, Refused or Unreadable."""
        debtors, numbers, findings = _debtors(self.tool)
        listed = {debtor.number for debtor in debtors}
        seen: dict[RemoteKey, Standing] = {}
        documents: Spool[Document] = Spool()
        debtors_of_documents: dict[str, Debtor] = {}
        completion = _Completion(self.tool, known)

        def take(document: Document) -> None:
            if document.key in seen:  # the same row on two pages, or open and changed: the first reading counts
                return
            document = completion.of(document)
            seen[document.key] = document.standing
            documents.add(_with_debtor(document, numbers, listed, debtors_of_documents))
            findings.extend(document.findings)

        steady = _read_open_set(self.tool, take)
        cursor = known.cursors.get(_CHANGES, "")
        if Capability.READS_CHANGES in self.tool.capabilities:
            changes = self.tool.changed_documents(cursor)
            for document in changes.documents:
                take(document)
            cursor = changes.cursor
        absent = [key for key in sorted(known.open) if key not in seen]
        asked = absent[:_LOOKED_AFTER] if Capability.READS_ONE_ITEM in self.tool.capabilities else []
        for key in asked:
            take(_looked_after(self.tool, key))
        unclear = frozenset(absent[len(asked) :])
        if asked != absent:
            findings.append(_not_looked_after(self.tool.name, len(unclear)))
        if completion.put_off:
            findings.append(_not_completed(self.tool.name, completion.put_off))
        return Pulled(
            items=Items(documents),
            debtors=(*debtors, *(d for number, d in debtors_of_documents.items() if number not in listed)),
            findings=tuple(findings),
            complete=steady,
            unreadable_numbers=frozenset(),
            documents=documents,
            left=tuple(
                Left(key=key, item_id=known.open[key], standing=seen[key])
                for key in known.open
                if seen.get(key) in {Standing.CANCELLED, Standing.DELETED, Standing.DRAFT, Standing.WRITTEN_OFF}
            ),
            unclear=unclear,
            cursors={_CHANGES: cursor} if cursor else {},
        )

    def reread(self, key: RemoteKey) -> Document:
        """Read one document again; a deleted one comes back as that. Raises Unavailable, Refused or Unreadable."""
        return _looked_after(self.tool, key)


@dataclass(slots=True)
class _Completion:
    """Adds to listed documents what only the single document tells, asking for as few as possible."""

    tool: Tool
    known: Known
    asked: int = 0
    put_off: int = 0

    def of(self, document: Document) -> Document:
        if not isinstance(self.tool, CompletesDocuments):
            return document
        if (whole := self.tool.remembered(document, self.known.told(document.key))) is not None:
            return whole
        if self.asked == _COMPLETED:
            self.put_off += 1
            return document
        self.asked += 1
        try:
            return self.tool.completed(document)
        except NotThere:
            return _deleted(document.key)


class Items(Collection[OpenItem]):
    """The items of documents that could be read, out of the spool."""

    def __init__(self, documents: Spool[Document]) -> None:
        self._documents = documents
        self._count = sum(document.item is not None for document in documents)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[OpenItem]:
        return (document.item for document in self._documents if document.item is not None)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


def _debtors(tool: Tool) -> tuple[list[Debtor], dict[str, str], list[Finding]]:
    """Read all customers: the debtors, their numbers by the id the tool uses, and what was wrong with them."""
    debtors: dict[str, Debtor] = {}
    numbers: dict[str, str] = {}
    findings: dict[tuple[str, str], Finding] = {}
    for contact in _all_contacts(tool):
        findings |= {(f.code, f.place): f for f in contact.findings}
        if contact.debtor is not None:
            debtors[contact.debtor.number] = contact.debtor
            numbers[contact.remote_id] = contact.debtor.number
    return list(debtors.values()), numbers, list(findings.values())


def _all_contacts(tool: Tool) -> Iterator[Contact]:
    """Give all customers, again from the start where their pages did not add up; raise Shifted if they never do."""
    for time in range(1, _TIMES + 1):
        try:
            yield from tool.contacts()
        except Shifted:
            if time == _TIMES:
                raise
        else:
            return


def _read_open_set(tool: Tool, take: Callable[[Document], None]) -> bool:
    """Take in the open set; say whether its pages added up in the end.

    Where they did not, it is read again: whoever was on no page the first time is there the second time. Every
    reading only adds; what is listed by mistake is found out when it is asked for by id.
    """
    for _ in range(_TIMES):
        try:
            for document in tool.open_documents():
                take(document)
        except Shifted:
            continue
        return True
    return False


def _looked_after(tool: Tool, key: RemoteKey) -> Document:
    try:
        return tool.document(key)
    except NotThere:
        return _deleted(key)


def _deleted(key: RemoteKey) -> Document:
    return Document(key=key, number="", standing=Standing.DELETED, item=None, payload={})


def _with_debtor(
    document: Document, numbers: Mapping[str, str], listed: Collection[str], found: dict[str, Debtor]
) -> Document:
    """Name the debtor by its number; where the tool has none, its id is the number.

    The id of a customer who was deleted may be the number of another one, who owes nothing of it.
    """
    item = document.item
    if item is None:
        return document
    number = item.debtor_number or numbers.get(document.contact_id) or document.contact_id
    if not item.debtor_number and document.contact_id not in numbers and number in listed:
        number = f"id-{number}"
    if document.debtor is not None and number:
        found.setdefault(number, replace(document.debtor, number=number))
    if number == item.debtor_number:
        return document
    return replace(document, item=replace(item, debtor_number=number))


def _not_looked_after(source: str, count: int) -> Finding:
    return Finding(
        code="items_not_looked_after",
        place=source,
        severity=Severity.WARNING,
        what=f"{count} documents left the open set, and nobody asked yet whether they were paid or cancelled",
        what_to_do="Nothing: they are asked for in the next nights, and until then nobody is dunned for them.",
    )


def _not_completed(source: str, count: int) -> Finding:
    return Finding(
        code="terms_not_read",
        place=source,
        severity=Severity.WARNING,
        what=f"{count} documents are known from the list alone, without their terms (Skonto)",
        what_to_do="Nothing: their terms are read in the next nights; until then a discount is a difference.",
    )
