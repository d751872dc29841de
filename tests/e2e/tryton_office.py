"""Fills an empty Tryton database with an invented company, as its bookkeeper would; run in a process of its own.

``python tryton_office.py CONFIGURATION DATABASE`` prints what a test needs to know as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from proteus import Model, Wizard, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company
from trytond.modules.currency.tests.tools import get_currency

TODAY: Final = date(2026, 6, 30)  # a Tuesday on which nobody has a holiday
COMPANY: Final = "Muster Handels GmbH"
CLERK: Final = ("nachtbuchhalter", "ein-langes-kennwort")
READER: Final = ("nur-debitoren", "noch-ein-kennwort")


def main(configuration: str, database: str) -> None:
    """Build the company and print the ids by which a test finds its way."""
    config.set_trytond(f"sqlite:///{database}", config_file=configuration)
    create_company(party=_party(COMPANY), currency=get_currency("EUR"))
    create_chart()
    _open_books()
    _ways_to_pay()
    _procedure()
    _users()
    print(json.dumps({"clerk": CLERK, "reader": READER, "invoices": _invoices()}))


def _party(name: str, **more: Any) -> Any:
    party = Model.get("party.party")(name=name, **more)
    party.save()
    return party


def _open_books() -> None:
    """Open the books up to the year in which this runs, and let the company cancel by a counter entry (Storno)."""
    company = Model.get("company.company").find()[0]
    until = date(max(TODAY.year, datetime.now(UTC).year), 12, 31)
    year = create_fiscalyear(company, (date(TODAY.year, 1, 1), until))
    set_fiscalyear_invoice_sequences(year)
    sequence = year.invoice_sequences[0].out_invoice_sequence
    sequence.prefix, sequence.padding = "RE-", 5
    sequence.save()
    year.click("create_period")
    company.cancel_invoice_out = True
    company.save()


def _ways_to_pay() -> None:
    accounts, journals = get_accounts(), Model.get("account.journal")
    cash = next(iter(journals.find([("type", "=", "cash")])))
    bank = Model.get("account.invoice.payment.method")(
        name="Bank", journal=cash, credit_account=accounts["cash"], debit_account=accounts["cash"]
    )
    bank.save()
    losses = journals(name="Ausbuchungen", type="write-off", code="WO")
    losses.save()
    skonto = Model.get("account.move.reconcile.write_off")(
        name="Skonto", journal=losses, credit_account=accounts["expense"], debit_account=accounts["expense"]
    )
    skonto.save()


def _procedure() -> None:
    procedure = Model.get("account.dunning.procedure")(name="Mahnverfahren")
    for number, days in enumerate((7, 21, 35), 1):
        procedure.levels.new(sequence=number, overdue=timedelta(days=days))
    procedure.save()


def _users() -> None:
    """Make one user with the rights our page asks for, and one that may see parties only."""
    users, groups = Model.get("res.user"), Model.get("res.group")
    german = Model.get("ir.lang").find([("code", "=", "de")])[0]
    for (login, password), names in ((CLERK, ("Accounting", "Dunning")), (READER, ())):
        user = users(name=login, login=login, password=password, language=german)
        user.groups.extend(group for name in names for group in groups.find([("name", "=", name)]))
        user.companies.extend(Model.get("company.company").find())
        user.save()
        user.company = Model.get("company.company").find()[0]
        user.save()


def _customers() -> tuple[Any, Any]:
    germany = Model.get("country.country")(name="Deutschland", code="DE", code3="DEU", code_numeric="276")
    germany.save()
    german = Model.get("ir.lang").find([("code", "=", "de")])[0]
    business = Model.get("party.party")(name="Blumen Yılmaz GmbH", code="10001", lang=german)
    address = business.addresses[0]
    address.street, address.postal_code, address.city = "Rosenweg 7", "10115", "Berlin"
    address.country, address.invoice = germany, True
    business.contact_mechanisms.new(type="email", value="buchhaltung@blumen.example")
    business.contact_mechanisms.new(type="phone", value="+49 30 1234567")
    business.identifiers.new(type="de_vat", code="DE136695976")
    business.save()
    bank = Model.get("bank")(party=_party("Musterbank"))
    bank.save()
    account = Model.get("bank.account")(bank=bank)
    account.owners.append(business)
    account.numbers.new(type="iban", number="DE02500105170137075030")
    account.save()
    person = _party("Änne Groß", code="10002", lang=german)
    return business, person


def _terms() -> tuple[Any, Any]:
    terms = Model.get("account.invoice.payment_term")
    net = terms(name="14 Tage netto")
    net.lines.new(type="remainder").relativedeltas[0].days = 14
    net.save()
    halves = terms(name="Zwei Raten")
    first = halves.lines.new(type="percent_on_total", ratio=Decimal("0.5"), divisor=Decimal(2))
    first.relativedeltas[0].days = 14
    halves.lines.new(type="remainder").relativedeltas[0].days = 44
    halves.save()
    return net, halves


def _invoices() -> dict[str, int]:
    business, person = _customers()
    net, halves = _terms()
    long_ago = TODAY - timedelta(days=60)
    made = {
        "plain": _posted(business, "119.00", net, long_ago),
        "part_paid": _posted(business, "238.00", net, long_ago),
        "credit_note": _posted(business, "-50.00", net, long_ago),
        "halves": _posted(person, "200.00", halves, long_ago),
        "skonto": _posted(person, "100.00", net, long_ago),
        "paid": _posted(person, "42.00", net, long_ago),
        "to_cancel": _posted(person, "77.00", net, long_ago),
        "to_dun": _posted(business, "300.00", net, long_ago),
        "by_hand": _posted(business, "64.00", net, long_ago),
        "dollars": _posted(business, "80.00", net, long_ago, currency="USD"),
        "draft": _drafted(person, "11.00", net, long_ago),
    }
    _paid(made["part_paid"], "100.00", long_ago + timedelta(days=10))
    _paid(made["paid"], "42.00", long_ago + timedelta(days=10))
    return {name: invoice.id for name, invoice in made.items()}


def _drafted(party: Any, amount: str, term: Any, day: date, *, currency: str = "EUR") -> Any:
    invoice = Model.get("account.invoice")(type="out", party=party, currency=get_currency(currency))
    invoice.payment_term, invoice.invoice_date = term, day
    line = invoice.lines.new(description="Ware", quantity=1 if not amount.startswith("-") else -1)
    line.account, line.unit_price = get_accounts()["revenue"], Decimal(amount.removeprefix("-"))
    invoice.reference = "Bestellung 4711"
    invoice.save()
    return invoice


def _posted(party: Any, amount: str, term: Any, day: date, *, currency: str = "EUR") -> Any:
    invoice = _drafted(party, amount, term, day, currency=currency)
    config.get_config().skip_warning = True  # the bookkeeper is asked whether the term may lie in the past: yes
    invoice.click("post")
    return invoice


def _paid(invoice: Any, amount: str, day: date) -> None:
    pay = Wizard("account.invoice.pay", [invoice])
    pay.form.payment_method = Model.get("account.invoice.payment.method").find([])[0]
    pay.form.amount, pay.form.date = Decimal(amount), day
    pay.execute("choice")
    if pay.form_state == "ask":
        pay.form.type = "partial"
        pay.execute("pay")


if __name__ == "__main__":
    main(*sys.argv[1:])
