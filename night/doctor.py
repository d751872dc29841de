"""The doctor (Selbstprüfung): what would go wrong tonight, said today, with what to do about it."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from config.fetches import fetch_of
from config.sources import source_of
from connectors.accounting import ToolSource
from connectors.bank.inbox import waiting
from dunning.gate import required_statement_day
from export.letterhead import missing_for_letters
from ledger.errors import ConnectorError
from ledger.finding import Severity
from ledger.statement_chain import certainly_missing, read_up_to
from night.statements_overview import judge
from storage.database import reading
from storage.facts import load_freshness
from storage.outbox import EffectStatus, load_effects
from storage.statements import load_statements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.accounting import Source
    from ledger.statement_completeness import Completeness
    from night.workplace import Workplace

_NEEDED_BYTES: Final = 200 * 1024 * 1024
_OLDEST_CLOCK_YEAR: Final = 2026


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check: what was looked at, whether it is well, and what to do if not."""

    what: str
    well: bool
    says: str
    what_to_do: str = ""


def examine(work: Workplace) -> list[Diagnosis]:
    """Examine everything one company's night needs."""
    return [
        *_clock(work),
        *_disk(work),
        *_sources(work),
        *_fetches(work),
        *_inboxes(work),
        *_accounts(work),
        *_base_rates(work),
        *_letterhead(work),
        *_outbox(work),
        *_mail(work),
    ]


def _clock(work: Workplace) -> Iterator[Diagnosis]:
    year = work.author.now.year
    yield Diagnosis(
        "clock", year >= _OLDEST_CLOCK_YEAR, f"{work.author.now:%Y-%m-%d %H:%M %Z}", "Set the clock of this machine."
    )


def _disk(work: Workplace) -> Iterator[Diagnosis]:
    folder = _existing(work.output)
    free = shutil.disk_usage(folder).free
    writable = os.access(folder, os.W_OK)
    yield Diagnosis(
        "output folder",
        writable and free >= _NEEDED_BYTES,
        f"{work.output}: {free // 1024 // 1024} MB free" + ("" if writable else ", not writable"),
        "Make room, or give this user the right to write there.",
    )


def _sources(work: Workplace) -> Iterator[Diagnosis]:
    if not work.company.source:
        yield Diagnosis("source", False, "no source of open items is configured", "Add a [[company.source]].")
    with reading(work.engine) as connection:
        last = load_freshness(connection, work.company_id)
    for settings in work.company.source:
        night = f"last night on {last[settings.name].read_on}" if settings.name in last else "no night yet"
        try:
            well, says = _looked_at(source_of(settings, work.office, work.engine, work.company_id))
        except ConnectorError as error:
            yield Diagnosis(f"source {settings.name}", False, str(error), "See the message.")
        else:
            yield Diagnosis(
                f"source {settings.name}",
                well,
                f"{says}; {night}",
                "Some rows cannot be read; `run_sync.py plan` lists them.",
            )


def _looked_at(source: Source) -> tuple[bool, str]:
    """Read a list, which is quick, and ask a tool only who it is."""
    if isinstance(source, ToolSource):
        return True, source.check()
    read = source.pull()
    says = f"{len(read.items)} open items, {len(read.debtors)} debtors, {len(read.findings)} findings"
    return read.complete, says


def _fetches(work: Workplace) -> Iterator[Diagnosis]:
    for settings in work.company.fetch:
        try:
            says = fetch_of(settings, work.office).check()
        except ConnectorError as error:
            yield Diagnosis(f"fetch {settings.name}", False, str(error), "See the message.")
        else:
            yield Diagnosis(f"fetch {settings.name}", True, says)


def _inboxes(work: Workplace) -> Iterator[Diagnosis]:
    for inbox in dict.fromkeys(work.office.resolve(bank.inbox) for bank in work.company.bank):
        try:
            files = waiting(inbox)
        except ConnectorError as error:
            yield Diagnosis(f"inbox {inbox.name}", False, str(error), "See the message.")
            continue
        rejected = inbox / "rejected"
        count = len([*rejected.glob("*.reason.txt")]) if rejected.is_dir() else 0
        writable = os.access(inbox, os.W_OK)
        yield Diagnosis(
            f"inbox {inbox.name}",
            writable and not count,
            f"{len(files)} files wait, {count} were rejected" + ("" if writable else "; the folder is not writable"),
            "Look at the .reason.txt beside each rejected file; remove both when it is settled."
            if count
            else "Give this user the right to move files there.",
        )


def _accounts(work: Workplace) -> Iterator[Diagnosis]:
    if not work.company.bank:
        yield Diagnosis("bank account", False, "no bank account is configured", "Add a [[company.bank]].")
    required = required_statement_day(work.run_date, work.procedure.max_statement_age_bank_days)
    for bank in work.company.bank:
        with reading(work.engine) as connection:
            statements = load_statements(connection, work.company_id, bank.iban)
        until = read_up_to(statements)
        missing = certainly_missing(statements)
        fresh = until is not None and until >= required
        says = f"read up to {until}" if until else "no statement was read yet"
        if missing:
            says += f"; something is missing {missing[0].where}"
            says += f" and in {len(missing) - 1} more places" if len(missing) > 1 else ""
        yield Diagnosis(
            f"account {bank.iban}",
            fresh and not missing,
            says,
            f"Put {'what is missing' if fresh else f'statements up to {required}'} into the inbox; "
            "until then nobody is dunned. `run_sync.py statements` shows every day.",
        )
        for judged in judge(statements, work):
            yield from _doubts(judged, fresh=fresh)


def _doubts(judged: Completeness, *, fresh: bool) -> Iterator[Diagnosis]:
    """Tell what nothing waits for and somebody should look at; that it is late is told once."""
    for finding in judged.findings:
        late = judged.overdue is not None and finding is judged.overdue.finding
        if finding.severity is Severity.WARNING and (fresh or not late):
            yield Diagnosis(f"statements of {judged.account}", False, finding.what, finding.what_to_do)


def _base_rates(work: Workplace) -> Iterator[Diagnosis]:
    until = work.office.rates_of(work.company).known_until
    yield Diagnosis(
        "base rates",
        work.run_date <= until,
        f"known until {until}",
        "Add the new rate with `base-rates add`; interest is provisional until then.",
    )
    if timedelta(0) <= until - work.run_date <= timedelta(days=10):
        yield Diagnosis("next base rate", False, f"the rate after {until} is missing", "It is published about now.")


def _letterhead(work: Workplace) -> Iterator[Diagnosis]:
    missing = missing_for_letters(work.company.letter_head())
    yield Diagnosis(
        "letterhead",
        not missing,
        f"missing: {', '.join(missing)}" if missing else "complete",
        "Add it under [company.letterhead].",
    )


def _outbox(work: Workplace) -> Iterator[Diagnosis]:
    with reading(work.engine) as connection:
        unclear = load_effects(connection, work.company_id, EffectStatus.UNCERTAIN, EffectStatus.SENDING)
    yield Diagnosis(
        "outbox",
        not unclear,
        f"{len(unclear)} mails may or may not have been sent" if unclear else "nothing unclear",
        "`run_sync.py outbox` lists them.",
    )


def _mail(work: Workplace) -> Iterator[Diagnosis]:
    smtp = work.smtp
    if smtp is None:
        yield Diagnosis("mail server", True, "none; mails are laid into the output folder")
        return
    try:
        with socket.create_connection((smtp.host, smtp.port), timeout=10):
            well, says = True, f"{smtp.host}:{smtp.port} answers"
    except (OSError, ssl.SSLError, smtplib.SMTPException) as error:
        well, says = False, f"{smtp.host}:{smtp.port}: {error}"
    yield Diagnosis(
        "mail server", well, says, "Check host, port and firewall; letters wait in the outbox until then."
    )


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
