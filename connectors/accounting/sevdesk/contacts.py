"""A contact (Kontakt) of sevDesk as a debtor, put together from its own lists of addresses and mail addresses."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from connectors.accounting.document import Contact
from connectors.accounting.fields import Fields, Mistake
from ledger.debtor import Debtor, DebtorType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.accounting.sevdesk.desk import Row

_SUPPLIER: Final = "2"  # the category of those who send invoices instead of getting them
_INVOICING: Final = "8"  # the kind of mail address that invoices go to
_BILLING: Final = "47"  # the kind of address that invoices go to
_GERMANY: Final = "1"


def gathered(rows: Iterable[Row]) -> Mapping[str, Sequence[Row]]:
    """Gather rows by the contact they belong to."""
    by_contact: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_contact[_id(row, "contact")].append(row)
    return by_contact


def contact(
    row: Row, addresses: Sequence[Row], emails: Sequence[Row], phones: Sequence[Row], source: str
) -> Contact | None:
    """Make a debtor out of one of their contacts; None for suppliers, who have no customer number.

    Whoever else has none is known by the id that sevDesk gave him.
    """
    plain = Fields(row, source)
    remote_id = plain.label("id")
    fields = Fields(row, f"{source}: contact {plain.label('customerNumber') or remote_id}")
    if not row.get("customerNumber") and _id(row, "category") == _SUPPLIER:
        return None
    try:
        own_id = fields.number("id")
        company = fields.text("name")
        person = " ".join(filter(None, (fields.text("surename"), fields.text("familyname"))))
        address = Fields(_chosen(addresses, "category", _BILLING), fields.place)
        debtor = Debtor(
            number=fields.text("customerNumber") or own_id,
            name=company or person,
            street=address.text("street"),
            postcode=address.text("zip"),
            city=address.text("city"),
            country=_country(address),
            email=Fields(_chosen(emails, "key", _INVOICING), fields.place).text("value"),
            phone=Fields(_chosen(phones, "key", ""), fields.place).text("value"),
            ibans=_ibans(fields),
            type=DebtorType.BUSINESS if company else DebtorType.UNKNOWN,
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _chosen(rows: Sequence[Row], kind: str, wished: str) -> Row:
    """Give the row for invoices, else the main one, else the first."""
    ranked = sorted(rows, key=lambda row: (_id(row, kind) != wished, str(row.get("main")) not in {"1", "True"}))
    return ranked[0] if ranked else {}


def _country(address: Fields) -> str:
    """Give the country, which has a list and numbers of its own there; who names none is at home."""
    country = address.inside("country")
    if code := country.text("code"):
        return code.upper()
    if country.text("id") in {"", _GERMANY}:
        return "DE"
    raise country.mistake("code", "does not tell which country this is")


def _ibans(fields: Fields) -> tuple[str, ...]:
    account = fields.text("bankAccount").replace(" ", "").upper()
    return (account,) if account[:2].isalpha() and account[2:4].isdigit() and 15 <= len(account) <= 34 else ()


def _id(row: Row, part: str) -> str:
    inner = row.get(part)
    return str(inner.get("id")) if isinstance(inner, dict) else ""
