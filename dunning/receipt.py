"""Receipt (Zugang): the day something reached the debtor, and what proves it (§ 130 BGB)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dunning.notice import Channel
from ledger.calendar import next_working_day

if TYPE_CHECKING:
    from datetime import date

    from ledger.calendar import Region

_ONE_DAY: Final = timedelta(days=1)


class Proof(StrEnum):
    """What shows that something arrived. The creditor bears the burden of proof."""

    CONFIRMED = "confirmed"  # the debtor answered, or signed for it (Rückschein, Bote)
    SMTP_ACCEPTED = "smtp_accepted"  # the debtor's mail server took it (BGH VII ZR 895/21)
    POSTED = "posted"  # given to the post; it needs some days
    SPOKEN = "spoken"  # said on the telephone
    ASSUMED = "assumed"  # only that it was sent is known
    BOUNCED = "bounced"  # it came back (unzustellbar): not received


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That something was received on a day, or, where it bounced, that it was not."""

    day: date  # of receipt; of the bounce
    proof: Proof
    evidence: str = ""  # the server's line, the number of the registered letter, the answer

    @property
    def received(self) -> bool:
        """Whether it reached the debtor at all."""
        return self.proof is not Proof.BOUNCED


def confirmed(day: date, evidence: str = "") -> Receipt:
    """Give the receipt that the debtor has confirmed, on the day he says."""
    return Receipt(day=day, proof=Proof.CONFIRMED, evidence=evidence)


def mail_accepted(accepted_on: date, working_days: int, region: Region, evidence: str = "") -> Receipt:
    """Give the receipt of a mail that the debtor's server accepted.

    It counts once the debtor may be expected to look, within business hours (BGH VII ZR 895/21): ``working_days``
    later, because a night's mail may arrive after them.
    """
    day = _working_days_later(accepted_on, working_days, region)
    return Receipt(day=day, proof=Proof.SMTP_ACCEPTED, evidence=evidence)


def posted(posted_on: date, working_days: int, region: Region, evidence: str = "") -> Receipt:
    """Give the assumed receipt of a letter: its posting day and so many working days of the post."""
    day = _working_days_later(posted_on, working_days, region)
    return Receipt(day=day, proof=Proof.POSTED, evidence=evidence)


def bounced(day: date, evidence: str = "") -> Receipt:
    """Say that a mail or letter came back: it was not received, whatever was assumed before."""
    return Receipt(day=day, proof=Proof.BOUNCED, evidence=evidence)


def assumed_receipt(
    channel: Channel, sent_on: date, *, email_working_days: int, letter_working_days: int, region: Region
) -> Receipt:
    """Assume late rather than early when a notice arrived of which only the sending is known (§ 130 BGB)."""
    match channel:
        case Channel.EMAIL:
            day, proof = _working_days_later(sent_on, email_working_days, region), Proof.ASSUMED
        case Channel.LETTER:
            day, proof = _working_days_later(sent_on, letter_working_days, region), Proof.POSTED
        case Channel.CALL:
            day, proof = sent_on, Proof.SPOKEN
        case _:
            day, proof = sent_on, Proof.ASSUMED
    return Receipt(day=day, proof=proof)


def _working_days_later(day: date, count: int, region: Region) -> date:
    for _ in range(count):
        day = next_working_day(day + _ONE_DAY, region)
    return day
