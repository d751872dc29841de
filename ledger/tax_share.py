"""Tax shares (Steueranteile): how much of a document stands under which VAT rate, and a discount split by them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.money import Money, from_decimal, minor_digits
from ledger.numerals import UnreadableNumber, read_decimal, read_money
from ledger.rounding import half_up_ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxShare:
    """The part of a document's amount under one VAT rate: 19 and 119,00 EUR. ``gross`` is positive."""

    rate_percent: Decimal  # Steuersatz, below 100; 0 where no tax is charged
    gross: Money  # Bruttobetrag


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPart:
    """The part of a discount under one VAT rate: we earn ``net`` less and owe ``tax`` less (§ 17 (1) UStG)."""

    rate_percent: Decimal
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        """Give what the debtor keeps of this rate."""
        return self.net + self.tax


def split_by_rate(amount: Money, shares: Iterable[TaxShare]) -> tuple[TaxPart, ...]:
    """Split a discount over the VAT rates of its document, in proportion to what stands under each of them.

    A discount reduces each rate's taxable amount alike (§ 17 (1) UStG, UStAE 17.1). The cents that proportion leaves
    over go to the largest remainders (Hare-Niemeyer), the higher rate first among equals; so the parts add up to the
    amount exactly. The tax inside each part is rounded half up, and net is the rest. Rates with no cent have no part.
    """
    by_rate: dict[Decimal, int] = {}
    for share in shares:
        assert share.gross.minor >= 0, share
        assert share.gross.currency == amount.currency, (share, amount)
        by_rate[share.rate_percent] = by_rate.get(share.rate_percent, 0) + share.gross.minor
    rates = sorted((rate for rate, gross in by_rate.items() if gross), reverse=True)
    sign = -1 if amount.minor < 0 else 1
    parts = _in_proportion(abs(amount.minor), [by_rate[rate] for rate in rates])
    return tuple(_part(rate, sign, minor, amount.currency) for rate, minor in zip(rates, parts, strict=True) if minor)


def written_tax_shares(shares: Iterable[TaxShare]) -> str:
    """Write shares as one text for a column of a table: ``19:119.00 7:53.50``."""
    return " ".join(f"{share.rate_percent.normalize():f}:{share.gross.decimal()}" for share in shares)


def read_tax_shares(text: str, currency: str) -> tuple[TaxShare, ...]:
    """Read ``19:119.00 7:53.50``, the amounts with point or comma; no text is no share.

    Raise UnreadableNumber or InexactAmount for what is written otherwise.
    """
    return tuple(_read_share(part, currency) for part in text.split())


def _read_share(part: str, currency: str) -> TaxShare:
    rate, colon, gross = part.partition(":")
    share = TaxShare(rate_percent=read_decimal(rate), gross=_gross(gross, currency)) if colon else None
    if share is None or not 0 <= share.rate_percent < 100 or share.gross.minor < 0:
        raise UnreadableNumber(f"{part!r} is no share of a VAT rate; write 19:119.00 7:53.50")
    return share


def _gross(text: str, currency: str) -> Money:
    # We write every digit of the currency: 1.234 is read as dinars and mils, though elsewhere it may be a thousand.
    digits = text.partition(".")[2]
    if digits and len(digits) == minor_digits(currency) and text.isascii() and text.replace(".", "", 1).isdecimal():
        return from_decimal(Decimal(text), currency)
    return read_money(text, currency)


def _in_proportion(minor: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [minor * weight // whole for weight in weights]
    largest_first = sorted(range(len(weights)), key=lambda place: (-(minor * weights[place] % whole), place))
    for place in largest_first[: minor - sum(parts)]:
        parts[place] += 1
    return parts


def _part(rate_percent: Decimal, sign: int, minor: int, currency: str) -> TaxPart:
    numerator, denominator = rate_percent.as_integer_ratio()
    tax = half_up_ratio(numerator * minor, 100 * denominator + numerator)
    return TaxPart(
        rate_percent=rate_percent,
        net=Money(sign * (minor - tax), currency),
        tax=Money(sign * tax, currency),
    )
