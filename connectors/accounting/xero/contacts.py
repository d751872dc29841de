"""Contacts of Xero, made into debtors: the account number is the customer number, the country is free text."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Contact
from connectors.accounting.fields import Fields, Mistake
from ledger.debtor import Debtor, DebtorType
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CODE: Final = re.compile(r"[A-Za-z]{2}")
# What people type, letters and blanks alone: Xero takes nothing else.
_COUNTRIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deutschland": "DE",
        "germany": "DE",
        "oesterreich": "AT",
        "österreich": "AT",
        "austria": "AT",
        "schweiz": "CH",
        "switzerland": "CH",
        "suisse": "CH",
        "liechtenstein": "LI",
        "belgien": "BE",
        "belgium": "BE",
        "daenemark": "DK",
        "dänemark": "DK",
        "denmark": "DK",
        "france": "FR",
        "frankreich": "FR",
        "ireland": "IE",
        "irland": "IE",
        "italien": "IT",
        "italy": "IT",
        "luxembourg": "LU",
        "luxemburg": "LU",
        "niederlande": "NL",
        "netherlands": "NL",
        "the netherlands": "NL",
        "poland": "PL",
        "polen": "PL",
        "spain": "ES",
        "spanien": "ES",
        "sweden": "SE",
        "schweden": "SE",
        "tschechien": "CZ",
        "czech republic": "CZ",
        "united kingdom": "GB",
        "great britain": "GB",
        "united states": "US",
        "united states of america": "US",
        "usa": "US",
        "uk": "GB",
    }
)


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their contacts."""
    plain = Fields(row, source)
    remote_id = plain.label("ContactID")
    fields = Fields(row, f"{source}: contact {plain.label('AccountNumber') or plain.label('Name') or remote_id}")
    try:
        address = _address(fields)
        country = _country(address.text("Country"))
        debtor = Debtor(
            number=fields.number("AccountNumber") if fields.has("AccountNumber") else fields.needed("ContactID"),
            name=fields.needed("Name"),
            street=", ".join(filter(None, (address.text(f"AddressLine{line}") for line in range(1, 5)))),
            postcode=address.text("PostalCode"),
            city=address.text("City"),
            country=country,
            email=fields.text("EmailAddress"),
            phone=_phone(fields),
            ibans=tuple(_ibans(fields)),
            type=DebtorType.BUSINESS if fields.has("CompanyNumber") else DebtorType.UNKNOWN,
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    findings = () if country else (_unknown_country(fields.place, address.text("Country")),)
    return Contact(remote_id=remote_id, debtor=debtor, findings=findings)


def _address(fields: Fields) -> Fields:
    """Give where letters go: the billing address, which Xero calls POBOX, or else the street address."""
    told = {address.text("AddressType"): address for address in fields.each("Addresses")}
    for kind in ("POBOX", "STREET"):
        if kind in told and (told[kind].has("AddressLine1") or told[kind].has("City")):
            return told[kind]
    return Fields({}, fields.place)


def _country(text: str) -> str:
    """Give the two letters of a country; our own where none is said, empty where nobody knows it."""
    if not text:
        return "DE"
    return _COUNTRIES.get(text.lower()) or (text.upper() if _CODE.fullmatch(text) else "")


def _phone(fields: Fields) -> str:
    """Give the first number of a contact, with its parts put together."""
    for phone in fields.each("Phones"):
        if phone.has("PhoneNumber") and phone.text("PhoneType") != "FAX":
            parts = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")
            return " ".join(filter(None, map(phone.text, parts)))
    return ""


def _ibans(fields: Fields) -> Iterator[str]:
    """Give the bank account where it is an IBAN; the field takes any text."""
    account = fields.text("BankAccountDetails").replace(" ", "").upper()
    if _IBAN.fullmatch(account):
        yield account


def _unknown_country(place: str, text: str) -> Finding:
    return Finding(
        code="unknown_country",
        place=place,
        severity=Severity.WARNING,
        what=f"{text!r} is no country that is known, so none is kept",
        what_to_do="Write its two letters there, such as DE.",
    )
