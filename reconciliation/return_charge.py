"""What a return cost (Rücklastschriftgebühr): the bank's part of the amount, kept apart from what came back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ledger.numerals import read_money
from ledger.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.money import Money
    from ledger.statement import StatementEntry
    from reconciliation.settings import MatchSettings

# Banks write: Entgelt 3,00 or PLUS ENTG.10,50 or Fremdentgelt EUR 2,50 or Rücklastschriftgebühr: 3,00 €.
_CHARGE: Final = re.compile(
    r"(?:entgelt|entg|gebuehr|gebuehren|spesen|bankspesen|ruecklastschriftkosten|charges?|fees?)"
    r"[ .:]{0,3}(?:in hoehe von |von )?(?:eur|chf|€)? ?(?P<amount>\d{1,3}[.,]\d{2})(?!\d)"
)


def charge_of(entry: StatementEntry, original: Money, settings: MatchSettings, returns: int = 1) -> Money | None:
    """Give what the bank took for returning ``original``, positive or zero; None where the amounts do not fit.

    Signs are those of the account: ``original`` came in where a collection is returned, and went out where our own
    payment is. The bank's own fields decide (OAMT: the original, COAM, CHGS, Chrgs: the charge, to which our bank may
    add its own); then what the text says; and where nobody says anything, the rest of the amount, as far as
    ``return_charge_maximum_minor`` allows for each of so many ``returns``.
    """
    if original.currency != entry.amount.currency:
        return None
    charge = -(entry.amount + original)
    if charge.minor < 0:
        return None
    limit = settings.return_charge_maximum_minor * returns
    if entry.original_amount is not None:
        return charge if abs(entry.original_amount) == abs(original) else None
    if entry.charges is not None:
        told = entry.charges.minor
        return charge if charge.minor == 0 or told <= charge.minor <= max(told, limit) else None
    return charge if charge.minor <= limit or charge in told_in_text(entry) else None


def is_told(entry: StatementEntry, charge: Money) -> bool:
    """Whether the bank itself says what it charged, in a field or in the text; no charge needs no word."""
    told = entry.original_amount is not None or entry.charges == charge
    return not charge or told or charge in told_in_text(entry)


def told_in_text(entry: StatementEntry) -> frozenset[Money]:
    """Give the charges that the text names, each alone and all together (Eigenentgelt plus Fremdentgelt)."""
    return frozenset(
        amount for text in {entry.remittance, entry.remittance_glued} for amount in _told(text, entry.amount.currency)
    )


def originals_that_fit(entry: StatementEntry) -> frozenset[Money]:
    """Give the amounts that the entry may return, going by its fields and its text alone, signed as they moved."""
    if entry.original_amount is not None:
        whole = abs(entry.original_amount)
        return frozenset({whole if entry.amount.minor < 0 else -whole})
    if entry.charges is not None:
        return frozenset({-entry.amount - entry.charges, -entry.amount})
    return frozenset({-entry.amount, *(-entry.amount - charge for charge in told_in_text(entry))})


def _told(text: str, currency: str) -> Iterator[Money]:
    amounts = [read_money(found["amount"].replace(".", ","), currency) for found in _CHARGE.finditer(fold(text))]
    yield from amounts
    if len(amounts) > 1:
        yield sum(amounts[1:], amounts[0])
