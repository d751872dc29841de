"""Payment services (Zahlungsdienste) between a customer and us, and whose money they pass on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind
from ledger.text import fold

if TYPE_CHECKING:
    from ledger.statement import StatementEntry


class Carries(StrEnum):
    """What a payment of a service is."""

    PAYOUT = "payout"  # Sammelauszahlung: the sales of days, less fees
    ONE_CUSTOMER = "one_customer"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePayment:
    """A payment that a service passed on; ``customer_name`` and ``order_number`` are empty where it does not tell."""

    service: str
    carries: Carries
    customer_name: str = ""
    order_number: str = ""

    @property
    def says(self) -> str:
        """The sentence for the accountant."""
        if self.carries is Carries.PAYOUT:
            return f"is a payout of {self.service} for several sales (Sammelauszahlung), not one customer's payment"
        if self.customer_name:
            return f'{self.service} passes on a payment of "{self.customer_name}"'
        if self.order_number:
            return f"{self.service} passes on the payment of order {self.order_number}"
        return f"{self.service} passes on money and does not say whose"


# A name that a person or a firm may have too (Wise, Square, Mollie) needs the words that make it the service's.
# Services at the end of the line pay out sales of days only, whatever they write.
_NAMES: Final = tuple(
    (service, re.compile(rf"\b(?:{pattern})"), pays_out_only)
    for service, pattern, pays_out_only in (
        ("PayPal", r"paypal", False),
        ("Klarna", r"klarna\b|sofort (?:gmbh|ag)\b", False),
        ("Amazon Pay", r"amazon ?pay(?:ments?)?\b", False),
        ("Mollie", r"(?:stichting|st) mollie\b|mollie (?:b\.? ?v\b|payments\b)|mollie$", False),
        ("Wise", r"transferwise\b|wise (?:payments|europe|us inc)\b", False),
        ("giropay", r"giropay\b|paydirekt\b", False),
        ("Wero", r"wero$|wero (?:payments?|wallet)\b|epi company\b", False),
        ("Riverty", r"riverty\b|afterpay\b|arvato payment", False),
        ("Ratepay", r"ratepay\b", False),
        ("Unzer", r"unzer\b|heidelpay\b", False),
        ("Skrill", r"skrill\b|paysafe\b", False),
        ("GoCardless", r"gocardless\b", False),
        ("Billie", r"billie gmbh\b", False),
        ("Stripe", r"stripe(?: technology| payments?| inc|$)", True),
        ("SumUp", r"sumup\b", True),
        ("Adyen", r"adyen\b", True),
        ("Zettle", r"i?zettle\b", True),
        ("Square", r"squareup\b|square (?:europe|payments?)", True),
        ("Shopify", r"shopify (?:payments?|international)", True),
        ("PAYONE", r"payone\b|b(?:\+| und )s card service|bs payone\b", True),
        ("Nexi", r"nexi (?:germany|payments?|deutschland)|concardis\b", True),
        ("Worldline", r"worldline\b|six payment services\b", True),
        ("VR Payment", r"vr[ -]payment\b|cardprocess\b|card ?process gmbh", True),
        ("First Data", r"first data\b|telecash\b|fiserv\b", True),
        ("Elavon", r"elavon\b", True),
        ("EVO Payments", r"evo payments\b", True),
        ("hobex", r"hobex\b", True),
        ("Viva", r"viva (?:wallet|payment|\.com)", True),
        ("Global Payments", r"global payments\b", True),
        ("American Express", r"american express\b", True),
        ("Braintree", r"braintree\b", True),
        ("Payrexx", r"payrexx\b", True),
        ("Datatrans", r"datatrans\b", True),
        ("Etsy", r"etsy payments\b", True),
        ("eBay", r"ebay s\W*a\W*r\W*l\b", True),
        ("Amazon Marketplace", r"amazon services europe\b", True),
    )
)

# One look that tells nearly every payer that it is none of them.
_MAY_BE: Final = re.compile(
    r"paypal|klarna|sofort|amazon ?pay|mollie|wise|giropay|paydirekt|wero|epi comp|riverty|afterpay|arvato|ratepay"
    r"|unzer|heidelpay|skrill|paysafe|gocardless|stripe|sumup|adyen|zettle|square|shopify|payone|s card|nexi"
    r"|concardis|worldline|six pay|vr.payment|card ?process|first data|telecash|fiserv|elavon|evo pay|hobex|viva"
    r"|global pay|american express|billie|braintree|payrexx|datatrans|etsy|ebay|amazon services"
)

_CREDITOR_IDS: Final = {"LU96ZZZ0000000000000000058": "PayPal"}  # one for all of Europe
_PAYPAL_TEXT: Final = re.compile(r"\bpp\.[0-9]{4}\.pp\b")  # stands in everything PayPal sends to banks

_PAYOUT: Final = re.compile(
    r"abbuchung vom paypal|auszahlung|pay-?out\b|settlement|sammel(?:ueberweisung|gutschrift|betrag)|disagio"
    r"|(?:umsatz|haendler|karten|transaktions)(?:abrechnung|gutschrift|umsaetze)|abrechnung (?:nr|vom|zeitraum)"
    r"|\bbatch\b|\bmerchant\b|guthaben(?:auszahlung|transfer)?\b|\bpo_[0-9a-z]+"
)
_NAME: Final = r"(?P<name>[^\W\d_][^\d,;/:+#*()]{2,69}?)"
_NAME_ENDS: Final = (
    r"(?=\s*(?:[,;/:+#*()\d]|$)|\s+(?:bestell|order|rechnung|re\b|rg\b|rnr|ref|nr\b|auftrag|invoice|kd|kunden|vom\b|am\b|via\b)"
    r"|\s{2,})"
)
_CUSTOMER: Final = re.compile(
    r"(?:\b(?:zahlung|payment|geld|money|überweisung|ueberweisung) (?:von|from|by|durch) "
    r"|\b(?:kunde|kundenname|kaeufer|käufer|zahler|besteller|auftraggeber|absender|customer|buyer|payer|sender)"
    r"(?: ?name)?\s?[:=]\s?|\bim auftrag (?:von )?|\bon behalf of )"
    rf"{_NAME}{_NAME_ENDS}",
    re.IGNORECASE,
)
_VIA: Final = re.compile(r"^(?P<name>.{3,70}?)\s+(?:via|ueber|über|durch|by|bei)\s+\S", re.IGNORECASE)
_ORDER: Final = re.compile(
    r"\b(?P<amazon>[0-9]{3}-[0-9]{7}-[0-9]{7})\b"
    r"|\b(?:bestell(?:ung|nr|nummer)?|order|auftrag(?:s?nr|snummer)?)[ .:#-]*(?:nr|no|nummer|number|id)?[ .:#-]*"
    r"(?P<order>(?=[A-Z0-9-]*[0-9])[A-Z0-9][A-Z0-9-]{3,34})\b",
    re.IGNORECASE,
)


def service_named(payer_name: str) -> str:
    """Give the payment service that a payer's name is, or an empty text."""
    return _service(payer_name)[0]


def service_payment(entry: StatementEntry) -> ServicePayment | None:
    """Read what a payment service passed on; None where the payer is no payment service."""
    service, pays_out_only = _service(entry.payer_name)
    if not service and entry.creditor_id:
        service = _CREDITOR_IDS.get(entry.creditor_id.replace(" ", "").upper(), "")
    if not service and entry.payer_name:
        return None
    text = " ".join(entry.remittance.split())
    if not service and _PAYPAL_TEXT.search(fold(text)):
        service = "PayPal"
    if not service:
        return None
    # A card acquirer's booking is recognised by the bank as well.
    pays_out = pays_out_only or entry.kind is EntryKind.CARD_SETTLEMENT or _PAYOUT.search(fold(text)) is not None
    customer, order = _customer(entry, text), _order(text)
    if pays_out and not customer:
        return ServicePayment(service=service, carries=Carries.PAYOUT)
    carries = Carries.ONE_CUSTOMER if customer or order else Carries.UNSAID
    return ServicePayment(service=service, carries=carries, customer_name=customer, order_number=order)


@lru_cache(maxsize=1 << 14)  # asked several times for one payer
def _service(payer_name: str) -> tuple[str, bool]:
    folded = " ".join(fold(payer_name).split())
    if not _MAY_BE.search(folded):
        return "", False
    return next(((name, only) for name, pattern, only in _NAMES if pattern.search(folded)), ("", False))


def _customer(entry: StatementEntry, text: str) -> str:
    """Give the customer's name: the party behind, before "via" in the payer's name, or behind a word in the text."""
    if entry.ultimate_name and not service_named(entry.ultimate_name):
        return entry.ultimate_name
    via = _VIA.search(entry.payer_name)
    if via and not service_named(via["name"]):
        return via["name"].strip()
    found = _CUSTOMER.search(text)
    return found["name"].strip() if found and not service_named(found["name"]) else ""


def _order(text: str) -> str:
    found = _ORDER.search(text)
    return (found["amazon"] or found["order"]) if found else ""
