"""What was agreed, looked at every night (Zusagen, Ratenpläne): kept, broken, and what goes on by itself."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from dunning.instalments import PlanState, plan_standing
from dunning.promise import PromiseState, Received, promise_state
from ledger.allocation import AllocationKind
from ledger.debtor import DebtorType
from ledger.finding import Finding, Severity
from storage.facts import load_debtors
from storage.holds import lift_hold, load_holds
from storage.instalments import end_plan, load_plans
from storage.matches import load_booked
from storage.promises import end_promise, load_promises
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from night.workplace import Workplace
    from storage.database import Connection
    from storage.instalments import StoredPlan
    from storage.promises import StoredPromise

# Money of the debtor; Skonto and small differences are none.
_MONEY: Final = frozenset(
    {AllocationKind.PAYMENT, AllocationKind.FEE, AllocationKind.INTEREST, AllocationKind.ON_ACCOUNT}
)

Paid = dict[tuple[str, str], list[Received]]  # by debtor number and currency


def settle_agreements(connection: Connection, work: Workplace) -> list[Finding]:
    """Write down which promises and plans were kept or broken, end their silence, and tell what a person must do.

    A broken promise needs nobody: its hold has expired, and the next stage follows. To be called after matching and
    before dunning.
    """
    paid = _paid(connection, work)
    standing = {hold["hold_id"] for hold in load_holds(connection, work.company_id)}
    findings = []
    for promise in load_promises(connection, work.company_id):
        if promise.state is PromiseState.RUNNING:
            findings += _promise(connection, work, promise, paid, standing)
    for plan in load_plans(connection, work.company_id):
        if plan.ended is None:
            findings += _plan(connection, work, plan, paid, standing)
    return findings


def _promise(
    connection: Connection, work: Workplace, stored: StoredPromise, paid: Paid, standing: set[str]
) -> list[Finding]:
    promise = stored.promise
    received = paid.get((promise.debtor_number, promise.amount.currency), [])
    state = promise_state(promise, received, work.run_date)
    if state is PromiseState.RUNNING:
        return []
    end_promise(connection, work.company_id, work.author, promise.promise_id, state)
    if state is PromiseState.KEPT:
        _lift(connection, work, stored.hold_id, standing, broken=False)
        return []
    return [
        Finding(
            code="promise_broken",
            severity=Severity.NOTE,
            place=f"debtor {promise.debtor_number}",
            what=f"{promise.amount} promised until {promise.pay_by} did not come",
            what_to_do="Nothing: the next stage follows. A call may be kinder.",
        )
    ]


def _plan(
    connection: Connection, work: Workplace, stored: StoredPlan, paid: Paid, standing: set[str]
) -> Sequence[Finding]:
    plan = stored.plan
    debtors = load_debtors(connection, work.company_id)
    debtor = debtors.get(plan.debtor_number)
    now = plan_standing(
        plan,
        paid.get((plan.debtor_number, plan.claim.total.currency), []),
        work.run_date,
        debtor_type=debtor.type if debtor else DebtorType.UNKNOWN,
    )
    place = f"debtor {plan.debtor_number}, plan {plan.plan_id}"
    late = ", ".join(f"{one.amount} of {one.due_on}" for one in now.late)
    if now.state is PlanState.PAID or now.rest_is_due:
        end_plan(connection, work.company_id, work.author, plan.plan_id, now.state)
        _lift(connection, work, stored.hold_id, standing, broken=now.rest_is_due)
    if now.rest_is_due:
        return [
            Finding(
                code="plan_broken",
                severity=Severity.WARNING,
                place=place,
                what=f"the instalment plan is broken, {now.rest} is due at once; late: {late}",
                what_to_do="Nothing: the next stage asks for the whole rest.",
            )
        ]
    if now.state is PlanState.BROKEN:
        return [
            Finding(
                code="plan_needs_deadline",
                severity=Severity.WARNING,
                place=place,
                what=f"instalments are more than ten days late: {late}",
                what_to_do=(
                    "Set a last deadline of two weeks in writing and say that the rest falls due after it (§ 498 BGB "
                    "by analogy); when it is over in vain, lift the hold."
                ),
            )
        ]
    if now.state is PlanState.LATE:
        return [
            Finding(
                code="instalment_late",
                severity=Severity.NOTE,
                place=place,
                what=f"not paid in time: {late}",
                what_to_do="Ring up before a second one is late.",
            )
        ]
    return ()


def _lift(connection: Connection, work: Workplace, hold_id: str, standing: set[str], *, broken: bool) -> None:
    if hold_id in standing:  # a person may have lifted it before
        lift_hold(connection, work.company_id, work.author, hold_id, broken=broken)


def _paid(connection: Connection, work: Workplace) -> Paid:
    entries = load_entries(connection, work.company_id)
    paid: Paid = defaultdict(list)
    for one in load_booked(connection, work.company_id):
        allocation, entry = one.allocation, entries[one.entry_id]
        if allocation.kind in _MONEY and allocation.debtor_number and entry.amount.minor > 0:
            key = allocation.debtor_number, allocation.amount.currency
            paid[key].append(Received(entry.booking_date, allocation.amount))
    return paid
