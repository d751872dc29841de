"""Fields (Felder) of a tool's answer read one by one: exact, with their path, and never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger.finding import Finding, Severity
from ledger.money import InexactAmount, Money, minor_digits

_SHOWN: Final = 80
_FIRST_DAY: Final = date(1990, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
_LONGEST_NUMBER: Final = 100
_MOST_DIGITS: Final = 28  # beyond them a decimal context would round without a word
_LARGEST: Final = 14  # powers of ten; a database keeps amounts of 18 digits
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST_TERM: Final = 3_650


class Mistake(Exception):
    """A field that cannot be used. Caught where one document becomes a finding; the others go on."""

    def __init__(self, place: str, what: str, what_to_do: str = "Correct it in the tool.") -> None:
        self.place, self.what, self.what_to_do = place, what, what_to_do
        super().__init__(f"{place}: {what}")

    def finding(self, excerpt: str = "") -> Finding:
        """Give what travels to the report: the document was set aside."""
        return Finding(
            code="unreadable_document",
            place=self.place,
            what=f"{self.what}; the document stays as it was",
            what_to_do=self.what_to_do,
            severity=Severity.ERROR,
            excerpt=excerpt,
        )


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of an answer, and its place: ``lexware: invoice RE-12``. Absent, null and empty are the same."""

    values: Mapping[str, Any]
    place: str

    def has(self, key: str) -> bool:
        """Whether a field says anything."""
        return self.values.get(key) not in (None, "", [], {})

    def text(self, key: str) -> str:
        """Read a text; empty where nothing is said. Numbers become digits; false means nothing in some tools."""
        value = self.values.get(key)
        if value is None or value is False:
            return ""
        if isinstance(value, (str, int, Decimal)) and value is not True:
            return _CONTROLS.sub("\ufffd", " ".join(str(value).split()))
        raise self.mistake(key, "is no text")

    def label(self, key: str) -> str:
        """Read a text by which a row is called; empty where nothing usable is said. Never raises."""
        try:
            return self.text(key)
        except Mistake:
            return ""

    def needed(self, key: str) -> str:
        """Read a text that must be there."""
        if not (text := self.text(key)):
            raise Mistake(self._at(key), "is missing")
        return text

    def number(self, key: str) -> str:
        """Read a document or customer number that must be there, and believably short."""
        text = self.needed(key)
        if len(text) > _LONGEST_NUMBER:
            raise self.mistake(key, "is longer than any number")
        return text

    def decimal(self, key: str) -> Decimal | None:
        """Read a number, written as a number or as a text with a point; None where nothing is said."""
        value = self.values.get(key)
        if value is None or value == "" or value is False:
            return None
        if isinstance(value, str):
            value = Decimal(value.strip()) if _NUMBER.fullmatch(value.strip()) else None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self.mistake(key, "is no number")
        return self._believable_number(key, Decimal(value))

    def _believable_number(self, key: str, number: Decimal) -> Decimal:
        """Refuse what would be rounded, or take the memory of the machine when written out."""
        if not number.is_finite():
            raise self.mistake(key, "is no number")
        if len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _LARGEST:
            raise self.mistake(key, "is no believable number")
        return number

    def needed_decimal(self, key: str) -> Decimal:
        """Read a number that must be there."""
        number = self.decimal(key)
        if number is None:
            raise Mistake(self._at(key), "is missing")
        return number

    def money(self, key: str, currency: str) -> Money:
        """Read an amount in units of the currency (19.99), which must be there and exact in minor units."""
        return self.exact(key, self.needed_decimal(key), currency)

    def cents(self, key: str, currency: str) -> Money:
        """Read an amount in minor units (1999), which must be there and whole."""
        number = self.needed_decimal(key)
        if number != number.to_integral_value():
            raise self.mistake(key, "is no whole number of minor units")
        return Money(int(number), currency)

    def exact(self, key: str, number: Decimal, currency: str) -> Money:
        """Turn a number into money; zeros beyond the minor unit are dropped, anything else there is refused."""
        try:
            shifted = number.scaleb(minor_digits(currency))
            if shifted != shifted.to_integral_value():
                raise self.mistake(key, f"has more decimal places than {currency}")
            return Money(int(shifted), currency)
        except (InexactAmount, ValueError) as error:
            raise Mistake(self._at(key), str(error)) from None

    def currency(self, key: str) -> str:
        """Read an ISO 4217 code that must be there and known."""
        text = self.needed(key).upper()
        if len(text) != 3:
            raise self.mistake(key, "is not a currency we know (ISO 4217, three capitals)")
        try:
            minor_digits(text)
        except ValueError as error:
            raise Mistake(self._at(key), str(error)) from None
        return text

    def day(self, key: str, zone: str = "") -> date | None:
        """Read a date, or the day of a moment; None where nothing is said.

        A moment with an offset is taken as the day in ``zone`` (an IANA name), else as the day it is written with.
        """
        text = self.text(key)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if zone and moment.tzinfo is not None:
                moment = moment.astimezone(ZoneInfo(zone))
        except (ValueError, OverflowError):
            raise self.mistake(key, "is no date") from None
        return self.believable(key, moment.date())

    def needed_day(self, key: str, zone: str = "") -> date:
        """Read a date that must be there."""
        if (day := self.day(key, zone)) is None:
            raise Mistake(self._at(key), "is missing")
        return day

    def epoch_day(self, key: str, zone: str = "UTC") -> date | None:
        """Read a moment counted in seconds since 1970 as the day in ``zone``; None where nothing is said."""
        number = self.decimal(key)
        if number is None:
            return None
        try:
            return self.believable(key, datetime.fromtimestamp(int(number), UTC).astimezone(ZoneInfo(zone)).date())
        except (OverflowError, ValueError, OSError):
            raise self.mistake(key, "is no moment") from None

    def believable(self, key: str, day: date) -> date:
        """Give a day between 1990 and 2199 back; tools write 1900 or 9999 for "none" and for slips."""
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise self.mistake(key, "is no believable date")
        return day

    def percent(self, key: str) -> Decimal | None:
        """Read a percentage of at least 0 and less than 100; None where nothing, or nothing but 0, is said."""
        number = self.decimal(key)
        if number is not None and not 0 <= number < 100:
            raise self.mistake(key, "is no percentage of a discount")
        return number or None

    def whole(self, key: str) -> int | None:
        """Read a whole number; None where nothing is said."""
        number = self.decimal(key)
        if number is not None and number != number.to_integral_value():
            raise self.mistake(key, "is no whole number")
        return None if number is None else int(number)

    def term(self, key: str) -> int | None:
        """Read a number of days, from none to ten years; None where nothing is said."""
        days = self.whole(key)
        if days is not None and not 0 <= days <= _LONGEST_TERM:
            raise self.mistake(key, "is no believable number of days")
        return days

    def truth(self, key: str) -> bool:
        """Read yes or no, as tools write it: true, 1, "1", "true"; absent is no."""
        value = self.values.get(key)
        if value in (None, "", False, 0, "0", "false"):
            return False
        if value in (True, 1, "1", "true"):
            return True
        raise self.mistake(key, "is neither yes nor no")

    def inside(self, key: str) -> Fields:
        """Go into an object; an absent one is empty."""
        value = self.values.get(key)
        if not value and value != 0:
            return Fields({}, self._at(key))
        if not isinstance(value, Mapping):
            raise self.mistake(key, "is no object")
        return Fields(value, self._at(key))

    def each(self, key: str) -> Iterator[Fields]:
        """Go through a list of objects; an absent one is empty, and a single object is a list of one."""
        value = self.values.get(key)
        if not value:
            return
        rows = [value] if isinstance(value, Mapping) else value
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            raise self.mistake(key, "is no list")
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise self.mistake(key, f"has something at {number} that is no object")
            yield Fields(row, f"{self._at(key)} {number}")

    def mistake(self, key: str, what: str) -> Mistake:
        """Give the mistake of a field, with what stands there."""
        return Mistake(self._at(key), f"{str(self.values.get(key))[:_SHOWN]!r} {what}")

    def _at(self, key: str) -> str:
        return f"{self.place} › {key}"
