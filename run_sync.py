"""Kontorist, the night clerk of an accounts-receivable office: the front door."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import (
    audit,
    backtest,
    base_rates,
    call,
    case,
    checks,
    connectors,
    desk,
    entries,
    explain_dunning,
    exports,
    hand_over,
    learned,
    message,
    model,
    nights,
    preview,
    receipt,
    rules,
)
from cli.asked import CompanyOption, ConfigOption, DayOption, JsonOption, asked
from night.logs import set_up_logging

VERSION = "0.1.0"

app = typer.Typer(
    name="kontorist",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="The night clerk of an accounts-receivable office. Without a command it runs a night.",
)
for errands in (nights.app, exports.app, checks.app, entries.app, backtest.app, preview.app):
    app.add_typer(errands)
app.command("connectors")(connectors.connectors)
app.command("connect")(connectors.connect)
app.add_typer(desk.review_app, name="review")
app.add_typer(desk.outbox_app, name="outbox")
app.add_typer(desk.hold_app, name="hold")
app.add_typer(call.call_app, name="call")
app.add_typer(case.case_app, name="case")
app.add_typer(hand_over.hand_over_app, name="hand-over")
app.command("limitation")(hand_over.limitation)
app.add_typer(message.message_app, name="message")
app.add_typer(receipt.receipt_app, name="receipt")
entries.explain_app.command("dunning")(explain_dunning.explain)
app.add_typer(entries.explain_app, name="explain")
app.add_typer(rules.rules_app, name="rules")
app.add_typer(audit.audit_app, name="audit")
app.add_typer(base_rates.base_rates_app, name="base-rates")
app.add_typer(model.model_app, name="model")
app.add_typer(learned.learned_app, name="learned")


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Remember the options that stand before the command; without a command, run a night."""
    if version:
        print(VERSION)
        raise typer.Exit
    asked.config, asked.company, asked.as_of, asked.as_json = config, company, as_of, as_json
    asked.clock = ask_the_clock
    asked.house = Path(__file__).resolve().parent / "config"
    asked.actor = f"kontorist {VERSION}"
    set_up_logging(verbose=verbose)
    if context.invoked_subcommand is None:
        nights.night()


def ask_the_clock() -> datetime:
    """Tell the time, with the zone of this machine; nobody else in the house asks."""
    return datetime.now().astimezone()


if __name__ == "__main__":
    app()
