"""How much each clue counts (Gewichte): the one table of log-odds, ordered from proof to hint.

A weight of 1 makes a belief 2.7 times as likely, 3 twenty times, 7 a thousand times. The figures are set by hand,
after the order of error rates seen on synthetic books; they are ranks more than measurements. What may be booked
without a person is decided by the named classes, not by these figures alone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

# What names an item.
STRUCTURED_REFERENCE: Final = 9.0  # carries check digits, so it is not a typing error
END_TO_END_ID: Final = 9.0  # given by ourselves for one direct debit
FULL_NUMBER: Final = 7.0  # our document number in full
LISTED_NUMBER: Final = 6.5  # completed from the number before it
ORDER_NUMBER: Final = 5.0
RUNNING_NUMBER: Final = 3.0  # three to five digits also are street numbers and quantities
RANGE_NUMBER: Final = 2.5
NEARLY_NUMBER: Final = 2.0  # numbers are consecutive: one wrong digit usually names another customer's invoice
ONLY_AMOUNT: Final = 1.0  # no other open item has this amount
SHARED_AMOUNT: Final = 0.0  # a few others have it, so it only says where to look

# What names a debtor.
KNOWN_PAYER: Final = 6.0  # the account of this debtor and nobody else
SAME_NAME: Final = 5.0
CUSTOMER_NUMBER: Final = 4.0
SIMILAR_NAME: Final = 3.0
BARE_CUSTOMER_NUMBER: Final = 2.0  # the digits alone, without a word that says what they are
SHARED_PAYER: Final = 1.5  # parent company, tax adviser, payment service: one of several

# Before anything was learned: what an accountant would say. Learning begins here, and stays here for what is rare.
BY_HAND: Final = MappingProxyType(
    {
        "any": -6.0,
        "named: structured": 9.0,
        "named: number": 7.0,
        "named: listed": 6.5,
        "named: order": 5.0,
        "named: running": 3.0,
        "named: range": 2.5,
        "named: nearly": 2.0,
        "named: some of them": 1.0,
        "payer: known": 6.0,
        "payer: same_name": 5.0,
        "payer: similar_name": 3.0,
        "payer: customer_number": 3.0,
        "payer: paid_for": 4.0,
        "payer: mentioned": 3.5,
        "payer: shared": 1.5,
        "payer: other": -4.0,
        "amount: exact": 3.5,
        "amount: skonto": 3.2,
        "amount: return": 3.0,
        "amount: small_difference": 1.5,
        "amount: bank_charge": 0.5,
        "amount: partial": -1.5,
        "amount: over": -1.5,
        "amount: skonto_too_much": -1.5,
        "amount: on_account": -3.0,
        "amount: that of another item": -2.0,
        "amount: exact with others": -3.0,
        "on account: of a named document": 3.5,
        "left out: looks like other money": -3.0,
        "left out: 1 named open items": -4.0,
        "left out: 2+ named open items": -7.0,
        "left out: a named settled item": -3.0,
        "left out: 1 numbers we do not know": -2.0,
        "left out: 2+ numbers we do not know": -4.0,
        "choice: 1 items of this amount": 1.0,
        "choice: 2 sets fit": -0.7,
        "choice: 3+ sets fit": -1.2,
    }
)
