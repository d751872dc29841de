"""The errands about messages of debtors: noting one, and that it was answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    JsonOption,
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

if TYPE_CHECKING:
    from storage.database import Engine
    from storage.messages import Message

message_app = typer.Typer(help="What debtors wrote or said: nobody is dunned before it is answered.")


@message_app.command("add")
def add(
    debtor: str,
    note: Annotated[str, typer.Option(help="What it says, in a few words.")],
    received: Annotated[str | None, typer.Option(help="The day it came; today.", metavar="DATE")] = None,
    as_json: JsonOption = False,
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
        as_json=as_json,
    )


@message_app.command("answered")
def answered(
    message_id: str,
    note: Annotated[str, typer.Option(help="What we said.")] = "",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note that a message was answered."""
    decide(config, company, who, lambda c, i, a: cases.answered(c, i, a, message_id, note), as_json=as_json)


@message_app.command("list")
def list_messages(as_json: JsonOption = False, config: ConfigOption = None, company: CompanyOption = None) -> None:
    """List the messages that wait for an answer."""
    with told():
        office = office_of(config)
        lines = [
            {
                "company": one.id,
                "message_id": message.message_id,
                "debtor_number": message.debtor_number,
                "received_on": message.received_on.isoformat(),
                "note": message.note,
            }
            for one, engine in companies_of(office, company)
            for message in _unanswered(engine, one.id)
        ]
        if as_json:
            print(json.dumps(lines, ensure_ascii=False, indent=2))
            return
        table = Table("company", "message", "debtor", "came on", "says", box=None, padding=(0, 1))
        for line in lines:
            table.add_row(*map(Text, line.values()))
        out.print(table if table.row_count else "No message waits for an answer.")


def _unanswered(engine: Engine, company_id: str) -> list[Message]:
    with reading(engine) as connection:
        return load_unanswered(connection, company_id)
