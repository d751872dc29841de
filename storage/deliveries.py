"""Deliveries (Anlieferungen): taking the statements of a file into the books, each booking once, and back out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, delete, func, insert, or_, select, update

from ledger.batches import same_bookings
from ledger.enrichment import enriched
from ledger.finding import Finding
from ledger.identity import NEARBY_DAYS, absorbed, identify, may_overlap
from ledger.statement import EntryStatus, Statement, StatementEntry
from storage.batch_lookup import payments_of, unshared_batches, unshared_totals
from storage.bulk import among, insert_rows
from storage.entry_status import refresh
from storage.statements import entry_of, entry_row, statement_of
from storage.tables import ALLOCATION, BATCH_PAYMENT, IGNORED, STATEMENT, STATEMENT_ENTRY, STATEMENT_LINE
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

# So many values a database takes in one question.
_CHUNK: Final = 5000

_NEARBY: Final = timedelta(days=NEARBY_DAYS)


class Run(NamedTuple):
    """Entries of one statement in the order of the file; long statements come in many runs."""

    number: int  # which statement of the file, from 0
    statement: Statement  # with its complete header, and the entries of this run only
    first_day: date | None  # over all runs of the statement; None where it has no entries
    last_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What taking in one file changed."""

    statements: int
    new_entries: int
    known_entries: int  # delivered before, in whatever format
    findings: tuple[Finding, ...] = ()


def save_statements(connection: Connection, company_id: str, sha256: str, runs: Iterable[Run]) -> Taken:
    """Store the statements of a file; entries that other statements delivered before are recognised.

    Two statements that cannot overlap share nothing. Everything else is compared entry by entry.
    """
    statements = new = known = 0
    findings: list[Finding] = []
    for number, runs_of_one in groupby(runs, key=lambda run: run.number):
        delivery: _Delivery | None = None
        for run in runs_of_one:
            if delivery is None:
                delivery = _Delivery.begin(connection, company_id, f"{sha256[:40]}-{number}", sha256, run)
            delivery.take(run.statement.entries)
        assert delivery is not None
        findings += delivery.finish()
        statements, new, known = statements + 1, new + delivery.new, known + delivery.known
    return Taken(statements=statements, new_entries=new, known_entries=known, findings=tuple(findings))


class _Other(NamedTuple):
    """A stored statement that may tell the same bookings."""

    statement_id: str
    statement: Statement
    first_day: date | None
    last_day: date | None


@dataclass(slots=True)
class _Delivery:
    """One statement while its runs are being taken in."""

    connection: Connection
    company_id: str
    statement_id: str
    statement: Statement
    neighbours: list[_Other]  # any stored statement of these days
    others: list[_Other]  # those of them that may overlap
    withdrawn: bool  # whether entries of this account were taken back, and may come again
    lines: int = 0
    new: int = 0
    known: int = 0
    movement: int = 0
    bookings: int = 0
    last_booking: str = ""
    told_at_best: dict[str, int] = field(default_factory=dict)  # how well a known entry was told so far
    unsettled: set[str] = field(default_factory=set)  # known entries whose status this delivery may change

    @classmethod
    def begin(cls, connection: Connection, company_id: str, statement_id: str, sha256: str, run: Run) -> _Delivery:
        """Look for stored statements of the same days, and write the header."""
        neighbours = _neighbours(connection, company_id, run)
        connection.execute(insert(STATEMENT).values(_statement_row(company_id, statement_id, sha256, run)))
        return cls(
            connection,
            company_id,
            statement_id,
            run.statement,
            neighbours,
            [other for other in neighbours if may_overlap(run.statement, other.statement)],
            _has_withdrawn(connection, company_id, run.statement.account),
        )

    def take(self, entries: Sequence[StatementEntry]) -> None:
        """Take in one run: identify, write what is new, enrich what is known, and remember who said it."""
        if not entries:
            return
        repeated = self._repeated_word_for_word(entries)
        rest = [entry for index, entry in enumerate(entries) if index not in repeated]
        known = self._known_entries(rest, repeated) if rest and (self.neighbours or self.withdrawn) else {}
        identified_rest = self._identified(rest, known) if rest else []
        others = iter(identified_rest)
        identified = [repeated.get(index) or next(others) for index in range(len(entries))]
        fresh = [entry for entry in identified_rest if entry.entry_id not in known]
        insert_rows(
            self.connection,
            STATEMENT_ENTRY,
            [entry_row(self.company_id, self._with_status(entry)) for entry in fresh],
        )
        if known:
            self._enrich(known, [entry for entry in identified_rest if entry.entry_id in known])
            self._absorb(absorbed(identified_rest, known.values()))
        insert_rows(self.connection, STATEMENT_LINE, [self._line(entry) for entry in identified])
        self.new, self.known = self.new + len(fresh), self.known + len(identified) - len(fresh)

    def finish(self) -> list[Finding]:
        """Link totals with their payments, settle every status, and compare with a statement of equal balances."""
        self.connection.execute(
            update(STATEMENT)
            .where(STATEMENT.c.company_id == self.company_id, STATEMENT.c.statement_id == self.statement_id)
            .values(bookings=self.bookings, movement_minor=self.movement)
        )
        if self.others:
            self.unsettled |= self._link_batches()
        refresh(self.connection, self.company_id, self.unsettled)
        return [finding for other in self.others for finding in self._differences(other)]

    def _with_status(self, entry: StatementEntry) -> StatementEntry:
        if entry.status is EntryStatus.BOOKED and not self.statement.is_binding:
            return entry._replace(status=EntryStatus.PENDING)
        return entry

    def _line(self, entry: StatementEntry) -> tuple[Any, ...]:
        booking = entry.booking_ref or f"#{self.lines}"
        if booking != self.last_booking:
            self.bookings, self.last_booking = self.bookings + 1, booking
        line = (
            self.company_id,
            self.statement_id,
            self.lines,
            entry.entry_id,
            booking,
            entry.status is EntryStatus.BOOKED,
            entry.place,
        )
        self.lines += 1
        self.movement += entry.amount.minor if entry.status is EntryStatus.BOOKED else 0
        return line

    def _repeated_word_for_word(self, entries: Sequence[StatementEntry]) -> dict[int, StatementEntry]:
        """Recognise by identity alone what the same format told before; nothing can be learned from it.

        Most files that come again are such files, and this spares reading every stored entry of their days.
        """
        plain = all(
            o.statement.is_binding and _family(o.statement) == _family(self.statement) for o in self.neighbours
        )
        if not self.others or not plain or self.withdrawn or not self.statement.is_binding:
            return {}
        overlapping = {other.statement_id for other in self.others}
        identified = identify(entries, ())
        told_by = _told_by(self.connection, self.company_id, [entry.entry_id for entry in identified])
        return {
            index: entry
            for index, entry in enumerate(identified)
            if entry.status is EntryStatus.BOOKED
            and (told := told_by.get(entry.entry_id))
            and self.statement_id not in told
            and not told.isdisjoint(overlapping)
        }

    def _known_entries(
        self, entries: Sequence[StatementEntry], besides: Mapping[int, StatementEntry]
    ) -> dict[str, StatementEntry]:
        """Give the stored entries that these may repeat: told by overlapping statements, announced, or taken back."""
        found: dict[str, StatementEntry] = {}
        for like_these in self._like(entries):
            rows = self.connection.execute(select(STATEMENT_ENTRY).where(like_these))
            found.update((row[1], entry_of(row)) for row in rows)
        for entry in besides.values():
            found.pop(entry.entry_id, None)
        told_by = _told_by(self.connection, self.company_id, list(found))
        overlapping = {other.statement_id for other in self.others}
        ranks = {other.statement_id: _rank(other.statement) for other in self.neighbours}
        self.told_at_best = {
            entry_id: max((ranks.get(statement_id, 0) for statement_id in told), default=0)
            for entry_id, told in told_by.items()
        }

        def may_be_repeated(entry: StatementEntry) -> bool:
            told = told_by.get(entry.entry_id, set())
            announced = entry.status in {EntryStatus.PENDING, EntryStatus.WITHDRAWN}
            return self.statement_id not in told and (announced or not told.isdisjoint(overlapping))

        return {entry_id: entry for entry_id, entry in sorted(found.items()) if may_be_repeated(entry)}

    def _like(self, entries: Sequence[StatementEntry]) -> Iterator[ColumnElement[bool]]:
        """Ask for stored entries of equal amounts on these days, give or take a week; a few thousand at a time."""
        amounts = sorted({entry.amount.minor for entry in entries})
        days = {entry.booking_date for entry in entries}
        nearby: ColumnElement[bool] = STATEMENT_ENTRY.c.booking_date.between(min(days) - _NEARBY, max(days) + _NEARBY)
        if all(_family(other.statement) == _family(self.statement) for other in self.others):
            # The same format tells the same day; only what is not booked yet comes again on another one.
            nearby = and_(nearby, STATEMENT_ENTRY.c.status != EntryStatus.BOOKED.value)
        for start in range(0, len(amounts), _CHUNK):
            yield and_(
                STATEMENT_ENTRY.c.company_id == self.company_id,
                STATEMENT_ENTRY.c.account == self.statement.account,
                among(self.connection, STATEMENT_ENTRY.c.amount_minor, amounts[start : start + _CHUNK]),
                or_(STATEMENT_ENTRY.c.booking_date.between(min(days), max(days)), nearby),
            )

    def _identified(
        self, entries: Sequence[StatementEntry], known: Mapping[str, StatementEntry]
    ) -> list[StatementEntry]:
        loosely = self._told_in_other_words(known)
        identified = identify(entries, known.values(), loosely=loosely)
        if not (self.neighbours or self.lines or self.withdrawn):
            return identified
        if not self._taken([entry.entry_id for entry in identified if entry.entry_id not in known]):
            return identified
        taken: set[str] = set()
        for like_these in self._like(entries):
            taken.update(self.connection.execute(select(STATEMENT_ENTRY.c.entry_id).where(like_these)).scalars())
        return identify(entries, known.values(), taken, loosely=loosely)

    def _taken(self, entry_ids: Sequence[str]) -> bool:
        """Whether an entry of equal content, of another statement, has one of these identities already."""
        of_company = STATEMENT_ENTRY.c.company_id == self.company_id
        return any(
            self.connection.execute(
                select(STATEMENT_ENTRY.c.entry_id)
                .where(
                    of_company, among(self.connection, STATEMENT_ENTRY.c.entry_id, entry_ids[start : start + _CHUNK])
                )
                .limit(1)
            ).first()
            for start in range(0, len(entry_ids), _CHUNK)
        )

    def _told_in_other_words(self, known: Mapping[str, StatementEntry]) -> frozenset[str]:
        """Name the known entries that must be among ours: told completely, by another format.

        The same format tells the same booking in the same words, so what differs there is another booking.
        """
        in_other_words = {o.statement_id for o in self.others if _tells_all_in_other_words(self.statement, o)}
        if not in_other_words:
            return frozenset()
        told_by = _told_by(self.connection, self.company_id, list(known))
        return frozenset(entry_id for entry_id, told in told_by.items() if not told.isdisjoint(in_other_words))

    def _enrich(self, known: Mapping[str, StatementEntry], repeated: Sequence[StatementEntry]) -> None:
        """Add what this delivery says and others did not; texts that somebody decided on stay as they were read."""
        self.unsettled.update(e.entry_id for e in repeated if known[e.entry_id].status is not EntryStatus.BOOKED)
        formats = {_family(other.statement) for other in self.neighbours}
        if formats == {_family(self.statement)} and not self.unsettled:
            return
        decided = _decided(self.connection, self.company_id, [entry.entry_id for entry in repeated])
        changed = []
        for entry in repeated:
            before = known[entry.entry_id]
            better = _rank(self.statement) > self.told_at_best.get(entry.entry_id, 0)
            after = enriched(before, self._with_status(entry), speaks_better=better)
            if entry.entry_id in decided:
                after = after._replace(remittance=before.remittance, remittance_glued=before.remittance_glued)
            if after != before:
                changed.append(entry_row(self.company_id, after))
        columns = STATEMENT_ENTRY.columns.keys()
        upsert(self.connection, STATEMENT_ENTRY, [dict(zip(columns, row, strict=True)) for row in changed])

    def _absorb(self, same: Mapping[str, str]) -> None:
        """Let an entry that was announced in other words than it was booked in become that entry."""
        for old, new in same.items():
            of_old = (STATEMENT_LINE.c.company_id == self.company_id) & (STATEMENT_LINE.c.entry_id == old)
            self.connection.execute(update(STATEMENT_LINE).where(of_old).values(entry_id=new))
            self.unsettled |= {old, new}

    def _link_batches(self) -> set[str]:
        """Link what one statement tells as a total and another as its payments; give whoever may change by it."""
        mine, theirs = [self.statement_id], [other.statement_id for other in self.others]
        linked: set[str] = set()
        for with_totals, with_batches in ((mine, theirs), (theirs, mine)):
            batches = list(unshared_batches(self.connection, self.company_id, with_batches, with_totals))
            totals = list(unshared_totals(self.connection, self.company_id, with_totals, with_batches, batches))
            for total, batch in same_bookings(totals, batches):
                linked |= self._link(total.key, payments_of(self.connection, self.company_id, batch))
        return linked

    def _link(self, total_id: str, payment_ids: Sequence[str]) -> set[str]:
        stands = bool(_decided(self.connection, self.company_id, [total_id]))
        upsert(
            self.connection,
            BATCH_PAYMENT,
            [
                {
                    "company_id": self.company_id,
                    "payment_id": payment_id,
                    "total_id": total_id,
                    "total_stands": stands,
                }
                for payment_id in payment_ids
            ],
        )
        return {total_id, *payment_ids}

    def _differences(self, other: _Other) -> list[Finding]:
        """Tell when a statement of equal balances and days has other bookings: one of us has misread something."""
        if not _same_period(self.statement, other.statement):
            return []
        mine, theirs = (_forms(self.company_id, one) for one in (self.statement_id, other.statement_id))
        different = sum(
            self.connection.execute(select(func.count()).select_from(one.except_(two).subquery())).scalar_one()
            for one, two in ((mine, theirs), (theirs, mine))
        )
        if not different:
            return []
        return [
            Finding(
                code="deliveries_differ",
                place=self.statement.place,
                what=(
                    f"{self.statement.format} and {other.statement.format} ({other.statement.place}) have the same "
                    f"balances, and tell {different} bookings differently"
                ),
                what_to_do="Compare the two with the bank's own list, and take the wrong file back (take-back).",
            )
        ]


def _neighbours(connection: Connection, company_id: str, run: Run) -> list[_Other]:
    if run.first_day is None or run.last_day is None:
        return []
    rows = connection.execute(
        select(STATEMENT).where(
            STATEMENT.c.company_id == company_id,
            STATEMENT.c.account == run.statement.account,
            STATEMENT.c.currency == run.statement.currency,
            STATEMENT.c.first_day <= run.last_day + _NEARBY,
            STATEMENT.c.last_day >= run.first_day - _NEARBY,
        )
    ).mappings()
    return [_Other(row["statement_id"], statement_of(row), row["first_day"], row["last_day"]) for row in rows]


def _entries_of(connection: Connection, company_id: str, statement_id: str) -> Iterable[str]:
    return connection.execute(
        select(STATEMENT_LINE.c.entry_id).where(
            STATEMENT_LINE.c.company_id == company_id, STATEMENT_LINE.c.statement_id == statement_id
        )
    ).scalars()


def _has_withdrawn(connection: Connection, company_id: str, account: str) -> bool:
    query = select(STATEMENT_ENTRY.c.entry_id).where(
        STATEMENT_ENTRY.c.company_id == company_id,
        STATEMENT_ENTRY.c.account == account,
        STATEMENT_ENTRY.c.status == EntryStatus.WITHDRAWN.value,
    )
    return connection.execute(query.limit(1)).first() is not None


def _told_by(connection: Connection, company_id: str, entry_ids: Sequence[str]) -> dict[str, set[str]]:
    """Give the statements that told each of these entries."""
    told: dict[str, set[str]] = {}
    for start in range(0, len(entry_ids), _CHUNK):
        lines = connection.execute(
            select(STATEMENT_LINE.c.entry_id, STATEMENT_LINE.c.statement_id).where(
                STATEMENT_LINE.c.company_id == company_id,
                among(connection, STATEMENT_LINE.c.entry_id, entry_ids[start : start + _CHUNK]),
            )
        )
        for entry_id, statement_id in lines:
            told.setdefault(entry_id, set()).add(statement_id)
    return told


def _forms(company_id: str, statement_id: str) -> Select[str]:
    """Ask what a statement booked, payments by the total they belong to."""
    return (
        select(func.coalesce(BATCH_PAYMENT.c.total_id, STATEMENT_LINE.c.entry_id))
        .outerjoin(
            BATCH_PAYMENT,
            (BATCH_PAYMENT.c.company_id == STATEMENT_LINE.c.company_id)
            & (BATCH_PAYMENT.c.payment_id == STATEMENT_LINE.c.entry_id),
        )
        .where(
            STATEMENT_LINE.c.company_id == company_id,
            STATEMENT_LINE.c.statement_id == statement_id,
            STATEMENT_LINE.c.booked,
        )
    )


def _decided(connection: Connection, company_id: str, entry_ids: Sequence[str]) -> Collection[str]:
    """Give those of the entries that a decision speaks of."""
    found: set[str] = set()
    for table in (ALLOCATION, IGNORED):
        for start in range(0, len(entry_ids), _CHUNK):
            found.update(
                connection.execute(
                    select(table.c.entry_id).where(
                        table.c.company_id == company_id, table.c.entry_id.in_(entry_ids[start : start + _CHUNK])
                    )
                ).scalars()
            )
    return found


def _family(statement: Statement) -> str:
    """Give the format without its version: camt.053, MT940."""
    return statement.format[:8]


# How much of a booking a format carries whole; MT940 cuts texts, and others leave fields out.
_CARRIES: Final = MappingProxyType({"camt": 3, "pain": 2, "MT94": 1})


def _rank(statement: Statement) -> int:
    return _CARRIES.get(statement.format[:4], 0)


def _tells_all_in_other_words(statement: Statement, other: _Other) -> bool:
    return _family(other.statement) != _family(statement) and _is_complete(statement, other.statement)


def _is_complete(one: Statement, other: Statement) -> bool:
    """Whether both prove by balances that they tell every booking of their days."""
    return (
        one.is_binding and other.is_binding and None not in (one.opening, one.closing, other.opening, other.closing)
    )


def _same_period(one: Statement, other: Statement) -> bool:
    if not _is_complete(one, other) or _family(one) == _family(other):
        return False
    return (one.opening, one.closing, one.closing_date) == (other.opening, other.closing, other.closing_date)


def _statement_row(company_id: str, statement_id: str, sha256: str, run: Run) -> dict[str, Any]:
    statement = run.statement
    return {
        "company_id": company_id,
        "statement_id": statement_id,
        "sha256": sha256,
        "account": statement.account,
        "currency": statement.currency,
        "statement_ref": statement.statement_ref,
        "number": statement.number,
        "opening_date": statement.opening_date,
        "opening_minor": statement.opening.minor if statement.opening is not None else None,
        "closing_date": statement.closing_date,
        "closing_minor": statement.closing.minor if statement.closing is not None else None,
        "movement_minor": 0,
        "format": statement.format,
        "place": statement.place,
        "binding": statement.is_binding,
        "period_from": statement.period_from,
        "period_to": statement.period_to,
        "page": statement.page,
        "is_last_page": statement.is_last_page,
        "first_day": run.first_day,
        "last_day": run.last_day,
        "bookings": 0,
    }


def withdraw_statements(connection: Connection, company_id: str, sha256: str) -> set[str]:
    """Take the statements of a file out of the books; give the entries that nobody else has booked.

    The raw bytes stay as evidence, and the entries stay under their identity, so that the file can be read again.
    """
    of_file = (STATEMENT.c.company_id == company_id) & (STATEMENT.c.sha256 == sha256)
    statement_ids = connection.execute(select(STATEMENT.c.statement_id).where(of_file)).scalars().all()
    touched: set[str] = set()
    for statement_id in statement_ids:
        touched.update(_entries_of(connection, company_id, statement_id))
    lines = (STATEMENT_LINE.c.company_id == company_id) & STATEMENT_LINE.c.statement_id.in_(statement_ids)
    connection.execute(delete(STATEMENT_LINE).where(lines))
    connection.execute(delete(STATEMENT).where(of_file))
    touched |= _linked_with(connection, company_id, touched)
    refresh(connection, company_id, touched)
    return touched


def _linked_with(connection: Connection, company_id: str, entry_ids: set[str]) -> set[str]:
    rows = connection.execute(
        select(BATCH_PAYMENT.c.payment_id, BATCH_PAYMENT.c.total_id).where(BATCH_PAYMENT.c.company_id == company_id)
    )
    return {one for pair in rows if entry_ids & set(pair) for one in pair}
