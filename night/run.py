"""One night of one company, from the first look into the inbox to the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from export.letterhead import missing_for_letters
from ledger.errors import ConnectorError
from ledger.finding import Finding, Severity
from night.agreements import settle_agreements
from night.bounces import take_in_bounces
from night.courtesies import say_courtesies
from night.dun import dun
from night.hand_over import hand_over
from night.limitation_watch import expiring, limitation_findings
from night.pull import ask_sources, pull
from night.reconcile import reconcile
from night.report import NightSoFar, report_of
from night.report_mail import queue_report, tell_failure
from night.resume import resume
from night.send import send
from night.to_mark import to_mark
from night.write_back import tell_tools
from storage.database import plain_errors
from storage.facts import load_items
from storage.lock import company_lock
from storage.nights import save_night

if TYPE_CHECKING:
    from night.pull import Asked
    from night.workplace import Workplace

_log = structlog.get_logger()


def run_night(work: Workplace) -> dict[str, Any]:
    """Walk one night; return its report. What the world refuses is in the report, with the exit code it means."""
    so_far = NightSoFar(findings=_letterhead_findings(work))
    try:
        with company_lock(work.engine, work.company_id):
            _steps(work, so_far)
            report = report_of(work, so_far)
            with work.step() as connection:
                save_night(connection, work.company_id, run_date=work.run_date, now=work.author.now, report=report)
                report_id = queue_report(connection, work, report)
            if report_id:
                send(work, only=report_id)
            return report
    except (ConnectorError, OSError) as error:
        # The step that failed was rolled back; the next night begins where this one stopped.
        _log.warning("the night could not finish", company=work.company_id, reason=str(error))
        return _failed(work, so_far, str(error))
    except Exception as error:
        # Loud in the log and in the report; the nights of the other companies do not suffer for it.
        log = _log.bind(company=work.company_id)
        log.exception("a mistake of ours")
        return _failed(work, so_far, f"a mistake of ours, the log has the details: {type(error).__name__}: {error}")


def _failed(work: Workplace, so_far: NightSoFar, reason: str) -> dict[str, Any]:
    so_far.failure = reason
    report = report_of(work, so_far)
    tell_failure(work, report)
    return report


def rehearse_night(work: Workplace) -> dict[str, Any]:
    """Walk the night without leaving a trace: everything is computed, then forgotten."""
    so_far = NightSoFar(findings=_letterhead_findings(work))
    try:
        asked = ask_sources(work)
        with (
            company_lock(work.engine, work.company_id),
            plain_errors(work.engine),
            work.engine.connect() as connection,
        ):
            everything = connection.begin()
            try:
                rehearsal = replace(work, rehearsal=connection)
                _steps(rehearsal, so_far, asked)
                return report_of(rehearsal, so_far)
            finally:
                everything.rollback()
    except (ConnectorError, OSError) as error:
        so_far.failure = str(error)
        return report_of(work, so_far)


def _steps(work: Workplace, so_far: NightSoFar, asked: Asked | None = None) -> None:
    log = _log.bind(company=work.company_id, run_date=work.run_date.isoformat())
    resume(work)
    so_far.pulled = pull(work, asked)
    log.info("pulled", files=len(so_far.pulled.files), failures=len(so_far.pulled.failures))
    so_far.reconciled = reconcile(work)
    log.info("reconciled", entries=len(so_far.reconciled.outcomes))
    so_far.findings += take_in_bounces(work)
    with work.step() as connection:
        so_far.findings += settle_agreements(connection, work)
        say_courtesies(connection, work)
    so_far.dunned = dun(work)
    log.info("dunned", written=len(so_far.dunned.written), spared=len(so_far.dunned.held))
    so_far.handed_over = hand_over(work)
    log.info("handed over", batches=len(so_far.handed_over.batches))
    so_far.sent = send(work)
    log.info("sent", sent=len(so_far.sent.sent), waiting=len(so_far.sent.waiting))
    so_far.told = tell_tools(work)
    log.info("told the tools", written=len(so_far.told.written), waiting=len(so_far.told.waiting))
    with work.step() as connection:
        items = load_items(connection, work.company_id)
        so_far.open_items = tuple(stored.item for stored in items)
        so_far.findings += to_mark(work, items)
        so_far.run_date = work.run_date
        so_far.limitation = tuple(expiring(connection, work, so_far.open_items))
        so_far.findings += limitation_findings(so_far.limitation)


def pull_only(work: Workplace) -> dict[str, Any]:
    """Read sources and inboxes, and nothing else; return the report of that."""
    so_far = NightSoFar()
    try:
        with company_lock(work.engine, work.company_id):
            so_far.pulled = pull(work)
    except (ConnectorError, OSError) as error:
        so_far.failure = str(error)
    return report_of(work, so_far)


def _letterhead_findings(work: Workplace) -> list[Finding]:
    missing = missing_for_letters(work.company.letter_head())
    if not missing or not work.company.dunning.enabled:
        return []
    return [
        Finding(
            code="letterhead_incomplete",
            place=f"{work.office.path.name}: company {work.company_id} › letterhead",
            severity=Severity.WARNING,
            what=f"letters lack details that business letters must carry: {', '.join(missing)}",
            what_to_do="Add them under [company.letterhead] (§ 35a GmbHG, § 80 AktG, §§ 37a, 125, 177a HGB).",
        )
    ]
