"""Money (Betrag): whole minor units of one currency, exact or refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, total_ordering
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Digits after the decimal mark, ISO 4217. A currency that is not listed is refused: its amounts are unreadable.
MINOR_DIGITS: Final = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
                "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
                "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
                "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
                "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS "
                "VES WST XCD YER ZAR ZMW"
            ).split(),
            2,
        ),
        # Before the euro; archives of statements reach back so far.
        **dict.fromkeys("ATS DEM FIM FRF IEP NLG".split(), 2),
        **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
        **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    }
)

# More digits than any amount has; beyond them a decimal context would round without a word.
_MOST_DIGITS: Final = 24

# A database keeps whole numbers of 64 bits, so an amount has at most 18 digits in minor units.
_LARGEST_DIGITS: Final = 18


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met; the house never converts by itself."""


class InexactAmount(ValueError):
    """An amount has more digits than its currency has minor units."""


class UnknownCurrency(ValueError):
    """A currency code that ISO 4217 does not know, or whose minor units we do not."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (Cent): ``Money(11900, "EUR")`` is 119,00 €."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{german(self)} {self.currency}"

    def decimal(self) -> Decimal:
        """Give the amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self} and {other} cannot be combined: convert one of them first")
        return other.minor


def minor_digits(currency: str) -> int:
    """Give the number of digits after the decimal mark; refuse a currency we do not know."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not a currency we know (ISO 4217, three capitals)") from None


def from_decimal(amount: Decimal, currency: str) -> Money:
    """Turn major units into money; refuse what is not exact, never round."""
    if not amount.is_finite() or len(amount.as_tuple().digits) > _MOST_DIGITS:
        raise InexactAmount(f"{amount} is not an amount of money")
    digits = minor_digits(currency)
    if amount and amount.adjusted() + digits >= _LARGEST_DIGITS:
        raise InexactAmount(f"{amount} {currency} is more than can be kept; check the amount")
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise InexactAmount(f"{amount} is not a whole number of minor units of {currency}")
    return Money(int(minor), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency; nothing at all is zero of that currency."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result


def german(money: Money) -> str:
    """Write the number as Germans do: ``1.234,56``, with a real minus sign left to typography."""
    return _german(money.minor, money.currency)


@lru_cache(maxsize=1 << 10)  # every sentence about a payment says its amount
def _german(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    whole, cents = divmod(abs(minor), 10**digits)
    text = f"{whole:,}".replace(",", ".")
    if digits:
        text += f",{cents:0{digits}d}"
    return f"-{text}" if minor < 0 else text


def english(money: Money) -> str:
    """Write the number as in English letters: ``1,234.56``."""
    digits = minor_digits(money.currency)
    whole, cents = divmod(abs(money.minor), 10**digits)
    text = f"{whole:,}" + (f".{cents:0{digits}d}" if digits else "")
    return f"-{text}" if money.minor < 0 else text
