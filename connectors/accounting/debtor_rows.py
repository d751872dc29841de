"""The rows of a debtor list (Debitorenstamm): addresses and accounts, doubtful facts dropped aloud."""

from __future__ import annotations

import re
from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from connectors.accounting.record import Layout, Record, open_record
from ledger.debtor import Debtor, DebtorType
from ledger.finding import Finding, Severity
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.accounting.row import Row

# One address, no list, no display name: the forms every mail server delivers (RFC 5321 without quoted parts).
_EMAIL: Final = re.compile(r"[^\s@,;:<>\"()\[\]\\]+@[\w-]+(?:\.[\w-]+)+")

HOME_COUNTRY: Final = "DE"  # what German tools leave out

_COUNTRIES: Final = MappingProxyType(
    {
        "d": "DE",
        "deutschland": "DE",
        "germany": "DE",
        "a": "AT",
        "oesterreich": "AT",
        "austria": "AT",
        "schweiz": "CH",
        "switzerland": "CH",
    }
)

_TYPES: Final = MappingProxyType(
    {
        "business": DebtorType.BUSINESS,
        "unternehmer": DebtorType.BUSINESS,
        "unternehmen": DebtorType.BUSINESS,
        "firma": DebtorType.BUSINESS,
        "geschaeftskunde": DebtorType.BUSINESS,
        "b2b": DebtorType.BUSINESS,
        "consumer": DebtorType.CONSUMER,
        "verbraucher": DebtorType.CONSUMER,
        "privat": DebtorType.CONSUMER,
        "privatkunde": DebtorType.CONSUMER,
        "b2c": DebtorType.CONSUMER,
    }
)

_LANGUAGES: Final = MappingProxyType({"deutsch": "de", "german": "de", "englisch": "en", "english": "en"})


def read_debtors(rows: Iterable[Row], layout: Layout) -> tuple[tuple[Debtor, ...], tuple[Finding, ...]]:
    """Read every row; a debtor told in two different ways is set aside, told twice alike it counts once."""
    findings: list[Finding] = []
    told: defaultdict[str, list[tuple[Debtor, str]]] = defaultdict(list)
    for row in rows:
        record = open_record(layout, row, findings)
        if record.usable and (debtor := _debtor(record)):
            told[debtor.number].append((debtor, layout.place(row.line)))
    debtors = tuple(debtor for same in told.values() if (debtor := _the_one(same, findings)))
    return debtors, tuple(findings)


def _debtor(record: Record) -> Debtor | None:
    number, name = record.mandatory("debtor_number"), _line(record.mandatory("name"))
    street, postcode, city, phone = (_line(record.text(c)) for c in ("street", "postcode", "city", "phone"))
    debtor = Debtor(
        number=number,
        name=name,
        street=street,
        postcode=postcode,
        city=city,
        country=_country(record),
        email=_email(record),
        phone=phone,
        ibans=_ibans(record),
        type=_type(record),
        language=_language(record),
    )
    return debtor if record.usable else None


def _line(text: str) -> str:
    """Put a text of several lines on one."""
    return " ".join(text.split())


def _country(record: Record) -> str:
    text = record.text("country")
    country = _COUNTRIES.get(squeeze(text), text.upper())
    if not country:
        return HOME_COUNTRY
    if not re.fullmatch(r"[A-Z]{2}", country):
        record.warn(
            "unknown_country",
            "country",
            f"{text!r} is no country code, so none is kept",
            "Write two letters, such as DE.",
        )
        return ""
    return country


def _email(record: Record) -> str:
    text = record.text("email")
    if text and not _EMAIL.fullmatch(text):
        record.warn(
            "invalid_email", "email", f"{text!r} is no mail address, so none is kept", "Write exactly one address."
        )
        return ""
    return text


def _ibans(record: Record) -> tuple[str, ...]:
    good: dict[str, None] = {}
    for part in re.split(r"[;,\n]", record.text("ibans")):
        if not (text := part.strip()):
            continue
        try:
            good[IBAN(text).compact] = None
        except SchwiftyException as error:
            record.warn(
                "invalid_iban",
                "ibans",
                f"{text!r} is no IBAN ({error}); it was dropped",
                "Correct it in the debtor's record.",
            )
    return tuple(good)


def _type(record: Record) -> DebtorType:
    text = record.text("type")
    known = _TYPES.get(squeeze(text))
    if text and known is None:
        record.warn(
            "unknown_type",
            "type",
            f"{text!r} is neither business nor consumer; the debtor is treated like a consumer",
            "Write business or consumer.",
        )
    return known or DebtorType.UNKNOWN


def _language(record: Record) -> str:
    text = record.text("language")
    language = _LANGUAGES.get(squeeze(text), text.lower().replace("_", "-").partition("-")[0])
    if language and not re.fullmatch(r"[a-z]{2}", language):
        record.warn(
            "unknown_language", "language", f"{text!r} is no language code; German is used", "Write de or en."
        )
        return "de"
    return language or "de"


def _the_one(same: Sequence[tuple[Debtor, str]], findings: list[Finding]) -> Debtor | None:
    debtor, place = same[0]
    if len(same) == 1:
        return debtor
    places = ", ".join(place for _, place in same)
    if any(other != debtor for other, _ in same[1:]):
        findings.append(
            Finding(
                code="contradictory_debtors",
                place=place,
                what=f"debtor {debtor.number} stands here more than once, and the rows differ; all were set aside",
                what_to_do="Leave one row per debtor where the list comes from.",
                severity=Severity.ERROR,
                excerpt=places,
            )
        )
        return None
    findings.append(
        Finding(
            code="duplicate_debtor",
            place=same[1][1],
            what=f"debtor {debtor.number} stands here {len(same)} times alike and counts once",
            what_to_do="Nothing, unless the list should not repeat rows.",
            severity=Severity.NOTE,
            excerpt=places,
        )
    )
    return debtor
