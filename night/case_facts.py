"""What a case needs beside its notice (Fallunterlagen): payments, talks, limitation, for whoever takes it over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunning.hold import HoldReason
from dunning.limitation import limitation_end
from export.agency import CaseFacts, ClaimFacts, PaymentFact, SaidFact
from storage.calls import load_calls
from storage.facts import load_items
from storage.holds import load_holds
from storage.instalments import load_plans
from storage.matches import load_booked
from storage.promises import load_promises
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dunning.notice import Notice
    from night.workplace import Workplace
    from storage.database import Connection


def case_facts(connection: Connection, work: Workplace, notices: Sequence[Notice]) -> dict[str, CaseFacts]:
    """Give the facts of each debtor's case, by debtor number."""
    debtors = {notice.debtor.number for notice in notices}
    if not debtors:
        return {}
    claims: dict[str, dict[str, ClaimFacts]] = {number: {} for number in debtors}
    for stored in load_items(connection, work.company_id):
        item = stored.item
        if item.debtor_number in debtors:
            claims[item.debtor_number][item.document_number] = ClaimFacts(
                order_number=item.order_number, limitation_end=limitation_end(item.due_date)
            )
    payments = list(_payments(connection, work))
    said = list(_said(connection, work))
    holds = load_holds(connection, work.company_id)
    return {
        number: CaseFacts(
            claims=claims[number],
            payments=tuple(fact for debtor, fact in payments if debtor == number),
            said=tuple(sorted((fact for debtor, fact in said if debtor == number), key=lambda fact: fact.on)),
            disputes=tuple(
                hold["note"]
                for hold in holds
                if hold["debtor_number"] == number and hold["reason"] == HoldReason.DISPUTE.value
            ),
        )
        for number in debtors
    }


def _payments(connection: Connection, work: Workplace) -> Iterator[tuple[str, PaymentFact]]:
    entries = load_entries(connection, work.company_id)
    for one in load_booked(connection, work.company_id):
        allocation = one.allocation
        if allocation.debtor_number:
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
    for call in load_calls(connection, work.company_id).values():
        disputed = [f"disputes {one.document_number or 'everything'}: {one.reason}" for one in call.disputes]
        text = "; ".join(part for part in (call.cause.value, *disputed, call.note) if part)
        yield call.debtor_number, SaidFact(on=call.called_on, kind="call", text=text)
    for stored in load_promises(connection, work.company_id):
        promise = stored.promise
        text = f"{promise.amount} promised until {promise.pay_by}: {stored.state.value}"
        yield promise.debtor_number, SaidFact(on=promise.made_on, kind="promise", text=text)
    for one in load_plans(connection, work.company_id):
        plan = one.plan
        text = f"{len(plan.instalments)} instalments agreed: {one.ended.value if one.ended else 'running'}"
        yield plan.debtor_number, SaidFact(on=plan.agreed_on, kind="plan", text=text)
