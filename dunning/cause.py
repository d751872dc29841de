"""The cause (Ursache): why a debtor has not paid, as he says himself, and what we do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dunning.hold import HoldReason

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cause(StrEnum):
    """What the debtor says is holding the payment up. The values are what a person types."""

    FORGOTTEN = "forgotten"
    NOT_RECEIVED = "not-received"  # the invoice never arrived
    INTERNAL_PROCESS = "internal-process"  # approval, order number, portal, pay run
    SHORT_OF_CASH = "short-of-cash"  # for the moment
    LASTING_TROUBLE = "lasting-trouble"  # cannot pay for long
    UNHAPPY = "unhappy"  # with the delivery, the work or the price
    CREDIT_PENDING = "credit-pending"  # waits for a credit note of ours
    SAYS_PAID = "says-paid"
    WRONG_DEBTOR = "wrong-debtor"
    BANK = "bank"  # a returned debit, a closed account
    INSOLVENCY = "insolvency"
    REFUSES = "refuses"  # without a reason
    NOT_REACHED = "not-reached"  # nobody answered; nothing was said
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What follows from a cause: how long we keep silent, and what somebody has to do."""

    hold: HoldReason | None = None  # besides what a promise or a dispute places
    bank_days: int | None = None  # of silence; None with a hold: until somebody lifts it
    to_do: str


# Days are our own policy, short enough that nothing is forgotten: an answer to a complaint within ten working days,
# an approval within ten, a payment that is said to be made within five.
ANSWERS: Final[Mapping[Cause, Answer]] = MappingProxyType(
    {
        Cause.FORGOTTEN: Answer(to_do="Agree on a day, and confirm it with the invoice attached."),
        Cause.NOT_RECEIVED: Answer(
            hold=HoldReason.MANUAL,
            bank_days=5,
            to_do="Send the invoice again and note when it arrived: default may only begin then (§ 286 (3) BGB).",
        ),
        Cause.INTERNAL_PROCESS: Answer(
            hold=HoldReason.MANUAL,
            bank_days=10,
            to_do="Give them the order number or approval they lack, and note the day of their pay run.",
        ),
        Cause.SHORT_OF_CASH: Answer(to_do="Agree on a day, or ask for an offer of instalments; watch the account."),
        Cause.LASTING_TROUBLE: Answer(
            to_do="Ask for an offer of instalments and security; deliver on credit no longer (§ 321 BGB)."
        ),
        Cause.UNHAPPY: Answer(to_do="Answer the complaint within ten working days; what is disputed is not dunned."),
        Cause.CREDIT_PENDING: Answer(
            hold=HoldReason.MANUAL, bank_days=10, to_do="Decide on the credit note, and tell the debtor."
        ),
        Cause.SAYS_PAID: Answer(
            hold=HoldReason.MANUAL,
            bank_days=5,
            to_do="Ask for day, amount and account, and look for it among the payments nobody could place.",
        ),
        Cause.WRONG_DEBTOR: Answer(
            hold=HoldReason.MANUAL, bank_days=10, to_do="Correct the recipient in the accounting tool."
        ),
        Cause.BANK: Answer(to_do="Ask for a new mandate or a transfer; only the bank's own charge may be passed on."),
        Cause.INSOLVENCY: Answer(
            hold=HoldReason.INSOLVENCY,
            to_do="Note court, file number and administrator; the claim goes to the insolvency table (§ 174 InsO).",
        ),
        Cause.REFUSES: Answer(
            to_do="Write down the very words: a serious and final refusal is default by itself (§ 286 (2) no. 3 BGB)."
        ),
        Cause.NOT_REACHED: Answer(to_do="Try again on another day and at another hour; twice a day at most."),
        Cause.OTHER: Answer(to_do="Read the note and decide."),
    }
)
