"""Payment services: what their texts tell of the customer, and what is a payout of many sales."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.debtor import Debtor
from ledger.money import Money
from ledger.statement import EntryKind, StatementEntry
from reconciliation.index import build_index
from reconciliation.payment_services import Carries, service_named, service_payment
from reconciliation.settings import MatchSettings
from reconciliation.who_paid import who_paid

# Payer, text, service, what it is, customer, order.
TABLE = """
    PayPal Europe S.a.r.l. et Cie S.C.A | PP.3981.PP ABBUCHUNG VOM PAYPAL-KONTO | PayPal | payout |  |
    PayPal (Europe) S.a.r.l.et C | PP.3981.PP ABBUCHUNG VOM PAYPAL-KON TO | PayPal | payout |  |
    PayPal Europe | Zahlung von Petra Müller, Bestellung 10471 | PayPal | one_customer | Petra Müller | 10471
     | 1047/PP.1544.PP/. Zahlung | PayPal | unsaid |  |
    STRIPE TECHNOLOGY EUROPE LTD | STRIPE P2X7K9 | Stripe | payout |  |
    Klarna Bank AB | Auszahlung 2026-05-02 Ref K77 | Klarna | payout |  |
    Klarna Bank AB (publ) | Order 100471-A Kunde: Hans Muster | Klarna | one_customer | Hans Muster | 100471-A
    AMAZON PAYMENTS EUROPE S.C.A. | 303-1234567-1234567 AMZN | Amazon Pay | one_customer |  | 303-1234567-1234567
    Hans Muster via Stichting Mollie Payments | Bestellung 10471 | Mollie | one_customer | Hans Muster | 10471
    Stichting Mollie Payments | Settlement 1234.2605.01 | Mollie | payout |  |
    SumUp Payments Limited | PID123456 SUMUP | SumUp | payout |  |
    Adyen N.V. | TX12345 batch 12 | Adyen | payout |  |
    PAYONE GmbH | Haendlerabrechnung 05/2026 | PAYONE | payout |  |
    Wise Payments Limited | im Auftrag von North Sea Ltd | Wise | one_customer | North Sea Ltd |
    paydirekt GmbH | Zahlung | giropay | unsaid |  |
    Billie GmbH | Auszahlung 0526 | Billie | payout |  |
    Payrexx AG | 05/2026 | Payrexx | payout |  |
    eBay S.a r.l. | P.1234 | eBay | payout |  |
    Wero | Zahlung von Fritz Klein | Wero | one_customer | Fritz Klein |
"""


def entry(name: str, text: str, **more: Any) -> StatementEntry:
    return StatementEntry(
        account="OWN",
        booking_date=date(2026, 5, 6),
        amount=Money(11900, "EUR"),
        payer_name=name,
        remittance=text,
    )._replace(**more)


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_a_service_is_known_and_tells_what_it_tells(line: str) -> None:
    name, text, service, carries, customer, order = ([part.strip() for part in line.split("|")] + [""] * 2)[:6]
    found = service_payment(entry(name, text))
    assert found is not None
    assert (found.service, found.carries, found.customer_name, found.order_number) == (
        service,
        carries,
        customer,
        order,
    )


@pytest.mark.parametrize(
    "name",
    [
        "Mollie Huber",
        "Wise Consulting GmbH",
        "Square Architekten",
        "Stripes Textil GmbH",
        "Nexi Schmidt",
        "Fritz Klein",
        "Amazon EU S.a.r.l.",
        "Vivaldi Musikhaus",
        "Debayle Etsygmbh",
        "Billie Jean Müller",
        "",
    ],
)
def test_customers_with_names_like_a_service_are_customers(name: str) -> None:
    assert service_named(name) == ""
    assert service_payment(entry(name, "Rechnung 471")) is None


def test_a_payout_says_that_it_is_not_one_customers_payment() -> None:
    found = service_payment(entry("Stripe", "STRIPE")._replace(kind=EntryKind.CARD_SETTLEMENT))
    assert found is not None
    assert found.carries is Carries.PAYOUT
    assert "not one customer's payment" in found.says


def test_paypal_is_known_by_its_creditor_id() -> None:
    found = service_payment(entry("", "Zahlung", creditor_id="LU96 ZZZ0 0000 0000 0000 0000 58"))
    assert found is not None
    assert found.service == "PayPal"


def test_the_customer_named_by_the_service_is_the_debtor_and_its_account_is_nobodys() -> None:
    service = "LU89751000135104200E"
    index = build_index(
        items=(),
        debtors={
            "1": Debtor(number="1", name="Petra Müller"),
            "2": Debtor(number="2", name="Fritz Klein", ibans=(service,)),
            "3": Debtor(number="3", name="PayPal Sammeldebitor"),
        },
        known_payers=(),
        past=(),
        settings=MatchSettings(),
        own_accounts=(),
    )
    paid = entry("PayPal Europe S.a.r.l.", "Zahlung von PETRA MUELLER, Bestellung 10471", payer_iban=service)
    assert [(one.debtor_number, one.evidence[0].rule) for one in who_paid(paid, index)] == [("1", "payment_service")]
    payout = entry("PayPal Europe S.a.r.l.", "ABBUCHUNG VOM PAYPAL-KONTO", payer_iban=service)
    assert who_paid(payout, index) == ()


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("B+S Card Service GmbH", "PAYONE"),
        ("Sofort GmbH", "Klarna"),
        ("Six Payment Services (Europe) S.A.", "Worldline"),
        ("VR-Payment GmbH", "VR Payment"),
        ("First Data GmbH / TeleCash", "First Data"),
        ("American Express Europe S.A.", "American Express"),
        ("Viva Wallet Banking", "Viva"),
        ("iZettle AB", "Zettle"),
        ("EPI Company SE", "Wero"),
        ("Shopify International Ltd", "Shopify"),
    ],
)
def test_card_acquirers_and_other_services_are_known_by_name(name: str, service: str) -> None:
    assert service_named(name) == service
