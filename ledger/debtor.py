"""The debtor (Debitor, Kunde): who owes, where letters go, and from which accounts money comes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DebtorType(StrEnum):
    """Whether consumer protection applies (§ 13, § 14 BGB)."""

    BUSINESS = "business"  # Unternehmer
    CONSUMER = "consumer"  # Verbraucher
    UNKNOWN = "unknown"  # treated like a consumer wherever that is the safer side


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A debtor as its accounting tool last described it; missing facts are empty, never invented."""

    number: str  # Debitorennummer
    name: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "DE"  # ISO 3166-1 alpha-2
    email: str = ""
    phone: str = ""
    ibans: tuple[str, ...] = ()  # accounts the tool knows, without blanks
    type: DebtorType = DebtorType.UNKNOWN
    language: str = "de"  # ISO 639-1
