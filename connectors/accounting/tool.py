"""A tool (Buchhaltungsprogramm) as its one file describes it: what it can, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.accounting.capability import Capability
    from connectors.accounting.document import Contact, Document, RemoteKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed since a moment, and from where to ask next; ``cursor`` is the tool's own notion of time."""

    documents: Iterable[Document]
    cursor: str


class Tool(Protocol):
    """What one file per tool implements: it knows facts, and has no opinions."""

    @property
    def name(self) -> str:
        """The name of this source in the configuration; part of every item's identity."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this tool can do."""

    def check(self) -> str:
        """Ask something cheap that needs the key, and say in one sentence who answered and as whom we are known."""

    def contacts(self) -> Iterable[Contact]:
        """Give every customer; one may come twice."""

    def open_documents(self) -> Iterable[Document]:
        """Give the whole open set, page by page; one may come twice where rows move between pages.

        Raise Shifted where the pages do not add up, so that they are read again.
        """

    def changed_documents(self, since: str) -> Changes:
        """Give what changed since a cursor, whatever its standing, with some overlap; "" asks for a first cursor."""

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now; raise NotThere where it was deleted."""


@runtime_checkable
class CompletesDocuments(Protocol):
    """A tool whose lists leave out what only a single document tells, such as the terms of Skonto."""

    def remembered(self, document: Document, told: Mapping[str, Any] | None) -> Document | None:
        """Complete a listed document without asking; None where the tool must be asked.

        ``told`` is the payload of the last reading, where the document was open then.
        """

    def completed(self, document: Document) -> Document:
        """Ask for the rest of one document; raise NotThere where it was deleted meanwhile."""
