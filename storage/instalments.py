"""Instalment plans (Ratenpläne): agreed with their schedule, and ended as paid or broken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from dunning.instalments import Claim, Instalment, InstalmentPlan, Offer, PlanState
from ledger.money import Money
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.tables import INSTALMENT_PLAN, INSTALMENT_PLAN_ENDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """A plan with the hold that keeps silence, and how it ended; None while it runs."""

    plan: InstalmentPlan
    hold_id: str
    ended: PlanState | None
    ended_on: date | None


def save_plan(connection: Connection, company_id: str, author: Author, plan: InstalmentPlan, *, hold_id: str) -> str:
    """Append a plan as it was agreed; return its identification."""
    payload = {
        "debtor_number": plan.debtor_number,
        "agreed_on": plan.agreed_on.isoformat(),
        "plan": canonical(_written(plan)),
        "hold_id": hold_id,
    }
    (seq,) = append(connection, company_id, author, [Decided("instalment_plan", payload)])
    connection.execute(
        insert(INSTALMENT_PLAN).values(
            **{**payload, "agreed_on": plan.agreed_on}, company_id=company_id, plan_id=f"R{seq}", seq=seq
        )
    )
    return f"R{seq}"


def end_plan(connection: Connection, company_id: str, author: Author, plan_id: str, state: PlanState) -> None:
    """Write down that a plan was paid or broken."""
    assert state in {PlanState.PAID, PlanState.BROKEN}, (plan_id, state)
    decided = Decided("instalment_plan_ended", {"plan_id": plan_id, "state": state.value})
    (seq,) = append(connection, company_id, author, [decided])
    connection.execute(
        insert(INSTALMENT_PLAN_ENDED).values(
            company_id=company_id, plan_id=plan_id, seq=seq, state=state.value, ended_on=author.run_date
        )
    )


def load_plans(connection: Connection, company_id: str) -> list[StoredPlan]:
    """Give every plan there ever was, in the order they were agreed."""
    ended = INSTALMENT_PLAN_ENDED
    rows = connection.execute(
        select(INSTALMENT_PLAN, ended.c.state, ended.c.ended_on)
        .outerjoin(
            ended,
            (ended.c.company_id == INSTALMENT_PLAN.c.company_id) & (ended.c.plan_id == INSTALMENT_PLAN.c.plan_id),
        )
        .where(INSTALMENT_PLAN.c.company_id == company_id)
        .order_by(INSTALMENT_PLAN.c.seq)
    ).mappings()
    return [
        StoredPlan(
            plan=replace(_read(row["debtor_number"], row["agreed_on"], parsed(row["plan"])), plan_id=row["plan_id"]),
            hold_id=row["hold_id"],
            ended=PlanState(row["state"]) if row["state"] else None,
            ended_on=row["ended_on"],
        )
        for row in rows
    ]


def _written(plan: InstalmentPlan) -> dict[str, Any]:
    offer = plan.offer
    return {
        "currency": offer.amount.currency,
        "offer": {
            "offered_on": offer.offered_on.isoformat(),
            "offered_by": offer.offered_by,
            "amount_minor": offer.amount.minor,
            "first_on": offer.first_on.isoformat(),
            "every_months": offer.every_months,
        },
        "claim": [part.minor for part in (plan.claim.costs, plan.claim.interest, plan.claim.principal)],
        "instalments": [
            [one.due_on.isoformat(), one.costs.minor, one.interest.minor, one.principal.minor]
            for one in plan.instalments
        ],
        "default_clause": plan.default_clause,
        "needs_legal_review": plan.needs_legal_review,
    }


def _read(debtor_number: str, agreed_on: date, written: Mapping[str, Any]) -> InstalmentPlan:
    currency, offer = written["currency"], written["offer"]
    costs, interest, principal = (Money(minor, currency) for minor in written["claim"])
    return InstalmentPlan(
        debtor_number=debtor_number,
        offer=Offer(
            offered_on=date.fromisoformat(offer["offered_on"]),
            offered_by=offer["offered_by"],
            amount=Money(offer["amount_minor"], currency),
            first_on=date.fromisoformat(offer["first_on"]),
            every_months=offer["every_months"],
        ),
        agreed_on=agreed_on,
        claim=Claim(costs=costs, interest=interest, principal=principal),
        instalments=tuple(
            Instalment(
                number=number,
                due_on=date.fromisoformat(due_on),
                costs=Money(part_costs, currency),
                interest=Money(part_interest, currency),
                principal=Money(part_principal, currency),
            )
            for number, (due_on, part_costs, part_interest, part_principal) in enumerate(written["instalments"], 1)
        ),
        default_clause=written.get("default_clause", True),  # it stood in every confirmation of earlier versions
        needs_legal_review=written["needs_legal_review"],
    )
