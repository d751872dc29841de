"""The costs of being late (Verzugskosten): lump sum, dunning fees, charges of returned debits; what may be claimed.

None of them bears VAT: they are damages (UStAE Abschnitt 1.3), and a dunning letter is no invoice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dunning.countries import GERMANY, ClaimKind
from dunning.notice import Channel
from ledger.debtor import DebtorType
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from dunning.countries import CountryLaw
    from dunning.stage import Procedure, Stage
    from ledger.open_item import OpenItem

# What paper, print and postage of one letter may provably cost; courts found 2.50 EUR too much as a lump sum for
# consumers (BGH VIII ZR 95/18), so more needs a reason of the office's own.
FEE_CAP_MINOR: Final = 250

# Returns the debtor answers for: no cover, or an account he closed, or had blocked, without telling us.
_DEBTORS_FAULT: Final = frozenset({"AM04", "AC04", "AC05", "AC06"})
# Returns that our own mandate, data or timing caused.
_OUR_FAULT: Final = frozenset({"MD01", "MD02", "AC13", "FF05", "RC01", "AM05", "DUPL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LateClaim:
    """One late claim, as far as the lump sum depends on it."""

    claim_id: str  # item_id
    debtor_type: DebtorType
    kind: ClaimKind = ClaimKind.PERFORMANCE
    contract_on: date | None = None  # None: today's law
    performed_on: date | None = None  # only of continuing contracts
    in_default: bool
    # Cost of pursuing this claim that the debtor owes as damages: agency, lawyer, external letters.
    pursuit_cost: Money | None = None
    claimed: bool = False  # whether any of it was ever asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCost:
    """What may be claimed for the pursuit of one claim, and what is."""

    claim_id: str
    lump_sum: Money  # by law; nothing where it does not arise
    pursuit_cost: Money  # as far as it is damage of default
    claimable: Money  # the greater of the two, never their sum (§ 288 Abs. 5 Satz 3 BGB)
    claimed: Money  # not claiming is no waiver
    because: str  # a sentence for the accountant


def recovery_cost(claim: LateClaim, law: CountryLaw, currency: str = "EUR") -> RecoveryCost:
    """Tell what may be claimed for one late claim (§ 288 Abs. 5 BGB; § 458 UGB).

    The lump sum arises with default, without a letter, once for each late payment, also within one contract and for a
    small sum (ECJ C-585/20, C-370/21, C-78/22). It is set off against the cost of pursuing the claim (ECJ C-131/18),
    and is no price of a performance itself: there is none for not paying it.
    """
    lump_sum, because = _lump_sum(claim, law, currency)
    nothing = Money(0, currency)
    # What pursuing it costs is damage of default: whoever is not in default owes none of it (§ 280 Abs. 2 BGB).
    cost = claim.pursuit_cost if claim.pursuit_cost and claim.in_default else nothing
    if lump_sum and cost:
        because += (
            f" It is set off against {cost} for pursuing the claim; only the greater of the two may be claimed."
        )
    claimable = max(lump_sum, cost)
    return RecoveryCost(
        claim_id=claim.claim_id,
        lump_sum=lump_sum,
        pursuit_cost=cost,
        claimable=claimable,
        claimed=claimable if claim.claimed else nothing,
        because=because,
    )


def claimable_total(costs: Iterable[RecoveryCost], currency: str = "EUR") -> Money:
    """Add up what may be claimed: lump sums of several invoices stand beside each other (ECJ C-585/20)."""
    return total((cost.claimable for cost in costs), currency)


def lump_sum_to_ask(
    item: OpenItem, debtor_type: DebtorType, law: CountryLaw, *, in_default: bool, paid: Money
) -> Money | None:
    """Give what a stage that claims the lump sum asks for on one invoice (§ 288 Abs. 5 BGB); None where nothing.

    Once for each invoice, however many letters ask for it; what was ``paid`` on its costs before counts towards it
    (sentence 3). The contract is taken to be no younger than the invoice.
    """
    claim = LateClaim(
        claim_id=item.item_id,
        debtor_type=debtor_type,
        contract_on=item.document_date,
        in_default=in_default,
        claimed=True,
    )
    rest = recovery_cost(claim, law, item.currency).claimed - paid
    return rest if item.is_invoice and rest.minor > 0 else None


def lump_sum_mistakes(procedure: Procedure, law: CountryLaw) -> Iterator[str]:
    """Tell every stage that claims a lump sum which can never arise there, or asks for a fee beside it.

    Consumers owe none: a step of theirs that claims it by itself is a mistake; one that has it from the stages of
    everybody asks for nothing.
    """
    consumers = _tracks_of_consumers(procedure)
    of_everybody = {stage.name for stage in procedure.stages if stage.claims_lump_sum}
    for track in procedure.by_track.values():
        for stage in track.stages:
            if not stage.claims_lump_sum:
                continue
            place = f"track {track.name}, stage {stage.name}"
            if law.lump_sum is None:
                yield f"{place}: claims_lump_sum = true, but the law of {law.country} knows none; write false"
            elif track.name in consumers and stage.name not in of_everybody:
                yield f"{place}: claims_lump_sum = true, but consumers owe none ({law.lump_sum.law}); write false"
            elif stage.fee_minor:
                yield (
                    f"{place}: fee_minor = {stage.fee_minor} and claims_lump_sum = true; the lump sum covers the fee "
                    f"({law.lump_sum.law}), so write fee_minor = 0 or claims_lump_sum = false"
                )


def _tracks_of_consumers(procedure: Procedure) -> frozenset[str]:
    """Name the tracks that only consumers are put on."""
    chosen: defaultdict[str, set[str]] = defaultdict(set)
    for choice in procedure.choices:
        chosen[choice.track] |= choice.debtor_types or set(DebtorType)
    return frozenset(track for track, types in chosen.items() if types == {DebtorType.CONSUMER})


def owes_fee(channel: Channel, *, in_default: bool, lump_sum_claimed: bool = False) -> bool:
    """Whether a notice may carry its stage's fee (Mahngebühr, §§ 280 Abs. 1 und 2, 286 BGB): damage of default.

    Not the notice that causes default; not a mail or a call, which cost no paper; and not beside the lump sum, which
    covers it (§ 288 Abs. 5 Satz 3 BGB).
    """
    return in_default and channel is Channel.LETTER and not lump_sum_claimed


def fee_mistakes(
    procedure: Procedure, cap_minor: int = FEE_CAP_MINOR, cap_because: str = "", *, law: CountryLaw = GERMANY
) -> Iterator[str]:
    """Tell every stage whose fee is more than a letter provably costs, and a cap that was raised without a reason.

    A lump sum without such a basis misleads (§ 5 UWG; OLG Hamburg 15 U 14/21) and makes the office liable. Where the
    ``law`` gives a fee by agreement only, as in Switzerland, the reason says what was agreed.
    """
    if cap_minor > FEE_CAP_MINOR and not cap_because.strip():
        yield (
            f"fee_cap_minor = {cap_minor} is more than {FEE_CAP_MINOR}; say in fee_cap_because what a letter costs "
            "(paper, print, postage; no staff, no programs)"
        )
    for place, stage in _charging(procedure):
        says = f"{place}: fee_minor = {stage.fee_minor}"
        if law.fees_must_be_agreed and not cap_because.strip():
            yield (
                f"{says}, but the law of {law.country} gives no fee that was not agreed with its amount; write 0, or "
                "say in fee_cap_because where it was agreed"
            )
        if stage.fee_minor > cap_minor:
            yield (
                f"{says} is more than a letter provably costs ({cap_minor}); lower it, or raise fee_cap_minor and "
                "say why (§ 280 BGB, § 5 UWG)"
            )
        if Channel.LETTER not in stage.channels:
            yield f"{says}, but no letter is sent that could cost it"


def _charging(procedure: Procedure) -> Iterator[tuple[str, Stage]]:
    """Give every stage with a fee and its place; what a track takes over from the stages is named once."""
    ladders = [("", procedure.stages), *((f"track {track.name}, ", track.stages) for track in procedure.tracks)]
    known: set[tuple[str, int, tuple[Channel, ...]]] = set()
    for whose, stages in ladders:
        for stage in stages:
            fee = stage.name, stage.fee_minor, stage.channels
            if stage.fee_minor and fee not in known:
                known.add(fee)
                yield f"{whose}stage {stage.name}", stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCharge:
    """What a returned direct debit (Rücklastschrift) has cost, as the bank's statement proves."""

    own_bank: Money
    other_bank: Money
    reason_code: str  # of the return, ISO 20022: AC04, MD06 …; empty: not told
    proven: bool  # the charge stands on a statement


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """How much of a return charge the debtor owes, and why."""

    amount: Money
    needs_a_person: bool
    because: str


def passed_on(charge: ReturnCharge) -> PassedOn:
    """Tell what of the charge may be passed on: the banks' charges, proven, if the debtor is to blame (§ 280 BGB).

    Lump sums and surcharges failed in court (OLG Schleswig 2 U 7/12, OLG Köln 6 U 26/18). For a reason of our own
    making nothing is owed. Where the reason does not show the debtor's fault, as when he asked for the money back, a
    person finds out why first.
    """
    cost = charge.own_bank + charge.other_bank
    nothing = Money(0, cost.currency)
    code = charge.reason_code
    if not charge.proven:
        return PassedOn(
            amount=nothing, needs_a_person=False, because="No statement proves a charge: nothing is owed."
        )
    if code in _OUR_FAULT:
        because = f"It came back for {code}, which is ours to answer for: the debtor owes nothing."
        return PassedOn(amount=nothing, needs_a_person=False, because=because)
    if code not in _DEBTORS_FAULT:
        because = f"{cost} is proven. Find out why it came back ({code or 'no reason was told'}) before claiming it."
        return PassedOn(amount=nothing, needs_a_person=True, because=because)
    because = f"{cost} of bank charges is proven, and {code} is the debtor's to answer for (§ 280 Abs. 1 BGB)."
    return PassedOn(amount=cost, needs_a_person=False, because=because)


def _lump_sum(claim: LateClaim, law: CountryLaw, currency: str) -> tuple[Money, str]:
    rule, nothing = law.lump_sum, Money(0, currency)
    if rule is None or rule.amount.currency != currency:
        known = f"{rule.amount}, to be claimed apart ({rule.law})" if rule else "none"
        return nothing, f"No lump sum in {currency}: the law of {law.country} knows {known}."
    if claim.debtor_type is not DebtorType.BUSINESS:
        return nothing, f"No lump sum: the debtor is not known to be a business ({rule.law})."
    if claim.kind is not ClaimKind.PERFORMANCE:
        return nothing, f"No lump sum: the claim is not the price of goods or services ({rule.law})."
    if not rule.holds_for(claim.contract_on, claim.performed_on):
        return nothing, f"No lump sum: the contract is older than {rule.contracts_from} ({rule.law})."
    if not claim.in_default:
        return nothing, f"No lump sum yet: the debtor is not in default ({rule.law})."
    return rule.amount, f"{rule.amount} arose with default ({rule.law})."
