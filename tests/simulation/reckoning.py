"""The reckoning: what was open, due, silent and owed on a night, counted by hand from what was delivered.

It knows no rule of the engine. What it knows of the law is written down here once more, in the plainest way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from tests.simulation.days import (
    ONE_DAY,
    bank_day_after,
    days_from,
    is_bank_day,
    is_working_day,
    last_day,
    working_days_after,
)
from tests.simulation.house import Silence
from tests.simulation.table import BASE_RATES, TRACKS, demands_payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.simulation.house import House
    from tests.simulation.table import Rung
    from tests.simulation.told import Told
    from tests.simulation.world import Customer, Invoice

GRACE_BANK_DAYS: Final = 3
_NEVER: Final = date.max


@dataclass(frozen=True, slots=True)
class Earlier:
    """A stage that really reached somebody."""

    stage: str
    on: date
    deadline: date | None
    channel: str


@dataclass(slots=True)
class Reckoning:
    """Counts what is known on a night; ``remember`` tells it what was said before."""

    house: House
    history: dict[str, list[Earlier]] = field(default_factory=dict)  # by document
    spoken: dict[str, list[date]] = field(default_factory=dict)  # by debtor

    def remember(self, told: Iterable[Told]) -> None:
        """Take what was really sent as the history; what came back was not said."""
        self.history, self.spoken = defaultdict(list), defaultdict(list)
        for one in told:
            if one.status == "sent" and one.sent_on and one.letter not in self.house.known.bounced:
                self.spoken[one.debtor].append(one.sent_on)
                for line in one.lines:
                    earlier = Earlier(line.stage, one.sent_on, one.deadline, one.channel)
                    self.history[line.document].append(earlier)

    # --- bank data and amounts ----------------------------------------------------------------------------------

    def bank_data_missing(self, night: date) -> str:
        """Say why the bank data of a night are too old to speak; nothing where they are not."""
        required = bank_day_after(bank_day_after(night, -1), -GRACE_BANK_DAYS)
        for account in range(2):
            there, until = self._statements(account, night), self._read_until(account, night)
            if not there:
                return f"account {account} was never read"
            if max(there) > until:
                return f"account {account} has a gap after {until}"
            if until < required:
                return f"account {account} is read up to {until}"
            if any(came <= night and until < bank_day_after(came, -1) for came in self.house.known.broken[account]):
                return f"account {account} has a broken file"
        return ""

    def known_open(self, document: str, night: date) -> int:
        """Give what was open on a document, as far as the files delivered by a night tell."""
        invoice = self.invoice(document)
        if invoice.cash_on is not None and document not in self.last_list(night):
            return 0
        return self._principal(invoice, night, night)

    def last_list(self, night: date) -> frozenset[str]:
        """Give the documents on the last list that was laid out by a night."""
        lists = self.house.known.lists
        return lists[max((read for read in lists if read <= night), default=min(lists))]

    def credit(self, debtor: str, night: date) -> int:
        """Add up what a debtor paid that belongs to no invoice."""
        own = self.house.world.customers[debtor].iban
        return sum(
            one.minor
            for one in self.house.world.payments
            if one.minor > 0
            and not one.parts
            and one.iban == own
            and self.seen_on(one.account, one.booked_on) <= night
        )

    def seen_on(self, account: int, day: date) -> date:
        """Give the night on which the statement of a day was there."""
        return self.house.known.statements[account].get(day, _NEVER)

    def _statements(self, account: int, night: date) -> set[date]:
        return {day for day, came in self.house.known.statements[account].items() if came <= night}

    def _read_until(self, account: int, night: date) -> date:
        """Give the last bank day up to which no booking of an account can be missing.

        A statement that never came and told of no booking leaves no trace: the balances of the others still chain.
        """
        there = self._statements(account, night)
        last = max(there, default=self.house.world.first)
        days = (day for day in days_from(self.house.world.first) if is_bank_day(day))
        missing = (day for day in days if day not in there)
        return bank_day_after(next(day for day in missing if day > last or self._has_booking(account, day)), -1)

    def _has_booking(self, account: int, day: date) -> bool:
        return any(one.booked_on == day and one.account == account for one in self.house.world.payments)

    def _principal(self, invoice: Invoice, day: date, night: date) -> int:
        return invoice.minor - sum(
            minor
            for one, minor in self.house.world.paid[invoice.number]
            if one.booked_on <= day and self.seen_on(one.account, one.booked_on) <= night
        )

    # --- the ladder ---------------------------------------------------------------------------------------------

    def invoice(self, document: str) -> Invoice:
        """Find a document."""
        return self.house.world.invoices[document]

    def answers_for(self, document: str, night: date = _NEVER) -> Customer:
        """Tell who has to pay a document, as far as was known on a night."""
        owner = self.invoice(document).customer
        successor, since = self.house.known.answers_for.get(owner.number, (owner.number, _NEVER))
        return self.house.world.customers[successor if night > since else owner.number]

    def gap(self, document: str) -> int:
        """Give the shortest days between two notices."""
        return self._track(document)[0]

    def rung(self, document: str, stage: str) -> Rung:
        """Find a stage on the ladder of a document."""
        return next(rung for rung in self._track(document)[1] if rung.name == stage)

    def next_rung(self, document: str) -> Rung | None:
        """Give the rung a document has to climb next; None at the top."""
        names = {one.stage for one in self.history.get(document, ())}
        ladder = self._track(document)[1]
        reached = [place for place, rung in enumerate(ladder) if rung.name in names]
        place = max(reached, default=-1) + 1
        return ladder[place] if place < len(ladder) else None

    def earliest(self, document: str, rung: Rung) -> date:
        """Give the first day on which the next rung may be said."""
        said = self.history.get(document, [])
        due = last_day(self.invoice(document).due, "BY")
        days = [due + ONE_DAY]
        over = self._last_silence(document)
        if over and over.until:
            days.append(over.until + ONE_DAY)
        if not (over and over.broken):
            days.append(due + timedelta(days=rung.days_overdue))
            days += [said[-1].on + timedelta(days=rung.after_previous)] if said else []
        days += [bank_day_after(one.deadline) for one in said if one.deadline]
        return next(day for day in days_from(max(days)) if is_working_day(day))

    def _track(self, document: str) -> tuple[int, tuple[Rung, ...]]:
        return TRACKS[self.answers_for(document).track]

    # --- silence ------------------------------------------------------------------------------------------------

    def silences(self, document: str, night: date) -> list[Silence]:
        """Give every agreed or ordered silence about a document on a night."""
        orphaned = self.answers_for(document, night) != self.invoice(document).customer
        return [
            one
            for one in (*self._about(document), *self._asked_about(document))
            if one.since <= night
            and ((end := self._end(one)) is None or night <= end)
            and not (one.why == "deceased" and orphaned)
        ]

    def handed_over(self, debtor: str, night: date, left: Iterable[Told]) -> str:
        """Name a document of a debtor that is with the agency and not paid; nothing where there is none."""
        given = (
            line.document
            for told in left
            if told.stage == "agency" and told.sent_on and told.sent_on < night
            for line in told.lines
        )
        return next(
            (
                document
                for document in given
                if self.answers_for(document, night).number == debtor and self.known_open(document, night) > 0
            ),
            "",
        )

    def _about(self, document: str) -> Iterator[Silence]:
        debtors = {self.invoice(document).customer.number, self.answers_for(document).number}
        for one in self.house.known.silences:
            if one.debtor in debtors and (not one.documents or document in one.documents):
                yield one

    def _asked_about(self, document: str) -> Iterator[Silence]:
        """Give the silence after the debtor took a direct debit back, until somebody has asked."""
        for payment, _ in self.house.world.paid[document]:
            if payment.returned_because == "MD06":
                yield Silence(
                    debtor=self.invoice(document).customer.number,
                    why="return_disputed",
                    since=self.seen_on(payment.account, payment.booked_on),
                    until=self.house.known.clarified.get(document),
                )

    def _last_silence(self, document: str) -> Silence | None:
        """Give the last silence about a document after which nothing was said yet."""
        said = self.history.get(document)
        last = said[-1].on if said else date.min
        over = [
            replace(one, until=self._end(one)) for one in self._about(document) if one.until and one.until >= last
        ]
        return max(over, key=lambda one: one.until or _NEVER, default=None)

    def _end(self, silence: Silence) -> date | None:
        """Give the last night of a silence; no word is broken before we can see whether it was kept."""
        end = silence.until
        if end is None or silence.why not in {"promised", "instalments"}:
            return end
        tonight = max(self.house.known.lists)
        nights = (end + ONE_DAY * n for n in range(1, (tonight - end).days + 1))
        seen = (night for night in nights if min(self._read_until(n, night) for n in range(2)) >= end)
        return next(seen, tonight + 2 * ONE_DAY) - ONE_DAY

    # --- default and interest -----------------------------------------------------------------------------------

    def default(self, document: str) -> date:
        """Give the first day of default (§ 286 (1) and (3) BGB)."""
        invoice, customer = self.invoice(document), self.answers_for(document)
        starts = [_NEVER]
        if customer.type == "business":
            received = working_days_after(invoice.issued, 3)
            due = last_day(invoice.due, *customer.places)
            starts.append(last_day(max(due, received) + timedelta(days=30), *customer.places) + ONE_DAY)
        for one in self.history.get(document, ()):
            if demands_payment(one.stage):
                post = {"email": 1, "letter": 3}.get(one.channel, 0)
                received = max(working_days_after(one.on, post, place) for place in customer.places)
                until = last_day(one.deadline, *customer.places) if one.deadline else received
                starts.append(max(received, until) + ONE_DAY)
        return min(starts)

    def interest(self, document: str, until: date) -> int:
        """Add up the interest day by day in exact fractions, and round once, half up (§§ 288, 247 BGB)."""
        invoice = self.invoice(document)
        points = 9 if self.answers_for(document).type == "business" else 5
        day, total = self.default(document), Fraction(0)
        while day <= until:
            rate = next(Fraction(rate) for since, rate in reversed(BASE_RATES) if since <= day)
            total += Fraction(self._principal(invoice, day, until)) * (rate + points) / 100 / 365
            day += ONE_DAY
        return int(total + Fraction(1, 2))
