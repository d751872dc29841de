"""The limitation watch (Verjährungswatch): what expires when, what restarted the time, and what to do before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dunning.countries import GERMANY
from dunning.hold import HoldReason
from dunning.limitation import Limitation, Urgency, file_by, limitation, limitation_law, urgency
from ledger.allocation import AllocationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from dunning.countries import CountryLaw
    from dunning.hold import Hold
    from dunning.limitation import LimitationLaw
    from dunning.principal import SettledPart
    from ledger.open_item import OpenItem

# Part payment and payment of interest (Abschlags-, Zinszahlung); who settles something else says nothing of the rest.
_ACKNOWLEDGING: Final = {AllocationKind.PAYMENT: "a part payment", AllocationKind.INTEREST: "a payment of interest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the debtor did that acknowledges a claim (Anerkenntnis), as our own books show it."""

    day: date
    what: str  # "a part payment of 100,00 EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedClaim:
    """One open claim and everything we know that bears on its limitation."""

    item: OpenItem
    acts: tuple[Act, ...] = ()
    hints: tuple[str, ...] = ()  # what may have stopped or restarted the time, for a person to judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When a claim expires, how near that is, why, and what to do about it."""

    claim: WatchedClaim
    limitation: Limitation
    last_day: date  # with what our books prove to have restarted the time, without any suspension
    urgency: Urgency
    why: tuple[str, ...]  # sentences, in the order of what happened
    what_to_do: str

    @property
    def file_by(self) -> date:
        """The last day on which a court application is safely in time."""
        return file_by(self.last_day)


def expiry(claim: WatchedClaim, day: date, law: CountryLaw = GERMANY) -> Expiry:
    """Tell when a claim expires, as seen on a day.

    Only acts that our books show move the last day; what may have suspended it stays a hint, because to rely on it in
    vain costs the claim. While the day without any act is still ahead and near, there is an early warning too: an act
    must be proven, and a court application need not.
    """
    found = limitation(claim.item.due_date, acknowledged_on=[act.day for act in claim.acts], law=law)
    assert found.end is not None, claim  # nothing suspends here
    how = urgency(found.end, day)
    nominal = urgency(found.nominal_end, day)
    if nominal not in {Urgency.LATER, Urgency.OVER}:
        how = max(how, Urgency.EARLY, key=lambda one: one.rank)
    words = limitation_law(law)
    return Expiry(
        claim=claim,
        limitation=found,
        last_day=found.end,
        urgency=how,
        why=(*_why(claim, found, words), *claim.hints),
        what_to_do=_what_to_do(found.end, how, words),
    )


def acknowledgements(
    item: OpenItem, parts: Iterable[SettledPart], offered_on: Iterable[date], *, disputed: bool, day: date
) -> tuple[Act, ...]:
    """Give the debtor's acts up to a day that acknowledge an item which is still open, the earliest first.

    A part payment or a payment of interest, and an offer of instalments. Not: what we collected ourselves, what came
    back, and a payment on what is or was disputed, for who pays only what is undisputed denies the rest.
    """
    paid = () if disputed or item.end_to_end_id else _kept(parts)
    acts = [Act(day=part.day, what=f"{_ACKNOWLEDGING[part.kind]} of {part.amount}") for part in paid]
    acts += [Act(day=one, what="the debtor's own offer of instalments") for one in offered_on]
    return tuple(sorted((act for act in acts if act.day <= day), key=lambda act: (act.day, act.what)))


def hints(
    item: OpenItem, holds: Iterable[Hold], promised_on: Iterable[date], day: date, law: CountryLaw = GERMANY
) -> Iterator[str]:
    """Give what may have stopped or restarted the time and needs a person's judgment, in sentences."""
    words = limitation_law(law)
    for hold in holds:
        if hold.placed_on <= day and (hold.concerns_debtor or hold.item_id == item.item_id):
            until = hold.silent_until if hold.silent_until and hold.silent_until < day else None
            time = f"from {hold.placed_on} to {until}" if until else f"since {hold.placed_on}"
            if told := _hold_hint(hold.reason, time, words):
                yield told
    for one in promised_on:
        if item.due_date < one <= day:
            yield (
                f"The promise to pay of {one} acknowledges the claim if you can prove it ({words.renewal}); it is "
                "not counted here."
            )


def _kept(parts: Iterable[SettledPart]) -> Sequence[SettledPart]:
    """Give the payments that did not come back; where it is not clear which one did, none before it counts."""
    kept: list[SettledPart] = []
    for part in sorted(parts, key=lambda one: one.day):
        if part.kind not in _ACKNOWLEDGING:
            continue
        if part.amount.minor > 0:
            kept.append(part)
            continue
        back = [one for one in kept if one.amount == -part.amount]
        if back:
            kept.remove(back[-1])
        else:
            kept.clear()
    return kept


def _why(claim: WatchedClaim, found: Limitation, words: LimitationLaw) -> Iterator[str]:
    yield f"Due on {claim.item.due_date}: expires with the end of {found.nominal_end} ({words.period})."
    what = {act.day: act.what for act in claim.acts}
    for step in found.steps:
        yield f"{what[step.day][0].upper()}{what[step.day][1:]}. {step.because}"


def _hold_hint(reason: HoldReason, time: str, words: LimitationLaw) -> str:
    match reason:
        case HoldReason.DISPUTE:
            return f"Talks about a complaint {time} may have stopped the time ({words.talks})."
        case HoldReason.DEFERRAL | HoldReason.INSTALMENTS:
            return f"The agreement to wait {time} may have stopped the time ({words.deferral})."
        case HoldReason.INSOLVENCY:
            return f"Insolvency {time}: only a claim that was filed is safe ({words.proceedings})."
        case HoldReason.DECEASED:
            return f"The debtor has died ({time}): the estate may have more time ({words.heirs})."
        case _:
            return ""


def _what_to_do(end: date, how: Urgency, words: LimitationLaw) -> str:
    ask = f"get an acknowledgement or a part payment ({words.renewal}), or {words.waiver}"
    match how:
        case Urgency.OVER:
            return "Write it off, or ask for it all the same by a person's decision (`case note … ask_anyway`)."
        case Urgency.NOW:
            return f"{words.action[0].upper()}{words.action[1:]} by {file_by(end)}. A reminder stops nothing."
        case Urgency.SOON:
            return f"Decide: {ask}, or {words.action} by {file_by(end)}. A reminder stops nothing."
        case _:
            return f"There is time: {ask}; or {words.action} by {file_by(end)}."
