"""A document (Beleg) as its tool tells it: what we make of it, where it stands there, and the tool's own words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.debtor import Debtor
    from ledger.finding import Finding
    from ledger.open_item import OpenItem


class Standing(StrEnum):
    """Where a document stands in its tool."""

    OPEN = "open"
    SETTLED = "settled"  # paid, or set off against another document
    CANCELLED = "cancelled"  # storniert
    WRITTEN_OFF = "written_off"  # ausgebucht
    DRAFT = "draft"  # not, or no longer, said to the debtor
    DELETED = "deleted"  # the tool does not know it any more


class RemoteKey(NamedTuple):
    """How the tool itself names a document: its kind there, and its id. Never the number printed on it."""

    kind: str
    remote_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of a tool.

    ``item`` is None where something in it could not be read; then ``findings`` say what, and what we know of it stays
    as it was. Its debtor number may be empty: then the tool names the debtor by ``contact_id`` alone. ``debtor`` is
    what the document itself says of the debtor, for those that no list of contacts has.
    """

    key: RemoteKey
    number: str  # as printed, for messages
    standing: Standing
    item: OpenItem | None
    payload: Mapping[str, Any]  # exactly what the tool said
    contact_id: str = ""
    debtor: Debtor | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A customer (Kunde) of a tool, and the id by which its documents name him."""

    remote_id: str
    debtor: Debtor | None  # None where something could not be read
    findings: tuple[Finding, ...] = ()


def payload_bytes(payload: Mapping[str, Any]) -> bytes:
    """Write what a tool said so that equal things have equal bytes: sorted keys, exact numbers."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_exact)
    return text.encode("utf-8", "surrogatepass")  # half a character stays one, as JSON itself reads it


def payload_hash(payload: Mapping[str, Any]) -> str:
    """Give the SHA-256 by which an unchanged document is recognised."""
    return hashlib.sha256(payload_bytes(payload)).hexdigest()


def _exact(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not come out of JSON")
