"""How much each clue counts (Gewichte): the one table of log-odds, ordered from proof to hint.

A weight of 1 makes a belief 2.7 times as likely, 3 twenty times, 7 a thousand times. The figures are set by hand,
after the order of error rates seen on synthetic books; they are ranks more than measurements. What may be booked
without a person is decided by the named classes, not by these figures alone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from reconciliation.interpretation import Interpretation

# Before any clue: an incoming payment belongs to one particular set of items with odds of about one in four hundred.
PRIOR: Final = -6.0

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

# What the amount says about a set of items.
AMOUNT: Final = MappingProxyType(
    {
        Interpretation.EXACT: 3.5,
        Interpretation.SKONTO: 3.2,
        Interpretation.RETURN: 3.0,
        Interpretation.SMALL_DIFFERENCE: 1.5,
        Interpretation.BANK_CHARGE: 0.5,
        Interpretation.SKONTO_LATE: 0.0,
        Interpretation.FEE: 0.0,
        Interpretation.PARTIAL: -1.5,
        Interpretation.OVER: -1.5,
        Interpretation.SKONTO_TOO_MUCH: -1.5,
        Interpretation.ON_ACCOUNT: -3.0,
    }
)

# What speaks against a set of items.
NAMED_BUT_LEFT_OUT: Final = -4.0  # each open item that is named and not in the set
SETTLED_NUMBER: Final = -3.0  # the text names a document that is settled already
UNKNOWN_NUMBER: Final = -2.0  # the text names a document that looks like ours, and is not
OTHER_PAYER: Final = -4.0  # the account belongs to another debtor
UNNAMED_SET: Final = -1.0  # each further item that only the sum brought in
