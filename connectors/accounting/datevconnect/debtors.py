"""Debtors (Debitoren) of DATEV: names and addresses, and who must not be dunned (Mahnsperre)."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.datevconnect.blocks import lasts
from connectors.accounting.datevconnect.year import account_of
from connectors.accounting.document import Contact
from connectors.accounting.fields import Fields, Mistake
from ledger.debtor import Debtor, DebtorType
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from connectors.accounting.datevconnect.year import Year

    Row = dict[str, Any]

_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"german": "de", "english": "en", "french": "fr", "spanish": "es", "italian": "it"}
)


def contact(row: Row, source: str, year: Year) -> Contact:
    """Make a debtor out of one of their business partners; without an address where he must not be dunned."""
    remote_id = str(row.get("id", ""))
    fields = Fields(row, f"{source}: debtor {row.get('account_number') or remote_id}")
    try:
        books = fields.inside("accounting_information")
        debtor = Debtor(
            number=account_of(fields, year),
            name=_name(fields),
            ibans=tuple(iban for bank in fields.each("banks") if (iban := bank.text("iban").replace(" ", ""))),
            type=DebtorType.BUSINESS if fields.text("legal_entity_type") == "legal_person" else DebtorType.UNKNOWN,
            language=_LANGUAGES.get(books.text("language"), "de"),
        )
        if why := _why_silent(books, year.today):
            return Contact(remote_id=remote_id, debtor=debtor, findings=(_silent(fields.place, why),))
        return Contact(remote_id=remote_id, debtor=_reachable(debtor, fields))
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))


def _name(fields: Fields) -> str:
    person = fields.inside("natural_person")
    parts = (person.text("firstname"), person.text("name_prefix"), person.text("surname"))
    company = fields.inside("legal_person").text("legal_name") or fields.inside("not_specified_person").text("name")
    return company or " ".join(filter(None, parts)) or fields.needed("caption")


def _reachable(debtor: Debtor, fields: Fields) -> Debtor:
    """Add where the debtor is written to: the address of correspondence, else the first one."""
    addresses = sorted(
        fields.each("addresses"), key=lambda one: not _marked(one, "address", "is_correspondence_address")
    )
    spoken = sorted(
        fields.each("communications"),
        key=lambda one: not _marked(one, "communication", "is_main_communication_usage_type"),
    )
    ways = {kind: [one for one in spoken if one.text("communication_type") == kind] for kind in ("email", "phone")}
    first = addresses[0] if addresses else Fields({}, fields.place)
    box = first.text("post_office_box")
    return replace(
        debtor,
        street=first.text("street") or (f"Postfach {box}" if box else ""),
        postcode=first.text("postal_code"),
        city=first.text("city"),
        country=first.text("country_code") or "DE",
        email=ways["email"][0].text("communication_data_content") if ways["email"] else "",
        phone=ways["phone"][0].text("communication_data_content") if ways["phone"] else "",
    )


def _marked(fields: Fields, what: str, mark: str) -> bool:
    return fields.inside(f"{what}_usage_type").truth(mark)


def _why_silent(books: Fields, today: date | None) -> str:
    if books.truth("is_insolvent"):
        return "the debtor is insolvent (Insolvenz-Kennzeichen)"
    if books.text("dunning_procedure") == "no_dun" or lasts(books.text("temp_dunning_block"), today):
        return "the debtor is not to be dunned (Mahnsperre)"
    return ""


def _silent(place: str, why: str) -> Finding:
    return Finding(
        code="dunning_blocked",
        place=place,
        what=f"{why}; the debtor's address is withheld, so that nobody is written to, and payments are still matched",
        what_to_do="Nothing, if that is meant. To keep one item alone silent, block that item instead.",
        severity=Severity.WARNING,
    )
