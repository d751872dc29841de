"""What a case needs beside its notice (Fallunterlagen): letters, payments, talks, default, limitation, disputes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeVar

from dunning.countries import Applies
from dunning.default import default_on
from dunning.hold import HoldReason
from dunning.instalments import PlanState
from dunning.limitation_watch import expiry
from dunning.noted import NOTHING_NOTED
from dunning.notice import Channel
from dunning.plan import defaults_so_far
from dunning.promise import PromiseState
from export.agency import CaseFacts, ClaimFacts, CostFact, LetterFact, PaymentFact, SaidFact
from export.letters.texts import texts
from ledger.debtor import DebtorType
from ledger.money import Money
from night.acknowledged import watched_claims
from night.gate_facts import load_dunning_facts
from storage.calls import load_calls
from storage.holds import load_all_holds
from storage.instalments import load_plans
from storage.matches import load_booked
from storage.promises import load_promises
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dunning.notice import Notice
    from dunning.receipt import Receipt
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.notices import StoredNotice


Fact = TypeVar("Fact")

_PROMISES: Final = {
    PromiseState.RUNNING: "läuft",
    PromiseState.KEPT: "gehalten",
    PromiseState.BROKEN: "nicht gehalten",
}
_PLANS: Final = {
    PlanState.ON_TRACK: "läuft",
    PlanState.LATE: "in Verzug",
    PlanState.BROKEN: "gescheitert",
    PlanState.PAID: "bezahlt",
}


def case_facts(connection: Connection, work: Workplace, notices: Sequence[Notice]) -> dict[str, CaseFacts]:
    """Give the facts of each debtor's case, by debtor number; the debtor answers for whom it succeeded."""
    debtors = {notice.debtor.number: notice.debtor for notice in notices}
    if not debtors:
        return {}
    facts = load_dunning_facts(connection, work)
    successors = facts.successors
    listed = {item.item_id for notice in notices for item in notice.items}
    sent = [one for one in facts.notices if one.sent_on and any(item.item_id in listed for item in one.items)]
    claims = _claims(connection, work, [facts.by_item[item_id] for item_id in sorted(listed)], debtors, facts)
    letters = _by_debtor(_letters(sent, facts.receipts), successors)
    costs = _by_debtor(_costs(sent, listed), successors)
    payments = _by_debtor(_payments(connection, work, listed), successors)
    said = _by_debtor(_said(connection, work), successors)
    disputes = _by_debtor(_disputes(connection, work, listed, now=True), successors)
    settled = _by_debtor(_disputes(connection, work, listed, now=False), successors)
    return {
        number: CaseFacts(
            claims=claims[number],
            letters=tuple(letters[number]),
            costs=tuple(costs[number]),
            payments=tuple(payments[number]),
            said=tuple(sorted(said[number], key=lambda fact: fact.on)),
            deducts_input_vat=work.company.hand_over.deducts_input_vat,
            disputes=tuple(disputes[number]),
            settled_disputes=tuple(settled[number]),
        )
        for number in debtors
    }


def _by_debtor(facts: Iterable[tuple[str, Fact]], successors: Mapping[str, str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for number, fact in facts:
        found[successors.get(number, number)].append(fact)
    return found


def _claims(
    connection: Connection,
    work: Workplace,
    items: Sequence[OpenItem],
    debtors: Mapping[str, Debtor],
    facts: DunningFacts,
) -> dict[str, dict[str, ClaimFacts]]:
    settings, rates = work.company.dunning.for_engine(work.company.region), work.office.rates_of(work.company)
    claims: dict[str, dict[str, ClaimFacts]] = defaultdict(dict)
    for claim in watched_claims(connection, work.company_id, items, day=work.run_date, law=settings.law):
        item = claim.item
        debtor = debtors[item.debtor_number]
        ends = expiry(claim, work.run_date, settings.law)
        defaults = defaults_so_far(
            item,
            debtor,
            history=facts.history.get(item.item_id, ()),
            procedure=work.procedure,
            settings=settings,
            noted=facts.noted.get(item.item_id, NOTHING_NOTED),
        )
        start = default_on(defaults, work.run_date)
        claims[debtor.number][item.document_number] = ClaimFacts(
            contract_subject=work.company.hand_over.contract_subject,
            order_number=item.order_number,
            default_since=start.first_day if start else None,
            default_basis=start.basis.value if start else "",
            default_law=start.basis.law if start else "",
            interest_law=settings.rate(debtor.type, rates, contract_on=item.document_date).law,
            interest_above_law=_above_law(work, debtor),
            limitation_end=ends.last_day,
            acknowledged_on=tuple(act.day for act in claim.acts)
            if ends.last_day > ends.limitation.nominal_end
            else (),
        )
    return claims


def _above_law(work: Workplace, debtor: Debtor) -> str:
    """Say that more than the law's rate is asked for, which the agency must point out (§ 13a (1) no. 4 RDG)."""
    rules = work.company.dunning
    business = debtor.type is DebtorType.BUSINESS
    own = rules.business_margin_points if business else rules.consumer_margin_points
    law = rules.for_engine(work.company.region).law
    rule = law.rule(Applies.BUSINESS if business else Applies.GENERAL) or law.rule(Applies.GENERAL)
    if own is None or rule is None or rule.above_base is None or own <= rule.above_base:
        return ""
    return f"{own} points above the base rate by contract, the law gives {rule.above_base} ({rule.law})"


def _letters(sent: Sequence[StoredNotice], receipts: Mapping[str, Receipt]) -> Iterator[tuple[str, LetterFact]]:
    for notice in sent:
        if notice.sent_on is None or notice.channel not in {Channel.EMAIL, Channel.LETTER}:
            continue
        receipt = receipts.get(notice.notice_id)
        yield (
            notice.debtor_number,
            LetterFact(
                on=notice.sent_on,
                stage=notice.stage,
                title=notice.title,
                number=notice.letter_number,
                channel=notice.channel.value,
                deadline=notice.deadline,
                received_on=receipt.day if receipt and receipt.received else None,
                proof=receipt.proof.value if receipt else "",
            ),
        )


def _costs(sent: Sequence[StoredNotice], listed: Collection[str]) -> Iterator[tuple[str, CostFact]]:
    """Give the fees letters charged; a hand-over charges none of its own, and adds up what is unpaid of them."""
    for notice in sent:
        if notice.channel is Channel.AGENCY:
            continue
        for item in notice.items:
            if item.fee_minor and item.item_id in listed and notice.sent_on:
                yield (
                    notice.debtor_number,
                    CostFact(
                        on=notice.sent_on,
                        amount=Money(item.fee_minor, notice.currency),
                        document_number=item.document_number,
                        what=notice.title,
                    ),
                )


def _payments(connection: Connection, work: Workplace, listed: Collection[str]) -> Iterator[tuple[str, PaymentFact]]:
    """Give what was paid on the claims of the cases, or on account; other payments are nobody else's business."""
    entries = load_entries(connection, work.company_id)
    for one in load_booked(connection, work.company_id):
        allocation = one.allocation
        if allocation.debtor_number and (not allocation.item_id or allocation.item_id in listed):
            yield (
                allocation.debtor_number,
                PaymentFact(
                    on=entries[one.entry_id].booking_date,
                    amount=allocation.amount,
                    document_number=allocation.document_number,
                    as_what=allocation.kind.value,
                ),
            )


def _said(connection: Connection, work: Workplace) -> Iterator[tuple[str, SaidFact]]:
    """Tell what was said in German, which is what the agency and its court speak."""
    causes = texts("de").data["call"]["causes"]
    for call in load_calls(connection, work.company_id).values():
        disputed = [f"bestreitet {one.document_number or 'alles'}: {one.reason}" for one in call.disputes]
        text = "; ".join(part for part in (causes[call.cause.value], *disputed, call.note) if part)
        yield call.debtor_number, SaidFact(on=call.called_on, kind="call", text=f"Telefonat: {text}")
    for stored in load_promises(connection, work.company_id):
        promise = stored.promise
        text = f"Zusage, {promise.amount} bis {promise.pay_by:%d.%m.%Y} zu zahlen: {_PROMISES[stored.state]}"
        yield promise.debtor_number, SaidFact(on=promise.made_on, kind="promise", text=text)
    for one in load_plans(connection, work.company_id):
        plan = one.plan
        text = f"{len(plan.instalments)} Raten vereinbart: {_PLANS[one.ended] if one.ended else 'läuft'}"
        yield plan.debtor_number, SaidFact(on=plan.agreed_on, kind="plan", text=text)


def _disputes(
    connection: Connection, work: Workplace, listed: Collection[str], *, now: bool
) -> Iterator[tuple[str, str]]:
    """Give what debtors disputed of these claims, in their words: what stands ``now``, or was settled before."""
    for hold in load_all_holds(connection, work.company_id):
        if hold.reason is not HoldReason.DISPUTE or hold.placed_on > work.run_date:
            continue
        if hold.holds_on(work.run_date) is not now or not (hold.concerns_debtor or hold.item_id in listed):
            continue
        ended = "" if now or hold.silent_until is None else f", erledigt {hold.silent_until:%d.%m.%Y}"
        yield hold.debtor_number, f"{hold.note or 'ohne Angabe eines Grundes'} ({hold.placed_on:%d.%m.%Y}{ended})"
