"""Statements put together from MT940 messages, page by page from 60F to 62F, and handed on in pieces."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.format import PIECE_ENTRIES, Piece, unreadable
from connectors.bank.swift import mt940_entry, mt940_regular, mt940_runs
from connectors.bank.swift.mt940_entry import MONEY_COMES_IN
from connectors.bank.swift.mt940_fields import KNOWN, Field, fields
from connectors.bank.swift.mt940_message import Message
from connectors.bank.swift.mt940_proof import Sum, check_balances, check_sums
from ledger.finding import Finding
from ledger.statement import EntryStatus, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from connectors.bank.swift.mt940_text import Stretch
    from ledger.statement import StatementEntry


@dataclass(slots=True)
class _Open:
    """A statement that is being read, over all its pages."""

    first: Message
    last: Message
    around: mt940_entry.Around
    counted: int = 0
    moved: int = 0  # minor units of all that is booked
    marks: dict[str, Sum] = field(default_factory=dict)  # of an MT942: number and sum by mark
    waiting: list[StatementEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class Unproven(NamedTuple):
    """A statement whose own sums prove nothing: another reader has to say the same."""

    line: int
    number: int
    moved: int  # minor units
    currency: str


class Desk:
    """Where stretches of text become pieces of statements, one after the other."""

    def __init__(self, place: str, *, minus_reverses: bool | None = None) -> None:
        self._place = place
        self._minus_reverses = minus_reverses
        self._message: Message | None = None
        self._statement: _Open | None = None
        self._ready: list[Piece] = []
        self._finished = 0
        self.unproven: list[Unproven] = []

    def pieces(self, stretches: Iterable[Stretch]) -> Iterator[Piece]:
        """Read a text; raise UnknownDialect where a field cannot be read, Unreadable where the sums are wrong."""
        for stretch in stretches:
            self._take(stretch)
            yield from self._handed_out()
        self._end_message()
        self._finish()
        if not self._finished:
            raise unreadable(self._place, "the file holds no statement", what_to_do="Fetch it again from the bank.")
        yield from self._handed_out()

    def _handed_out(self) -> Iterator[Piece]:
        ready, self._ready = self._ready, []
        yield from ready

    # ---- from text to bookings -----------------------------------------------------------------------------------

    def _take(self, stretch: Stretch) -> None:
        """Read runs of bookings at once; what stands before, behind and between them, field by field."""
        for run in mt940_runs.runs(stretch):
            if len(run):
                self._take_run(run)
            if run.rest.text:
                self._take_fields(run.rest)

    def _take_run(self, run: mt940_runs.Run) -> None:
        statement, begin = self._begun(run.line), 0
        if self._message is not None and self._message.early_text:
            self._take_fields(run.alone(0))
            begin = 1
        read = mt940_regular.read(run, statement.around, begin=begin, first_number=statement.counted + 1)
        statement.moved += read.moved
        if read.all_regular:
            statement.waiting += filter(None, read.entries)
            statement.counted += len(read.entries)
        else:
            for at, entry in enumerate(read.entries, start=begin):
                if entry is None:
                    self._take_fields(run.alone(at))
                else:
                    statement.waiting.append(entry)
                    statement.counted += 1
        self._hand_on(statement)

    def _take_fields(self, stretch: Stretch) -> None:
        booking: Field | None = None
        details: list[Field] = []
        for one in fields(stretch):
            if booking is not None:
                if one.tag in {"86", "NS"}:
                    details.append(one)
                if one.tag not in KNOWN or one.tag in {"86", "NS"}:
                    continue
                self._book(booking, details)
            booking, details = (one, []) if one.tag == "61" else (None, details)
            if booking is None:
                self._take_header(one)
        if booking is not None:
            self._book(booking, details)

    def _book(self, booking: Field, details: Sequence[Field]) -> None:
        statement, message = self._begun(booking.line), self._message
        if message is not None and message.early_text:
            details = details or [Field("86", message.early_text, booking.line)]
            message.early_text = ""
        entry = mt940_entry.read(
            booking, details, statement.around, number=statement.counted + 1, findings=statement.findings
        )
        statement.counted += 1
        statement.waiting.append(entry)
        if entry.status is EntryStatus.BOOKED:
            statement.moved += entry.amount.minor
        elif statement.around.interim:
            mark = mt940_entry.parse(booking, entry.place).mark
            before = statement.marks.get(mark, Sum(0, 0))
            statement.marks[mark] = Sum(before.number + 1, before.minor + abs(entry.amount.minor))

    # ---- from messages to statements -----------------------------------------------------------------------------

    def _take_header(self, one: Field) -> None:
        message = self._message
        if one.tag == "20":
            self._end_message()
            self._message = Message(one.line, reference=one.value.strip())
            return
        if message is None:
            message = self._message = Message(one.line)
        elif message.begun and one.tag in _BEGINS_A_STATEMENT:
            # Several statements behind one reference.
            self._end_message()
            message = self._message = Message(
                one.line, message.reference, message.account, message.account_currency, message.number, message.page
            )
        if one.tag in _CLOSES_A_STATEMENT:
            self._begun(one.line)
        message.take(one, self._place)

    def _begun(self, line: int) -> _Open:
        """Give the statement of the message: the one whose next page it is, or a new one."""
        message = self._message
        if message is None:
            message = self._message = Message(line)
        if message.begun and self._statement is not None:
            return self._statement
        message.begun = True
        if self._statement is not None and message.goes_on(self._statement.last):
            self._statement.last = message
            return self._statement
        self._finish()
        self._check_header(message)
        around = mt940_entry.Around(
            account=message.account,
            currency=message.currency,
            place=self._place,
            interim=message.is_interim,
            minus_reverses=self._minus_reverses,
        )
        self._statement = _Open(message, message, around)
        return self._statement

    def _check_header(self, message: Message) -> None:
        where = f"{self._place}:{message.line}"
        if not message.account:
            raise unreadable(where, "the statement names no account (:25:)", what_to_do=_REMEDY)
        if message.opening is None and not message.is_interim:
            raise unreadable(where, "the statement has no opening balance (:60F:)", what_to_do=_REMEDY)

    def _end_message(self) -> None:
        message = self._message
        if message is None:
            return
        statement = self._begun(message.line)
        if message.closing is None and not statement.around.interim:
            raise unreadable(
                f"{self._place}:{message.line}",
                "the statement has no closing balance (:62F:); the file was probably cut off",
                what_to_do=_REMEDY,
            )
        if message.closing is not None and statement.around.interim:
            raise unreadable(
                f"{self._place}:{message.line}",
                "bookings are announced as in an MT942, but closed by a balance (:62F:) that nothing leads to",
                what_to_do=_REMEDY,
            )
        if not message.closes_between:
            self._finish()
        self._message = None

    def _finish(self) -> None:
        """Prove the open statement by its sums and hand on the rest of it."""
        open_, self._statement = self._statement, None
        if open_ is None:
            return
        whole = _header(open_, self._place)
        if open_.around.interim:
            self._prove_interim(open_, whole)
        check_balances(whole, open_.moved, only_balances=not open_.counted and bool(open_.last.sums))
        if open_.first.opens_between or open_.last.closes_between:
            open_.findings.append(_missing_pages(whole, first=open_.first.opens_between))
        self._ready.append(_piece(self._finished, whole, open_, len(open_.waiting), is_last=True))
        self._finished += 1

    def _prove_interim(self, open_: _Open, whole: Statement) -> None:
        told, currency = open_.last.sums, open_.around.currency
        check_sums(told, open_.marks, whole.place, currency)
        if any(("C" if mark in MONEY_COMES_IN else "D") not in told for mark in open_.marks):
            moved = sum(one.minor if mark in MONEY_COMES_IN else -one.minor for mark, one in open_.marks.items())
            self.unproven.append(Unproven(open_.first.line, open_.counted, moved, currency))

    def _hand_on(self, open_: _Open) -> None:
        while len(open_.waiting) > PIECE_ENTRIES:
            header = _header(open_, self._place)
            self._ready.append(_piece(self._finished, header, open_, PIECE_ENTRIES, is_last=False))


_REMEDY: Final = "Fetch it again from the bank."
_CLOSES_A_STATEMENT: Final = frozenset({"62F", "62M"})
_BEGINS_A_STATEMENT: Final = frozenset({"25", "25P", "28", "28C", "60F", "60M"})


def _header(open_: _Open, place: str) -> Statement:
    first, last = open_.first, open_.last
    interim = open_.around.interim
    is_whole = not first.opens_between and not last.closes_between
    return Statement(
        account=first.account,
        currency=open_.around.currency,
        statement_ref=first.reference,
        number=first.number,
        opening=first.opening.amount if first.opening else None,
        opening_date=first.opening.day if first.opening else None,
        closing=last.closing.amount if last.closing else None,
        closing_date=last.closing.day if last.closing else None,
        period_to=last.reported_until if interim else None,
        page=0 if is_whole else first.page,
        is_last_page=not last.closes_between,
        format="MT942" if interim else "MT940",
        place=f"{place}:{first.line}",
    )


def _piece(number: int, header: Statement, open_: _Open, count: int, *, is_last: bool) -> Piece:
    entries, findings = tuple(open_.waiting[:count]), tuple(open_.findings)
    del open_.waiting[:count]
    open_.findings.clear()
    return Piece(number, replace(header, entries=entries), is_last, findings)


def _missing_pages(statement: Statement, *, first: bool) -> Finding:
    return Finding(
        code="statement_pages_missing",
        place=statement.place,
        what=f"the {'first' if first else 'last'} pages of statement {statement.number} are not in this file",
        what_to_do="Put the file with the other pages into the inbox as well.",
    )
