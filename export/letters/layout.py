"""The form of a letter (Geschäftsbrief nach DIN 5008): which text stands in which field of the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from export.girocode import girocode, svg
from export.letterhead import legal_form
from export.letters.composition import basis
from export.letters.printable import FONTS, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from export.letters.composition import Composition
    from export.letters.texts import Texts
    from ledger.debtor import Debtor

# Where the post wants the city before the postcode.
_CITY_FIRST: Final = frozenset({"AU", "CA", "GB", "IE", "NZ", "US"})

# Characters that surely fit one line of each column of the footer, however the words break.
_FOOTER_WIDTHS: Final = (24, 26, 34, 28)

_ITEM_COLUMNS: Final = ("document_number", "document_date", "due_date", "original", "open", "days_overdue")
_FORM_LABELS: Final = ("page", "of", "girocode", "subtotal", "carried_over")
_INTEREST_COLUMNS: Final = ("document_number", "period", "days", "principal", "rate", "interest")


def form(composition: Composition, notice: Notice, letterhead: Letterhead) -> dict[str, Any]:
    """Give every field of the sheet as plain text; the template sets it and adds nothing but page numbers."""
    words = composition.words
    day = notice.run_date
    footer = list(_footer(words, letterhead))
    fields = {
        "language": words.language,
        "region": "GB" if words.language == "en" else letterhead.country or None,
        "number": composition.number,
        "date": [day.year, day.month, day.day],
        "company": letterhead.name,
        "tagline": _joined((letterhead.street, letterhead.place, letterhead.website)),
        "return-address": _joined((letterhead.name, letterhead.street, letterhead.place)),
        "address": address_lines(notice.debtor, letterhead, words),
        "information": list(_information(composition, notice, letterhead)),
        "subject": composition.subject,
        "salutation": composition.salutation,
        "before": composition.before,
        "after": composition.after,
        "item-headings": [words.label(column) for column in _ITEM_COLUMNS],
        "items": composition.items,
        "carried": composition.carried,
        "extra": composition.extra,
        "extra-right": composition.extra_right,
        "extra-has-sum": composition.extra_has_sum,
        "interest-title": words.label("interest_title").format(basis=basis(words, letterhead, "interest")),
        "interest-headings": [words.label(column) for column in _INTEREST_COLUMNS],
        "interest": composition.interest,
        "sums": composition.sums,
        "payment": _payment(composition, notice, letterhead),
        "greeting": words.word("greeting"),
        "signature": _present((letterhead.contact_person, letterhead.name)),
        "unsigned": words.word("unsigned"),
        "footer": footer,
        "footer-lines": max(map(_lines, footer, _FOOTER_WIDTHS)),
        "labels": {name: words.label(name) for name in _FORM_LABELS},
    }
    return {**_printable(fields), "fonts": FONTS, "form": letterhead.din_form}


def address_lines(debtor: Debtor, letterhead: Letterhead, words: Texts) -> list[str]:
    """Give the lines of the address field: no blank lines, a foreign country last and in capitals (DIN 5008)."""
    place = (debtor.city, debtor.postcode) if debtor.country in _CITY_FIRST else (debtor.postcode, debtor.city)
    country = words.country(debtor.country).upper() if debtor.country != letterhead.country else ""
    lines = (*debtor.name.splitlines(), *debtor.street.splitlines(), " ".join(_present(place)), country)
    return [" ".join(line.split()) for line in lines if line.strip()]


def grouped_iban(iban: str) -> str:
    """Write an IBAN in groups of four, as on paper."""
    squeezed = "".join(iban.split()).upper()
    return " ".join(squeezed[start : start + 4] for start in range(0, len(squeezed), 4))


def business_data(words: Texts, letterhead: Letterhead) -> list[str]:
    """Give the lines the law demands on letters and mails alike (§ 35a GmbHG and its siblings)."""
    number = letterhead.register_number.replace(" ", "\u00a0")  # HRB and its number stay on one line
    register = " ".join(_present((letterhead.register_court, number)))
    directors = words.directors(legal_form(letterhead.name))
    general_partner = ", ".join(
        _present((letterhead.general_partner, letterhead.general_partner_seat, letterhead.general_partner_register))
    )
    labelled = (
        (words.label("seat"), letterhead.seat),
        (words.label("register"), register),
        (words.label("general_partner"), general_partner),
        (directors, ", ".join(letterhead.managing_directors)),
        (words.label("supervisory_board_chair"), letterhead.supervisory_board_chair),
        (words.label("vat_id"), letterhead.vat_id),
    )
    return [f"{label}: {value}" for label, value in labelled if value]


def _information(composition: Composition, notice: Notice, letterhead: Letterhead) -> Iterator[tuple[str, str]]:
    words = composition.words
    labelled = (
        ("our_reference", composition.number),
        ("customer_number", notice.debtor.number),
        ("date", words.day(notice.run_date)),
        ("contact_person", letterhead.contact_person),
        ("phone", letterhead.phone),
        ("email", letterhead.email),
    )
    return ((words.label(name), value) for name, value in labelled if value)


def _payment(composition: Composition, notice: Notice, letterhead: Letterhead) -> dict[str, Any] | None:
    if notice.deadline is None or not (composition.demands_payment and letterhead.iban):
        return None
    words = composition.words
    amount, deadline = words.money(composition.asked), words.day(notice.deadline)
    labelled = (
        ("recipient", letterhead.name),
        ("iban", grouped_iban(letterhead.iban)),
        ("bic", _joined((letterhead.bic, letterhead.bank_name))),
        ("amount", words.label("amount_until").format(total=amount, deadline=deadline)),
        ("reference", composition.reference),
    )
    code = girocode(
        name=letterhead.name,
        iban=letterhead.iban,
        bic=letterhead.bic,
        amount=composition.asked,
        text=composition.reference,
    )
    return {
        "rows": [(words.label(name), value) for name, value in labelled if value],
        "hint": words.label("payment_hint"),
        "girocode": svg(code) if code else None,
        "description": words.label("girocode_description").format(total=amount, company=letterhead.name),
    }


def _footer(words: Texts, letterhead: Letterhead) -> Iterator[list[str]]:
    reachable = (
        f"{words.label('phone')} {letterhead.phone}" if letterhead.phone else "",
        letterhead.email,
        letterhead.website,
    )
    bank = (
        letterhead.bank_name,
        f"{words.label('iban')} {grouped_iban(letterhead.iban)}" if letterhead.iban else "",
        f"{words.label('bic')} {letterhead.bic}" if letterhead.bic else "",
    )
    address = (letterhead.name, letterhead.street, letterhead.place)
    for column in (address, reachable, business_data(words, letterhead), bank):
        yield _present(column)


def _lines(column: list[str], width: int) -> int:
    return sum(-(-len(line) // width) for line in column)


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(_present(parts))


def _present(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part.strip()]


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case dict():
            return {name: _printable(part) for name, part in value.items()}
        case list() | tuple():
            return [_printable(part) for part in value]
        case _:
            return value
