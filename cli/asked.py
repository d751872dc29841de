"""What was asked on the command line: the options, the configuration they mean, and how mistakes are told."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from rich.console import Console
from rich.text import Text

from config.loading import ConfigError, Office, load_office, smtp_password
from ledger.errors import ConnectorError
from ledger.numerals import UnreadableDate, read_date
from night.report import COULD_NOT_FINISH, DONE, WRONG_USAGE
from night.workplace import Workplace, no_progress
from storage.database import open_database, transaction
from storage.decisions import Author

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.settings import Company
    from storage.database import Connection, Engine

# Where no terminal says how wide it is, a mail or log reader takes this well.
WIDTH = 118

out = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH)
err = Console(stderr=True, width=None if sys.stderr.isatty() or "COLUMNS" in os.environ else WIDTH)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration file.", show_default="kontorist.toml")
]
CompanyOption = Annotated[list[str] | None, typer.Option("--company", help="Only this company; may be repeated.")]
DayOption = Annotated[str | None, typer.Option("--as-of", help="The day to work as of.", metavar="DATE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
WhoOption = Annotated[str, typer.Option("--who", help="Who decides; stands in the log.", envvar="KONTORIST_WHO")]


def _no_clock() -> datetime:
    raise AssertionError("the front door sets the clock before any command runs")


@dataclass(slots=True)
class Asked:
    """The options given before the command (a command's own option wins), and what the front door brings along."""

    config: Path | None = None
    company: list[str] | None = None
    as_of: str | None = None
    as_json: bool = False
    clock: Callable[[], datetime] = _no_clock
    house: Path = Path()  # the folder of the shipped defaults
    actor: str = ""  # the engine and its version, as the decision log names it


asked = Asked()


class Stop(Exception):
    """Ends the program with a message and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        self.code = code
        super().__init__(message)


def office_of(config: Path | None) -> Office:
    """Load the configuration that was asked for; raise ConfigError with all mistakes."""
    return load_office(config or asked.config or Path("kontorist.toml"), house=asked.house)


def companies_of(office: Office, wanted: list[str] | None) -> Iterator[tuple[Company, Engine]]:
    """Give the companies that were asked for, each with the open database."""
    wanted = wanted or asked.company or []
    check_names(office, wanted)
    engine = open_database(office.settings.database, base=office.base)
    try:
        for company in office.settings.company:
            if not wanted or company.id in wanted:
                yield company, engine
    finally:
        engine.dispose()


def check_names(office: Office, wanted: list[str]) -> None:
    """Refuse a company that is not configured."""
    known = [company.id for company in office.settings.company]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise Stop(f"--company: {', '.join(unknown)} is not configured; there is {', '.join(known)}", WRONG_USAGE)


def workplace(office: Office, company: Company, engine: Engine, as_of: str | None, *, watch: bool) -> Workplace:
    """Give the workplace of one company's night."""
    smtp = office.settings.smtp
    try:
        password = smtp_password(smtp, office.base, os.environ) if smtp else ""
    except ValueError as error:
        raise ConfigError(office.path, [str(error)]) from None
    return Workplace(
        office=office,
        company=company,
        engine=engine,
        author=Author(actor=asked.actor, now=now(), run_date=day_of(as_of)),
        smtp=smtp.with_password(password) if smtp else None,
        progress=no_progress,
    )


def person(who: str) -> Author:
    """Give the person at the keyboard, who decides now; ``--as-of`` before the command says for which day."""
    return Author(actor=who or os.environ.get("USER") or "unknown person", now=now(), run_date=day_of(None))


def now() -> datetime:
    """Tell the time as the front door read it."""
    return asked.clock()


def day_of(as_of: str | None) -> date:
    """Give the day to work as of: the one that was asked for, or today."""
    written = as_of or asked.as_of
    return date_of(written, "--as-of") if written else now().date()


def date_of(written: str, option: str) -> date:
    """Read a date that an option carries; refuse what is none, naming the option."""
    try:
        return read_date(written)
    except UnreadableDate as error:
        raise Stop(f"{option}: {error}", WRONG_USAGE) from None


def decide(
    config: Path | None,
    company: list[str] | None,
    who: str,
    decision: Callable[[Connection, str, Author], object],
    *,
    as_json: bool = False,
) -> None:
    """Record one decision of a person, in one company."""
    with told():
        office = office_of(config)
        companies = list(companies_of(office, company))
        if len(companies) != 1:
            raise Stop("several companies are configured: say which one with --company", WRONG_USAGE)
        ((one, engine),) = companies
        with transaction(engine, one.id) as connection:
            decided = decision(connection, one.id, person(who))
    if as_json:
        print(json.dumps({"recorded": decided if isinstance(decided, str) else ""}, ensure_ascii=False))
        return
    # A hold has a name of its own, by which it is lifted again.
    out.print(f"Recorded as {decided}." if isinstance(decided, str) else "Recorded.")


@contextmanager
def told() -> Iterator[None]:
    """Turn what a person can repair into a message and an exit code, without a traceback."""
    try:
        yield
    except ConfigError as error:
        err.print(Text(str(error)), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from None
    except Stop as error:
        err.print(Text(str(error)), soft_wrap=True)
        raise typer.Exit(error.code) from None
    except BrokenPipeError:
        # Whoever read our output has seen enough (… | head); nothing may complain while Python says goodbye.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(DONE) from None
    except (ConnectorError, OSError) as error:
        err.print(Text(str(error)), soft_wrap=True)
        raise typer.Exit(COULD_NOT_FINISH) from None
    except KeyboardInterrupt:
        err.print(Text("Interrupted. What was done is kept; the next night goes on from there."), soft_wrap=True)
        raise typer.Exit(COULD_NOT_FINISH) from None
    except typer.Exit:
        raise
    except Exception:
        # Loud, with everything that helps to repair it; and never with the code that means "done".
        log = structlog.get_logger()
        log.exception("a mistake of ours")
        raise typer.Exit(COULD_NOT_FINISH) from None
