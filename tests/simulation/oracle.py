"""The oracle: looks at the house after every night, and tells what was said wrongly, or not said though due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ledger.money import Money, german
from night.verify import verify
from storage.facts import load_items
from tests.simulation.days import ONE_DAY, bank_day_after, is_working_day
from tests.simulation.papers import COMPANY, FEE_MINOR
from tests.simulation.told import read_told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from tests.simulation.house import House
    from tests.simulation.reckoning import Reckoning
    from tests.simulation.told import Line, Told

LUMP_SUM_MINOR: Final = 4000
MONDAY: Final = 0
_OF_THE_BANK: Final = ("bank_data_stale", "bank_data_gap", "bank_file_unread")


@dataclass(slots=True)
class Oracle:
    """Judges night by night; ``mistakes`` is empty when the house did everything right."""

    house: House
    reckoning: Reckoning
    mistakes: list[str] = field(default_factory=list)
    left: dict[str, Told] = field(default_factory=dict)  # notices that left the house, or may have
    silent_because: Counter[str] = field(default_factory=Counter)

    def look(self, tonight: date, *, ended: bool) -> list[Told]:
        """Judge a night; return the notices that left the house since the last look."""
        told = self.house.look(lambda connection: read_told(connection, tonight))
        self.reckoning.remember(one for one in told if tonight not in {one.run_date, one.sent_on})
        if ended and is_working_day(tonight):
            self.mistakes += self._forgotten(tonight, told)
            self.mistakes += self._silent_without_reason(tonight, told)
        new = [one for one in told if one.has_left and one.notice_id not in self.left]
        for debtor, count in Counter(one.debtor for one in new).items():
            self.mistakes += [f"{tonight} {debtor}: {count} notices in one night"] if count > 1 else []
        for one in new:
            self.mistakes += (
                f"{tonight} {one.debtor} {one.stage} {one.letter}: {w}" for w in self._wrong(tonight, one)
            )
        self.left = {one.notice_id: one for one in told if one.has_left}
        self.mistakes += self._of_the_books(tonight, ended=ended)
        return new

    # --- what was said ------------------------------------------------------------------------------------------

    def _wrong(self, tonight: date, told: Told) -> Iterator[str]:
        """Tell everything that is wrong with a notice."""
        said_on = told.sent_on or tonight
        # What waited for a person was asked about again when it went; everything else goes in its own night.
        waited = any(self.reckoning.rung(line.document, line.stage).released for line in told.lines)
        asked_on = said_on if waited else told.run_date
        if reason := self.reckoning.bank_data_missing(asked_on):
            yield f"said although {reason}"
        if asked_on not in self.house.known.lists:
            yield "said although the open items were not read"
        if not is_working_day(told.run_date):
            yield "written on a weekend or holiday"
        yield from self._of_the_debtor(told, said_on, asked_on)
        yield from self._of_the_sums(told)
        for line in told.lines:
            yield from (f"{line.document}: {wrong}" for wrong in self._of_the_line(told, line, asked_on))

    def _of_the_debtor(self, told: Told, said_on: date, asked_on: date) -> Iterator[str]:
        gap = max(self.reckoning.gap(line.document) for line in told.lines)
        if before := [day for day in self.reckoning.spoken.get(told.debtor, ()) if (said_on - day).days < gap]:
            yield f"said on {said_on}, too soon after {max(before)}"
        if handed := self.reckoning.handed_over(told.debtor, asked_on, self.left.values()):
            yield f"said although {handed} is with the agency"

    def _of_the_sums(self, told: Told) -> Iterator[str]:
        if told.total != sum(line.buckets for line in told.lines):
            yield f"the total {told.total} is not the sum of its parts"
        late = any(
            line.stage == told.stage and self.reckoning.default(line.document) <= told.run_date for line in told.lines
        )
        lump_sum = told.stage == "final_notice"
        expected = [FEE_MINOR] if told.channel == "letter" and late and not lump_sum else []
        if told.stage == "agency":  # it takes over what the letters asked for and nobody paid
            expected = [asked for line in told.lines if (asked := self._fees_asked(line.document))]
        if (fees := [line.fee for line in told.lines if line.fee]) != expected:
            yield f"the fees are {fees}, and should be {expected}"

    def _fees_asked(self, document: str) -> int:
        """Add up the fees of the letters that were sent about a document; nobody pays a fee in this world."""
        sent = (one for one in self.left.values() if one.status == "sent")
        return sum(line.fee for one in sent for line in one.lines if line.document == document)

    def _of_the_line(self, told: Told, line: Line, asked_on: date) -> Iterator[str]:
        document, reckoning = line.document, self.reckoning
        known_open = reckoning.known_open(document, asked_on)
        if known_open != line.open or known_open <= 0:
            yield f"{line.open} is asked for, {known_open} is open as far as we know"
        if told.debtor != (answers := reckoning.answers_for(document, asked_on).number):
            yield f"{answers} answers for it"
        for one in reckoning.silences(document, asked_on):
            yield f"{one.why} since {one.since}"
        rung = reckoning.next_rung(document)
        if rung is None or rung.name != line.stage:
            yield f"{line.stage} after {[one.stage for one in reckoning.history.get(document, ())]}"
            return
        if told.run_date < (earliest := reckoning.earliest(document, rung)):
            yield f"said on {told.run_date}, not before {earliest}"
        asks = rung.interest or told.stage == "agency"  # which takes over every claim in default
        interest = reckoning.interest(document, told.run_date) if asks else 0
        if line.interest != interest:
            yield f"interest {line.interest}, but day by day it is {interest}"
        is_late_business = (
            reckoning.answers_for(document).type == "business" and reckoning.default(document) <= told.run_date
        )
        lump_sum = LUMP_SUM_MINOR if rung.lump_sum and is_late_business else 0
        if line.lump_sum != lump_sum:
            yield f"lump sum {line.lump_sum}, and should be {lump_sum}"

    # --- what was not said --------------------------------------------------------------------------------------

    def _forgotten(self, tonight: date, told: Sequence[Told]) -> Iterator[str]:
        """Name every document whose turn it is, and that is neither spoken of nor kept silent aloud."""
        spoken_of = {
            line.document
            for one in told
            if tonight in {one.run_date, one.sent_on} or one.status in {"queued", "uncertain"}
            for line in one.lines
        }
        spoken_of |= {one["document_number"] for one in self.house.reports[tonight]["dunned"]["left_out"]}
        # What a list that was cut off leaves out is silent without a word.
        for document in self.reckoning.last_list(tonight) - spoken_of:
            rung = self.reckoning.next_rung(document)
            if (
                rung is not None
                and self.reckoning.known_open(document, tonight) > 0
                and self.reckoning.earliest(document, rung) <= tonight
            ):
                yield f"{tonight} {document}: its turn for {rung.name} is forgotten"

    def _silent_without_reason(self, tonight: date, told: Sequence[Told]) -> Iterator[str]:
        """Name every reason for silence that is not true."""
        for one in told:
            for code in one.codes if one.run_date == tonight else ():
                self.silent_because[code] += 1
                if not self._is_true(code, one, tonight, told):
                    yield f"{tonight} {one.debtor} {one.stage}: {code} is not true"

    def _is_true(self, code: str, one: Told, night: date, told: Sequence[Told]) -> bool:
        """Whether a reason for silence is one."""
        reckoning, troubles = self.reckoning, self.house.troubles[night]
        documents = [line.document for line in one.lines]
        debt = sum(line.open for line in one.lines) - reckoning.credit(one.debtor, night)
        reasons: dict[str, Callable[[], bool]] = {
            **dict.fromkeys(_OF_THE_BANK, lambda: bool(reckoning.bank_data_missing(night))),
            "mirror_stale": lambda: "no list" in troubles,
            "item_not_listed": lambda: bool({"no list", "cut list"} & troubles),
            "too_recent": lambda: self._was_spoken_to(one, night, told),
            "handed_over": lambda: bool(reckoning.handed_over(one.debtor, night, told)),
            "below_threshold": lambda: debt < max(reckoning.rung(x.document, x.stage).minimum for x in one.lines),
            "credit_covers_debt": lambda: debt <= 0,
            "direct_debit_in_flight": lambda: any(self._is_in_flight(document, night) for document in documents),
            "payment_in_review": lambda: self._something_was_paid(night),
            "notice_waiting": lambda: self._waits(one, told),
            "sending_uncertain": lambda: self._waits(one, told),
        }
        if code in reasons:
            return reasons[code]()
        return any(silence.why == code for document in documents for silence in reckoning.silences(document, night))

    def _was_spoken_to(self, one: Told, night: date, told: Sequence[Told]) -> bool:
        """Run twice, a night may already have spoken itself."""
        gap = max(self.reckoning.gap(line.document) for line in one.lines)
        tonight = any((other.debtor, other.sent_on) == (one.debtor, night) for other in told)
        return tonight or any((night - day).days < gap for day in self.reckoning.spoken.get(one.debtor, ()))

    def _is_in_flight(self, document: str, night: date) -> bool:
        invoice = self.reckoning.invoice(document)
        return invoice.customer.is_collected and night <= bank_day_after(invoice.due + ONE_DAY, 3)

    def _something_was_paid(self, night: date) -> bool:
        """Whether any payment of the last weeks may still wait for a person."""
        return any(
            one.minor > 0 and night - timedelta(days=30) < one.booked_on < night for one in self.house.world.payments
        )

    def _waits(self, one: Told, told: Sequence[Told]) -> bool:
        return any(other.debtor == one.debtor and other.status in {"queued", "uncertain", "sent"} for other in told)

    # --- the books ----------------------------------------------------------------------------------------------

    def _of_the_books(self, tonight: date, *, ended: bool) -> Iterator[str]:
        if tonight.weekday() == MONDAY:
            yield from self._broken_links(tonight)
        left = self.house.open_after_bookings()
        for stored in self.house.look(lambda connection: load_items(connection, COMPANY)):
            document, open_ = stored.item.document_number, stored.item.open_amount.minor
            if stored.in_open_set and open_ != left[document]:
                yield f"{tonight} {document}: {open_} is open, but {left[document]} is not settled"
            # What came back in a statement is known only once a night has read it.
            if ended and stored.in_open_set and left[document] < self.reckoning.known_open(document, tonight):
                yield f"{tonight} {document}: more is settled than was paid"
        received = Counter(str(message["Message-ID"]) for _, message in self.house.server.received)
        yield from (f"{tonight}: {one} was received {count} times" for one, count in received.items() if count > 1)

    def _broken_links(self, day: date) -> Iterator[str]:
        """Name every place where the tables are not what was decided; that reads everything ever written."""
        problems = self.house.look(lambda connection: verify(connection, COMPANY))["problems"]
        yield from (f"{day}: {problem}" for problem in problems)

    def of_the_end(self) -> Iterator[str]:
        """Look at what lies there in the end: mails and letters against the tables, amounts against the truth."""
        yield from self._broken_links(self.house.world.last)
        by_letter = {one.letter: one for one in self.left.values() if one.letter}
        for _, message in self.house.server.received:
            number = str(message["Message-ID"]).lstrip("<").partition(".")[0]
            if number in by_letter and german(Money(by_letter[number].total, "EUR")) not in _text(message):
                yield f"{number}: the mail does not name {by_letter[number].total}"
        letters = (self.house.folder / "output" / COMPANY / "letters").glob("M-*.pdf")
        laid = Counter(path.name.partition("_")[0] for path in letters)
        sent = Counter(one.letter for one in self.left.values() if one.channel == "letter" and one.status == "sent")
        if laid != sent:
            yield f"laid, and not sent: {laid - sent}; sent, and not laid: {sent - laid}"
        left, last = self.house.open_after_bookings(), self.house.world.last
        for document, invoice in self.house.world.invoices.items():
            if invoice.cash_on is None and left[document] != self.house.world.truly_open(document, last):
                yield f"{document}: {left[document]} is open in the books, and not what was truly paid"


def _text(message: Any) -> str:
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())
