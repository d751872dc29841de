"""What moved the money, from the posting text (Buchungstext) that German banks write in plain words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from connectors.bank.codes import GVC_KINDS, entry_kind
from ledger.statement import EntryKind
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping

# Parts of the squeezed text, the most telling first; with what they mean on a credit and on a debit.
_WORDS: Final = (
    ("storno", EntryKind.REVERSAL, EntryKind.REVERSAL),
    ("gebuehr", EntryKind.CHARGE, EntryKind.CHARGE),  # before Rücklastschrift: its fee is a fee
    ("entgelt", EntryKind.CHARGE, EntryKind.CHARGE),
    ("kontofuehrung", EntryKind.CHARGE, EntryKind.CHARGE),
    ("kontoabrechnung", EntryKind.CHARGE, EntryKind.CHARGE),
    ("abschluss", EntryKind.CHARGE, EntryKind.CHARGE),
    # A debit on our account that comes back to us is a refund; what we collected and lose again is a return.
    ("ruecklastschrift", EntryKind.REFUND, EntryKind.RETURNED_DEBIT),
    ("lastschriftrueckgabe", EntryKind.REFUND, EntryKind.RETURNED_DEBIT),
    ("ueberweisungsretoure", EntryKind.RETURNED_TRANSFER, EntryKind.OTHER),
    ("rueckueberweisung", EntryKind.RETURNED_TRANSFER, EntryKind.OTHER),
    ("retoure", EntryKind.RETURNED_TRANSFER, EntryKind.RETURNED_DEBIT),
    # Whoever is debited was collected from; only a credit is a collection of ours.
    ("lastschrift", EntryKind.DIRECT_DEBIT, EntryKind.OTHER),
    ("lseinzug", EntryKind.DIRECT_DEBIT, EntryKind.OTHER),
    ("geldautomat", EntryKind.CASH, EntryKind.CASH),
    ("auszahlunggaa", EntryKind.CASH, EntryKind.CASH),
    ("barauszahlung", EntryKind.CASH, EntryKind.CASH),
    ("bargeld", EntryKind.CASH, EntryKind.CASH),
    ("bareinzahlung", EntryKind.CASH, EntryKind.CASH),
    ("scheck", EntryKind.CHEQUE, EntryKind.CHEQUE),
    ("zins", EntryKind.INTEREST, EntryKind.INTEREST),
    ("umbuchung", EntryKind.OWN_TRANSFER, EntryKind.OWN_TRANSFER),
    ("echtzeit", EntryKind.INSTANT, EntryKind.INSTANT),
    ("instant", EntryKind.INSTANT, EntryKind.INSTANT),
    ("ueberweisung", EntryKind.TRANSFER, EntryKind.TRANSFER),
    ("gutschr", EntryKind.TRANSFER, EntryKind.OTHER),
    ("dauerauftrag", EntryKind.TRANSFER, EntryKind.TRANSFER),
    ("lohngehalt", EntryKind.TRANSFER, EntryKind.TRANSFER),
    ("credittransfer", EntryKind.TRANSFER, EntryKind.TRANSFER),
    ("directdebit", EntryKind.OTHER, EntryKind.OTHER),
)
# A card payment with the word Gutschrift is money back from a shop, and no payer of ours.
_CARDS: Final = ("kartenzahlung", "kartenverfuegung", "kreditkarte", "cardpayment", "presentment")


def kind_of(posting_text: str, code: str, own: Mapping[str, EntryKind], *, credit: bool) -> EntryKind:
    """Say what moved the money: by GVC where the export has it, by the bank's ``own`` words, by everybody's words.

    What is not unmistakable is OTHER.
    """
    if code in GVC_KINDS:
        return entry_kind(credit=credit, gvc=code)
    squeezed = squeeze(posting_text)
    if not squeezed:
        return EntryKind.OTHER
    for words, kind in own.items():
        if squeeze(words) == squeezed:
            return kind
    return _in_words(squeezed, credit=credit)


@lru_cache(maxsize=1024)
def _in_words(squeezed: str, *, credit: bool) -> EntryKind:
    if any(word in squeezed for word in _CARDS):
        return EntryKind.OTHER
    for word, on_credit, on_debit in _WORDS:
        if word in squeezed:
            return on_credit if credit else on_debit
    return EntryKind.OTHER
