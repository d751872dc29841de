"""The errands of the night: run it, rehearse it, run it every night, or only take in what came."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import schedule as timetable
import structlog
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.asked import (
    CompanyOption,
    ConfigOption,
    DayOption,
    JsonOption,
    Stop,
    asked,
    check_names,
    companies_of,
    err,
    now,
    office_of,
    out,
    told,
    workplace,
)
from config.loading import ConfigError, Office
from ledger.errors import ConnectorError
from night.intake import bring_in
from night.run import pull_only, rehearse_night, run_night
from night.screen import show_report
from night.workplace import no_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

app = typer.Typer()


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
    with told():
        office = office_of(config)
        check_names(office, company or asked.company or [])
    log = structlog.get_logger()
    told_to_stop = ""

    def _stop(signal_number: int, _frame: object) -> None:
        # Only remembered: logging here would wait for ever if the signal comes while a log line is being written.
        nonlocal told_to_stop
        told_to_stop = signal.Signals(signal_number).name

    def _night() -> None:
        # Whatever goes wrong tonight, tomorrow night is tried again.
        try:
            reports = _run_all(office_of(config), company, None, rehearse=False, watch=False)
        except (ConfigError, Stop, ConnectorError, OSError) as error:
            log.error("night failed", reason=str(error))  # noqa: TRY400 - the reason is for the operator
        except Exception:
            log.exception("night failed on a mistake of ours")
        else:
            log.info("night done", exit_codes={report["company"]: report["exit_code"] for report in reports})

    def _weeknight() -> None:
        if now().weekday() < 5:
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
    with told():
        office = office_of(config)
        reports = []
        for one, engine in companies_of(office, company):
            work = workplace(office, one, engine, as_of, watch=not as_json)
            if files:
                bring_in(work, files)
            reports.append(pull_only(work))
        _show(reports, office, as_json=as_json or asked.as_json)
    raise typer.Exit(max(report["exit_code"] for report in reports))


def _nights(
    config: Path | None, company: list[str] | None, as_of: str | None, *, as_json: bool, rehearse: bool
) -> None:
    with told():
        office = office_of(config)
        reports = _run_all(office, company, as_of, rehearse=rehearse, watch=not as_json)
        _show(reports, office, as_json=as_json)
    raise typer.Exit(max(report["exit_code"] for report in reports))


def _run_all(
    office: Office, company: list[str] | None, as_of: str | None, *, rehearse: bool, watch: bool
) -> list[dict[str, Any]]:
    reports = []
    for one, engine in companies_of(office, company):
        with _watched(watch=watch) as progress:
            work = replace(workplace(office, one, engine, as_of, watch=False), progress=progress)
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
        show_report(out, report, output=str(office.output_of(company)), config=str(office.path))


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
