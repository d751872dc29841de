"""Reading a tool (Abgleich mit dem Programm): the open set, what changed, then by id whatever left the open set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from connectors.accounting.capability import Capability
from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.source import NOTHING_KNOWN, Known, Left, Pulled
from connectors.accounting.spool import Spool
from connectors.accounting.tool import CompletesDocuments
from connectors.wire.paging import Shifted
from ledger.errors import ConnectorError, NotThere, Refused, Unavailable, Unreadable
from ledger.finding import Finding, Severity
from ledger.open_item import OpenItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connectors.accounting.document import Contact
    from connectors.accounting.tool import Tool
    from ledger.debtor import Debtor

_TIMES: Final = 3  # a list is read when its pages do not add up
_MOST_SILENT: Final = 20  # documents of which a tool says nothing, before it is the tool that says nothing
_NO_CLAIM: Final = frozenset({Standing.CANCELLED, Standing.DELETED, Standing.DRAFT, Standing.WRITTEN_OFF})
_Row = TypeVar("_Row")
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
        reading = _Reading(_customers(self.tool), _Completion(self.tool, known))
        complete = _steadily(self.tool.open_documents, reading.take)
        cursor = self._read_changes(known.cursors.get(_CHANGES, ""), reading)
        unclear = self._look_after([key for key in sorted(known.open) if key not in reading.seen], reading)
        if reading.completion.put_off:
            reading.findings.append(_not_completed(self.tool.name, reading.completion.put_off))
        return Pulled(
            items=Items(reading.documents),
            debtors=reading.debtors(),
            findings=tuple(reading.findings),
            complete=complete and not reading.nameless,
            unreadable_numbers=frozenset(),
            documents=reading.documents,
            left=tuple(
                Left(key=key, item_id=known.open[key], standing=reading.seen[key])
                for key in known.open
                if reading.seen.get(key) in _NO_CLAIM
            ),
            unclear=unclear,
            cursors={_CHANGES: cursor} if cursor else {},
        )

    def _read_changes(self, cursor: str, reading: _Reading) -> str:
        """Take in what changed; give from where to ask next, which is as before where the pages did not add up."""
        if Capability.READS_CHANGES not in self.tool.capabilities:
            return cursor
        for _ in range(_TIMES):
            changes = self.tool.changed_documents(cursor)
            if _read_once(changes.documents, reading.take):
                return changes.cursor
        return cursor

    def _look_after(self, absent: list[RemoteKey], reading: _Reading) -> frozenset[RemoteKey]:
        """Ask by id for what left the open set; give those of whom nobody knows yet what became of them."""
        asked = absent[:_LOOKED_AFTER] if Capability.READS_ONE_ITEM in self.tool.capabilities else []
        unclear = set(absent[len(asked) :])
        if unclear:
            reading.findings.append(_not_looked_after(self.tool.name, len(unclear)))
        silent: list[ConnectorError] = []
        for key in asked:
            try:
                reading.take(_looked_after(self.tool, key))
            except (Refused, Unreadable) as error:  # of this one alone, or of all
                silent.append(error)
                if len(silent) > _MOST_SILENT:
                    raise
                unclear.add(key)
                reading.findings.append(_nothing_said(self.tool.name, key, error))
        return frozenset(unclear)

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


@dataclass(slots=True, kw_only=True)
class _Customers:
    """All customers of a tool, by the number people see and by the id that its documents name."""

    debtors: dict[str, Debtor] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)  # by the id of the contact
    unreadable: set[str] = field(default_factory=set)  # ids of contacts
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many customers came so far."""
        return len(self.numbers) + len(self.unreadable)

    def take(self, contact: Contact) -> None:
        """Take in one; whoever comes twice is the same."""
        self.findings |= {(finding.code, finding.place): finding for finding in contact.findings}
        if contact.debtor is None:
            self.unreadable.add(contact.remote_id)
            return
        self.debtors[contact.debtor.number] = contact.debtor
        self.numbers[contact.remote_id] = contact.debtor.number


class _Reading:
    """What was read so far tonight: each document once, by the first reading."""

    def __init__(self, customers: _Customers, completion: _Completion) -> None:
        self.customers = customers
        self.completion = completion
        self.seen: dict[RemoteKey, Standing] = {}
        self.documents: Spool[Document] = Spool()
        self.findings = list(customers.findings.values())
        self.nameless = False  # whether a row came that says no id
        self._found: dict[str, Debtor] = {}  # by documents alone

    def take(self, document: Document) -> None:
        """Take in one document, unless it came before: on two pages, or as open and as changed."""
        if document.key in self.seen:
            return
        if not document.key.remote_id:
            self.nameless = True
            self.findings.append(_nameless(document))
            return
        document = self.completion.of(document)
        self.seen[document.key] = document.standing
        self.documents.add(self._with_debtor(document))
        self.findings.extend(document.findings)

    def debtors(self) -> tuple[Debtor, ...]:
        """Give the customers, and those that only documents name."""
        listed = self.customers.debtors
        return (*listed.values(), *(debtor for number, debtor in self._found.items() if number not in listed))

    def _with_debtor(self, document: Document) -> Document:
        """Name the debtor by its number; where the tool has none, its id is the number.

        Where the customer is there and cannot be read, the document stays as it was: his number is not guessed.
        """
        item = document.item
        if item is None:
            return document
        number = item.debtor_number or self.customers.numbers.get(document.contact_id, "")
        if not number and document.contact_id in self.customers.unreadable:
            return replace(document, item=None)
        number = number or _nobody_elses(document.contact_id, self.customers.debtors)
        if document.debtor is not None and number:
            self._found.setdefault(number, replace(document.debtor, number=number))
        return (
            replace(document, item=replace(item, debtor_number=number)) if number != item.debtor_number else document
        )


def _nobody_elses(contact_id: str, listed: Collection[str]) -> str:
    """Give an id as a debtor number; that of a deleted customer may be the number of another, who owes nothing."""
    return f"id-{contact_id}" if contact_id in listed else contact_id


def _customers(tool: Tool) -> _Customers:
    """Read all customers; raise Unavailable where each reading brings others: nobody is to be missing.

    Where the pages never add up and yet nobody new is on them, the tool counts otherwise than we do.
    """
    customers = _Customers()
    known = -1
    for _ in range(_TIMES):
        if _read_once(tool.contacts(), customers.take) or customers.count == known:
            return customers
        known = customers.count
    raise Unavailable(f"{tool.name}: customers came or went each time while their list was read")


def _steadily(read: Callable[[], Iterable[_Row]], take: Callable[[_Row], None]) -> bool:
    """Read a list; say whether its pages added up in the end.

    Where they did not, it is read again: whoever was on no page the first time is there the second time. Every
    reading only adds; what is listed by mistake is found out when it is asked for by id.
    """
    return any(_read_once(read(), take) for _ in range(_TIMES))


def _read_once(rows: Iterable[_Row], take: Callable[[_Row], None]) -> bool:
    try:
        for row in rows:
            take(row)
    except Shifted:
        return False
    return True


def _looked_after(tool: Tool, key: RemoteKey) -> Document:
    try:
        return tool.document(key)
    except NotThere:
        return _deleted(key)


def _deleted(key: RemoteKey) -> Document:
    return Document(key=key, number="", standing=Standing.DELETED, item=None, payload={})


def _nameless(document: Document) -> Finding:
    return Finding(
        code="unreadable_document",
        place=document.number or document.key.kind,
        severity=Severity.ERROR,
        what="a document has no id, so that nobody can tell it from others; it was set aside",
        what_to_do="Tell whoever runs the tool.",
    )


def _nothing_said(source: str, key: RemoteKey, error: ConnectorError) -> Finding:
    return Finding(
        code="unreadable_document",
        place=f"{source}: {key.kind} {key.remote_id}",
        severity=Severity.WARNING,
        what="it left the open set, and the tool does not say what became of it; nobody is dunned for it",
        what_to_do="Look at it in the tool. It is asked for again the next night.",
        excerpt=str(error),
    )


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
