"""The errands about receipt (Zugang): letters given to the post, confirmed by the debtor, or brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.asked import CompanyOption, ConfigOption, WhoOption, date_of, decide, out, told
from night.proofs import note_confirmed, note_posted, note_returned

if TYPE_CHECKING:
    from datetime import date

receipt_app = typer.Typer(help="When letters and mails reached the debtor, and what proves it.")

LetterArgument = Annotated[str, typer.Argument(help="The number of the letter or mail: M-2026-00001.")]
OnOption = Annotated[str, typer.Option("--on", help="The day; today.", metavar="DATE")]


@receipt_app.command("posted")
def posted(
    letters: Annotated[list[str] | None, typer.Argument(help="Letter numbers; else all not yet noted.")] = None,
    batch: Annotated[str, typer.Option(help="The letters of this print batch: Druckstapel_2026-07-01_1.")] = "",
    on: OnOption = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note on which day letters were really given to the post."""
    day = _day(on)
    noted: list[str] = []
    decide(
        config,
        company,
        who,
        lambda c, i, a: noted.extend(
            note_posted(c, i, a, posted_on=day or a.run_date, batch_id=batch, letters=letters or ())
        ),
    )
    out.print(Text(f"Noted for {len(noted)} letters." if noted else "There is no letter to note that for."))


@receipt_app.command("confirmed")
def confirmed(
    letter: LetterArgument,
    on: OnOption = "",
    how: Annotated[str, typer.Option(help="How we know: advice of receipt, his mail of yesterday.")] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note that the debtor has a letter or mail; this beats every assumption and every bounce."""
    day = _day(on)
    decide(
        config,
        company,
        who,
        lambda c, i, a: note_confirmed(c, i, a, letter=letter, received_on=day or a.run_date, how=how),
    )


@receipt_app.command("returned")
def returned(
    letter: LetterArgument,
    on: OnOption = "",
    why: Annotated[str, typer.Option(help="What the post wrote on it: moved, unknown.")] = "",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Note that the post brought a letter back: what it said was not said, and its address is used no more."""
    day = _day(on)
    decide(
        config,
        company,
        who,
        lambda c, i, a: note_returned(c, i, a, letter=letter, returned_on=day or a.run_date, why=why),
    )


def _day(written: str) -> date | None:
    with told():
        return date_of(written, "--on") if written else None
