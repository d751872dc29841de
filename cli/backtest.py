"""The errand that tries changed rules on the company's own past, before they are switched on (Rückrechnung)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from cli.asked import (
    CompanyOption,
    ConfigOption,
    JsonOption,
    Stop,
    asked,
    companies_of,
    date_of,
    day_of,
    err,
    office_of,
    out,
    told,
)
from ledger.money import Money
from night.backtest import UnusableChange, backtest_company, changed_rules, rules_of
from night.report import A_PERSON_IS_NEEDED, DONE, WRONG_USAGE
from storage.database import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from config.settings import Company
    from reconciliation.backtest import RuleSet
    from storage.database import Engine

app = typer.Typer()

_SHOWN: Final = 10
_REASONS_SHOWN: Final = 3

# In the order in which an accountant asks.
_LISTS: Final = (
    ("gained", "Gained: would be booked without you, and stand in the books just so"),
    ("lost", "Lost: are booked without you now, and would wait for you"),
    ("wrong", "Wrong: would be booked without you, and not as the books stand"),
    ("avoided", "Avoided: are booked wrongly now, and would wait for you"),
    ("unjudged", "Unjudged: would be booked without you, and nothing stands that could judge it"),
)
_VERDICTS: Final = (
    ("right", "booked, as the books stand"),
    ("wrong", "booked wrongly"),
    ("unjudged", "booked, and nothing stands"),
    ("not_booked", "left to a person, or set aside"),
)


@app.command()
def backtest(
    config: ConfigOption = None,
    company: CompanyOption = None,
    since: Annotated[str | None, typer.Option(help="Play the nights from this day on.", metavar="DATE")] = None,
    wanted: Annotated[
        list[str] | None,
        typer.Option("--set", help="A key of [company.matching], otherwise; may be repeated.", metavar="KEY=VALUE"),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Book from this probability on, certified or not.", metavar="P")
    ] = None,
    without_certificate: Annotated[
        bool, typer.Option("--without-certificate", help="Book by the named classes alone.")
    ] = False,
    every: Annotated[int, typer.Option(help="Days from one night to the next.", min=1, max=31)] = 1,
    as_json: JsonOption = False,
) -> None:
    """Play the past nights with changed settings, and show what would be gained, lost and wrong; changes nothing."""
    as_json = as_json or asked.as_json
    with told():
        if threshold is not None and without_certificate:
            raise Stop("--threshold and --without-certificate: say one of them", WRONG_USAGE)
        office = office_of(config)
        pairs = dict(_pair(one) for one in wanted or [])
        begin = date_of(since, "--since") if since else None
        results = [
            _played(
                one,
                engine,
                _changed(one, engine, pairs, threshold, without_certificate=without_certificate),
                begin,
                every,
            )
            for one, engine in companies_of(office, company)
        ]
        if as_json:
            print(json.dumps(results, ensure_ascii=False, indent=2))
        else:
            for result in results:
                _show(result)
    raise typer.Exit(A_PERSON_IS_NEEDED if any(result["newly_wrong"] for result in results) else DONE)


def _pair(written: str) -> tuple[str, str]:
    key, sign, value = (part.strip() for part in written.partition("="))
    if not sign or not key:
        raise Stop(f"--set {written}: write KEY=VALUE, such as skonto_grace_days=7", WRONG_USAGE)
    return key, value


def _changed(
    company: Company, engine: Engine, pairs: Mapping[str, str], threshold: float | None, *, without_certificate: bool
) -> RuleSet:
    with reading(engine) as connection:
        as_it_is = rules_of(connection, company)
    try:
        return changed_rules(
            as_it_is, company, pairs, threshold, without_certificate=without_certificate, today=day_of(None)
        )
    except UnusableChange as error:
        raise Stop(f"{company.id}: {error}", WRONG_USAGE) from None


def _played(company: Company, engine: Engine, tried: RuleSet, since: date | None, every: int) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        reading(engine) as connection,
        Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar,
    ):
        task = bar.add_task(company.id)

        def watched(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{company.id}: {step}", completed=done, total=total)

        return backtest_company(connection, company, tried, since=since, days_per_night=every, progress=watched)


def _show(result: Mapping[str, Any]) -> None:
    nights = "a night a day" if result["days_per_night"] == 1 else f"a night every {result['days_per_night']} days"
    days = f", {result['first_day']} to {result['last_day']}, {nights}" if result["entries"] else ""
    out.print(Text(f"{result['company']}: {result['entries']:,} entries{days}", style="bold"))
    for name, pair in result["tried"].items():
        out.print(Text(f"  tried: {name} = {_value(pair['tried'])} instead of {_value(pair['is'])}"))
    if not result["tried"]:
        out.print(Text("  nothing is changed: this is how the rules do as they are"))
    _show_verdicts(result)
    _show_classes(result["by_class"])
    for name, title in _LISTS:
        _show_list(title, result[name])
    if result["settled_otherwise"]:
        out.print(
            Text(
                f"{result['settled_otherwise']:,} items left the tool's list without a booking of ours. "
                "They are taken as open for as long as they were listed."
            ),
            soft_wrap=True,
        )


def _value(value: object) -> str:
    return "none" if value is None else str(value)


def _show_verdicts(result: Mapping[str, Any]) -> None:
    table = Table(box=None, padding=(0, 1))
    table.add_column()
    for heading in ("as it is", "", "changed", ""):
        table.add_column(heading, justify="right")
    for verdict, title in _VERDICTS:
        counted = (result[half][verdict] for half in ("as_it_is", "changed"))
        table.add_row(f"  {title}", *(cell for one in counted for cell in (f"{one['entries']:,}", _sum(one))))
    out.print(table)


def _show_classes(by_class: Mapping[str, Any]) -> None:
    table = Table("  by class of evidence", box=None, padding=(0, 1))
    changes = [name for name, _ in _LISTS if any(name in counted for counted in by_class.values())]
    for name in changes:
        table.add_column(name, justify="right")
    for evidence_class, counted in by_class.items():
        cells = (
            f"{counted[name]['entries']:,}: {_sum(counted[name])}" if name in counted else "" for name in changes
        )
        table.add_row(Text(f"  {evidence_class}"), *cells)
    if changes:
        out.print(table)


def _show_list(title: str, found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        return
    out.print(Text(f"{title} ({len(found):,})", style="bold"))
    for one in found[:_SHOWN]:
        amount = Money(one["amount_minor"], one["currency"])
        mark = "" if one["is_new"] else ", as now"
        out.print(
            Text(f"  {one['booked_on']}  {amount}  {one['payer']}  ({one['entry_id'][:12]}{mark})"), soft_wrap=True
        )
        for line in _lines(one):
            out.print(Text(f"      {line}", style="dim"), soft_wrap=True)
    if len(found) > _SHOWN:
        out.print(Text(f"  and {len(found) - _SHOWN:,} more (--json shows all)"))


def _lines(one: Mapping[str, Any]) -> Iterable[str]:
    before, after, stands = one["as_it_is"], one["changed"], one["stands"]
    if one["text"]:
        yield f"text: {one['text']}"
    if after["books"]:
        yield f"would be booked: {', '.join(after['books'])} ({after['evidence_class']})"
    if before["books"] and one["is_new"]:
        yield f"is booked now: {', '.join(before['books'])} ({before['evidence_class']})"
    if stands is not None and after["verdict"] != "right":
        yield f"stands: {', '.join(stands) or 'nothing, a person set it aside'}"
    if stands is None and after["books"] in one["taken_back"]:
        yield "a person took this booking back"
    yield from after["reasons"][:_REASONS_SHOWN]


def _sum(counted: Mapping[str, Any]) -> str:
    return " + ".join(str(Money(minor, currency)) for currency, minor in counted["minor"].items())
