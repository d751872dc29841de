"""The instalment plan (Ratenzahlung): built from the debtor's own offer, adding up to the cent, broken by rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from dunning.promise import TOLERANCE_BANK_DAYS
from ledger.calendar import add_bank_days, months_later
from ledger.debtor import DebtorType
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from dunning.promise import Received

# Two instalments more than ten days late make the rest due.
LATE_DAYS: Final = 10
LATE_INSTALMENTS: Final = 2
# A longer plan is a loan, and needs a person who decides about it.
MOST_INSTALMENTS: Final = 36


class UnusableOffer(ValueError):
    """An offer that is no plan: it does not add up, does not end, or its days are over."""


class PlanState(StrEnum):
    """Where a plan stands."""

    ON_TRACK = "on_track"
    LATE = "late"  # silence goes on, somebody should ring
    BROKEN = "broken"
    PAID = "paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the debtor offered himself: so much a month from a day on. We never make the first offer.

    Whoever is offered a plan he did not ask for hears that he may pay late; and an offer of his own acknowledges the
    claim (§ 212 (1) no. 1 BGB), which ours does not.
    """

    offered_on: date
    offered_by: str  # the person, or "letter of …"
    amount: Money  # of each instalment; the last one is the rest
    first_on: date
    every_months: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the plan is about. The three are claims of their own; interest never bears interest (§ 289 BGB)."""

    costs: Money
    interest: Money  # default interest up to the day of the plan
    principal: Money

    @property
    def total(self) -> Money:
        """Everything together."""
        return self.costs + self.interest + self.principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One payment of a plan, and what it pays: costs first, then interest, then principal (§ 367 (1) BGB)."""

    number: int  # from 1
    due_on: date
    costs: Money
    interest: Money
    principal: Money

    @property
    def amount(self) -> Money:
        """What is to be paid on the day."""
        return self.costs + self.interest + self.principal


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentPlan:
    """A plan both sides agreed on. It defers nothing: the consequences of default stay, interest goes on.

    Only where the default clause (Verfallklausel) was agreed does the whole rest fall due by itself.

    Interest that accrues while the plan runs is not in the schedule; it stays a claim, and whether it is asked for
    in the end is a person's decision. No fee is ever added: against a consumer that would be a credit (§ 506 BGB).
    """

    plan_id: str = ""
    debtor_number: str
    offer: Offer
    agreed_on: date
    claim: Claim
    instalments: tuple[Instalment, ...]
    default_clause: bool  # both agreed that the rest falls due at once when instalments are late
    needs_legal_review: bool  # not surely a business: the law on deferrals for consumers is changing

    @property
    def acknowledged_on(self) -> date:
        """The day the offer acknowledged the claim: limitation runs anew from the day after (§ 212 BGB)."""
        return self.offer.offered_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStanding:
    """Where a plan stands on a day."""

    state: PlanState
    paid: Money
    late: tuple[Instalment, ...]  # not paid in full on their day
    rest: Money  # of the whole plan
    rest_is_due: bool
    next_instalment: Instalment | None
    acknowledged_on: tuple[date, ...]  # offer and payments: each restarts limitation (§ 212 BGB)


def instalment_plan(
    offer: Offer,
    claim: Claim,
    *,
    debtor_number: str,
    debtor_type: DebtorType,
    agreed_on: date,
    default_clause: bool = False,
) -> InstalmentPlan:
    """Write the schedule an offer means; raise UnusableOffer where it means none.

    All instalments are the offered amount, the last one is the rest, and together they are the claim to the cent.
    Days stay the day of the month of the first, or the month's last day where that month is shorter.
    """
    _check(offer, claim, agreed_on)
    instalments = tuple(_instalments(offer, claim))
    if len(instalments) > MOST_INSTALMENTS:
        raise UnusableOffer(
            f"{offer.amount} a time takes more than {MOST_INSTALMENTS} instalments; that is a loan, not a plan"
        )
    assert total((one.amount for one in instalments), claim.total.currency) == claim.total, (offer, claim)
    return InstalmentPlan(
        debtor_number=debtor_number,
        offer=offer,
        agreed_on=agreed_on,
        claim=claim,
        instalments=instalments,
        default_clause=default_clause,
        needs_legal_review=debtor_type is not DebtorType.BUSINESS,
    )


def plan_standing(
    plan: InstalmentPlan,
    received: Iterable[Received],
    today: date,
    *,
    debtor_type: DebtorType,
    last_deadline: date | None = None,
) -> PlanStanding:
    """Tell where a plan stands: what was paid since it was agreed counts towards the earliest instalments.

    An instalment is late when three bank days after its day are over: a transfer of the last day takes some. Two that
    are more than ten days late break the plan, and so does the last one. With the default clause the rest is then
    due at once between businesses; otherwise only after a last deadline of two weeks was set in vain with the warning
    that the rest falls due (as § 498 BGB asks for loans). ``last_deadline`` is the day that warning granted.
    ``received`` is what was booked since the plan was agreed; a debit that came back counts with a minus.
    """
    paid_on = sorted((one for one in received if plan.offer.offered_on <= one.on <= today), key=lambda one: one.on)
    paid = total((one.amount for one in paid_on), plan.claim.total.currency)
    rest = max(plan.claim.total - paid, Money(0, paid.currency))
    unpaid = tuple(_unpaid(plan.instalments, paid))
    late = tuple(one for one in unpaid if add_bank_days(one.due_on, TOLERANCE_BANK_DAYS) < today)
    very_late = [one for one in late if (today - one.due_on).days > LATE_DAYS]
    broken = len(very_late) >= LATE_INSTALMENTS or bool(very_late and very_late[-1] is plan.instalments[-1])
    warned = debtor_type is DebtorType.BUSINESS or (last_deadline is not None and last_deadline < today)
    return PlanStanding(
        state=_state(rest, broken=broken, late=bool(late)),
        paid=paid,
        late=late,
        rest=rest,
        rest_is_due=broken and plan.default_clause and warned and rest.minor > 0,
        next_instalment=next((one for one in unpaid if one.due_on >= today), None),
        acknowledged_on=tuple(
            dict.fromkeys((plan.acknowledged_on, *(one.on for one in paid_on if one.amount.minor > 0)))
        ),
    )


def _state(rest: Money, *, broken: bool, late: bool) -> PlanState:
    if rest.minor <= 0:
        return PlanState.PAID
    if broken:
        return PlanState.BROKEN
    return PlanState.LATE if late else PlanState.ON_TRACK


def _check(offer: Offer, claim: Claim, agreed_on: date) -> None:
    parts = (claim.costs, claim.interest, claim.principal)
    if offer.amount.currency != claim.total.currency:
        raise UnusableOffer(f"the offer is in {offer.amount.currency}, the claim in {claim.total.currency}")
    if offer.amount.minor <= 0 or claim.total.minor <= 0 or any(part.minor < 0 for part in parts):
        raise UnusableOffer(f"{offer.amount} of {claim.total} is no instalment; both must be more than zero")
    if offer.offered_on > agreed_on:
        raise UnusableOffer(f"the offer of {offer.offered_on} is younger than its acceptance of {agreed_on}")
    if offer.first_on <= agreed_on:
        raise UnusableOffer(f"the first day {offer.first_on} is over; ask for one after {agreed_on}")
    if not 1 <= offer.every_months <= 6:
        raise UnusableOffer("instalments are due every one to six months")


def _instalments(offer: Offer, claim: Claim) -> Iterator[Instalment]:
    currency = claim.total.currency
    left = [claim.costs.minor, claim.interest.minor, claim.principal.minor]
    number = 0
    while sum(left):
        amount, parts = min(offer.amount.minor, sum(left)), []
        for place, bucket in enumerate(left):
            part = min(amount, bucket)
            left[place] -= part
            amount -= part
            parts.append(Money(part, currency))
        number += 1
        due_on = months_later(offer.first_on, (number - 1) * offer.every_months)
        yield Instalment(number=number, due_on=due_on, costs=parts[0], interest=parts[1], principal=parts[2])
        if number > MOST_INSTALMENTS:
            return


def _unpaid(instalments: Sequence[Instalment], paid: Money) -> Iterator[Instalment]:
    sums = accumulate(one.amount.minor for one in instalments)
    return (one for one, due in zip(instalments, sums, strict=True) if due > paid.minor)
