"""The errands about the model: which one decides and what it promises, adapting it, and going back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    JsonOption,
    WhoOption,
    asked,
    companies_of,
    day_of,
    decide,
    office_of,
    out,
    told,
)
from ledger.errors import Refused
from night.model_status import status
from night.own_model import adapt
from night.report import A_PERSON_IS_NEEDED, DONE
from reconciliation.adaptation import FEWEST_ACCEPTED, FEWEST_DECISIONS
from storage.database import reading
from storage.own_models import reset_models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.database import Connection
    from storage.decisions import Author

model_app = typer.Typer(invoke_without_command=True, help="Which model decides, and what is certified of it.")


@model_app.callback()
def model_list(
    context: typer.Context,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which model and certificate decide now, and how drift and audit stand."""
    if context.invoked_subcommand is not None:
        return
    found: list[dict[str, Any]] = []
    with told():
        for one, engine in companies_of(office_of(config), company):
            with reading(engine) as connection:
                found.append(status(connection, one, day_of(as_of)))
    if as_json or asked.as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for one_status in found:
            _show(one_status)
    raise typer.Exit(A_PERSON_IS_NEEDED if any(one["held_back"] for one in found) else DONE)


@model_app.command("adapt")
def model_adapt(config: ConfigOption = None, company: CompanyOption = None, who: WhoOption = "") -> None:
    """Learn from the company's decisions now, instead of once a month."""

    def adapted(connection: Connection, company_id: str, author: Author) -> str:
        own = adapt(connection, company_id, author)
        if own is None:
            raise Refused(
                f"too few decisions of people: one in five teaches, at most five of one payer; {FEWEST_DECISIONS} "
                "of these are needed"
            )
        return own.model_id

    decide(config, company, who, adapted)


@model_app.command("reset")
def model_reset(
    why: Annotated[str, typer.Option("--why", help="Why; stands in the log.")] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Go back to the shipped model; it stays until `model adapt`."""
    decide(config, company, who, lambda c, i, a: reset_models(c, i, a, why))


def _show(found: Mapping[str, Any]) -> None:
    out.print(Text(found["company"], style="bold"))
    table = Table(show_header=False, box=None, padding=(0, 1))
    for what, says in _lines(found):
        table.add_row(f"  {what}", Text(says))
    out.print(table)


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    certificate = found["certificate"]
    yield "model", f"{found['model']}, from {found['decisions']:,} decisions"
    yield "certificate", _certificate(certificate)
    alone = "" if found["books_by_certificate"] else "; not used (book_by_certificate = false)"
    yield "books alone", f"from {certificate['threshold']:.2%} on{alone}"
    yield "own model", _own(found)
    for reason in found["held_back"]:
        yield "held back", reason
    yield "drift", found["drift"]["says"]
    audit = found["audit"]
    shown = f"at most {audit['bound']:.2%}" if audit["audited"] else "nothing known yet"
    yield "audit", f"{audit['wrong']} of {audit['audited']} were wrong, {shown}; {audit['waiting']} wait"


def _certificate(certificate: Mapping[str, Any]) -> str:
    return (
        f"of {certificate['issued_on']}: {certificate['errors']} of {certificate['accepted']:,} were wrong, at most "
        f"{certificate['bound']:.2%} with {certificate['confidence']:.0%} confidence; promised are "
        f"{certificate['target']:.2%}; sample {certificate['sample']}"
    )


def _own(found: Mapping[str, Any]) -> str:
    own = found["own"]
    if own is None:
        return f"none yet: {found['labels']:,} decisions of people" + (
            f"; reset on {found['reset_on']}" if found["reset_on"] else ""
        )
    certified = "certified" if own["is_certified"] else f"not certified ({FEWEST_ACCEPTED:,} accepted are needed)"
    return f"{own['model_id']} of {own['adapted_on']}, {own['labels']:,} decisions of people, {certified}"
