"""The errands that look and change nothing: the doctor before the night, and the verification after it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    JsonOption,
    asked,
    companies_of,
    office_of,
    out,
    told,
    workplace,
)
from night.doctor import examine
from night.report import A_PERSON_IS_NEEDED, DONE
from night.verify import verify as verify_company
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer()


@app.command()
def doctor(
    config: ConfigOption = None, company: CompanyOption = None, as_of: DayOption = None, as_json: JsonOption = False
) -> None:
    """Check configuration, credentials, base rates, clock and bank freshness before the night does."""
    found: list[dict[str, Any]] = []
    with told():
        office = office_of(config)
        for one, engine in companies_of(office, company):
            work = workplace(office, one, engine, as_of, watch=False)
            found += [{"company": one.id, **asdict(diagnosis)} for diagnosis in examine(work)]
    if as_json or asked.as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        table = Table("", "company", "what", "says", "what to do", box=None, padding=(0, 1))
        for line in found:
            mark = Text("ok", style="green") if line["well"] else Text("!!", style="bold red")
            todo = "" if line["well"] else line["what_to_do"]
            table.add_row(mark, line["company"], Text(line["what"]), Text(line["says"]), Text(todo))
        out.print(table)
    raise typer.Exit(DONE if all(line["well"] for line in found) else A_PERSON_IS_NEEDED)


@app.command()
def verify(config: ConfigOption = None, company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Check the decision log, the balances, and every booking against its decision."""
    results: list[dict[str, Any]] = []
    with told():
        office = office_of(config)
        for one, engine in companies_of(office, company):
            with reading(engine) as connection:
                results.append(verify_company(connection, one.id))
    if as_json or asked.as_json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        for result in results:
            _show_verified(result)
    raise typer.Exit(A_PERSON_IS_NEEDED if any(result["problems"] for result in results) else DONE)


def _show_verified(result: Mapping[str, Any]) -> None:
    whole = not result["problems"]
    words = "everything adds up" if whole else f"{len(result['problems'])} problems"
    out.print(Text(f"{result['company']}: {words}; {result['decisions']} decisions, head {result['head'][:16]}"))
    for problem in result["problems"]:
        out.print(Text(f"  {problem}", style="red"))
    for note in result["missing_statements"]:
        out.print(Text(f"  {note}", style="yellow"))
