"""The errands about cases: what became of an item outside our letters, and who answers for it now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.asked import CompanyOption, ConfigOption, WhoOption, date_of, decide, office_of, told
from config.country_laws import law_of
from review import cases
from storage.cases import CaseDecision, Succession

if TYPE_CHECKING:
    from dunning.countries import CountryLaw

case_app = typer.Typer(help="What became of a case: handed back, in court, written off, taken over.")


@case_app.command("note")
def note(
    debtor: str,
    decided: CaseDecision,
    item: Annotated[str, typer.Option("--document", "--item", help="Only this document number.")] = "",
    on: Annotated[str, typer.Option(help="Of a ground of default: the day it happened.", metavar="DATE")] = "",
    days: Annotated[int, typer.Option(help="Agreed days after an event.")] = 0,
    months: Annotated[int, typer.Option(help="Agreed months after an event.")] = 0,
    why: Annotated[str, typer.Option(help="The reason.")] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note what became of a debtor's open documents, or of one of them, or what puts it in default."""
    with told():
        happened_on = date_of(on, "--on") if on else None
    decide(
        config,
        company,
        who,
        lambda c, i, a: cases.note(
            c,
            i,
            a,
            debtor_number=debtor,
            document_number=item,
            decided=decided,
            why=why,
            law=_law(config, i),
            happened_on=happened_on,
            days=days,
            months=months,
        ),
    )


@case_app.command("succeeded")
def succeeded(
    debtor: str,
    successor: Annotated[str, typer.Argument(help="Who answers now; the debtor itself takes it back.")],
    reason: Annotated[Succession, typer.Option(help="Why.")],
    why: Annotated[str, typer.Option(help="A note: register entry, certificate of inheritance.")] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Let another debtor answer for the documents of one: after a merger, for the heirs, for a new number."""
    decide(
        config,
        company,
        who,
        lambda c, i, a: cases.succeed(
            c, i, a, debtor_number=debtor, successor_number=successor, reason=reason, why=why
        ),
    )


def _law(config: Path | None, company_id: str) -> CountryLaw:
    """Give the law of a configured company's country, which says when a claim is time-barred."""
    return next(law_of(one.country) for one in office_of(config).settings.company if one.id == company_id)
