"""The named evidence classes that may be booked without a person, and what blocks even them (Beweisleiter)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.allocation import SETTLES_PRINCIPAL, AllocationKind
from ledger.statement import EntryKind, EntryStatus
from reconciliation.clues import NAMED_IN_FULL, Naming, Payer
from reconciliation.dunning_costs import as_asked
from reconciliation.index import entry_key
from reconciliation.interpretation import Interpretation, paid_on
from reconciliation.payment_services import Carries, service_payment
from reconciliation.words import words_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.money import Money
    from ledger.open_item import OpenItem
    from reconciliation.case import Case
    from reconciliation.weighing import Weighed

    # All of them, and those that are left where a full number says what is paid.
    _Questions = tuple[tuple[Callable[[Case, Weighed], str], ...], tuple[Callable[[Case, Weighed], str], ...]]

_POINTING: Final = frozenset({"order_number", "running_number", "structured_reference"})
_NAMES: Final = frozenset({"payer_name", "similar_name"})
_SOMEBODY_WE_KNOW: Final = frozenset(Payer) - {Payer.UNKNOWN, Payer.OTHER, Payer.CUSTOMER_NUMBER}
_SURE: Final = frozenset({Payer.KNOWN, Payer.SAME_NAME})
_BACK_TO_US: Final = frozenset({EntryKind.RETURNED_TRANSFER, EntryKind.REVERSAL})
_BY_ACCOUNT_OR_NAME: Final = frozenset({Payer.KNOWN, Payer.SAME_NAME, Payer.SIMILAR_NAME})


@dataclass(frozen=True, slots=True)
class EvidenceClass:
    """A kind of proof with a name, the reason why it is enough, and the question whether a case has it."""

    name: str
    why: str
    holds: Callable[[Case, Weighed], bool]


def _structured_exact(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    # One end-to-end id may collect many invoices; the exact sum is the proof that the set is complete.
    return case.naming(h) is Naming.STRUCTURED and case.settles_exactly(h)


def _number_exact(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    named = len(h.item_ids) == 1 and case.naming(h) in NAMED_IN_FULL
    return named and case.settles_exactly(h) and case.payer(h) in _BY_ACCOUNT_OR_NAME


def _numbers_exact(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    named = len(h.item_ids) > 1 and case.naming(h) in NAMED_IN_FULL
    return named and case.settles_exactly(h) and case.payer(h) in _SURE


def _numbers_of_several(case: Case, best: Weighed) -> bool:
    h, entry = best.hypothesis, case.entry
    if len(h.debtors) < 2 or case.naming(h) not in NAMED_IN_FULL or not case.settles_exactly(h):
        return False
    proofs = case.index.payers.of_account(entry.payer_iban, entry.payer_bic, paid_on(entry))
    return {proof.debtor_number for proof in proofs if proof.payments} >= set(h.debtors)


def _small_difference(case: Case, best: Weighed) -> bool:
    return _certain(case, best, Interpretation.SMALL_DIFFERENCE, _SURE)


def _skonto_by_policy(case: Case, best: Weighed) -> bool:
    # Only what a policy decides is free of doubt.
    return any(_certain(case, best, kind) for kind in (Interpretation.SKONTO_LATE, Interpretation.SKONTO_TOO_MUCH))


def _partial(case: Case, best: Weighed) -> bool:
    if best.hypothesis.interpretation is not Interpretation.PARTIAL:
        return False
    # Who says that it is a part need not be known by the account.
    told = "part" in words_in(case.entry.remittance)
    payers = _SURE | {Payer.PAID_FOR} if told else frozenset({Payer.KNOWN})
    return _certain(case, best, Interpretation.PARTIAL, payers) and len(best.hypothesis.item_ids) == 1


def _instalment(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    plain = len(h.item_ids) == 1 and h.interpretation is Interpretation.PARTIAL and not h.doubt
    if not plain:
        return False
    known = case.payer(h) is Payer.KNOWN and case.naming(h) is not Naming.NONE and not _pointed_to(case, best)
    return known and case.index.history.instalment_like(case.entry, h.item_ids[0]) is not None


def _overpaid(case: Case, best: Weighed) -> bool:
    if not _certain(case, best, Interpretation.OVER):
        return False
    settled, over = (
        sum(a.amount.minor for a in best.hypothesis.allocations if bool(a.item_id) is on_item)
        for on_item in (True, False)
    )
    # Who pays more than twice the invoice has probably mistyped the amount, or means more than this invoice.
    return over <= settled


def _fee(case: Case, best: Weighed) -> bool:
    return _certain(case, best, Interpretation.FEE, _SURE) and len(best.hypothesis.item_ids) == 1


def _letter_in_full(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    if h.interpretation is not Interpretation.FEE or case.naming(h) is not Naming.STRUCTURED:
        return False
    items = [case.index.items[item_id] for item_id in h.item_ids]
    over = sum(a.amount.minor for a in h.allocations if a.kind not in SETTLES_PRINCIPAL)
    return as_asked(case.entry, items, over, case.index.history.asked) == h


def _bank_charge(case: Case, best: Weighed) -> bool:
    return _certain(case, best, Interpretation.BANK_CHARGE, _SURE) and len(best.hypothesis.item_ids) == 1


def _running_number(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    single = len(h.item_ids) == 1
    return single and case.naming(h) is Naming.RUNNING and case.settles_exactly(h) and _known_and_only(case, best)


def _nearly_number(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    single = len(h.item_ids) == 1
    return single and case.naming(h) is Naming.NEARLY and case.settles_exactly(h) and _known_and_only(case, best)


def _known_payer_exact(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    if case.named or not case.settles_exactly(h):
        return False
    open_items = case.index.open_of(h.debtors[0], case.entry.amount.currency) if h.debtors else ()
    # A sum of some items has siblings too easily; a single item or everything that is open has not.
    natural = len(h.item_ids) in {1, len(open_items)}
    return natural and _known_and_only(case, best)


def _name_exact(case: Case, best: Weighed) -> bool:
    h = best.hypothesis
    amount = case.entry.amount
    if case.named or case.payer(h) is not Payer.SAME_NAME or not case.settles_exactly(h):
        return False
    only = case.index.with_amount(amount.currency, amount.minor) == h.item_ids
    alone = {c.debtor_number for c in case.evidence if c.debtor_number} == set(h.debtors)
    return only and alone and h.solutions == 1 and _after_invoice(case, best)


def _payout(case: Case, best: Weighed) -> bool:
    named = case.naming(best.hypothesis) in NAMED_IN_FULL
    return case.entry.amount.minor < 0 and named and case.payer(best.hypothesis) in _BY_ACCOUNT_OR_NAME


CERTIFIED: Final = "certified"  # no class by its evidence, but a probability whose errors are certified

# Read from the top; the first class that holds names the booking.
CLASSES: Final[tuple[EvidenceClass, ...]] = (
    EvidenceClass("credit_note_payout", "the credit note is named, and its receiver got exactly its amount", _payout),
    EvidenceClass(
        "structured_exact",
        "a reference with check digits or of our own debit, and the exact amount",
        _structured_exact,
    ),
    EvidenceClass(
        "letter_in_full",
        "the reference of our own letter, and to the cent what it asked for with its costs",
        _letter_in_full,
    ),
    EvidenceClass("number_exact", "the full number, the exact amount, and a payer who fits", _number_exact),
    EvidenceClass("numbers_exact", "every document is named in full, and the sum is exact", _numbers_exact),
    EvidenceClass(
        "numbers_of_several",
        "every document is named in full, the sum is exact, and the account has paid for each of these debtors",
        _numbers_of_several,
    ),
    EvidenceClass(
        "number_small_difference", "the full number, the debtor's account or name, and a few cents", _small_difference
    ),
    EvidenceClass(
        "number_skonto_policy",
        "the full number, the debtor's account, and your rule for this Skonto",
        _skonto_by_policy,
    ),
    EvidenceClass(
        "instalment",
        "the debtor's account, a number, and the very amount that was paid on this document before",
        _instalment,
    ),
    EvidenceClass(
        "number_partial",
        "one full number: the debtor's account paid a part, or the payer says that it is one",
        _partial,
    ),
    EvidenceClass(
        "number_fee",
        "one full number, the debtor's account or name, and the rest is what the payer or our notice calls its cost",
        _fee,
    ),
    EvidenceClass(
        "number_bank_charge",
        "one full number, the debtor's account or name, and a charge that the bank names or your rule bears",
        _bank_charge,
    ),
    EvidenceClass("number_overpaid", "full numbers, and the debtor's account: the rest waits on account", _overpaid),
    EvidenceClass(
        "running_number_exact", "the running number, the debtor's account, and the exact amount", _running_number
    ),
    EvidenceClass(
        "nearly_number_exact",
        "a number one slip away, the debtor's account, and the exact amount that nothing else gives",
        _nearly_number,
    ),
    EvidenceClass(
        "known_payer_exact", "the debtor's account, and one way only to reach the amount", _known_payer_exact
    ),
    EvidenceClass("name_exact", "the debtor's name, and an amount that nobody else owes", _name_exact),
)


def class_of(case: Case, weighed: Weighed) -> EvidenceClass | None:
    """Give the class that proves a hypothesis; None if it needs a person.

    A named class is preferred, because it says why. Where it has doubts, a certified probability decides.
    """
    if id(weighed) not in case.proofs:
        named = _named_class(case, weighed)
        doubtful = _certified(case, weighed) and (named is None or bool(_doubts_about(case, weighed)))
        case.proofs[id(weighed)] = _by_certificate(case, weighed) if doubtful else named
    return case.proofs[id(weighed)]


def blocked_because(case: Case) -> tuple[str, ...]:
    """Say everything that forbids booking a case without a person, in words; nothing where nothing does."""
    best = case.best
    if best is None:
        return ()
    proven = class_of(case, best)
    certified = proven is not None and proven.name == CERTIFIED
    blocks = _said(_BLOCKS, case, best)
    return (*case.asked, *blocks) if certified else (*case.asked, *blocks, *_doubts_about(case, best))


def _doubts_about(case: Case, weighed: Weighed) -> tuple[str, ...]:
    known = case.doubts.get(id(weighed))
    if known is None:
        known = case.doubts[id(weighed)] = _said(_DOUBTS, case, weighed)
    return known


def _said(questions: _Questions, case: Case, best: Weighed) -> tuple[str, ...]:
    asked = questions[case.naming(best.hypothesis) in NAMED_IN_FULL]
    return tuple([sentence for question in asked if (sentence := question(case, best))])


def _named_class(case: Case, weighed: Weighed) -> EvidenceClass | None:
    if case.entry.amount.minor < 0:
        return CLASSES[0] if CLASSES[0].holds(case, weighed) else None
    for one in CLASSES[1:]:
        if one.holds(case, weighed):
            return one
    return None


def _certified(case: Case, weighed: Weighed) -> bool:
    certificate, h = case.model.certificate, weighed.hypothesis
    settings = case.index.settings
    if certificate is None or not settings.book_by_certificate or case.entry.amount.minor < 0:
        return False
    if weighed.probability < max(certificate.threshold, settings.auto_minimum_probability):
        return False
    # What is left over, and what a stranger pays, needs a person, whatever the model makes of it.
    if not h.item_ids or not h.settles_exactly or case.payer(h) not in _SOMEBODY_WE_KNOW:
        return False
    naming, payer = case.naming(h), case.payer(h)
    if naming not in NAMED_IN_FULL and not _after_invoice(case, weighed):
        return False
    return naming is not Naming.NONE or payer in _SURE or bool(case.named)


def _by_certificate(case: Case, weighed: Weighed) -> EvidenceClass:
    certificate = case.model.certificate
    assert certificate is not None, case.entry
    why = (
        f"its probability of {weighed.probability:.2%} is above the {certificate.threshold:.2%} that are certified: "
        f"{certificate.errors} of {certificate.accepted:,} such bookings were wrong"
    )
    return EvidenceClass(CERTIFIED, why, _certified)


def missing_for_auto(case: Case, weighed: Weighed) -> tuple[str, ...]:
    """Say which proof a hypothesis lacks for the classes above."""
    h = weighed.hypothesis
    if not h.item_ids:
        return ("no open item fits the amount",)
    missing = []
    if case.naming(h) not in NAMED_IN_FULL:
        missing.append("no document number is named in full" if not case.named else "not every document is named")
    missing.extend(_payer_missing(case, weighed))
    if case.naming(h) not in NAMED_IN_FULL and (others := _pointed_to(case, weighed)):
        missing.append(
            f"something points to {', '.join(case.index.debtor_name(number) for number in others)} as well"
        )
    if not case.settles_exactly(h) and not h.doubt:
        missing.append("the amount is not exact")
    return tuple(missing)


def _payer_missing(case: Case, weighed: Weighed) -> list[str]:
    payer = case.payer(weighed.hypothesis)
    if len(weighed.hypothesis.debtors) > 1:
        return ["the documents belong to several debtors"]
    name = case.index.debtor_name(weighed.hypothesis.debtors[0])
    if payer in {Payer.UNKNOWN, Payer.OTHER}:
        return [f"the account is not known for {name}, and the payer is named otherwise"]
    if payer is Payer.SHARED:
        return [f"the account belongs to several debtors, not to {name} alone"]
    if payer in {Payer.SAME_NAME, Payer.SIMILAR_NAME}:
        return [f"the account is not known for {name}"]
    return []


def _certain(
    case: Case,
    best: Weighed,
    interpretation: Interpretation,
    payers: frozenset[Payer] = frozenset({Payer.KNOWN}),
) -> bool:
    h = best.hypothesis
    meant = h.interpretation is interpretation and not h.doubt
    return meant and case.naming(h) in NAMED_IN_FULL and case.payer(h) in payers


def _known_and_only(case: Case, best: Weighed) -> bool:
    """Whether this is the debtor's own account, one solution only, and no clue points to anybody else."""
    h = best.hypothesis
    known = case.payer(h) is Payer.KNOWN and h.solutions == 1
    return known and not _pointed_to(case, best) and _after_invoice(case, best)


def _pointed_to(case: Case, best: Weighed) -> list[str]:
    """Name the other debtors that clues point to.

    Firms have names alike. Where the debtor's own account paid under the debtor's own name, that another name sounds
    similar says nothing.
    """
    own = best.hypothesis.debtors
    named_so = any(c.rule == "payer_name" and c.debtor_number in own for c in case.evidence)
    sounding = _NAMES if named_so and case.payer(best.hypothesis) is Payer.KNOWN else frozenset()
    others = (c.debtor_number for c in case.evidence if c.debtor_number and c.rule not in sounding)
    return sorted({number for number in others if number not in own})


def _after_invoice(case: Case, best: Weighed) -> bool:
    """Whether all documents existed when the payment was made; without a number that is the least to ask."""
    paid, items = paid_on(case.entry), case.index.items
    return all(items[item_id].document_date <= paid for item_id in best.hypothesis.item_ids)


def _pending(case: Case, _best: Weighed) -> str:
    return "" if case.entry.status is EntryStatus.BOOKED else "the bank has not booked it yet (vorgemerkt)"


def _own_money(case: Case, _best: Weighed) -> str:
    own = case.entry.amount.minor > 0 and case.entry.kind in _BACK_TO_US
    return "the bank says that our own payment came back" if own else ""


def _doubtful_amount(_case: Case, best: Weighed) -> str:
    return best.hypothesis.doubt


def _settled_named(case: Case, best: Weighed) -> str:
    mentioned = case.clues.settled
    if not mentioned and all(item.open_amount.minor for item in case.named):
        return ""
    settled = [item for item in case.clues.named_besides(best.hypothesis) if not item.open_amount]
    settled += [item for item in mentioned if item not in settled and _is_just(item, case.entry.amount)]
    told = "; ".join(f"{item.document_number} is settled already{_paid_by(case, item.item_id)}" for item in settled)
    return f"{told}: perhaps paid twice (Doppelzahlung)" if told else ""


def _is_just(item: OpenItem, amount: Money) -> bool:
    return item.is_invoice and amount in {item.amount, item.amount - item.skonto()}


def _paid_by(case: Case, item_id: str) -> str:
    payments = case.index.past_of_item.get(item_id, ())
    return f" by the payment of {payments[-1].booking_date:%d.%m.%Y}" if payments else ""


def _settled_alike(case: Case, best: Weighed) -> str:
    """Tell one who pays an amount twice from one who pays two invoices of that amount: only a number can."""
    if case.naming(best.hypothesis) in NAMED_IN_FULL:
        return ""
    settled = case.index.settled_with_amount(best.hypothesis.debtors, case.entry.amount)
    numbers = ", ".join(item.document_number for item in settled)
    return f"{numbers} of the same amount is settled already, and no number says which is meant" if settled else ""


def _unknown_named(case: Case, best: Weighed) -> str:
    unknown = case.clues.unexplained(best.hypothesis)
    told = ", ".join(f'"{found.text}"' for found in unknown)
    return f"{told} looks like a number of ours and is not known" if told else ""


def _left_out(case: Case, best: Weighed) -> str:
    left = [item for item in case.clues.named_besides(best.hypothesis) if item.open_amount.minor]
    numbers = ", ".join(item.document_number for item in left)
    return f"{numbers} is named too, and not part of this booking" if left else ""


def _other_currency(case: Case, _best: Weighed) -> str:
    other = case.named_in_other_currency()
    told = ", ".join(f"{item.document_number} is in {item.currency}" for item in other)
    return f"{told}, the payment in {case.entry.amount.currency}" if told else ""


def _other_payer(case: Case, best: Weighed) -> str:
    if case.payer(best.hypothesis) is not Payer.OTHER:
        return ""
    owners = (c.debtor_number for c in case.evidence if c.rule == "known_payer")
    names = ", ".join(case.index.debtor_name(number) for number in owners)
    return f"the account belongs to {names}, who is not the debtor of this document"


def _twins(case: Case, best: Weighed) -> str:
    twin = case.twin()
    if twin is None:
        return ""
    if twin.hypothesis.item_ids == best.hypothesis.item_ids:
        return f"the amount may as well be read so: {twin.hypothesis.says[0]}"
    numbers = ", ".join(case.index.items[i].document_number for i in twin.hypothesis.item_ids)
    return f"{numbers} would explain the payment just as well"


def _amount_elsewhere(case: Case, best: Weighed) -> str:
    """Doubt a part or an overpayment whose amount is exactly another open item: the number may be the slip."""
    h = best.hypothesis
    if case.settles_exactly(h) or h.interpretation is Interpretation.SMALL_DIFFERENCE:
        return ""
    owed = case.index.owed_exactly(h.debtors, case.entry.amount)
    other = [item.document_number for item in owed if item.item_id not in h.item_ids]
    return f"the amount is exactly that of {', '.join(other)}" if other else ""


def _pointed_elsewhere(case: Case, best: Weighed) -> str:
    """Doubt a set that no full number names when an order or running number points to another document."""
    if case.naming(best.hypothesis) in NAMED_IN_FULL:
        return ""
    hints = [c for c in case.evidence if c.rule in _POINTING and c.item_id not in best.hypothesis.item_ids]
    return hints[0].says if hints else ""


def _payout_of_service(case: Case, best: Weighed) -> str:
    if case.naming(best.hypothesis) is not Naming.NONE:
        return ""
    passed = service_payment(case.entry)
    return passed.says if passed and passed.carries is Carries.PAYOUT else ""


def _exact_with_others(case: Case, best: Weighed) -> str:
    exact = case.is_exact_with_others(best.hypothesis)
    return "together with another document of this debtor the amount would be exact" if exact else ""


def _advance(case: Case, best: Weighed) -> str:
    """Doubt that an advance pays the invoice that happens to have its amount."""
    if case.naming(best.hypothesis) in NAMED_IN_FULL or not best.hypothesis.item_ids:
        return ""
    return (
        "the payer speaks of an advance payment (Anzahlung)" if "advance" in words_in(case.entry.remittance) else ""
    )


def _skonto_elsewhere(case: Case, best: Weighed) -> str:
    """Doubt Skonto in time where the debtor owes the same amount twice: on the other it may have come too late."""
    h = best.hypothesis
    if h.interpretation is not Interpretation.SKONTO or case.naming(h) in NAMED_IN_FULL:
        return ""
    items = case.index.items
    less = {items[a.item_id].open_amount for a in h.allocations if a.kind is AllocationKind.SKONTO}
    own = (item for debtor in h.debtors for item in case.index.open_of(debtor, case.entry.amount.currency))
    same = [i.document_number for i in own if i.is_invoice and i.open_amount in less and i.item_id not in h.item_ids]
    return (
        f"{', '.join(same)} has the same amount, and the Skonto may have been taken there, too late" if same else ""
    )


def _several_sums(_case: Case, best: Weighed) -> str:
    return "several sets of open items give this amount" if best.hypothesis.solutions > 1 else ""


def _improbable(case: Case, best: Weighed) -> str:
    needed = max(0.5, case.index.settings.auto_minimum_probability)
    if best.probability >= needed and best.probability > 0.5:
        return ""
    return f"its probability of {best.probability:.0%} is below the {needed:.0%} that are needed"


def _paid_before(case: Case, best: Weighed) -> str:
    """Find the same payer, amount and text within days: a standing order comes monthly, a slip comes soon."""
    entry = case.entry
    for payment in case.index.past_alike.get(entry_key(entry), ()) if case.index.past_alike else ():
        near = abs((entry.booking_date - payment.booking_date).days) <= case.index.settings.duplicate_days
        same = {a.item_id for a in payment.allocations if a.item_id} & set(best.hypothesis.item_ids)
        if near and same and payment.entry_id != entry.entry_id:
            return (
                f"the same payment was booked on {payment.booking_date:%d.%m.%Y}: perhaps paid twice (Doppelzahlung)"
            )
    return ""


def _same_amount_lately(case: Case, best: Weighed) -> str:
    """Doubt an amount that this payer has just paid: without a number it may be the same invoice, paid twice."""
    entry = case.entry
    if case.naming(best.hypothesis) is not Naming.NONE:
        return ""
    for payment in case.index.past_amounts.get(entry_key(entry)[:3], ()):
        days = abs((entry.booking_date - payment.booking_date).days)
        if days <= case.index.settings.duplicate_days and payment.entry_id != entry.entry_id:
            return (
                f"the payer paid the same amount on {payment.booking_date:%d.%m.%Y}, and no number says what for: "
                "perhaps paid twice (Doppelzahlung)"
            )
    return ""


# What is asked only where no full number says what is paid.
_WITHOUT_NUMBER: Final = frozenset(
    {_advance, _payout_of_service, _same_amount_lately, _pointed_elsewhere, _settled_alike}
)


def _questions(*every: Callable[[Case, Weighed], str]) -> _Questions:
    return every, tuple([question for question in every if question not in _WITHOUT_NUMBER])


# Nothing outweighs these.
_BLOCKS: Final = _questions(
    _pending,
    _own_money,
    _settled_named,
    _unknown_named,
    _other_currency,
    _doubtful_amount,
    _exact_with_others,
    _advance,
    _payout_of_service,
    _skonto_elsewhere,
    _pointed_elsewhere,
    _paid_before,
    _same_amount_lately,
    _improbable,
)
# These are arguments as well, so a certified probability has weighed them already.
_DOUBTS: Final = _questions(
    _other_payer,
    _left_out,
    _amount_elsewhere,
    _several_sums,
    _twins,
    _settled_alike,
)
