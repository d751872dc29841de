"""The house in the simulated world: the files it is given, and its nights with all that goes wrong in them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from config.loading import load_office
from demo.lists import debtors_csv, open_items_csv
from ledger.allocation import SETTLES_PRINCIPAL
from night.report import COULD_NOT_FINISH
from night.run import run_night
from night.workplace import Workplace
from storage.database import open_database, reading
from storage.matches import load_booked
from tests.office import ROOT, author
from tests.simulation.days import ONE_DAY, bank_day_after, is_bank_day
from tests.simulation.papers import (
    COMPANY,
    INBOXES,
    bounce_report,
    configuration,
    debtor_of,
    listed,
    stages_with_costs,
    statement_file,
)
from tests.simulation.world import Habit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from storage.database import Connection, Engine
    from tests.e2e.demo_office import NightProcess
    from tests.e2e.mail_server import MailServer
    from tests.simulation.world import World

_Seen = TypeVar("_Seen")

# What goes wrong in a night, and how often.
TROUBLES: Final = {
    "no night": 0.03,
    "no list": 0.03,
    "old list": 0.03,
    "cut list": 0.02,
    "mail server down": 0.03,
    "mail server hangs up": 0.02,
    "mail refused": 0.03,
    "killed": 0.05,
    "killed until tomorrow": 0.03,
    "twice": 0.08,
}
# What happens to a statement file.
LATE, BROKEN, TWICE = 0.04, 0.02, 0.06
OUTAGE_DAYS: Final = 9
# A night is killed at one of its first points (see tests/e2e/night_process.py); a quiet one may end before it.
MOST_POINTS: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Days on which nobody may hear of something; ``until`` is None while nobody knows the end."""

    debtor: str
    documents: frozenset[str] = frozenset()  # none: everything
    why: str
    since: date  # the first night of silence
    until: date | None = None  # the last one
    broken: bool = False  # what follows, follows at once


@dataclass(slots=True)
class Known:
    """What the house had been given, by the night it was there for the first time."""

    statements: list[dict[date, date]] = field(default_factory=lambda: [{}, {}])  # account: bank day to night
    broken: list[list[date]] = field(default_factory=lambda: [[], []])  # account: nights in which a file was rejected
    lists: dict[date, frozenset[str]] = field(default_factory=dict)  # night: documents on the list that was read
    silences: list[Silence] = field(default_factory=list)
    answers_for: dict[str, tuple[str, date]] = field(default_factory=dict)  # debtor: successor, and since when
    bounced: set[str] = field(default_factory=set)  # letter numbers of mails that came back
    clarified: dict[str, date] = field(default_factory=dict)  # document: when the return was asked about


@dataclass(slots=True)
class House:
    """One company in a folder, with its mail server and the process in which nights are killed."""

    folder: Path
    world: World
    server: MailServer
    process: NightProcess
    luck: Random
    known: Known = field(default_factory=Known)
    happened: Counter[str] = field(default_factory=Counter)
    troubles: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    reports: dict[date, dict[str, Any]] = field(default_factory=dict)
    _late: list[tuple[int, date, bytes]] = field(default_factory=list)
    _balances: list[int] = field(default_factory=lambda: [18_432_177, 6_190_854])
    _numbers: list[int] = field(default_factory=lambda: [0, 0])
    _outages: list[tuple[int, date, date]] = field(default_factory=list)
    _tool: dict[str, int] = field(default_factory=dict)  # what the accounting tool has booked
    _tool_soon: dict[str, int] = field(default_factory=dict)
    _mails_seen: int = 0
    _engine: Engine | None = None

    def open(self) -> None:
        """Write the configuration, and choose when a bank will be out of reach for days."""
        self.folder.mkdir(parents=True)
        for inbox in INBOXES:
            (self.folder / inbox).mkdir(parents=True)
        (self.folder / "stages.toml").write_text(stages_with_costs(), encoding="utf-8")
        (self.folder / "kontorist.toml").write_text(configuration(self.world, self.server), encoding="utf-8")
        days = (self.world.last - self.world.first).days
        for account, part in ((0, 3), (1, 2)):
            start = self.world.first + timedelta(days=days // part + self.luck.randint(0, 9))
            self._outages.append((account, start, start + timedelta(days=OUTAGE_DAYS)))

    # --- the evening: what the bank and the tool deliver ---------------------------------------------------------

    def evening(self, day: date, *, calm: bool) -> None:
        """Let the banks deliver their files of a day, some of them late, broken or twice."""
        tonight = day + ONE_DAY
        waiting, self._late = self._late, []
        if is_bank_day(day):
            waiting += [(account, day, self._statement(account, day)) for account in range(2)]
        for account, of_day, content in waiting:
            if not calm and any(one == account and start <= day < end for one, start, end in self._outages):
                self.happened["bank out of reach"] += 1
                self._late.append((account, of_day, content))
                continue
            self._deliver(account, of_day, content, tonight, calm=calm)

    def _deliver(self, account: int, of_day: date, content: bytes, tonight: date, *, calm: bool) -> None:
        name = f"{of_day}.{'xml' if account == 0 else 'sta'}"
        target = self.folder / INBOXES[account] / name
        chance = 1.0 if calm else self.luck.random()
        if chance < LATE:
            self.happened["statement late"] += 1
            self._late.append((account, of_day, content))
        elif chance < LATE + BROKEN:
            self.happened["statement broken"] += 1
            (target.parent / f"{of_day}_halb{target.suffix}").write_bytes(content[: len(content) // 2])
            self._late.append((account, of_day, content))
            self.troubles[tonight].add(f"broken {account}")
        else:
            target.write_bytes(content)
            self.known.statements[account][of_day] = tonight
            if chance < LATE + BROKEN + TWICE:
                self.happened["statement twice"] += 1
                (target.parent / f"{of_day}_noch_einmal{target.suffix}").write_bytes(content)

    def _statement(self, account: int, day: date) -> bytes:
        payments = [one for one in self.world.payments if one.booked_on == day and one.account == account]
        opening = self._balances[account]
        self._balances[account] += sum(one.minor for one in payments)
        self._numbers[account] = self._numbers[account] + 1 if bank_day_after(day, -1).year == day.year else 1
        return statement_file(account, day, self._numbers[account], opening, payments)

    def _write_lists(self, tonight: date) -> None:
        """Export what the accounting tool knows: it books our batches a week later, and cash at once."""
        if tonight.weekday() == 0:
            self._tool, self._tool_soon = self._tool_soon, self.open_after_bookings()
        today = tonight - ONE_DAY
        items = []
        for invoice in self.world.invoices.values():
            left = self._tool.get(invoice.number, invoice.minor)
            if invoice.issued > today or (invoice.cash_on is not None and invoice.cash_on <= today) or not left:
                continue
            items.append(listed(invoice, left))
        (self.folder / "open_items.csv").write_bytes(open_items_csv(items))
        (self.folder / "debtors.csv").write_bytes(debtors_csv(map(debtor_of, self.world.customers.values())))

    def open_after_bookings(self) -> dict[str, int]:
        """Give what is left of each document after everything booked on it."""
        left = {number: invoice.minor for number, invoice in self.world.invoices.items()}
        for one in self.look(lambda connection: load_booked(connection, COMPANY)):
            if one.allocation.item_id and one.allocation.kind in SETTLES_PRINCIPAL:
                left[one.allocation.document_number] -= one.allocation.amount.minor
        return left

    # --- the night ----------------------------------------------------------------------------------------------

    def night(self, tonight: date, *, calm: bool) -> bool:
        """Run a night with whatever goes wrong in it; return whether one ran to its end."""
        troubles = self.troubles[tonight]
        if not calm:
            troubles |= {name for name, chance in TROUBLES.items() if self.luck.random() < chance}
        self.happened.update(troubles & TROUBLES.keys())
        if "no night" in troubles:
            # What was broken is found by the next one.
            self.troubles[tonight + ONE_DAY] |= {one for one in troubles if one.startswith("broken")}
            return False
        for account in range(2):
            if f"broken {account}" in troubles:
                self.known.broken[account].append(tonight)
        self._lay_lists(tonight, troubles)
        self._lay_bounces()
        self._disturb_mail(troubles)
        ended = self._run(tonight, troubles)
        self._mend_mail(troubles)
        return ended

    def _lay_lists(self, tonight: date, troubles: set[str]) -> None:
        path = self.folder / "open_items.csv"
        if "old list" not in troubles or not path.exists():
            self._write_lists(tonight)
        if "cut list" in troubles:
            content = path.read_bytes()
            path.write_bytes(content[: len(content) * 2 // 3])
        if "no list" in troubles:
            path.unlink()
            return
        whole_rows = re.findall(r"(?m)^(RE-\d{4}-\d{5}),.*,EUR,", path.read_text(encoding="utf-8-sig"))
        self.known.lists[tonight] = frozenset(whole_rows)

    def _lay_bounces(self) -> None:
        folder = self.folder / "bounces" / COMPANY
        folder.mkdir(parents=True, exist_ok=True)
        for recipient, message in self.server.received[self._mails_seen :]:
            customer = self.world.customers.get(recipient.partition("-")[2].partition(".")[0])
            if customer is None or customer.habit is not Habit.BOUNCES:
                continue
            self.happened["bounce"] += 1
            identity = str(message["Message-ID"])
            self.known.bounced.add(identity.lstrip("<").partition(".")[0])
            (folder / f"{len(self.known.bounced)}.eml").write_bytes(bounce_report(recipient, identity))
        self._mails_seen = len(self.server.received)

    def _disturb_mail(self, troubles: set[str]) -> None:
        if "mail server down" in troubles:
            self.server.stop()
        self.server.hangs_up = "mail server hangs up" in troubles
        if "mail refused" in troubles:
            unlucky = self.luck.sample(sorted(self.world.customers), 12)
            self.server.answers.update({self.world.customers[one].email: "451 4.3.0 later" for one in unlucky})

    def _mend_mail(self, troubles: set[str]) -> None:
        if "mail server down" in troubles:
            self.server.start()
        self.server.hangs_up = False
        self.server.answers.clear()

    def _run(self, tonight: date, troubles: set[str]) -> bool:
        if troubles & {"killed", "killed until tomorrow"}:
            points = self.luck.randint(1, MOST_POINTS)
            clock = f"{tonight.isoformat()}T02:30:00+00:00"
            ran = self.process.run(self.folder, "night", "--json", die_at=points, clock=clock)
            if ran.killed and "killed" not in troubles:
                return False
            if not ran.killed:
                troubles -= {"killed", "killed until tomorrow"}
        report = self._once(tonight)
        if "twice" in troubles:
            before = self.traces()
            self._once(tonight)
            assert self.traces() == before, f"{tonight}: the same night once more said something"
        self.reports[tonight] = report
        return True

    def _once(self, tonight: date) -> dict[str, Any]:
        report = run_night(self.workplace(tonight, "kontorist"))
        assert report["exit_code"] < COULD_NOT_FINISH, report["failures"]
        return report

    def traces(self) -> tuple[object, ...]:
        """Give everything a night may leave outside: what was decided to be said, mails received, files laid."""
        noted = self.look(
            lambda connection: connection.exec_driver_sql(
                "SELECT outbox_id, status FROM outbox WHERE outbox_id NOT LIKE 'report%' ORDER BY outbox_id"
            ).all()
        )
        files = sorted(path.name for path in (self.folder / "output").rglob("*") if path.is_file())
        return noted, len(self.server.received), files

    # --- hands --------------------------------------------------------------------------------------------------

    def workplace(self, day: date, who: str) -> Workplace:
        """Give what somebody needs to work as of a day."""
        office = load_office(self.folder / "kontorist.toml", house=ROOT / "config")
        assert office.settings.smtp is not None
        return Workplace(
            office=office,
            company=office.settings.company[0],
            engine=self.engine,
            author=author(day.isoformat(), who),
            smtp=office.settings.smtp.with_password(""),
        )

    def look(self, look: Callable[[Connection], _Seen]) -> _Seen:
        """Look into the database."""
        with reading(self.engine) as connection:
            return look(connection)

    @property
    def engine(self) -> Engine:
        """The database, opened once: opening it looks through all migrations."""
        if self._engine is None:
            self._engine = open_database("sqlite:///kontorist.db", base=self.folder)
        return self._engine
