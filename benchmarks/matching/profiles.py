"""Kinds of companies (Profile): how their customers pay, and how often each thing happens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# How often, in a thousand incoming payments. The order of magnitude is that of a German trading or service company.
_SHARES: Final = MappingProxyType(
    {
        "exact": 330.0,
        "structured": 65.0,  # of those whose invoice has a reference printed on it, most use it
        "separators_lost": 57.0,
        "short_form": 46.0,
        "typo": 40.0,
        "several_numbers": 62.0,
        "list_short_forms": 15.0,
        "range": 15.0,
        "no_number_single": 85.0,
        "no_number_several": 38.0,
        "partial_named": 17.0,
        "partial_unnamed": 6.0,
        "instalments": 14.0,  # the first of several; the others follow by themselves
        "over": 6.0,
        "with_dunning_costs": 14.0,
        "with_bank_charge": 10.0,
        "order_number_only": 15.0,
        "customer_number_only": 15.0,
        "wrong_number": 6.0,
        "several_debtors": 4.0,
        "small_difference": 8.0,
        "duplicate": 9.0,
        "settled_invoice": 12.0,
        "prepayment": 5.0,
        "unrelated": 75.0,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What kind of company is invented. Shares are between 0 and 1, of what their names say."""

    name: str
    items: int = 3_000  # written in all months together
    months: int = 18  # a year of history, and half a year to be judged
    items_per_debtor: int = 12  # on average; few have many, many have few
    shares: Mapping[str, float] = field(default_factory=lambda: _SHARES)  # payment class -> in a thousand payments
    good_payers: float = 0.72  # debtors who pay nearly everything; the others pay little
    consumers: float = 0.25  # debtors who are people
    price_list: float = 0.25  # amounts from a short list, the same for everybody
    standing: float = 0.08  # debtors who get one and the same amount every month
    skonto: float = 0.25  # business debtors who are offered Skonto
    mandates: float = 0.025  # debtors who pay by direct debit
    returns: float = 0.2  # direct debits that come back
    credit_notes: float = 0.015  # documents that are credit notes; half of them are netted, some are paid out
    references: float = 0.3  # debtors whose invoices carry a structured reference
    orders: float = 0.45  # business debtors whose order number is on the invoice
    third_party: float = 0.035  # debtors for whom somebody else pays
    shared: float = 0.03  # debtors whose payer pays for others too
    service: float = 0.015  # payments through a payment service
    new_account: float = 0.015  # payments after which the payer has another account for good
    name_variant: float = 0.3  # payers whose bank knows them by another spelling
    foreign_number: float = 0.2  # texts with a number that is no document number of ours
    mt940: float = 0.6  # payments on the account whose bank delivers MT940
    accounts_told: float = 0.5  # debtors whose account the accounting tool knows
    currency: str = "EUR"
    country: str = "DE"
    reference_kind: str = "RF"  # or QRR
    history_months: int = 12  # bookings remembered when the judged half-year begins

    def sized(self, items: int) -> Profile:
        """Give the same kind of company with more or fewer items."""
        return replace(self, items=items)


def _shares(**changed: float) -> Mapping[str, float]:
    """Give the usual shares with some multiplied."""
    return MappingProxyType({name: share * changed.get(name, 1.0) for name, share in _SHARES.items()})


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(name="default"),
            Profile(
                name="clean",
                shares=_shares(
                    exact=2,
                    typo=0.2,
                    short_form=0.3,
                    unrelated=0.5,
                    duplicate=0.3,
                    wrong_number=0.2,
                    settled_invoice=0.3,
                ),
                name_variant=0.1,
                foreign_number=0.05,
                accounts_told=0.9,
                mt940=0.2,
            ),
            Profile(name="cold", accounts_told=0.0, history_months=0),
            Profile(
                name="dirty",
                shares=_shares(
                    exact=0.5, typo=2, unrelated=2, settled_invoice=2, duplicate=2, wrong_number=3, partial_unnamed=2
                ),
                name_variant=0.5,
                foreign_number=0.4,
                third_party=0.08,
                new_account=0.03,
                accounts_told=0.2,
                mt940=0.8,
            ),
            Profile(name="collision", price_list=0.85, standing=0.3, items_per_debtor=60, good_payers=0.6),
            Profile(
                name="b2c",
                consumers=0.97,
                items_per_debtor=2,
                price_list=0.5,
                skonto=0.0,
                orders=0.1,
                third_party=0.1,
                service=0.08,
                accounts_told=0.1,
            ),
            Profile(
                name="property",
                consumers=0.6,
                standing=0.6,
                third_party=0.12,
                shared=0.25,
                skonto=0.02,
                mandates=0.1,
                shares=_shares(no_number_single=2.5, no_number_several=2, instalments=2),
            ),
            Profile(
                name="swiss",
                currency="CHF",
                country="CH",
                reference_kind="QRR",
                references=0.9,
                mandates=0.01,
                mt940=0.1,
                shares=_shares(structured=12),
            ),
            Profile(name="direct_debit", mandates=0.6, consumers=0.5, standing=0.3),
        )
    }
)
