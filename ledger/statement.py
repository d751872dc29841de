"""The bank statement (Kontoauszug), its entries, and the balances that must add up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import Money, total

if TYPE_CHECKING:
    from datetime import date


# What these messages say is said again, finally, in a statement.
_ANNOUNCING: Final = ("camt.052", "camt.054", "MT942", "pain.002")


class EntryKind(StrEnum):
    """What moved the money, one vocabulary for GVC and ISO 20022 bank transaction codes."""

    TRANSFER = "transfer"  # Überweisung, Dauerauftrag
    INSTANT = "instant"  # Echtzeitüberweisung
    DIRECT_DEBIT = "direct_debit"  # Einzug unserer Lastschriften
    RETURNED_DEBIT = "returned_debit"  # Rücklastschrift: our collection came back
    RETURNED_TRANSFER = "returned_transfer"  # our own transfer came back
    REFUND = "refund"  # a debit on our account was refunded to us
    CARD_SETTLEMENT = "card_settlement"
    CASH = "cash"
    CHEQUE = "cheque"
    INTEREST = "interest"
    CHARGE = "charge"  # Entgelt der Bank
    OWN_TRANSFER = "own_transfer"  # Umbuchung zwischen eigenen Konten
    REVERSAL = "reversal"  # Storno der Bank
    OTHER = "other"


class EntryStatus(StrEnum):
    """How final an entry is; only what is booked is ever matched and counted."""

    BOOKED = "booked"
    PENDING = "pending"  # vorgemerkt, or announced by camt.052, camt.054, MT942; shown, never booked
    REPLACED = "replaced"  # booked in its other form: a total whose payments are booked singly, or the reverse
    WITHDRAWN = "withdrawn"  # the file that brought it was taken back


class StatementEntry(NamedTuple):
    """One payment on a statement: the smallest amount that has a payer of its own.

    A bank posts a batch as one booking; its payments share ``booking_ref`` and are told apart by ``position``.
    Where the payments inside a booking do not add up to it, the booking itself is the only entry.
    ``remittance`` is for reading; ``remittance_glued`` is the same text with every line joined without a blank,
    because banks cut at 27, 35 or 140 characters, through the middle of numbers.

    A tuple and no data class: readers make millions of them, and a frozen data class costs ten times as much.
    """

    account: str  # our own IBAN, without blanks
    booking_date: date  # Buchungstag
    amount: Money  # credit positive, debit negative
    value_date: date | None = None  # Wertstellung
    kind: EntryKind = EntryKind.OTHER
    status: EntryStatus = EntryStatus.BOOKED
    payer_name: str = ""  # the other party (Auftraggeber; on debits Empfänger)
    payer_iban: str = ""  # IBAN, or the account number as the bank wrote it
    payer_bic: str = ""
    ultimate_name: str = ""  # abweichender Auftraggeber (ABWA+, UltmtDbtr)
    remittance: str = ""  # Verwendungszweck
    remittance_glued: str = ""
    references: tuple[str, ...] = ()  # structured creditor references (RF, QRR) and referred document numbers
    end_to_end_id: str = ""  # Ende-zu-Ende-Referenz; NOTPROVIDED is empty
    mandate_id: str = ""  # Mandatsreferenz
    creditor_id: str = ""  # Gläubiger-Identifikationsnummer
    bank_reference: str = ""  # the bank's own reference (AcctSvcrRef, //…)
    return_reason: str = ""  # ISO reason code of a return, or the bank's number and text
    original_amount: Money | None = None  # of the returned collection (OAMT+), or as ordered (InstdAmt, OCMT)
    charges: Money | None = None  # bank charge inside the amount (COAM+, CHGS, Chrgs), positive
    posting_text: str = ""  # Buchungstext
    transaction_code: str = ""  # GVC or ISO code as delivered
    booking_ref: str = ""  # groups the payments of one booking within its statement
    position: int = 0  # place of this payment in its booking
    place: str = ""  # file and line, for messages
    entry_id: str = ""  # identity over all formats and deliveries; empty until storage has identified it
    ultimate_own_name: str = ""  # abweichend on our own side (ABWE+ on credits, UltmtCdtr): for whom we received it
    purpose_code: str = ""  # ISO purpose of the payment (PURP+, Purp/Cd): SALA, SUPP, …
    batch_reference: str = ""  # file or batch it was collected with (KREF+, Btch/PmtInfId, AddtlInfInd/MsgId)
    transaction_id: str = ""  # of the clearing (UETR, else TxId, InstrId): the same at every bank it passes
    exchange_rate: str = ""  # decimal text as the bank wrote it, empty where nothing was exchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of one account: what the bank said between two balances.

    Balances are None where the format has none (camt.052, camt.054, MT942).
    """

    account: str  # our own IBAN, without blanks; or the account as the bank wrote it
    currency: str
    statement_ref: str = ""  # the bank's identification of the statement (Stmt/Id, :20:)
    number: str = ""  # Auszugsnummer, electronic sequence number
    opening_date: date | None = None
    opening: Money | None = None  # Anfangssaldo
    closing_date: date | None = None
    closing: Money | None = None  # Schlusssaldo
    period_from: date | None = None  # first and last day the bank says the statement covers (FrToDt)
    period_to: date | None = None
    page: int = 0  # number of this page, 0 where the statement is not paged
    is_last_page: bool = True
    entries: tuple[StatementEntry, ...] = ()
    format: str = ""  # camt.053.001.08, MT940, …
    place: str = ""  # file and line

    @property
    def is_binding(self) -> bool:
        """Whether these bookings are final: neither a report, a notification nor a list of rejects."""
        return not self.format.startswith(_ANNOUNCING)

    def movement(self) -> Money:
        """Add up all booked entries."""
        return total((e.amount for e in self.entries if e.status is EntryStatus.BOOKED), self.currency)

    def adds_up(self) -> bool:
        """Whether opening plus entries is closing; True where the bank gave no pair of balances to check."""
        if self.opening is None or self.closing is None:
            return True
        return self.opening + self.movement() == self.closing
