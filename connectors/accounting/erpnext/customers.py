"""Customers (Kunden) of ERPNext in our words, with the address and the contact that are linked to them there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Contact
from connectors.accounting.fields import Fields, Mistake
from ledger.debtor import Debtor, DebtorType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connectors.accounting.erpnext.site import Row, Site

CUSTOMER_FIELDS: Final = (
    "name",
    "customer_name",
    "customer_type",
    "language",
    "email_id",
    "mobile_no",
    "customer_primary_address",
)
ADDRESS_FIELDS: Final = (
    "name",
    "address_type",
    "address_line1",
    "address_line2",
    "pincode",
    "city",
    "country",
    "email_id",
    "phone",
    "is_primary_address",
    "disabled",
)
CONTACT_FIELDS: Final = ("name", "email_id", "phone", "mobile_no", "is_primary_contact")

_TYPES: Final = {"Company": DebtorType.BUSINESS, "Partnership": DebtorType.BUSINESS}  # an individual may be a trader


def contacts_of(site: Site, source: str, number_field: str) -> Iterator[Contact]:
    """Give every customer; addresses and contacts are read whole, because a link is a row of its own there."""
    countries = {str(row["name"]): str(row.get("code") or "") for row in site.rows("Country", [], ["name", "code"])}
    addresses = _linked(site, "Address", ADDRESS_FIELDS)
    persons = _linked(site, "Contact", CONTACT_FIELDS)
    for row in site.rows("Customer", [], list(dict.fromkeys((*CUSTOMER_FIELDS, number_field)))):
        name = str(row["name"])
        yield contact(row, source, number_field, addresses.get(name, ()), persons.get(name, ()), countries)


def contact(
    row: Row,
    source: str,
    number_field: str,
    addresses: Sequence[Row],
    persons: Sequence[Row],
    countries: Mapping[str, str],
) -> Contact:
    """Make a debtor out of one of their customers, his addresses and his contact persons."""
    name = str(row.get("name") or "")
    place = f"{source}: Customer {name}"
    fields = Fields(row, place)
    address = Fields(_chosen_address(row, addresses), f"{place} › Address")
    person = Fields(_chosen_person(persons), f"{place} › Contact")
    try:
        debtor = Debtor(
            number=fields.number(number_field),
            name=fields.text("customer_name") or fields.needed("name"),
            street=", ".join(filter(None, (address.text("address_line1"), address.text("address_line2")))),
            postcode=address.text("pincode"),
            city=address.text("city"),
            country=_country(address, countries),
            email=_first(fields.text("email_id"), person.text("email_id"), address.text("email_id")),
            phone=_first(
                fields.text("mobile_no"), person.text("phone"), person.text("mobile_no"), address.text("phone")
            ),
            type=_TYPES.get(fields.text("customer_type"), DebtorType.UNKNOWN),
            language=fields.text("language").lower().replace("_", "-").partition("-")[0] or "de",
        )
    except Mistake as mistake:
        return Contact(remote_id=name, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=name, debtor=debtor)


def _linked(site: Site, doctype: str, fields: Sequence[str]) -> dict[str, list[Row]]:
    """Read all addresses or contacts, by the customers they are linked to."""
    by_name = {str(row["name"]): row for row in site.rows(doctype, [], fields)}
    filters = [["parenttype", "=", doctype], ["link_doctype", "=", "Customer"]]
    found: dict[str, list[Row]] = defaultdict(list)
    for link in site.rows("Dynamic Link", filters, ["name", "parent", "link_name"], parent=doctype):
        if (row := by_name.get(str(link.get("parent")))) is not None:
            found[str(link.get("link_name"))].append(row)
    return found


def _chosen_address(customer: Row, addresses: Sequence[Row]) -> Mapping[str, Any]:
    """Choose where invoices go: the preferred one, else one for billing, else the first by name."""
    preferred = customer.get("customer_primary_address")

    def rank(row: Row) -> tuple[bool, bool, bool, str]:
        name, billing = row.get("name"), row.get("address_type") == "Billing"
        return name != preferred, not row.get("is_primary_address"), not billing, str(name)

    return min((row for row in addresses if not row.get("disabled")), key=rank, default={})


def _chosen_person(persons: Sequence[Row]) -> Mapping[str, Any]:
    """Choose whom to write to: the primary contact, else the only one; of several nobody knows which."""
    primary = [row for row in persons if row.get("is_primary_contact")]
    return next(iter(primary or (persons if len(persons) == 1 else ())), {})


def _country(address: Fields, countries: Mapping[str, str]) -> str:
    """Give the code of a country that ERPNext calls by its English name; an address without one is at home."""
    name = address.text("country")
    return countries.get(name, "").upper() if name else "DE"


def _first(*texts: str) -> str:
    return next(filter(None, texts), "")
