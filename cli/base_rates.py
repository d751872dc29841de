"""The errands about base rates (Basiszinssatz): showing what is known, and adding what was newly published."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from cli.asked import ConfigOption, JsonOption, Stop, asked, date_of, now, office_of, out, told
from config.loading import BASE_RATE_COUNTRIES, own_base_rates
from dunning.base_rate_update import BaseRateUpdate, add_base_rates, base_rate_row, merge_base_rates
from dunning.interest import BaseRate
from ledger.numerals import UnreadableNumber, read_decimal
from night.report import WRONG_USAGE

if TYPE_CHECKING:
    from config.loading import Office
    from dunning.interest import BaseRates

# A rate is published about ten days before its half-year; one for later days is a slip of the pen.
_PUBLISHED_BEFORE: Final = timedelta(days=31)
_HEAD: Final = """\
# Base rates that were added after the program was made, in percent per year from each 1 January and 1 July.
# Written by `run_sync.py base-rates add`; each row is checked against the table that came with the program.
valid_from,percent
"""

base_rates_app = typer.Typer(no_args_is_help=True, help="The base rate (Basiszinssatz) that default interest needs.")

CountryOption = Annotated[str, typer.Option("--country", help="DE or AT.")]


@base_rates_app.command("show")
def base_rates_show(country: CountryOption = "DE", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every base rate that is known, and until when interest is certain."""
    with told():
        rates = _rates(office_of(config), _known(country))
    if as_json or asked.as_json:
        rows = [{"valid_from": rate.valid_from.isoformat(), "percent": str(rate.percent)} for rate in rates.rates]
        print(json.dumps({"country": country.upper(), "known_until": rates.known_until.isoformat(), "rates": rows}))
        return
    table = Table("from", "percent", box=None, padding=(0, 1))
    for rate in rates.rates:
        table.add_row(rate.valid_from.isoformat(), f"{rate.percent}")
    out.print(table)
    out.print(f"Interest is certain until {rates.known_until}; later days are computed provisionally.")


@base_rates_app.command("add")
def base_rates_add(
    first_day: Annotated[str, typer.Option("--from", help="1 January or 1 July.", metavar="DATE")] = "",
    percent: Annotated[str, typer.Option("--percent", help="The rate, such as 1.77.", metavar="P")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="Or rows of a file: ours, or the Bundesbank's.")] = None,
    country: CountryOption = "DE",
    config: ConfigOption = None,
) -> None:
    """Add a newly published base rate; no network is needed, and an implausible one is refused."""
    with told():
        country = _known(country)
        office = office_of(config)
        update = _update(_rates(office, country), first_day, percent, file)
        _write(own_base_rates(office.path, country), update)
    for rate in update.added:
        out.print(f"Added: {rate.percent} % from {rate.valid_from} on.")
    if not update.added:
        out.print("Nothing is new in it.")
    out.print(f"Interest is certain until {update.rates.known_until}.")


def _known(country: str) -> str:
    if country.upper() not in BASE_RATE_COUNTRIES:
        raise Stop(f"--country: {country!r} has no base rate; write {' or '.join(BASE_RATE_COUNTRIES)}", WRONG_USAGE)
    return country.upper()


def _rates(office: Office, country: str) -> BaseRates:
    return office.foreign_rates.get(country, office.rates)


def _update(known: BaseRates, first_day: str, percent: str, file: Path | None) -> BaseRateUpdate:
    if bool(first_day and percent) == bool(file) or bool(first_day) != bool(percent):
        raise Stop("write --from DATE with --percent P, or --file FILE", WRONG_USAGE)
    try:
        update = (
            merge_base_rates(known, file.read_text(encoding="utf-8-sig"))
            if file
            else add_base_rates(known, [_asked_for(first_day, percent)])
        )
    except UnicodeDecodeError:
        raise Stop(f"--file: {file} is not UTF-8; save it as UTF-8", WRONG_USAGE) from None
    except ValueError as error:
        raise Stop(f"{file or '--from, --percent'}: {error}", WRONG_USAGE) from None
    _refuse_the_future(update, now().date())
    return update


def _asked_for(first_day: str, percent: str) -> BaseRate:
    try:
        return BaseRate(valid_from=date_of(first_day, "--from"), percent=read_decimal(percent))
    except UnreadableNumber as error:
        raise Stop(f"--percent: {error}", WRONG_USAGE) from None


def _refuse_the_future(update: BaseRateUpdate, today: date) -> None:
    for rate in update.added:
        if rate.valid_from > today + _PUBLISHED_BEFORE:
            raise Stop(f"the rate of {rate.valid_from} cannot be published by {today}; check the day", WRONG_USAGE)


def _write(file: Path, update: BaseRateUpdate) -> None:
    if not update.added:
        return
    before = file.read_text(encoding="utf-8-sig") if file.exists() else _HEAD
    rows = "".join(f"{base_rate_row(rate)}\n" for rate in update.added)
    whole = f"{before.rstrip()}\n{rows}"
    # Written apart and then renamed, so that a crash leaves the old file or the new one.
    beside = file.with_suffix(".csv.new")
    beside.write_text(whole, encoding="utf-8")
    beside.replace(file)
