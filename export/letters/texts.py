"""The words of our letters, mails and calls in one language, read from texts/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.money import english, german

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from ledger.money import Money

LANGUAGES: Final = ("de", "en")
STYLES: Final = ("formal", "warm")

# Everything a paragraph may ask for under `when`.
FACTS: Final = frozenset(
    {
        "one item",
        "several items",
        "earlier letters",
        "no earlier letters",
        "daily interest",
        "provisional interest",
        "private",
        "business",
        "not surely business",
        "undisputed rest",
        "default clause",
        "broken promise",
        "broken plan",
        "ended deferral",
        "after complaint",
        "after silence",
    }
)

_FOLDER: Final = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Words and habits of one language: its texts as data, and how it writes dates and amounts."""

    language: str  # de or en
    data: Mapping[str, Any]  # as in the TOML file

    def label(self, name: str) -> str:
        """Give a fixed word of the form, such as a column heading."""
        label: str = self.data["labels"][name]
        return label

    def word(self, name: str) -> str:
        """Give a phrase from the top of the file."""
        word: str = self.data[name]
        return word

    def directors(self, legal_form: str) -> str:
        """Give what the people who run a company of this legal form are called."""
        name: str = self.data["labels"]["directors"][legal_form]
        return name

    def law(self, country: str, claim: str) -> str:
        """Give the paragraphs behind interest or costs under a country's law; empty where we do not know them."""
        basis: str = self.data["law"].get(country, {}).get(claim, "")
        return basis

    def country(self, code: str) -> str:
        """Name a country (ISO 3166-1 alpha-2); a code we have no name for stands for itself."""
        name: str = self.data["countries"].get(code, code)
        return name

    def day(self, day: date) -> str:
        """Write a day as this language does: 05.03.2026 or 5 March 2026."""
        return self._written_day("date", day)

    def short_day(self, day: date) -> str:
        """Write a day for a column: 05.03.2026 or 5 Mar 2026."""
        return self._written_day("short_date", day)

    def _written_day(self, form: str, day: date) -> str:
        months = self.data["months"]
        name = months[day.month - 1] if months else ""
        return self.word(form).format(day=day.day, month=day.month, month_name=name, year=day.year)

    def number(self, money: Money) -> str:
        """Write an amount without its currency, with a real minus sign."""
        return (german if self.language == "de" else english)(money).replace("-", "\u2212")

    def money(self, money: Money) -> str:
        """Write an amount with its currency, kept together on one line."""
        currency = "€" if money.currency == "EUR" and self.language == "de" else money.currency
        return self.word("money").format(number=self.number(money), currency=currency)

    def percent(self, rate: Decimal) -> str:
        """Write a yearly rate: 10,27 %."""
        digits = f"{rate:f}".replace("-", "\u2212").replace(".", self.word("decimal_mark"))
        return f"{digits}\u00a0%"

    def enumeration(self, parts: tuple[str, ...]) -> str:
        """Join with commas and an and."""
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + self.word("list_end") + parts[-1]


# Gives the texts of a debtor's language; ``texts`` are the shipped ones.
Wording = Callable[[str], Texts]


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Texts:
    """Load the texts of a language: German for ``de``, ``de-AT`` and where none is known, English for all others."""
    if (known := written_language(language)) != language:
        return texts(known)
    return Texts(language=language, data=tomllib.loads(shipped(language)))


def shipped(language: str, style: str = "") -> str:
    """Give a shipped file of texts as it was written; a style other than the formal one is only what differs."""
    return (_FOLDER / f"{language}{style and '.'}{style}.toml").read_text(encoding="utf-8")


def template_names() -> frozenset[str]:
    """Name the letter texts a dunning stage may ask for."""
    return frozenset(texts("de").data["template"])


def message_names() -> frozenset[str]:
    """Name the texts that are no stage: confirmations, statement of account, thanks and apology."""
    return frozenset(texts("de").data["message"])


def written_language(language: str) -> str:
    """Choose the language we write to somebody who speaks this one."""
    return "de" if not language or language.casefold().startswith("de") else "en"
