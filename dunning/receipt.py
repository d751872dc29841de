"""Receipt (Zugang): the day something reached the debtor, and what proves it (§ 130 BGB)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dunning.notice import Channel
from ledger.calendar import last_day_to_pay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from ledger.calendar import Region

_ONE_DAY: Final = timedelta(days=1)
# The court left open when business hours end; who counts from an earlier hour never counts a day too soon.
_CLOSE_OF_BUSINESS: Final = time(16)


class Proof(StrEnum):
    """What shows that something arrived. The creditor bears the burden of proof."""

    CONFIRMED = "confirmed"  # the debtor answered, or signed for it (Rückschein, Bote)
    SMTP_ACCEPTED = "smtp_accepted"  # the debtor's mail server took it, says a delivery report (BGH VII ZR 895/21)
    HANDED_OVER = "handed_over"  # our mail server took it and nothing came back; no proof yet (LAG Köln 4 Sa 315/21)
    POSTED = "posted"  # a person gave it to the post; it needs some days
    SPOKEN = "spoken"  # said on the telephone, as the note of the call tells
    ASSUMED = "assumed"  # only that it was sent is known
    BOUNCED = "bounced"  # the mail came back (unzustellbar): not received
    RETURNED = "returned"  # the letter came back (Rückbrief), a person says: not received


_CAME_BACK: Final = frozenset({Proof.BOUNCED, Proof.RETURNED})
# The word of a person beats every server; a failure beats an acceptance, which may have been a relay's.
_BY_WEIGHT: Final = (
    (Proof.CONFIRMED, Proof.RETURNED),
    (Proof.BOUNCED,),
    (Proof.SMTP_ACCEPTED,),
    (Proof.POSTED,),
    (Proof.SPOKEN,),
    (Proof.HANDED_OVER,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFact:
    """One thing that is known of a notice's way to the debtor; a later one may outweigh it, and never changes it."""

    proof: Proof
    on: date  # accepted, posted, confirmed, or came back
    at: datetime | None = None  # of a server's acceptance, by the clock of the office
    evidence: str = ""  # the server's line with its queue id, the number of the registered letter, who said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That something was received on a day, or, where it came back, that it was not."""

    day: date  # of receipt; of the bounce
    proof: Proof
    evidence: str = ""  # the server's line, the number of the registered letter, the answer
    posted_on: date | None = None  # given to the post, where a person said when

    @property
    def received(self) -> bool:
        """Whether it reached the debtor at all."""
        return self.proof not in _CAME_BACK


def receipt_of(
    channel: Channel,
    sent_on: date,
    facts: Sequence[ReceiptFact],
    *,
    email_working_days: int,
    letter_working_days: int,
    places: tuple[Region, ...],
) -> Receipt:
    """Give the receipt of a notice from all that is known of its way, in the order it became known (§ 130 BGB).

    What counts first: the last word of a person, then a bounce, the debtor's server, the posting day, our own server.
    Without any of them the receipt is assumed from the day of sending. Working days are those of every one of the
    ``places`` (the creditor's and the debtor's); the latest day counts. Nothing is received before it was sent.
    """
    posted_on = next((fact.on for fact in reversed(facts) if fact.proof is Proof.POSTED), None)
    fact = _weightiest(facts)
    if fact is None:
        known = assumed_receipt(
            channel,
            sent_on,
            email_working_days=email_working_days,
            letter_working_days=letter_working_days,
            region=places[0],
        )
        working_days = {Channel.EMAIL: email_working_days, Channel.LETTER: letter_working_days}.get(channel)
        return known if working_days is None else replace(known, day=_later(sent_on, working_days, places))
    day = max(fact.on, sent_on)
    if fact.proof is Proof.POSTED:
        day = _later(day, letter_working_days, places)
    elif fact.proof in {Proof.SMTP_ACCEPTED, Proof.HANDED_OVER}:
        # A fact whose hour is not known came late in the day.
        within_hours = fact.at is not None and _is_early(fact.at)
        day = _mail_read_on(day, email_working_days, places, within_hours=within_hours)
    return Receipt(day=day, proof=fact.proof, evidence=fact.evidence, posted_on=posted_on)


def came_back(facts: Sequence[ReceiptFact]) -> bool:
    """Whether a notice was not received, by all that is known of its way: it came back, and nobody says otherwise."""
    fact = _weightiest(facts)
    return fact is not None and fact.proof in _CAME_BACK


def confirmed(day: date, evidence: str = "") -> Receipt:
    """Give the receipt that the debtor has confirmed, on the day he says."""
    return Receipt(day=day, proof=Proof.CONFIRMED, evidence=evidence)


def mail_accepted(
    accepted_on: date, working_days: int, region: Region, evidence: str = "", *, at: datetime | None = None
) -> Receipt:
    """Give the receipt of a mail that the debtor's server accepted.

    Within business hours it is received at once (BGH VII ZR 895/21), after them or on a day nobody works on the next
    working day; without ``at`` it arrived within them. ``working_days`` are a margin that may lead further.
    """
    within_hours = at is None or _is_early(at)
    day = _mail_read_on(accepted_on, working_days, (region,), within_hours=within_hours)
    return Receipt(day=day, proof=Proof.SMTP_ACCEPTED, evidence=evidence)


def posted(posted_on: date, working_days: int, region: Region, evidence: str = "") -> Receipt:
    """Give the assumed receipt of a letter: its posting day and so many working days of the post."""
    day = _later(posted_on, working_days, (region,))
    return Receipt(day=day, proof=Proof.POSTED, evidence=evidence)


def bounced(day: date, evidence: str = "") -> Receipt:
    """Say that a mail or letter came back: it was not received, whatever was assumed before."""
    return Receipt(day=day, proof=Proof.BOUNCED, evidence=evidence)


def assumed_receipt(
    channel: Channel, sent_on: date, *, email_working_days: int, letter_working_days: int, region: Region
) -> Receipt:
    """Assume late rather than early when a notice arrived of which only the sending is known (§ 130 BGB).

    A letter counts as posted on the day it was laid out for printing, until a person says another day.
    """
    match channel:
        case Channel.EMAIL:
            day, proof = _later(sent_on, email_working_days, (region,)), Proof.ASSUMED
        case Channel.LETTER:
            day, proof = _later(sent_on, letter_working_days, (region,)), Proof.ASSUMED
        case _:
            day, proof = sent_on, Proof.ASSUMED
    return Receipt(day=day, proof=proof)


def _weightiest(facts: Sequence[ReceiptFact]) -> ReceiptFact | None:
    for proofs in _BY_WEIGHT:
        found = [fact for fact in facts if fact.proof in proofs]
        if found:
            return found[-1]
    return None


def _is_early(at: datetime) -> bool:
    return at.time() < _CLOSE_OF_BUSINESS


def _mail_read_on(accepted_on: date, working_days: int, places: tuple[Region, ...], *, within_hours: bool) -> date:
    return _later(accepted_on, working_days if within_hours else max(working_days, 1), places)


@lru_cache(maxsize=65536)
def _later(day: date, count: int, places: tuple[Region, ...]) -> date:
    """Give the latest day of all places, ``count`` working days later; 0 moves only weekends and holidays."""
    return max(_working_days_later(day, count, place) for place in places)


def _working_days_later(day: date, count: int, region: Region) -> date:
    for _ in range(count):
        day = last_day_to_pay(day + _ONE_DAY, (region,))
    return last_day_to_pay(day, (region,))
