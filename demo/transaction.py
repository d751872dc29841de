"""Transaction codes (Geschäftsvorfälle) as German banks name them: GVC, ISO 20022 code and posting text."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Transaction:
    """How a bank labels one kind of booking (DK, Anlage 3; ISO 20022 external code sets)."""

    kind: EntryKind
    posting_text: str
    iso: tuple[str, str, str]  # domain, family, sub-family
    swift: str  # type in :61:


TRANSACTIONS: Final[Mapping[str, Transaction]] = MappingProxyType(
    {
        "105": Transaction(EntryKind.OTHER, "SEPA-BASISLASTSCHRIFT", ("PMNT", "RDDT", "ESDD"), "NDDT"),
        "109": Transaction(EntryKind.RETURNED_DEBIT, "RETOURE SEPA-LASTSCHRIFT", ("PMNT", "IDDT", "UPDD"), "NRTI"),
        "116": Transaction(EntryKind.TRANSFER, "UEBERWEISUNG", ("PMNT", "ICDT", "ESCT"), "NTRF"),
        "117": Transaction(EntryKind.TRANSFER, "DAUERAUFTRAG", ("PMNT", "ICDT", "STDO"), "NSTO"),
        "156": Transaction(EntryKind.TRANSFER, "GUTSCHRIFT OEFF. KASSE", ("PMNT", "RCDT", "ESCT"), "NTRF"),
        "166": Transaction(EntryKind.TRANSFER, "GUTSCHR. UEBERWEISUNG", ("PMNT", "RCDT", "ESCT"), "NTRF"),
        "167": Transaction(EntryKind.TRANSFER, "GUTSCHR. UEBERWEISUNG", ("PMNT", "RCDT", "ESCT"), "NTRF"),
        "168": Transaction(EntryKind.INSTANT, "ECHTZEIT-GUTSCHRIFT", ("PMNT", "RRCT", "ESCT"), "NTRF"),
        "171": Transaction(EntryKind.DIRECT_DEBIT, "LASTSCHRIFTEINZUG", ("PMNT", "IDDT", "ESDD"), "NDDT"),
        "191": Transaction(EntryKind.TRANSFER, "SAMMELUEBERWEISUNG", ("PMNT", "ICDT", "ESCT"), "NTRF"),
        "192": Transaction(EntryKind.DIRECT_DEBIT, "SAMMEL-LASTSCHRIFTEINZUG", ("PMNT", "IDDT", "ESDD"), "NDDT"),
        "194": Transaction(EntryKind.TRANSFER, "SAMMELGUTSCHRIFT", ("PMNT", "RCDT", "ESCT"), "NTRF"),
        "805": Transaction(EntryKind.CHARGE, "ABSCHLUSS", ("ACMT", "MDOP", "CHRG"), "NCHG"),
        "814": Transaction(EntryKind.INTEREST, "ZINSEN", ("ACMT", "MDOP", "INTR"), "NINT"),
        "820": Transaction(EntryKind.OWN_TRANSFER, "UEBERTRAG", ("PMNT", "RCDT", "BOOK"), "NTRF"),
    }
)
