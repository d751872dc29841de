"""The errands of a person: deciding what waits, answering for the outbox, keeping somebody out of dunning."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    WhoOption,
    companies_of,
    date_of,
    decide,
    err,
    office_of,
    out,
    person,
    told,
)
from dunning.hold import AfterHold, HoldReason
from night.outbox_desk import OutboxAnswer, answer_outbox, show_outbox
from night.report import WRONG_USAGE
from review import desk, terminal
from storage.database import reading
from storage.holds import Insolvency, load_all_holds

review_app = typer.Typer(invoke_without_command=True, help="What waits for a person, and deciding it.")
outbox_app = typer.Typer(invoke_without_command=True, help="What waits to be sent, and answering for it.")
hold_app = typer.Typer(help="Keep a debtor or an item out of dunning.")


@review_app.callback(invoke_without_command=True)
def review(
    context: typer.Context,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Show what waits; on a terminal, decide it with one key each."""
    if context.invoked_subcommand is not None:
        return
    with told():
        office = office_of(config)
        for one, engine in companies_of(office, company):
            out.print(Text(one.name, style="bold"))
            if sys.stdin.isatty() and out.is_terminal:
                terminal.session(out, engine, one.id, person(who))
            else:
                terminal.show_queue(out, engine, one.id)


@review_app.command("accept")
def review_accept(
    entry_id: str,
    proposal: Annotated[int, typer.Option(help="1 is the best.")] = 1,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Book a proposal as it stands."""
    decide(config, company, who, lambda c, i, a: desk.accept(c, i, a, entry_id, proposal))


@review_app.command("reject")
def review_reject(
    entry_id: str,
    reason: Annotated[str, typer.Option(help="Why it is wrong.")],
    proposal: Annotated[int, typer.Argument(help="1 is the best.")] = 1,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Say that a proposal is wrong; it comes back only if something new speaks for it."""
    decide(config, company, who, lambda c, i, a: desk.reject(c, i, a, entry_id, proposal, reason))


@review_app.command("assign")
def review_assign(
    entry_id: str,
    parts: Annotated[list[str], typer.Argument(help="RE-1=100,00 RE-2=19,00")],
    currency: str = "EUR",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Split an entry over documents by hand."""
    try:
        read = terminal.read_parts(" ".join(parts), currency)
    except ValueError as error:
        err.print(Text(f"review assign: {error}"), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from None
    decide(config, company, who, lambda c, i, a: desk.assign(c, i, a, entry_id, read))


@review_app.command("on-account")
def review_on_account(
    entry_id: str, debtor: str, config: ConfigOption = None, company: CompanyOption = None, who: WhoOption = ""
) -> None:
    """Keep an entry as credit of a debtor."""
    decide(config, company, who, lambda c, i, a: desk.put_on_account(c, i, a, entry_id, debtor))


@review_app.command("ignore")
def review_ignore(
    entry_id: str,
    reason: Annotated[str, typer.Option(help="Why it is not ours.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Say that an entry is not about receivables."""
    decide(config, company, who, lambda c, i, a: desk.set_aside(c, i, a, entry_id, reason))


@review_app.command("undo")
def review_undo(
    entry_id: str,
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Take back whatever was decided on an entry."""
    decide(config, company, who, lambda c, i, a: desk.undo(c, i, a, entry_id, reason))


@outbox_app.callback(invoke_without_command=True)
def outbox(context: typer.Context, config: ConfigOption = None, company: CompanyOption = None) -> None:
    """List what waits to be sent, and what may or may not have been sent."""
    if context.invoked_subcommand is not None:
        return
    with told():
        office = office_of(config)
        table = Table("company", "effect", "status", "to", "says", box=None, padding=(0, 1))
        for one, engine in companies_of(office, company):
            with reading(engine) as connection:
                for effect in show_outbox(connection, one.id):
                    status = "waits for release" if effect.needs_release else effect.status.value
                    target = ", ".join(effect.recipients) or effect.path
                    table.add_row(one.id, Text(effect.outbox_id), status, Text(target), Text(effect.message))
    out.print(table if table.row_count else "Nothing waits.")


@outbox_app.command("answer")
def outbox_answer(
    outbox_id: str,
    answer: Annotated[OutboxAnswer, typer.Argument(help="release, sent, again or cancel")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Release an effect, or say whether it arrived."""
    decide(config, company, who, lambda c, i, a: answer_outbox(c, i, a, outbox_id, answer))


@hold_app.command("place")
def hold_place(
    debtor: str,
    reason: Annotated[HoldReason, typer.Option(help="Why.")],
    item: Annotated[str, typer.Option(help="Only this document number.")] = "",
    note: Annotated[str, typer.Option(help="What was said.")] = "",
    until: Annotated[str | None, typer.Option(help="Last day of silence.", metavar="DATE")] = None,
    then: Annotated[AfterHold | None, typer.Option(help="What happens when it is over.")] = None,
    since: Annotated[
        str | None, typer.Option(help="The day it is about: insolvency opened, death.", metavar="DATE")
    ] = None,
    court: Annotated[str, typer.Option(help="Insolvency: the court.")] = "",
    file_number: Annotated[str, typer.Option(help="Insolvency: the court's file number.")] = "",
    administrator: Annotated[str, typer.Option(help="Insolvency: with whom claims are filed.")] = "",
    file_by: Annotated[str | None, typer.Option(help="Insolvency: last day to file.", metavar="DATE")] = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Keep a debtor, or one of its documents, out of dunning."""
    with told():
        last_day = date_of(until, "--until") if until else None
        about = date_of(since, "--since") if since else None
        filing = date_of(file_by, "--file-by") if file_by else None
    filed_with = Insolvency(court=court, file_number=file_number, administrator=administrator, file_by=filing)
    decide(
        config,
        company,
        who,
        lambda c, i, a: desk.hold(
            c,
            i,
            a,
            debtor_number=debtor,
            document_number=item,
            reason=reason,
            note=note,
            expires_on=last_day,
            after=then,
            since=about,
            insolvency=None if filed_with == Insolvency() else filed_with,
        ),
    )


@hold_app.command("lift")
def hold_lift(
    hold_id: str,
    broken: Annotated[bool, typer.Option("--broken", help="The debtor did not keep to it.")] = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """End a hold."""
    decide(config, company, who, lambda c, i, a: desk.lift(c, i, a, hold_id, broken=broken))


@hold_app.command("list")
def hold_list(config: ConfigOption = None, company: CompanyOption = None) -> None:
    """List the holds that stand."""
    with told():
        office = office_of(config)
        table = Table(
            *("company", "hold", "debtor", "item", "reason", "until", "then", "owner", "note"),
            box=None,
            padding=(0, 1),
        )
        for one, engine in companies_of(office, company):
            with reading(engine) as connection:
                for hold in load_all_holds(connection, one.id):
                    if hold.ended_on is not None:
                        continue
                    until = hold.expires_on.isoformat() if hold.expires_on else "it is lifted"
                    about = (hold.debtor_number, hold.item_id, hold.reason.value, until, hold.what_follows.value)
                    cells = (*about, hold.owner, hold.note)
                    table.add_row(one.id, hold.hold_id, *(Text(cell) for cell in cells))
    out.print(table if table.row_count else "Nobody is on hold.")
