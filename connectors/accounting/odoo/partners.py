"""Customers (Kunden) of Odoo in our words: the commercial partner, who owes whatever his contact persons were sent.

Source: odoo/odoo, ``odoo/addons/base/models/res_partner.py`` and ``res_bank.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connectors.accounting.document import Contact
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.odoo.database import id_of
from ledger.debtor import Debtor, DebtorType
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.accounting.odoo.database import Domain, Row

PARTNER_FIELDS: Final = [
    "name",
    "street",
    "street2",
    "zip",
    "city",
    "country_id",
    "email",
    "phone",
    "lang",
    "is_company",
    "vat",
]
BANK_ACCOUNT: Final = "res.partner.bank"
IBAN: Final = ("sanitized_account_number", "sanitized_acc_number")  # without blanks; the first from 20 on
# Who owes: companies, and people who belong to none.
COMMERCIAL: Final[Domain] = ["|", ["is_company", "=", True], ["parent_id", "=", False]]
# Who may bear a customer number: everybody but pure suppliers, whose numbers are counted by themselves.
NO_SUPPLIERS: Final[Domain] = [*COMMERCIAL, "|", ["customer_rank", ">", 0], ["supplier_rank", "=", 0]]
CUSTOMERS: Final[Domain] = [*COMMERCIAL, ["customer_rank", ">", 0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What is needed to read a partner: which field is his number, and what several partners share."""

    number_field: str
    shared_numbers: frozenset[str] = frozenset()  # numbers that several partners bear, so that they name nobody
    countries: Mapping[int, str] = field(default_factory=dict)  # ISO 3166-1 by the id of Odoo
    home: str = "DE"  # country of who has none: our own


def contact(row: Row, accounts: Sequence[str], directory: Directory, source: str) -> Contact:
    """Make a debtor out of one of their partners."""
    fields = Fields(row, f"{source}: customer {row.get('name') or row['id']}")
    findings: tuple[Finding, ...] = ()
    try:
        number = fields.number(directory.number_field) if fields.text(directory.number_field) else ""
        if number in directory.shared_numbers:
            findings, number = (_shared(fields, number),), ""
        debtor = Debtor(
            number=number or f"ID{row['id']}",
            name=fields.needed("name"),
            street=", ".join(filter(None, (fields.text("street"), fields.text("street2")))),
            postcode=fields.text("zip"),
            city=fields.text("city"),
            country=directory.countries.get(id_of(row.get("country_id")), directory.home),
            email=fields.text("email"),
            phone=fields.text("phone"),
            ibans=tuple(accounts),
            # Only who is in business is a company or has a VAT number (USt-IdNr.); who has neither may still be.
            type=DebtorType.BUSINESS
            if fields.truth("is_company") or bool(fields.text("vat"))
            else DebtorType.UNKNOWN,
            language=fields.text("lang").partition("_")[0] or "de",
        )
    except Mistake as mistake:
        return Contact(remote_id=str(row["id"]), debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=str(row["id"]), debtor=debtor, findings=findings)


def shared(rows: Iterable[Row], number_field: str) -> frozenset[str]:
    """Find the numbers that more than one partner bears."""
    seen: set[str] = set()
    twice: set[str] = set()
    for row in rows:
        number = " ".join(str(row.get(number_field)).split())
        (twice if number in seen else seen).add(number)
    return frozenset(twice)


def _shared(fields: Fields, number: str) -> Finding:
    return Finding(
        code="debtor_number_shared",
        place=fields.place,
        severity=Severity.WARNING,
        what=f"the number {number} is borne by several customers; this one goes by ID{fields.values['id']} here",
        what_to_do="Give each customer a number of its own in Odoo.",
    )
