"""Kontorist, the night clerk of an accounts-receivable office: the front door."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import schedule as timetable
import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from config.loading import ConfigError, Office, load_office, smtp_password
from demo.company import write_demo
from dunning.hold import HoldReason
from export.tables.matches import MATCHES
from export.tables.notices import NOTICES
from export.tables.open_items import OPEN_ITEMS
from export.tables.table import write_csv, write_jsonl
from ledger.errors import ConnectorError
from ledger.numerals import UnreadableDate, read_date
from night.doctor import examine
from night.exports import match_rows, notice_rows, open_item_rows
from night.intake import bring_in
from night.logs import set_up_logging
from night.outbox_desk import OutboxAnswer, answer_outbox, show_outbox
from night.report import A_PERSON_IS_NEEDED, COULD_NOT_FINISH, DONE, WRONG_USAGE
from night.run import pull_only, rehearse_night, run_night
from night.screen import show_report
from night.verify import verify as verify_company
from night.workplace import Workplace, no_progress
from review import desk, terminal
from storage.database import open_database, reading, transaction
from storage.decisions import Author
from storage.holds import load_holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from config.settings import Company
    from storage.database import Connection, Engine

VERSION = "0.1.0"
HOUSE = Path(__file__).resolve().parent / "config"
ENGINE_ACTOR = f"kontorist {VERSION}"

app = typer.Typer(
    name="kontorist",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="The night clerk of an accounts-receivable office. Without a command it runs a night.",
)
review_app = typer.Typer(invoke_without_command=True, help="What waits for a person, and deciding it.")
outbox_app = typer.Typer(invoke_without_command=True, help="What waits to be sent, and answering for it.")
hold_app = typer.Typer(help="Keep a debtor or an item out of dunning.")
app.add_typer(review_app, name="review")
app.add_typer(outbox_app, name="outbox")
app.add_typer(hold_app, name="hold")

# Where no terminal says how wide it is, a mail or log reader takes this well.
WIDTH = 118

out = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH)
err = Console(stderr=True, width=None if sys.stderr.isatty() or "COLUMNS" in os.environ else WIDTH)


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


class ExportKind(StrEnum):
    """What can be exported."""

    MATCHES = "matches"
    NOTICES = "notices"
    OPEN_ITEMS = "open-items"


ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration file.", show_default="kontorist.toml")
]
CompanyOption = Annotated[list[str] | None, typer.Option("--company", help="Only this company; may be repeated.")]
DayOption = Annotated[str | None, typer.Option("--as-of", help="The day to work as of.", metavar="DATE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
WhoOption = Annotated[str, typer.Option("--who", help="Who decides; stands in the log.", envvar="KONTORIST_WHO")]


@dataclass(slots=True)
class Asked:
    """The options given before the command; a command's own option wins."""

    config: Path | None = None
    company: list[str] | None = None
    as_of: str | None = None
    as_json: bool = False
    verbose: bool = False


asked = Asked()


class Stop(Exception):
    """Ends the program with a message and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        self.code = code
        super().__init__(message)


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
    asked.config, asked.company, asked.as_of, asked.as_json, asked.verbose = config, company, as_of, as_json, verbose
    set_up_logging(verbose=verbose)
    if context.invoked_subcommand is None:
        night()


@app.command()
def night(
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Rehearse only; the same as `plan`.")] = False,
) -> None:
    """Run one night: pull, reconcile, dun, hand over, send, report."""
    _nights(config, company, as_of, as_json=as_json or asked.as_json, rehearse=dry_run)


@app.command()
def plan(
    config: ConfigOption = None, company: CompanyOption = None, as_of: DayOption = None, as_json: JsonOption = False
) -> None:
    """Rehearse a night: show everything it would do, and change nothing."""
    _nights(config, company, as_of, as_json=as_json or asked.as_json, rehearse=True)


@app.command("schedule")
def keep_schedule(config: ConfigOption = None, company: CompanyOption = None) -> None:
    """Stay resident and run a night every day at the configured time; stop cleanly on SIGTERM."""
    with _told():
        office = _office(config)
        _check_names(office, company or asked.company or [])
    log = structlog.get_logger()
    told_to_stop = ""

    def _stop(signal_number: int, _frame: object) -> None:
        # Only remembered: logging here would wait for ever if the signal comes while a log line is being written.
        nonlocal told_to_stop
        told_to_stop = signal.Signals(signal_number).name

    def _night() -> None:
        # Whatever goes wrong tonight, tomorrow night is tried again.
        try:
            reports = _run_all(_office(config), company, None, rehearse=False, watch=False)
        except (ConfigError, Stop, ConnectorError, OSError) as error:
            log.error("night failed", reason=str(error))  # noqa: TRY400 - the reason is for the operator
        except Exception:
            log.exception("night failed on a mistake of ours")
        else:
            log.info("night done", exit_codes={report["company"]: report["exit_code"] for report in reports})

    def _weeknight() -> None:
        if _now().weekday() < 5:
            _night()

    settings = office.settings.schedule
    timetable.every().day.at(settings.at).do(_weeknight if settings.weekdays_only else _night)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    log.info("resident", next_night=str(timetable.next_run()))
    while not told_to_stop:
        timetable.run_pending()
        time.sleep(1)
    log.info("stopped", signal=told_to_stop)


@app.command("import")
def import_files(
    files: Annotated[list[Path] | None, typer.Argument(help="Statement files; none: only read what waits.")] = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read open items and statements now, without matching or dunning."""
    with _told():
        office = _office(config)
        reports = []
        for one, engine in _companies(office, company):
            work = _workplace(office, one, engine, as_of, watch=not as_json)
            if files:
                bring_in(work, files)
            reports.append(pull_only(work))
        _show(reports, office, as_json=as_json or asked.as_json)
    raise typer.Exit(max(report["exit_code"] for report in reports))


@app.command()
def export(
    kind: Annotated[ExportKind, typer.Argument(help="What to export.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    as_of: DayOption = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.JSONL,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")] = None,
    run_date: Annotated[str | None, typer.Option("--run-date", help="Only notices of this run.")] = None,
) -> None:
    """Write matches, notices or open items as JSONL or CSV."""
    with _told():
        office = _office(config)
        today = _day(as_of)
        wanted = _date_of(run_date, "--run-date") if run_date else None
        rows = list(_rows(office, company, kind, today, wanted))
        table = {ExportKind.MATCHES: MATCHES, ExportKind.NOTICES: NOTICES, ExportKind.OPEN_ITEMS: OPEN_ITEMS}[kind]
        if output is not None:
            encoding = "utf-8-sig" if form is Format.CSV else "utf-8"
            with output.open("w", encoding=encoding, newline="") as file:
                write_csv(rows, file, table) if form is Format.CSV else write_jsonl(rows, file)
        elif form is Format.CSV:
            write_csv(rows, sys.stdout, table)
        else:
            write_jsonl(rows, sys.stdout)


@app.command()
def doctor(
    config: ConfigOption = None, company: CompanyOption = None, as_of: DayOption = None, as_json: JsonOption = False
) -> None:
    """Check configuration, credentials, base rates, clock and bank freshness before the night does."""
    found: list[dict[str, Any]] = []
    with _told():
        office = _office(config)
        for one, engine in _companies(office, company):
            work = _workplace(office, one, engine, as_of, watch=False)
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
    with _told():
        office = _office(config)
        for one, engine in _companies(office, company):
            with reading(engine) as connection:
                results.append(verify_company(connection, one.id))
    if as_json or asked.as_json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        for result in results:
            _show_verified(result)
    raise typer.Exit(A_PERSON_IS_NEEDED if any(result["problems"] for result in results) else DONE)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    seed: Annotated[int, typer.Option(help="Another seed is another company.")] = 2026,
) -> None:
    """Write a believable invented company: debtors, open items and three months of statements."""
    with _told():
        if folder.exists() and any(folder.iterdir()):
            raise Stop(f"{folder}: the folder is not empty; name a new one, nothing was written", WRONG_USAGE)
        summary = write_demo(folder, seed=seed)
    out.print(
        Text(
            f"{folder}: {summary.company}, {summary.debtors} debtors, {summary.items} open items, {summary.payments} "
            f"payments on {summary.statements} statements from {summary.first_day} to {summary.last_day}"
        )
    )
    out.print(
        Text(f"Now: run_sync.py night --config {folder / 'kontorist.toml'} --as-of {_next_day(summary.last_day)}")
    )


@review_app.callback(invoke_without_command=True)
def review(
    context: typer.Context,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Show what waits; on a terminal, decide it with one key each."""
    if context.invoked_subcommand is not None:
        return
    with _told():
        office = _office(config)
        for one, engine in _companies(office, company):
            out.print(Text(one.name, style="bold"))
            if sys.stdin.isatty() and out.is_terminal:
                terminal.session(out, engine, one.id, _person(who))
            else:
                terminal.show_queue(out, engine, one.id)


@review_app.command("accept")
def review_accept(
    entry_id: str,
    proposal: Annotated[int, typer.Option(help="1 is the best.")] = 1,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Book a proposal as it stands."""
    _decide(config, company, who, lambda c, i, a: desk.accept(c, i, a, entry_id, proposal))


@review_app.command("assign")
def review_assign(
    entry_id: str,
    parts: Annotated[list[str], typer.Argument(help="RE-1=100,00 RE-2=19,00")],
    currency: str = "EUR",
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Split an entry over documents by hand."""
    try:
        read = terminal.read_parts(" ".join(parts), currency)
    except ValueError as error:
        err.print(Text(f"review assign: {error}"), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from None
    _decide(config, company, who, lambda c, i, a: desk.assign(c, i, a, entry_id, read))


@review_app.command("on-account")
def review_on_account(
    entry_id: str, debtor: str, config: ConfigOption = None, company: CompanyOption = None, who: WhoOption = ""
) -> None:
    """Keep an entry as credit of a debtor."""
    _decide(config, company, who, lambda c, i, a: desk.put_on_account(c, i, a, entry_id, debtor))


@review_app.command("ignore")
def review_ignore(
    entry_id: str,
    reason: Annotated[str, typer.Option(help="Why it is not ours.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Say that an entry is not about receivables."""
    _decide(config, company, who, lambda c, i, a: desk.set_aside(c, i, a, entry_id, reason))


@review_app.command("undo")
def review_undo(
    entry_id: str,
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Take back whatever was decided on an entry."""
    _decide(config, company, who, lambda c, i, a: desk.undo(c, i, a, entry_id, reason))


@outbox_app.callback(invoke_without_command=True)
def outbox(context: typer.Context, config: ConfigOption = None, company: CompanyOption = None) -> None:
    """List what waits to be sent, and what may or may not have been sent."""
    if context.invoked_subcommand is not None:
        return
    with _told():
        office = _office(config)
        table = Table("company", "effect", "status", "to", "says", box=None, padding=(0, 1))
        for one, engine in _companies(office, company):
            with reading(engine) as connection:
                for effect in show_outbox(connection, one.id):
                    status = "waits for release" if effect.needs_release else effect.status.value
                    target = ", ".join(effect.recipients) or effect.path
                    table.add_row(one.id, Text(effect.outbox_id), status, Text(target), Text(effect.message))
    out.print(table if table.row_count else "Nothing waits.")


@outbox_app.command("answer")
def outbox_answer(
    outbox_id: str,
    answer: Annotated[OutboxAnswer, typer.Argument(help="release, sent, again or cancel")],
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Release an effect, or say whether it arrived."""
    _decide(config, company, who, lambda c, i, a: answer_outbox(c, i, a, outbox_id, answer))


@hold_app.command("place")
def hold_place(
    debtor: str,
    reason: Annotated[HoldReason, typer.Option(help="Why.")],
    item: Annotated[str, typer.Option(help="Only this document number.")] = "",
    note: Annotated[str, typer.Option(help="What was said.")] = "",
    until: Annotated[str | None, typer.Option(help="Last day of silence.", metavar="DATE")] = None,
    config: ConfigOption = None,
    company: CompanyOption = None,
    who: WhoOption = "",
) -> None:
    """Keep a debtor, or one of its documents, out of dunning."""
    with _told():
        last_day = _date_of(until, "--until") if until else None
    _decide(
        config,
        company,
        who,
        lambda c, i, a: desk.hold(
            c, i, a, debtor_number=debtor, document_number=item, reason=reason, note=note, expires_on=last_day
        ),
    )


@hold_app.command("lift")
def hold_lift(hold_id: str, config: ConfigOption = None, company: CompanyOption = None, who: WhoOption = "") -> None:
    """End a hold."""
    _decide(config, company, who, lambda c, i, a: desk.lift(c, i, a, hold_id))


@hold_app.command("list")
def hold_list(config: ConfigOption = None, company: CompanyOption = None) -> None:
    """List the holds that stand."""
    with _told():
        office = _office(config)
        table = Table(
            "company", "hold", "debtor", "item", "reason", "until", "owner", "note", box=None, padding=(0, 1)
        )
        for one, engine in _companies(office, company):
            with reading(engine) as connection:
                for row in load_holds(connection, one.id):
                    until = row["expires_on"].isoformat() if row["expires_on"] else "it is lifted"
                    cells = (row["debtor_number"], row["item_id"], row["reason"], until, row["owner"], row["note"])
                    table.add_row(one.id, row["hold_id"], *(Text(cell) for cell in cells))
    out.print(table if table.row_count else "Nobody is on hold.")


def _nights(
    config: Path | None, company: list[str] | None, as_of: str | None, *, as_json: bool, rehearse: bool
) -> None:
    with _told():
        office = _office(config)
        reports = _run_all(office, company, as_of, rehearse=rehearse, watch=not as_json)
        _show(reports, office, as_json=as_json)
    raise typer.Exit(max(report["exit_code"] for report in reports))


def _run_all(
    office: Office, company: list[str] | None, as_of: str | None, *, rehearse: bool, watch: bool
) -> list[dict[str, Any]]:
    reports = []
    for one, engine in _companies(office, company):
        with _watched(watch=watch) as progress:
            work = replace(_workplace(office, one, engine, as_of, watch=False), progress=progress)
            reports.append(rehearse_night(work) if rehearse else run_night(work))
    return reports


def _show(reports: list[dict[str, Any]], office: Office, *, as_json: bool) -> None:
    """Print one report as an object; several companies as an object with a list."""
    if as_json:
        body: Mapping[str, Any] = reports[0] if len(reports) == 1 else {"companies": reports}
        print(json.dumps(body, ensure_ascii=False, indent=2))
        return
    for report in reports:
        company = next(c for c in office.settings.company if c.id == report["company"])
        show_report(out, report, output=str(office.output_of(company)))


def _show_verified(result: Mapping[str, Any]) -> None:
    whole = not result["problems"]
    words = "everything adds up" if whole else f"{len(result['problems'])} problems"
    out.print(Text(f"{result['company']}: {words}; {result['decisions']} decisions, head {result['head'][:16]}"))
    for problem in result["problems"]:
        out.print(Text(f"  {problem}", style="red"))
    for note in result["missing_statements"]:
        out.print(Text(f"  {note}", style="yellow"))


def _rows(
    office: Office, company: list[str] | None, kind: ExportKind, today: date, run_date: date | None
) -> Iterator[Mapping[str, Any]]:
    for one, engine in _companies(office, company):
        with reading(engine) as connection:
            match kind:
                case ExportKind.MATCHES:
                    yield from match_rows(connection, one.id)
                case ExportKind.NOTICES:
                    yield from notice_rows(connection, one.id, run_date)
                case ExportKind.OPEN_ITEMS:
                    yield from open_item_rows(connection, one.id, today)


def _decide(
    config: Path | None,
    company: list[str] | None,
    who: str,
    decision: Callable[[Connection, str, Author], object],
) -> None:
    """Record one decision of a person, in one company."""
    with _told():
        office = _office(config)
        companies = list(_companies(office, company))
        if len(companies) != 1:
            raise Stop("several companies are configured: say which one with --company", WRONG_USAGE)
        ((one, engine),) = companies
        with transaction(engine, one.id) as connection:
            decided = decision(connection, one.id, _person(who))
    # A hold has a name of its own, by which it is lifted again.
    out.print(f"Recorded as {decided}." if isinstance(decided, str) else "Recorded.")


def _office(config: Path | None) -> Office:
    return load_office(config or asked.config or Path("kontorist.toml"), house=HOUSE)


def _companies(office: Office, wanted: list[str] | None) -> Iterator[tuple[Company, Engine]]:
    wanted = wanted or asked.company or []
    _check_names(office, wanted)
    engine = open_database(office.settings.database, base=office.base)
    try:
        for company in office.settings.company:
            if not wanted or company.id in wanted:
                yield company, engine
    finally:
        engine.dispose()


def _check_names(office: Office, wanted: list[str]) -> None:
    known = [company.id for company in office.settings.company]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise Stop(f"--company: {', '.join(unknown)} is not configured; there is {', '.join(known)}", WRONG_USAGE)


def _workplace(office: Office, company: Company, engine: Engine, as_of: str | None, *, watch: bool) -> Workplace:
    smtp = office.settings.smtp
    try:
        password = smtp_password(smtp, office.base, os.environ) if smtp else ""
    except ValueError as error:
        raise ConfigError(office.path, [str(error)]) from None
    return Workplace(
        office=office,
        company=company,
        engine=engine,
        author=Author(actor=ENGINE_ACTOR, now=_now(), run_date=_day(as_of)),
        smtp=smtp.with_password(password) if smtp else None,
        progress=no_progress,
    )


def _person(who: str) -> Author:
    now = _now()
    return Author(actor=who or os.environ.get("USER") or "unknown person", now=now, run_date=now.date())


def _now() -> datetime:
    """Ask the clock; nobody else does."""
    return datetime.now().astimezone()


def _day(as_of: str | None) -> date:
    written = as_of or asked.as_of
    return _date_of(written, "--as-of") if written else _now().date()


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _date_of(written: str, option: str) -> date:
    try:
        return read_date(written)
    except UnreadableDate as error:
        raise Stop(f"{option}: {error}", WRONG_USAGE) from None


@contextmanager
def _watched(*, watch: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far the night is, where a person watches."""
    if not (watch and err.is_terminal):
        yield no_progress
        return
    columns = (TextColumn("[cyan]{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=1)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


@contextmanager
def _told() -> Iterator[None]:
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


if __name__ == "__main__":
    app()
