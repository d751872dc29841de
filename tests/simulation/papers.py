"""The papers of the simulated world: statements and lists as bank and tool write them, bounces, the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from demo.camt import write_camt
from demo.movement import Movement, PaymentClass
from demo.mt940 import write_mt940
from demo.names import OWN_BANKS
from demo.statements import DailyStatement
from demo.transaction import TRANSACTIONS
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import Statement, StatementEntry
from tests.office import ROOT
from tests.simulation.days import bank_day_after
from tests.simulation.world import ACCOUNTS, RETURN_CHARGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tests.e2e.mail_server import MailServer
    from tests.simulation.world import Customer, Invoice, Payment, World

COMPANY: Final = "muster"
FEE_MINOR: Final = 250
INBOXES: Final = ("inbox/hausbank", "inbox/sparkasse")


def statement_file(account: int, day: date, number: int, opening: int, payments: Sequence[Payment]) -> bytes:
    """Write the statement of a day: CAMT.053 for the first account, MT940 for the second."""
    entries = tuple(_entry(one) for one in payments)
    closing = opening + sum(one.minor for one in payments)
    daily = DailyStatement(
        statement=Statement(
            account=ACCOUNTS[account],
            currency="EUR",
            number=str(number),
            statement_ref=f"{day:%Y}-{number:03d}",
            opening_date=bank_day_after(day, -1),
            opening=Money(opening, "EUR"),
            closing_date=day,
            closing=Money(closing, "EUR"),
            entries=entries,
        ),
        bookings=tuple((Movement(payment_class=PaymentClass.EXACT, entry=entry),) for entry in entries),
    )
    return write_camt(daily, owner="Muster GmbH", bic=OWN_BANKS[0].bic) if account == 0 else write_mt940(daily)


def listed(invoice: Invoice, left: int) -> OpenItem:
    """Give a document as the tool lists it, with what it believes to be open."""
    return OpenItem(
        item_id=invoice.number,
        document_number=invoice.number,
        kind=ItemKind.INVOICE,
        debtor_number=invoice.customer.number,
        document_date=invoice.issued,
        due_date=invoice.due,
        amount=Money(invoice.minor, "EUR"),
        open_amount=Money(left, "EUR"),
        end_to_end_id=f"LS-{invoice.number}" if invoice.customer.is_collected else "",
    )


def debtor_of(customer: Customer) -> Debtor:
    """Give a customer as the tool lists him."""
    return Debtor(
        number=customer.number,
        name=customer.name,
        street="Hauptstraße 1",
        postcode=customer.postcode,
        city={"80331": "München", "50667": "Köln", "1010": "Wien"}[customer.postcode],
        country=customer.country,
        email=customer.email,
        phone=customer.phone,
        ibans=(customer.iban,) if customer.iban else (),
        type=DebtorType(customer.type),
    )


def bounce_report(recipient: str, identity: str) -> bytes:
    """Write what a mail server sends back when there is no such mailbox."""
    return (
        "From: MAILER-DAEMON@mx.example\nTo: mahnung@x.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {identity}\nSubject: x\n\n--b--\n"
    ).encode()


def stages_with_costs() -> str:
    """Write the house's own stages, with a fee on every letter, and the lump sum instead in the last one."""
    stages = (ROOT / "config" / "dunning.toml").read_text(encoding="utf-8")
    head, *blocks = re.split(r"(?m)^(?=\[\[stage\]\])", stages)
    for number, block in enumerate(blocks):
        if 'name = "final_notice"' in block.partition("titles")[0]:
            blocks[number] = block.replace("claims_lump_sum = false", "claims_lump_sum = true", 1)
        elif re.search(r'(?m)^channels = .*"letter"', block):
            blocks[number] = re.sub(r"(?m)^fee_minor = 0", f"fee_minor = {FEE_MINOR}", block)
    return head + "".join(blocks)


def configuration(world: World, server: MailServer) -> str:
    """Write the configuration of the company."""
    chosen = {
        track: [one.number for one in world.customers.values() if one.track == track]
        for track in ("public_body", "strict")
    }
    banks = "".join(
        f'[[company.bank]]\niban = "{ACCOUNTS[n]}"\nbic = "{OWN_BANKS[n].bic}"\nname = "{OWN_BANKS[n].name}"\n'
        f'inbox = "{INBOXES[n]}"\n'
        for n in range(2)
    )
    choices = "".join(
        f'[[company.dunning.choice]]\ntrack = "{track}"\ncustomers = {numbers}\n'.replace("'", '"')
        for track, numbers in chosen.items()
        if numbers
    )
    return (
        'database = "sqlite:///kontorist.db"\n'
        f"{server.toml()}\n"
        f'[[company]]\nid = "{COMPANY}"\nname = "Muster GmbH"\ncountry = "DE"\nstate = "BY"\n'
        '[company.letterhead]\nstreet = "Am Markt 1"\npostcode = "80331"\ncity = "München"\nphone = "089 1"\n'
        'email = "buchhaltung@muster.example"\ncontact = "Veronika Lechner"\nmanaging_directors = ["Anna Moser"]\n'
        'register_court = "Amtsgericht München"\nregister_number = "HRB 1"\nvat_id = "DE999999999"\n'
        'seat = "München"\n'
        f'[company.dunning]\nprocedure = "stages.toml"\n{choices}'
        '[[company.source]]\nkind = "file"\nopen_items = "open_items.csv"\ndebtors = "debtors.csv"\n' + banks
    )


def _entry(payment: Payment) -> StatementEntry:
    back = bool(payment.returned_because)
    gvc = "109" if back else "171" if payment.end_to_end_id else "166"
    transaction_ = TRANSACTIONS[gvc]
    return StatementEntry(
        account=ACCOUNTS[payment.account],
        booking_date=payment.booked_on,
        value_date=payment.booked_on,
        amount=Money(payment.minor, "EUR"),
        kind=transaction_.kind,
        payer_name=payment.payer,
        payer_iban=payment.iban,
        payer_bic="VBIADE71XXX",
        remittance=payment.text,
        end_to_end_id=payment.end_to_end_id,
        mandate_id="M-1" if payment.end_to_end_id else "",
        creditor_id="DE98ZZZ09999999999" if payment.end_to_end_id else "",
        bank_reference=payment.reference,
        return_reason=payment.returned_because,
        original_amount=Money(payment.original_minor, "EUR") if back else None,
        charges=Money(RETURN_CHARGE, "EUR") if back else None,
        posting_text=transaction_.posting_text,
        transaction_code=gvc,
    )
