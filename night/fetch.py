"""Fetch (Abholen): statements by wire, laid into the inboxes before these are read; a failure is a line, no more."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from config.fetches import fetch_of
from connectors.bank.wire import Fetched
from ledger.errors import ConnectorError
from storage.fetched_files import load_fetched, save_fetched

if TYPE_CHECKING:
    from config.settings import FetchSettings
    from ledger.finding import Finding
    from night.workplace import Workplace


def fetch_statements(work: Workplace, findings: list[Finding], failures: list[str]) -> None:
    """Fetch whatever is new everywhere; add what was found, and which server gave nothing (more).

    What is missing afterwards is no guess: statements that are too old or have a gap hold every dunning back. In a
    rehearsal nobody is asked, because what is fetched stays.
    """
    for number, settings in enumerate(work.company.fetch if work.rehearsal is None else ()):
        work.progress("statements by wire", number, len(work.company.fetch))
        try:
            findings += _fetch(work, settings)
        except ConnectorError as error:
            failures.append(f"{settings.name}: {error}")


def _fetch(work: Workplace, settings: FetchSettings) -> list[Finding]:
    with work.step() as connection:
        rows = load_fetched(connection, work.company_id, settings.name)
    seen = {row["name"]: Fetched(**row) for row in rows}
    inbox = work.office.resolve(settings.inbox)
    return fetch_of(settings, work.office).fetch(inbox, seen, partial(_remember, work, settings.name))


def _remember(work: Workplace, fetch: str, file: Fetched) -> None:
    """Write each file down at once: a night that is cut off does not fetch it again."""
    with work.step() as connection:
        save_fetched(connection, work.company_id, fetch, asdict(file))
