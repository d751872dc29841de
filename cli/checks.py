"""The errands that look and change nothing: the doctor before the night, the statements, and the verification."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    JsonOption,
    Stop,
    asked,
    check_names,
    companies_of,
    office_of,
    out,
    told,
    workplace,
)
from night.doctor import examine
from night.report import A_PERSON_IS_NEEDED, DONE, WRONG_USAGE
from night.statements_overview import needs_a_person, overview
from night.statements_screen import show_overview
from night.verify import verify as verify_company
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.loading import Office

# Without a wish for one account, so many of its statements are listed.
_MOST_STATEMENTS = 12

AccountOption = Annotated[str | None, typer.Option("--account", help="Only this IBAN.", metavar="IBAN")]
MonthsOption = Annotated[int, typer.Option("--months", help="How many months to show.", min=1, max=120)]

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
def statements(
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    account: AccountOption = None,
    months: MonthsOption = 6,
    as_json: JsonOption = False,
) -> None:
    """Show which bank statements came, on which days, and what is missing."""
    found: list[dict[str, Any]] = []
    with told():
        office = office_of(config)
        wanted = _accounts_of(office, company or asked.company or [], account)
        for one, engine in companies_of(office, company):
            work = workplace(office, one, engine, as_of, watch=False)
            with reading(engine) as connection:
                found.append(overview(connection, work, wanted[one.id], months=months))
    if as_json or asked.as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for one_told in found:
            show_overview(out, one_told, most_rows=None if account else _MOST_STATEMENTS)
    raise typer.Exit(A_PERSON_IS_NEEDED if any(map(needs_a_person, found)) else DONE)


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


def _accounts_of(office: Office, companies: list[str], wanted: str | None) -> dict[str, list[str]]:
    """Give the accounts to show of each company; refuse one that none of the companies has."""
    check_names(office, companies)
    iban = "".join(wanted.split()).upper() if wanted else None
    known = {one.id: one.own_accounts for one in office.settings.company if not companies or one.id in companies}
    if iban is not None and not any(iban in own for own in known.values()):
        names = ", ".join(own for accounts in known.values() for own in accounts) or "no account"
        raise Stop(f"--account: {wanted} is not configured; there is {names}", WRONG_USAGE)
    return {company: [own for own in accounts if iban in {None, own}] for company, accounts in known.items()}


def _show_verified(result: Mapping[str, Any]) -> None:
    whole = not result["problems"]
    words = "everything adds up" if whole else f"{len(result['problems'])} problems"
    out.print(Text(f"{result['company']}: {words}; {result['decisions']} decisions, head {result['head'][:16]}"))
    for problem in result["problems"]:
        out.print(Text(f"  {problem}", style="red"))
    for note in result["missing_statements"]:
        out.print(Text(f"  {note}", style="yellow"))
