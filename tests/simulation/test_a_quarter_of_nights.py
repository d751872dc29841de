"""Three months of the demo company, night after night, with everything that goes wrong in three months."""

from __future__ import annotations

import json
import random
import shutil
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from config.loading import load_office
from demo.company import write_demo
from ledger.calendar import is_bank_day
from ledger.text import squeeze
from night.exports import match_rows, notice_rows, open_item_rows
from night.run import run_night
from night.verify import verify
from night.workplace import Workplace
from storage.database import open_database, reading
from storage.notices import load_notices
from tests.office import ROOT, author

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

FIRST, LAST = date(2026, 4, 1), date(2026, 6, 30)
SEED = 20260701

pytestmark = pytest.mark.slow


class Quarter:
    """The demo company, with its statements still at the bank."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "demo"
        write_demo(self.folder)
        self.delivered: dict[str, date] = {}  # day of the statement -> the night that had it first
        self.bank: dict[str, list[tuple[str, Path]]] = defaultdict(list)  # day -> inbox and file
        for inbox in sorted((self.folder / "inbox").iterdir()):
            for file in sorted(inbox.iterdir()):
                kept = folder / "bank" / inbox.name / file.name
                kept.parent.mkdir(parents=True, exist_ok=True)
                file.replace(kept)
                self.bank[file.name[:10]].append((inbox.name, kept))
        self.office = load_office(self.folder / "kontorist.toml", house=ROOT / "config")
        self.engine = open_database(self.office.settings.database, base=self.folder)

    def deliver(self, day: date, night: date, *, name: str = "") -> None:
        """Let the bank deliver the statements of a day before a night, under another name if asked."""
        self.delivered.setdefault(day.isoformat(), night)
        for inbox, file in self.bank[day.isoformat()]:
            shutil.copyfile(file, self.folder / "inbox" / inbox / (name or file.name))

    def night(self, day: date) -> dict[str, Any]:
        """Run one night."""
        return run_night(
            Workplace(
                office=self.office,
                company=self.office.settings.company[0],
                engine=self.engine,
                author=author(day.isoformat(), "kontorist test"),
            )
        )


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Quarter, list[dict[str, Any]]]]:
    """Walk the quarter once: files late, files twice, a tool that is down; then hand it to the questions."""
    chance = random.Random(SEED)  # noqa: S311 - a story, no secret
    one = Quarter(tmp_path_factory.mktemp("quarter"))
    late: list[date] = []
    reports = []
    day = FIRST
    while day <= LAST + timedelta(days=10):
        if is_bank_day(day):
            before = day - timedelta(days=1)
            while not is_bank_day(before):
                before -= timedelta(days=1)
            for missed in late:
                one.deliver(missed, day)
            late = []
            if chance.random() < 0.06:
                late.append(before)
            else:
                one.deliver(before, day)
            if before not in late and chance.random() < 0.1:
                one.deliver(before, day, name=f"again-{before}.dat")
            lists = one.folder / "open_items.csv"
            away = chance.random() < 0.04
            if away:
                lists.rename(lists.with_suffix(".away"))
            reports.append(one.night(day))
            if away:
                lists.with_suffix(".away").rename(lists)
            if chance.random() < 0.2:
                one.night(day)  # somebody starts it once more
        day += timedelta(days=1)
    yield one, reports
    one.engine.dispose()


def _rows(engine: Engine, what: str) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        if what == "matches":
            return [dict(row) for row in match_rows(connection, "muster")]
        if what == "notices":
            return [dict(row) for row in notice_rows(connection, "muster", None)]
        return [dict(row) for row in open_item_rows(connection, "muster", LAST)]


def _truth(one: Quarter) -> dict[tuple[str, str, int, str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str, int, str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in (one.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[_key(row)].append(row)
    return found


def _key(row: dict[str, Any]) -> tuple[str, str, int, str, str]:
    text = row.get("remittance_squeezed") or squeeze(row["remittance"])
    return row["account"], row["booking_date"], row["amount_minor"], row["end_to_end_id"], text[:20]


def test_every_entry_of_the_quarter_is_there_once(quarter: tuple[Quarter, list[dict[str, Any]]]) -> None:
    one, _ = quarter
    entries = [(row["account"], row["booking_date"], row["amount_minor"]) for row in _rows(one.engine, "matches")]
    truth = [key[:3] for key, rows in _truth(one).items() for _ in rows]
    assert sorted(entries) == sorted(truth)


def test_nothing_was_booked_wrongly(quarter: tuple[Quarter, list[dict[str, Any]]]) -> None:
    one, _ = quarter
    truth = _truth(one)
    wrong, booked = [], 0
    for row in _rows(one.engine, "matches"):
        if row["state"] not in {"auto", "returned"}:
            continue
        booked += 1
        candidates = truth[_key(row)]
        ours = sorted((a["document_number"], a["amount_minor"], a["kind"]) for a in row["allocations"])
        right = any(
            ours == sorted((a["document_number"], a["amount_minor"], a["kind"]) for a in candidate["allocations"])
            for candidate in candidates
        )
        if not right:
            wrong.append((row["remittance"], ours, [c["allocations"] for c in candidates]))
    assert wrong == []
    assert booked > 750


def test_the_books_verify_at_the_end(quarter: tuple[Quarter, list[dict[str, Any]]]) -> None:
    one, _ = quarter
    with reading(one.engine) as connection:
        assert verify(connection, "muster")["problems"] == []


def test_nobody_was_written_to_twice_within_a_week_and_no_stage_was_skipped(
    quarter: tuple[Quarter, list[dict[str, Any]]],
) -> None:
    one, _ = quarter
    ladder = [stage.name for stage in one.office.procedures["muster"].stages]
    days: dict[str, list[date]] = defaultdict(list)
    stages: dict[str, list[str]] = defaultdict(list)
    with reading(one.engine) as connection:
        notices = load_notices(connection, "muster")
    for notice in notices:
        if notice.sent_on is not None:
            days[notice.debtor_number].append(notice.sent_on)
            for item in notice.items:
                stages[item.document_number].append(item.stage)
    assert days
    for sent in days.values():
        assert all((later - earlier).days >= 7 for earlier, later in pairwise(sent)), sent
    for document, reached in stages.items():
        assert reached == ladder[: len(reached)], (document, reached)


def test_nobody_who_had_paid_was_written_to(quarter: tuple[Quarter, list[dict[str, Any]]]) -> None:
    one, _ = quarter
    paid_on: dict[str, str] = {}
    reopened: set[str] = set()
    for rows in _truth(one).values():
        for row in rows:
            for allocation in row["allocations"]:
                if allocation["kind"] == "payment" and allocation["amount_minor"] > 0:
                    paid_on[allocation["document_number"]] = row["booking_date"]
                if allocation["kind"] == "payment" and allocation["amount_minor"] < 0:
                    reopened.add(allocation["document_number"])
    still_open = {row["document_number"] for row in _rows(one.engine, "open-items")}
    known_on = {number: one.delivered[day] for number, day in paid_on.items()}
    for notice in _rows(one.engine, "notices"):
        if notice["state"] != "sent":
            continue
        for item in notice["items"]:
            number = item["document_number"]
            # What was paid in part or given back is rightly asked for; of all else the bank told us only afterwards.
            rightly = number not in known_on or number in reopened or number in still_open
            assert rightly or known_on[number] > date.fromisoformat(notice["run_date"]), (notice, known_on[number])


def test_a_night_that_could_not_read_the_tool_wrote_to_nobody(
    quarter: tuple[Quarter, list[dict[str, Any]]],
) -> None:
    _, reports = quarter
    down = [report for report in reports if report["failures"]]
    assert down
    assert all(report["dunned"]["written_to"] == [] for report in down)
