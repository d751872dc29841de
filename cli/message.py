"""The errands about messages of debtors: noting one, and that it was answered."""

from __future__ import annotations

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
    office_of,
    out,
    told,
)
from review import cases
from storage.database import reading
from storage.messages import load_unanswered

message_app = typer.Typer(help="What debtors wrote or said: nobody is dunned before it is answered.")


@message_app.command("add")
def add(
    debtor: str,
    note: Annotated[str, typer.Option(help="What it says, in a few words.")],
    received: Annotated[str | None, typer.Option(help="The day it came; today.", metavar="DATE")] = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note that a debtor wrote or called."""
    with told():
        day = date_of(received, "--received") if received else None
    decide(
        config,
        company,
        who,
        lambda c, i, a: cases.message(c, i, a, debtor_number=debtor, received_on=day or a.run_date, said=note),
    )


@message_app.command("answered")
def answered(
    message_id: str,
    note: Annotated[str, typer.Option(help="What we said.")] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note that a message was answered."""
    decide(config, company, who, lambda c, i, a: cases.answered(c, i, a, message_id, note))


@message_app.command("list")
def list_messages(config: ConfigOption = None, company: CompanyOption = None) -> None:
    """List the messages that wait for an answer."""
    with told():
        office = office_of(config)
        table = Table("company", "message", "debtor", "came on", "says", box=None, padding=(0, 1))
        for one, engine in companies_of(office, company):
            with reading(engine) as connection:
                for message in load_unanswered(connection, one.id):
                    cells = (message.message_id, message.debtor_number, message.received_on.isoformat())
                    table.add_row(one.id, *cells, Text(message.note))
    out.print(table if table.row_count else "No message waits for an answer.")
