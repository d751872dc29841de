"""The errands about talking to debtors: the script of a call, what was said, promises, instalments, statements."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    JsonOption,
    Stop,
    WhoOption,
    companies_of,
    date_of,
    office_of,
    out,
    person,
    told,
    workplace,
)
from config.letter_texts import letter_texts
from dunning.call import Call, Dispute
from dunning.cause import Cause
from dunning.instalments import Offer
from dunning.promise import Promise
from export.call_list import call_scripts
from ledger.money import MINOR_DIGITS, InexactAmount, Money
from ledger.numerals import UnreadableNumber, read_money
from night.preview import draft
from night.report import WRONG_USAGE
from night.talk import agree_plan, debtor_of, queue_statement, record_call
from storage.calls import load_calls
from storage.database import reading, transaction
from storage.instalments import load_plans
from storage.promises import load_promises

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.instalments import InstalmentPlan
    from night.workplace import Workplace
    from storage.database import Connection

_T = TypeVar("_T")

call_app = typer.Typer(help="Talking to debtors: the script, what was said, promises and instalments.")

CurrencyOption = Annotated[str, typer.Option("--currency", help="Of the amounts.")]
DebtorArgument = Annotated[str, typer.Argument(help="The debtor number.")]
ConfirmOption = Annotated[bool, typer.Option("--confirm/--no-confirm", help="Confirm it in writing.")]


@call_app.command("script")
def call_script(
    debtor: DebtorArgument,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
) -> None:
    """Show how to ask for the cause, with what is open now."""
    with told():
        work = _workplace(config, company, "")
        with reading(work.engine) as connection:
            notice = draft(connection, work, debtor, stage="")
        wording = letter_texts(work.office, work.company)
        script = call_scripts([notice], work.company.letter_head(), wording=wording).decode()
        if as_json:
            _print_json({"debtor_number": debtor, "script": script, "causes": [cause.value for cause in Cause]})
        else:
            out.print(Markdown(script))


@call_app.command("record")
def call_record(
    debtor: DebtorArgument,
    cause: Annotated[Cause, typer.Option(help="What holds the payment up.")],
    spoke_to: Annotated[str, typer.Option("--spoke-to", help="With whom.")] = "",
    promise: Annotated[str, typer.Option(help="Will pay by this day.", metavar="DATE")] = "",
    amount: Annotated[str, typer.Option(help="What will be paid, or what is disputed; else all that is open.")] = "",
    dispute: Annotated[
        list[str] | None, typer.Option(help="This document number is disputed; `all` for everything.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it is disputed, in the debtor's words.")] = "",
    note: Annotated[str, typer.Option(help="What else was said.")] = "",
    on: Annotated[str, typer.Option(help="The day of the call.", metavar="DATE")] = "",
    confirm: ConfirmOption = True,
    currency: CurrencyOption = "EUR",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Record a call: cause, promise or dispute, and a note; the silence that follows from it begins at once."""
    with told():
        work = _workplace(config, company, who)
        called_on = date_of(on, "--on") if on else work.run_date
        pay_by = date_of(promise, "--promise") if promise else None
        given = _amount(amount, currency, "--amount")

        def recorded(connection: Connection) -> tuple[str, list[str]]:
            call = Call(
                debtor_number=debtor,
                called_on=called_on,
                owner=work.author.actor,
                spoke_to=spoke_to,
                cause=cause,
                promise=_promise(connection, work, debtor, pay_by, called_on, given, spoke_to, currency),
                disputes=tuple(
                    Dispute(
                        document_number="" if number == "all" else number,
                        amount=given if pay_by is None else None,
                        reason=reason,
                    )
                    for number in dispute or ()
                ),
                note=note,
            )
            return record_call(connection, work, call, confirm=confirm)

        call_id, says = _decided(work, recorded)
        if as_json:
            _print_json({"call_id": call_id, "says": says})
            return
        out.print(f"Recorded as {call_id}.")
        for line in says:
            out.print(Text(line), soft_wrap=True)


@call_app.command("plan")
def call_plan(
    debtor: DebtorArgument,
    amount: Annotated[str, typer.Option(help="What the debtor offered to pay each time.")],
    first: Annotated[str, typer.Option(help="The first day.", metavar="DATE")],
    offered_by: Annotated[str, typer.Option("--offered-by", help="Who offered it, or in which letter.")],
    offered_on: Annotated[str, typer.Option("--offered-on", help="When.", metavar="DATE")] = "",
    every_months: Annotated[int, typer.Option("--every-months", help="Months between two instalments.")] = 1,
    interest: Annotated[str, typer.Option(help="Default interest up to today that is paid as well.")] = "",
    costs: Annotated[str, typer.Option(help="Costs of default that are paid as well.")] = "",
    default_clause: Annotated[
        bool,
        typer.Option(
            "--default-clause/--no-default-clause",
            help="The debtor agreed that two instalments ten days late make the rest due (Verfallklausel).",
        ),
    ] = False,
    confirm: ConfirmOption = True,
    currency: CurrencyOption = "EUR",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Accept the debtor's own offer of instalments; we never make the first one."""
    with told():
        work = _workplace(config, company, who)
        nothing = Money(0, currency)
        offered = _amount(amount, currency, "--amount")
        if offered is None:
            raise Stop("--amount: say what the debtor offered", WRONG_USAGE)
        offer = Offer(
            offered_on=date_of(offered_on, "--offered-on") if offered_on else work.run_date,
            offered_by=offered_by,
            amount=offered,
            first_on=date_of(first, "--first"),
            every_months=every_months,
        )
        plan_id, plan = _decided(
            work,
            lambda connection: agree_plan(
                connection,
                work,
                debtor,
                offer,
                interest=_amount(interest, currency, "--interest") or nothing,
                costs=_amount(costs, currency, "--costs") or nothing,
                default_clause=default_clause,
                confirm=confirm,
            ),
        )
        if as_json:
            _print_json(_plan_json(plan_id, plan))
            return
        table = Table("no.", "pay by", "costs", "interest", "principal", "amount", box=None, padding=(0, 1))
        for one in plan.instalments:
            cells = (one.number, one.due_on, one.costs, one.interest, one.principal, one.amount)
            table.add_row(*map(str, cells))
        out.print(table)
        out.print(f"Recorded as {plan_id}.")
        if not default_clause:
            out.print(
                Text(
                    "No default clause (Verfallklausel) was agreed: the rest does not fall due by itself. "
                    "Where the debtor agreed to one, say so with --default-clause."
                ),
                soft_wrap=True,
            )
        if plan.needs_legal_review:
            out.print(
                Text(
                    "This debtor is not known to be a business: the law on deferrals for consumers is changing "
                    "(Directive 2023/2225). Have the plan looked at, and add no cost to it."
                ),
                soft_wrap=True,
            )


@call_app.command("statement")
def call_statement(
    debtor: DebtorArgument,
    currency: CurrencyOption = "EUR",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Send the debtor a statement of account (Kontoauszug) with the next night."""
    with told():
        work = _workplace(config, company, who)
        says = _decided(work, lambda connection: queue_statement(connection, work, debtor, currency))
        if as_json:
            _print_json({"debtor_number": debtor, "says": [says]})
        else:
            out.print(Text(says), soft_wrap=True)


@call_app.command("history")
def call_history(
    debtor: DebtorArgument,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
) -> None:
    """List what was said with a debtor: calls, promises and plans, with what became of them."""
    with told():
        work = _workplace(config, company, "")
        with reading(work.engine) as connection:
            debtor_of(connection, work, debtor)
            lines = sorted(_history(connection, work, debtor), key=lambda line: (line["date"], line["id"]))
        if as_json:
            _print_json(lines)
            return
        table = Table("date", "what", "said", "became", "who", box=None, padding=(0, 1))
        for line in lines:
            table.add_row(line["date"], line["id"], *(Text(line[name]) for name in ("said", "became", "who")))
        out.print(table if table.row_count else "Nothing was said yet.")


def _print_json(what: Any) -> None:
    print(json.dumps(what, ensure_ascii=False, indent=2))


def _plan_json(plan_id: str, plan: InstalmentPlan) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "debtor_number": plan.debtor_number,
        "agreed_on": plan.agreed_on.isoformat(),
        "acknowledged_on": plan.acknowledged_on.isoformat(),
        "default_clause": plan.default_clause,
        "needs_legal_review": plan.needs_legal_review,
        "currency": plan.claim.total.currency,
        "instalments": [
            {
                "number": one.number,
                "due_on": one.due_on.isoformat(),
                "costs_minor": one.costs.minor,
                "interest_minor": one.interest.minor,
                "principal_minor": one.principal.minor,
                "amount_minor": one.amount.minor,
            }
            for one in plan.instalments
        ],
    }


def _history(connection: Connection, work: Workplace, debtor: str) -> list[dict[str, Any]]:
    lines = []
    for call_id, call in load_calls(connection, work.company_id, debtor).items():
        disputed = [f"disputes {one.document_number or 'everything'}: {one.reason}" for one in call.disputes]
        said = "; ".join(part for part in (call.cause.value, call.spoke_to, *disputed, call.note) if part)
        lines.append(_line(call.called_on, call_id, said, "", call.owner))
    for stored in load_promises(connection, work.company_id):
        promise = stored.promise
        if promise.debtor_number == debtor:
            said = f"{promise.amount} until {promise.pay_by}"
            lines.append(_line(promise.made_on, promise.promise_id, said, stored.state.value, promise.owner))
    for one in load_plans(connection, work.company_id):
        plan = one.plan
        if plan.debtor_number == debtor:
            said = f"{len(plan.instalments)} instalments of {plan.offer.amount}, offered by {plan.offer.offered_by}"
            became = one.ended.value if one.ended else "running"
            lines.append(_line(plan.agreed_on, plan.plan_id, said, became, ""))
    return lines


def _line(day: date, id_: str, said: str, became: str, who: str) -> dict[str, Any]:
    return {"date": day.isoformat(), "id": id_, "said": said, "became": became, "who": who}


def _promise(
    connection: Connection,
    work: Workplace,
    debtor: str,
    pay_by: date | None,
    made_on: date,
    amount: Money | None,
    made_by: str,
    currency: str,
) -> Promise | None:
    if pay_by is None:
        return None
    everything = sum(
        item.open.minor for item in draft(connection, work, debtor, stage="").items if item.open.currency == currency
    )
    return Promise(
        debtor_number=debtor,
        amount=amount or Money(everything, currency),
        pay_by=pay_by,
        made_on=made_on,
        made_by=made_by,
        owner=work.author.actor,
    )


def _amount(written: str, currency: str, option: str) -> Money | None:
    if currency not in MINOR_DIGITS:
        raise Stop(f"--currency: {currency!r} is not a currency we know (ISO 4217, three capitals)", WRONG_USAGE)
    try:
        return read_money(written, currency) if written else None
    except (UnreadableNumber, InexactAmount) as error:
        raise Stop(f"{option}: {written!r} is no amount in {currency}: {error}", WRONG_USAGE) from None


def _workplace(config: Any, company: list[str] | None, who: str) -> Workplace:
    office = office_of(config)
    companies = list(companies_of(office, company))
    if len(companies) != 1:
        raise Stop("several companies are configured: say which one with --company", WRONG_USAGE)
    ((one, engine),) = companies
    work = workplace(office, one, engine, None, watch=False)
    return replace(work, author=replace(person(who), run_date=work.run_date))


def _decided(work: Workplace, decision: Callable[[Connection], _T]) -> _T:
    with transaction(work.engine, work.company_id) as connection:
        return decision(connection)
