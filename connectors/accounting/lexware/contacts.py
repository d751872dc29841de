"""A customer (Kunde) of Lexware Office as a debtor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Contact
from connectors.accounting.fields import Fields, Mistake
from ledger.debtor import Debtor, DebtorType

if TYPE_CHECKING:
    from collections.abc import Mapping

_EMAILS: Final = ("business", "office", "private", "other")
_PHONES: Final = ("business", "office", "mobile", "private", "other")


def contact(row: Mapping[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their customers; archived ones are customers too."""
    remote_id = Fields(row, source).label("id")
    fields = Fields(row, f"{source}: customer {remote_id}")
    try:
        fields.needed("id")
        customer = fields.inside("roles").inside("customer")
        company = fields.inside("company").text("name")
        person = fields.inside("person")
        name = company or " ".join(filter(None, (person.text("firstName"), person.text("lastName"))))
        address = next(fields.inside("addresses").each("billing"), Fields({}, fields.place))
        debtor = Debtor(
            number=customer.number("number"),
            name=name,
            street=address.text("street"),
            postcode=address.text("zip"),
            city=address.text("city"),
            country=address.text("countryCode") or "DE",
            email=_first(fields.inside("emailAddresses"), _EMAILS),
            phone=_first(fields.inside("phoneNumbers"), _PHONES),
            type=DebtorType.BUSINESS if company else DebtorType.UNKNOWN,
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _first(lists: Fields, kinds: tuple[str, ...]) -> str:
    """Give the first entry of the first kind that has one."""
    for kind in kinds:
        entries = lists.values.get(kind)
        if isinstance(entries, list) and entries and isinstance(entries[0], str):
            return entries[0].strip()
    return ""
