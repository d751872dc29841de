"""How companies number their documents (Belegnummernkreise): shapes collected from invoices, not from our reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.matching.seeds import TEST_SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from random import Random


class DocumentNumber(NamedTuple):
    """A document number in three pieces, so that payers can shorten it: what stands before, counts, and follows."""

    head: str
    running: str
    tail: str = ""

    def __str__(self) -> str:
        return f"{self.head}{self.running}{self.tail}"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One series of numbers: how it looks, and when counting begins anew."""

    example: str
    write: Callable[[int, date, str], DocumentNumber]  # count, day of the document, debtor number
    counts_anew: Callable[[date, str], str]  # the counter is kept for each value of this
    first: int = 1  # what a counter begins with


def _never(_day: date, _debtor: str) -> str:
    return ""


def _yearly(day: date, _debtor: str) -> str:
    return str(day.year)


def _monthly(day: date, _debtor: str) -> str:
    return f"{day:%Y-%m}"


def _daily(day: date, _debtor: str) -> str:
    return day.isoformat()


def _for_each_debtor(_day: date, debtor: str) -> str:
    return debtor


FORMATS: Final = (
    NumberFormat("RE-2025-00471", lambda n, d, _: DocumentNumber(f"RE-{d:%Y}-", f"{n:05d}"), _yearly),
    NumberFormat("25000471", lambda n, d, _: DocumentNumber(f"{d:%y}", f"{n:06d}"), _yearly),
    NumberFormat("RG0000471", lambda n, _d, _: DocumentNumber("RG", f"{n:07d}"), _never, 3_180),
    NumberFormat("202500471", lambda n, d, _: DocumentNumber(f"{d:%Y}", f"{n:05d}"), _yearly),
    NumberFormat("100471", lambda n, _d, _: DocumentNumber("", str(n)), _never, 104_310),
    NumberFormat("R25/10-00471", lambda n, d, _: DocumentNumber(f"R{d:%y/%m}-", f"{n:05d}"), _yearly),
    NumberFormat("2025-1234-RE", lambda n, d, _: DocumentNumber(f"{d:%Y}-", f"{n:04d}", "-RE"), _yearly, 1_001),
    NumberFormat("10471", lambda n, _d, _: DocumentNumber("", str(n)), _never, 20_817),
    NumberFormat("10234-007", lambda n, _d, c: DocumentNumber(f"{c}-", f"{n:03d}"), _for_each_debtor),
    NumberFormat("0000471234", lambda n, _d, _: DocumentNumber("", f"{n:010d}"), _never, 471_002),
    NumberFormat("AR2510-0471", lambda n, d, _: DocumentNumber(f"AR{d:%y%m}-", f"{n:04d}"), _monthly),
    NumberFormat("2025/471", lambda n, d, _: DocumentNumber(f"{d:%Y}/", str(n)), _yearly, 100),
    NumberFormat("90012345", lambda n, _d, _: DocumentNumber("", str(n)), _never, 90_012_345),
    NumberFormat("RE251004-3", lambda n, d, _: DocumentNumber(f"RE{d:%y%m%d}-", str(n)), _daily),
    NumberFormat("Rg. 471/25", lambda n, d, _: DocumentNumber("Rg. ", str(n), f"/{d:%y}"), _yearly, 100),
)

# Companies that nothing was ever fitted on number like this, so that the figures say something about strangers.
HELD_OUT: Final = (
    NumberFormat("INV/2025/0471", lambda n, d, _: DocumentNumber(f"INV/{d:%Y}/", f"{n:04d}"), _yearly),
    NumberFormat("F-25-K-0471", lambda n, d, _: DocumentNumber(f"F-{d:%y}-K-", f"{n:04d}"), _yearly),
    NumberFormat("1900471205", lambda n, _d, _: DocumentNumber("19", f"{n:08d}"), _never, 471_205),
    NumberFormat("2025.10.0471", lambda n, d, _: DocumentNumber(f"{d:%Y.%m}.", f"{n:04d}"), _yearly),
)

CREDIT_NOTES: Final = (
    NumberFormat("GS-2025-0012", lambda n, d, _: DocumentNumber(f"GS-{d:%Y}-", f"{n:04d}"), _yearly),
    NumberFormat("GU2500012", lambda n, d, _: DocumentNumber(f"GU{d:%y}", f"{n:05d}"), _yearly),
    NumberFormat("8000471", lambda n, _d, _: DocumentNumber("8", f"{n:06d}"), _never, 310),
)


class Series:
    """A number format at work: gives one number after the other, in the order of the days."""

    def __init__(self, number_format: NumberFormat) -> None:
        self._format = number_format
        self._counted: dict[str, int] = {}

    def following(self, rng: Random, day: date, debtor_number: str) -> DocumentNumber:
        """Give the next number; now and then one was cancelled and is missing."""
        key = self._format.counts_anew(day, debtor_number)
        count = self._counted.get(key, self._format.first - 1) + (1 if rng.random() < 0.97 else 2)
        self._counted[key] = count
        return self._format.write(count, day, debtor_number)


def series_of_company(rng: Random, seed: int) -> tuple[Series, ...]:
    """Give the one or two series of a company; neighbouring seeds number differently."""
    formats = (*HELD_OUT, *FORMATS) if seed in TEST_SEEDS else FORMATS
    first = formats[seed % len(formats)]
    others = [one for one in formats if one is not first]
    return (Series(first), Series(rng.choice(others))) if rng.random() < 0.3 else (Series(first),)
