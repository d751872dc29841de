"""The order in which a payment settles what is owed (Tilgungsreihenfolge): step by step (§§ 366, 367, 497 BGB)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal


class ClaimPart(StrEnum):
    """The buckets of one claim; they are never mixed, so that no interest bears interest (§ 289 BGB)."""

    COSTS = "costs"  # of pursuing it: fees, lump sum, agency, court
    INTEREST = "interest"
    PRINCIPAL = "principal"


# Within one claim: § 367 Abs. 1 BGB, and for consumer credit § 497 Abs. 3 Satz 1 BGB.
GENERAL_ORDER: Final = (ClaimPart.COSTS, ClaimPart.INTEREST, ClaimPart.PRINCIPAL)
CONSUMER_CREDIT_ORDER: Final = (ClaimPart.COSTS, ClaimPart.PRINCIPAL, ClaimPart.INTEREST)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedClaim:
    """One claim of the creditor against the debtor, with its three buckets. All amounts are zero or more."""

    claim_id: str  # item_id
    document_number: str
    due_date: date
    since: date  # when it arose, for its age: the day of the document
    principal: Money
    interest: Money
    costs: Money
    secured: bool = False  # retention of title alone is no security of the payment; a pledge or guarantee is
    time_barred_after: date | None = None  # the earlier, the less secure; None: no end in sight, the most secure
    rate_percent: Decimal | None = None  # what it costs the debtor per year; the higher, the more burdensome
    consumer_credit: bool = False

    @property
    def total(self) -> Money:
        """All buckets together."""
        return self.costs + self.interest + self.principal

    @property
    def order(self) -> tuple[ClaimPart, ...]:
        """The order of its buckets."""
        return CONSUMER_CREDIT_ORDER if self.consumer_credit else GENERAL_ORDER

    def part(self, part: ClaimPart) -> Money:
        """Give one bucket."""
        match part:
            case ClaimPart.COSTS:
                return self.costs
            case ClaimPart.INTEREST:
                return self.interest
            case ClaimPart.PRINCIPAL:
                return self.principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation:
    """What the debtor said the payment is for (Tilgungsbestimmung, § 366 Abs. 1 BGB)."""

    claim_ids: tuple[str, ...]  # in the order named
    part: ClaimPart | None = None  # "only the invoice": the creditor may refuse that (§ 367 Abs. 2 BGB)
    words: str = ""  # as written on the transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationStep:
    """One step: what a part of the payment settles, and why that came next."""

    claim_id: str
    document_number: str
    part: ClaimPart
    amount: Money
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPayment:
    """How a payment was allocated. Steps and ``unused`` add up to the payment, to the cent."""

    payment: Money
    steps: tuple[AllocationStep, ...]
    unused: Money  # credit of the debtor
    left: tuple[OwedClaim, ...]  # every claim afterwards, as they were given
    needs_a_person: tuple[str, ...] = ()  # what somebody must decide, in sentences


def allocate_payment(
    payment: Money, paid_on: date, claims: Sequence[OwedClaim], designation: Designation | None = None
) -> PartPayment:
    """Allocate a payment as the law does, and show every step.

    First what the debtor designated (§ 366 Abs. 1), said or implied by paying exactly one claim (BGH NJW 2001, 3781);
    then due before not due, less before more secure, more before less burdensome, older before younger, and claims of
    the same age in proportion (§ 366 Abs. 2). Within a claim costs, interest, principal (§ 367 Abs. 1); of a consumer
    credit costs, principal, interest (§ 497 Abs. 3). The order of the input does not matter. Raises ValueError for a
    payment that is not positive, a claim named twice, or a designation of an unknown claim.
    """
    _refuse(payment, claims, designation)
    work = _Work(payment, claims)
    meant = designation or _implied(payment, claims)
    if meant is not None:
        _settle_designated(work, meant, implied=designation is None)
    for group, why in _groups(claims, paid_on):
        if not work.rest:
            break
        _settle_group(work, group, why)
    return PartPayment(
        payment=payment,
        steps=tuple(work.steps),
        unused=work.rest,
        left=tuple(work.claims[claim.claim_id] for claim in claims),
        needs_a_person=tuple(work.needs_a_person),
    )


class _Work:
    """What is being allocated: the rest of the payment, and what is still owed."""

    def __init__(self, payment: Money, claims: Iterable[OwedClaim]) -> None:
        self.rest = payment
        self.claims = {claim.claim_id: claim for claim in claims}
        self.steps: list[AllocationStep] = []
        self.needs_a_person: list[str] = []

    def settle(self, claim_id: str, part: ClaimPart, most: Money, because: str) -> Money:
        """Settle one bucket as far as ``most``, the bucket and the rest allow; give what was used."""
        claim = self.claims[claim_id]
        amount = min(claim.part(part), most, self.rest)
        if not amount:
            return amount
        self.rest -= amount
        self.claims[claim_id] = _less(claim, part, amount)
        self.steps.append(
            AllocationStep(
                claim_id=claim_id,
                document_number=claim.document_number,
                part=part,
                amount=amount,
                because=f"{amount} settles {part} of {claim.document_number}: {because}",
            )
        )
        return amount

    def settle_claim(self, claim_id: str, most: Money, because: str) -> None:
        """Settle the buckets of a claim in their order."""
        claim = self.claims[claim_id]
        law = "§ 497 (3) BGB" if claim.consumer_credit else "§ 367 (1) BGB"
        order = ", then ".join(claim.order)
        for part in claim.order:
            most -= self.settle(claim_id, part, most, f"{because}; within it {order} ({law}).")


def _less(claim: OwedClaim, part: ClaimPart, amount: Money) -> OwedClaim:
    match part:
        case ClaimPart.COSTS:
            return replace(claim, costs=claim.costs - amount)
        case ClaimPart.INTEREST:
            return replace(claim, interest=claim.interest - amount)
        case ClaimPart.PRINCIPAL:
            return replace(claim, principal=claim.principal - amount)


def _refuse(payment: Money, claims: Sequence[OwedClaim], designation: Designation | None) -> None:
    if payment.minor <= 0:
        raise ValueError(f"{payment} is no payment; a return reopens what was settled")
    known = {claim.claim_id for claim in claims}
    if len(known) < len(claims):
        raise ValueError("a claim is given twice; give each once")
    for claim in claims:
        if min(claim.costs.minor, claim.interest.minor, claim.principal.minor) < 0:
            raise ValueError(f"{claim.document_number}: a bucket is below zero; a credit is no claim")
    unknown = [name for name in (designation.claim_ids if designation else ()) if name not in known]
    if unknown:
        raise ValueError(f"the payment names {', '.join(unknown)}, which is not owed")


def _implied(payment: Money, claims: Sequence[OwedClaim]) -> Designation | None:
    """Find the one claim that is paid exactly: all of it, or its principal as the invoice shows it."""
    whole = [claim for claim in claims if claim.total == payment]
    invoice = [claim for claim in claims if claim.principal == payment and claim.total != payment]
    match whole, invoice:
        case [claim], []:
            return Designation(claim_ids=(claim.claim_id,))
        case [], [claim]:
            return Designation(claim_ids=(claim.claim_id,), part=ClaimPart.PRINCIPAL)
        case _:
            return None


def _settle_designated(work: _Work, meant: Designation, *, implied: bool) -> None:
    said = f" ({meant.words})" if meant.words else ""
    why = "the amount is exactly what is owed on it" if implied else f"the debtor named it{said}"
    for claim_id in dict.fromkeys(meant.claim_ids):
        claim = work.claims[claim_id]
        if meant.part is None:
            work.settle_claim(claim_id, work.rest, f"{why} (§ 366 (1) BGB)")
            continue
        before = work.rest
        work.settle(claim_id, meant.part, work.rest, f"{why}, and only this part of it (§§ 366 (1), 367 (2) BGB).")
        skipped = any(work.claims[claim_id].part(part) for part in claim.order[: claim.order.index(meant.part)])
        if skipped and before != work.rest:
            work.needs_a_person.append(
                f"{claim.document_number}: the debtor pays {meant.part} before costs and interest. Keep the payment "
                "and it counts so, or refuse it (§ 367 (2) BGB)."
            )


def _groups(claims: Sequence[OwedClaim], paid_on: date) -> Iterator[tuple[tuple[OwedClaim, ...], str]]:
    """Give the claims in the order of § 366 (2), those of the same rank together, each with why it is its turn."""

    def rank(claim: OwedClaim) -> tuple[bool, bool, date, Decimal | int, date]:
        return (
            claim.due_date > paid_on,
            claim.secured,
            claim.time_barred_after or date.max,
            -(claim.rate_percent or 0),
            claim.since,
        )

    ordered = sorted(claims, key=lambda claim: (rank(claim), claim.claim_id))
    for key, same in groupby(ordered, key=rank):
        due = "not yet due" if key[0] else "due"
        secured = "secured" if key[1] else "unsecured"
        yield tuple(same), f"{due}, {secured}, next by security, burden and age (§ 366 (2) BGB)"


def _settle_group(work: _Work, group: Sequence[OwedClaim], why: str) -> None:
    owed = [work.claims[claim.claim_id] for claim in group if work.claims[claim.claim_id].total]
    if len(owed) == 1:
        work.settle_claim(owed[0].claim_id, work.rest, why)
        return
    shares = _in_proportion(work.rest, [claim.total for claim in owed])
    for claim, share in zip(owed, shares, strict=True):
        work.settle_claim(claim.claim_id, share, f"{why}, in proportion to claims of the same rank")


def _in_proportion(rest: Money, totals: Sequence[Money]) -> list[Money]:
    """Share an amount by the totals, cent by cent to the largest remainders, and never more than each total."""
    whole = sum(one.minor for one in totals)
    if rest.minor >= whole:
        return list(totals)
    shares = [rest.minor * one.minor // whole for one in totals]
    by_remainder = sorted(range(len(totals)), key=lambda n: (-(rest.minor * totals[n].minor % whole), n))
    for n in by_remainder[: rest.minor - sum(shares)]:
        shares[n] += 1
    return [Money(share, rest.currency) for share in shares]
