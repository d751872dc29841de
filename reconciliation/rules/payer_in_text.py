"""The payer wrote for whom the money is: the debtor's whole name stands in the text (im Auftrag von)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.text import words
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_IN_TEXT: Final = 3.5
_FOR: Final = 4.5  # behind a word that says for whom
_PAID_BEFORE: Final = 5.0  # and the payer has paid for this debtor before

_FOR_WORDS: Final = frozenset(
    "fuer for auftrag namens kunde kundin mieter mieterin eigentuemer mandant fa firma herr herrn frau von".split()
)


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find debtors by their whole name in the text; the field for the party on our side is such a text, too."""
    paid_before: set[str] | None = None
    seen: set[str] = set()
    for text, is_remittance in ((entry.remittance, True), (entry.ultimate_own_name, False)):
        for mention in index.names.mentions(text):
            paid_before = _paid_before(entry, index) if paid_before is None else paid_before
            if len(mention.debtor_numbers) > index.settings.shared_account_maximum:
                continue
            told_for = not _FOR_WORDS.isdisjoint(words(text[: mention.span[0]])[-2:])
            for number in mention.debtor_numbers:
                # A single word is a surname, a place or a trade as often as a debtor.
                if number in seen or not (mention.word_count > 1 or told_for or number in paid_before):
                    continue
                seen.add(number)
                strength = _PAID_BEFORE if number in paid_before else _FOR if told_for else _IN_TEXT
                yield Evidence(
                    rule="payer_in_text",
                    strength=strength / len(mention.debtor_numbers),
                    says=f'names {index.debtor_name(number)} in the text ("{text[slice(*mention.span)]}")'
                    + (", for whom the payer has paid before" if number in paid_before else ""),
                    debtor_number=number,
                    span=mention.span if is_remittance else None,
                )


def _paid_before(entry: StatementEntry, index: Index) -> set[str]:
    payers = index.payers
    proofs = (
        *payers.of_account(entry.payer_iban, entry.payer_bic, entry.booking_date),
        *payers.of_name(entry.payer_name, entry.booking_date),
    )
    return {proof.debtor_number for proof in proofs}
