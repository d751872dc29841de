"""What looks like a document number and is none: dates, periods, amounts, times, telephone numbers, IBANs."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from stdnum import iso11649


class Kind(StrEnum):
    """What a stretch of digits is instead of a document number."""

    DATE = "date"
    PERIOD = "period"  # 03/2026
    AMOUNT = "amount"  # also percentages, times and quantities
    PHONE = "telephone number"
    IBAN = "IBAN"
    REFERENCE = "creditor reference"


_UNIT: Final = (
    r"(?:eur|euros?|chf|usd|gbp|sfr|€|\$|£"
    r"|%|prozent|percent|v\.?h\.|uhr|stk|stck|stueck|stück|tage?n?|days|kg|km|kwh|qm|std|h)"
)
_MONTH: Final = r"(?:jan|feb|m[aä]r|maer|mrz|apr|mai|may|jun|jul|aug|sep|o[kc]t|nov|de[zc])[a-zä]*"

# Each pattern is tried where a run of digits begins. The texts are in small letters.
_LOOKALIKE: Final = re.compile(
    rf"""
    (?P<day>[0-9]{{1,2}})(?P<dot>[./-])\ ?(?P<month>[0-9]{{1,2}})(?P=dot)\ ?(?P<year>(?:19|20)?[0-9]{{2}})(?![0-9])
  | (?P<y>(?:19|20)[0-9]{{2}})(?P<sep>[-/.])(?P<m>[0-9]{{2}})(?P=sep)(?P<d>[0-9]{{2}})(?![0-9])
  | (?P<d2>[0-9]{{1,2}})\.\ ?(?P<m2>[0-9]{{1,2}})\.(?![0-9])
  | (?P<named>[0-9]{{1,2}}\.?\ ?{_MONTH}\.?(?:\ ?(?:19|20)[0-9]{{2}}|\ [0-9]{{2}})?(?![0-9a-z]))
  | (?P<time>[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?![0-9]))
  | (?P<amount>
      (?:
          [0-9]{{1,3}}(?:[.'][0-9]{{3}})+,[0-9]{{2}}(?![0-9])
        | (?:0|[1-9][0-9]{{0,6}}),(?:[0-9]{{2}}(?![0-9]|,[0-9])|-)
        | [0-9]+,00(?![0-9])
        | [0-9]{{1,3}}(?:[,'][0-9]{{3}})+\.[0-9]{{2}}(?![0-9.])
        | (?:0|[1-9][0-9]{{0,6}})\.[0-9]{{2}}(?![0-9./-])
      )(?:\ ?{_UNIT}(?![a-z0-9]))?
      # In "100471 EUR 119,00" the currency belongs to the amount behind it.
      | [0-9][0-9.,']*(?:,?-+|\.-+)?\ ?{_UNIT}(?![a-z0-9])(?!\ ?[0-9.,']*[0-9][.,][0-9]{{2}}(?![0-9]))
    )
  | (?P<period>(?:0?[1-9]|1[0-2])[./-](?:20)[0-9]{{2}}(?![0-9]))
  | (?P<phone>
        0(?:[2-9][0-9]{{1,4}}|1[3-9][0-9]{{0,3}})\)?\ ?[/-]\ ?
        (?:[0-9]{{5,}}|[0-9]{{2,}}(?:[ -][0-9]{{1,3}}(?![0-9]))+)
      | (?:0049|0041|0043)[ 0-9/()-]{{6,}}[0-9]
    )
    """,
    re.VERBOSE,
)
_KINDS: Final = {
    "year": Kind.DATE,
    "d": Kind.DATE,
    "m2": Kind.DATE,
    "named": Kind.DATE,
    "time": Kind.AMOUNT,
    "amount": Kind.AMOUNT,
    "period": Kind.PERIOD,
    "phone": Kind.PHONE,
}
_CREDITOR_ID: Final = re.compile(r"[a-z]{2}[0-9]{2} ?[a-z0-9]{3} ?0[0-9]{10}(?![a-z0-9])")
_VAT_ID: Final = re.compile(r"de ?[0-9]{9}(?![0-9])")
_CREDITOR_REFERENCE: Final = re.compile(r"rf[0-9]{2}(?: ?[a-z0-9]){1,21}(?![a-z0-9])")  # ISO 11649
_INTERNATIONAL: Final = re.compile(
    r"(?:1|[2-9][0-9]{1,2})[ (/-]+(?:0\) ?)?[0-9]{1,5}[ )/-]+[0-9]{2,}(?:[ -][0-9]{1,3}(?![0-9]))*"
    r"|(?:4[139]|3[1-9])[0-9]{8,}"
)
_IBAN_LENGTHS: Final = {  # ISO 13616 registry, countries of SEPA
    length: countries.split()
    for length, countries in (
        (15, "no"),
        (16, "be"),
        (18, "dk fi nl fo gl"),
        (19, "mk si"),
        (20, "at ba ee lt lu xk"),
        (21, "ch hr li lv"),
        (22, "bg de gb ie me rs va"),
        (23, "gi"),
        (24, "ad cz es md ro se sk"),
        (25, "pt"),
        (26, "is"),
        (27, "fr gr it mc sm"),
        (28, "al cy hu lb pl"),
        (29, "ua"),
        (31, "mt"),
    )
}
_IBANS: Final = {
    country: re.compile(rf"{country}[0-9]{{2}}(?: ?[a-z0-9]){{{length - 4}}}(?![a-z0-9])")
    for length, countries in _IBAN_LENGTHS.items()
    for country in countries
}


def lookalike_at(text: str, start: int) -> tuple[Kind, int] | None:
    """Say what the digits that begin here are, and where it ends; None where nothing forbids a document number.

    ``text`` is in small letters.
    """
    match = _LOOKALIKE.match(text, start)
    if match is None:
        return None
    name = match.lastgroup
    assert name is not None, match
    if match["day"] and not _is_day(match["month"], match["day"]):
        return None
    if match["y"] and not _is_day(match["m"], match["d"]):
        return None
    if match["d2"] and not _is_day(match["m2"], match["d2"]):
        return None
    return _KINDS[name], match.end()


def account_at(text: str, start: int) -> tuple[Kind, int] | None:
    """Recognise an IBAN, a creditor id or a creditor reference by its two letters, which stand here."""
    country = text[start : start + 2]
    if country == "rf":
        match = _CREDITOR_REFERENCE.match(text, start)
        return _reference(match[0], start) if match else None
    pattern = _IBANS.get(country)
    match = pattern.match(text, start) if pattern else None
    match = match or _CREDITOR_ID.match(text, start) or _VAT_ID.match(text, start)
    return (Kind.IBAN, match.end()) if match else None


def phone_at(text: str, start: int) -> tuple[Kind, int] | None:
    """Recognise what follows a plus sign as a telephone number with country code."""
    match = _INTERNATIONAL.match(text, start)
    return (Kind.PHONE, match.end()) if match else None


def is_compact_date(digits: str) -> bool:
    """Whether six or eight digits without separators may be a day: 12032026, 20260312, 120326, 260312."""
    if len(digits) == 8:
        first, last = digits[:4], digits[4:]
        return (_is_year(last) and _is_day(first[2:], first[:2])) or (_is_year(first) and _is_day(last[:2], last[2:]))
    if len(digits) == 6:
        return _is_day(digits[2:4], digits[:2]) or _is_day(digits[2:4], digits[4:])
    return False


def is_year(digits: str) -> bool:
    """Whether digits alone may be a year."""
    return len(digits) == 4 and _is_year(digits)


def _reference(written: str, start: int) -> tuple[Kind, int] | None:
    """Find where a creditor reference ends by its check digits, trying shorter readings where words follow."""
    candidate = written
    while len(candidate) > 4:
        if iso11649.is_valid(candidate):
            return Kind.REFERENCE, start + len(candidate)
        candidate = candidate.rpartition(" ")[0]
    return None


def _is_year(digits: str) -> bool:
    return "1950" <= digits <= "2099"


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31
