"""Bookings as German banks mostly write them, read many at once: the short way to what ``mt940_entry`` reads.

One regular expression takes all lines ``:61:`` of a run apart, another all fields ``:86:``, and what they find is
worked on column by column. A booking that is not exactly of the form expected here is left to ``mt940_entry``; of all
others both make the same entry (a property test compares them). This file is written for speed: a large company has
a million bookings a year, and may not wait for them.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, compress, repeat
from operator import add, contains
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.bank.codes import RETURN_KINDS, entry_kind
from connectors.bank.creditor_reference import creditor_references, may_hold_reference
from connectors.bank.swift import purpose
from connectors.bank.swift.mt940_entry import CODED, MONEY_COMES_IN, REVERSALS, account_in_reference, ultimate_names
from connectors.bank.swift.mt940_text import Stretch
from connectors.bank.swift.mt940_values import days_of
from connectors.bank.swift.purpose import FULL, LINE, NO_REFERENCE, may_hold_keyword, unfolded
from ledger.money import MINOR_DIGITS, Money
from ledger.statement import EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from connectors.bank.swift.mt940_entry import Around
    from ledger.statement import EntryKind


@dataclass(frozen=True, slots=True)
class Run:
    """Bookings that follow each other in one statement, without their tag ``:61:``, and the text behind the last."""

    bookings: Sequence[str]
    lines: Sequence[int]  # where each begins
    rest: Stretch

    def alone(self, position: int) -> Stretch:
        """Give one booking as text with its tag."""
        return Stretch(f":61:{self.bookings[position]}", self.lines[position], "61")


class Read(NamedTuple):
    """What became of a run: an entry for each booking, None where it has to be read field by field."""

    entries: list[StatementEntry | None]
    moved: int  # sum of these entries, minor units
    all_regular: bool


_NO_TEXT: Final = Stretch("", 0, "")


def runs(stretch: Stretch) -> Iterator[Run]:
    """Cut a stretch into runs of bookings; behind each may stand text that has to be read field by field."""
    head, *bookings = stretch.text.split("\n:61:")
    if head.startswith(":61:"):
        bookings.insert(0, head[4:])
        line = stretch.line
    else:
        yield Run((), (), Stretch(head, stretch.line, "61" if bookings else stretch.following))
        line = stretch.line + head.count("\n") + 1
    if not bookings:
        return
    breaks = accumulate(map(str.count, bookings, repeat("\n")), initial=line)
    lines = [breaks_before + at for at, breaks_before in zip(range(len(bookings)), breaks, strict=False)]
    begin = 0
    if "\n:62" in stretch.text:
        for at, booking in enumerate(bookings[:-1]):
            if "\n:62" in booking:
                yield _run_with_rest(bookings, lines, begin, at, "61")
                begin = at + 1
    if stretch.following != "61" or "\n:62" in bookings[-1]:
        yield _run_with_rest(bookings, lines, begin, len(bookings) - 1, stretch.following)
    else:
        bookings[-1] = bookings[-1].rstrip("\n")
        yield Run(bookings[begin:], lines[begin:], _NO_TEXT)


def _run_with_rest(bookings: Sequence[str], lines: Sequence[int], begin: int, at: int, following: str) -> Run:
    """Give a run up to the last booking of a statement, without the fields that stand behind it.

    Where it cannot be told where these begin, the last booking is read with them, field by field.
    """
    booking, line = bookings[at], lines[at]
    cut = booking.find("\n:62")
    if cut < 0:
        return Run(bookings[begin:at], lines[begin:at], Stretch(f":61:{booking}", line, following))
    rest = Stretch(booking[cut + 1 :], line + booking.count("\n", 0, cut) + 1, following)
    return Run([*bookings[begin:at], booking[:cut]], lines[begin : at + 1], rest)


# ---- the text taken apart ----------------------------------------------------------------------------------------

# Between bookings that are read at once; no charset has it as a letter.
_MARK: Final = "\x01"
# Dates with mark and funds code; amount and its cents; type; customer's and bank's reference. In all these patterns
# only one character ends a text: that is ten times as fast as one of several.
_LINES: Final = re.compile(
    r"(\d{6}(?:\d{4}|)(?:R|)[CD](?:[A-Z]|))(\d{1,12}),(\d?\d?)(?!NONREF)([NSF][A-Z0-9]{3})"
    r"(?:NONREF(?=[/\x01])|)([^/\x01]*+)(?://|(?=\x01))([^\x01]*+)\x01|[^\x01]*+\x01"
)


def _subfield(tag: str) -> str:
    # One that is not there matches as an empty one, so every group is text wherever the whole pattern fits.
    return rf"(?:\?{tag}|)([^?]*+)"


def _in_a_row(tags: Sequence[int]) -> str:
    # A gap between them, or an empty one, is not regular.
    return rf"(?:\?{tags[0]}[^?]++{_in_a_row(tags[1:])}|)" if tags else ""


# GVC, posting text, ten lines of purpose, bank, account, two lines of name, four more lines of purpose.
_DETAILS: Final = re.compile(
    rf"(\d\d\d)(?=\?[0236]){_subfield('00')}(?:\?10[^?]*+|)({_in_a_row(range(20, 30))})"
    rf"{''.join(map(_subfield, ('30', '31', '32', '33')))}(?:\?34[^?]*+|)({_in_a_row(range(60, 64))})\?\x01"
    r"|[^\x01]*+\x01"
)
# Every field ends as if another subfield followed.
_BETWEEN: Final = f"?{_MARK}\n"
# A line that is one character short, and not the last one of its field.
_TRIMMED: Final = re.compile(rf"\n[^\n]{{{LINE - 1}}}(?<!{_MARK})\n")


def read(run: Run, around: Around, *, begin: int, first_number: int) -> Read:
    """Read the bookings of a run from position ``begin`` on; ``first_number`` is the number of the first of them."""
    bookings = run.bookings[begin:]
    nothing = Read([None] * len(bookings), 0, all_regular=False)
    if not bookings or around.interim or MINOR_DIGITS.get(around.currency) != 2:
        return nothing
    if any(map(contains, bookings, repeat(_MARK))):  # where the text holds it, nothing could be told apart
        return nothing
    lines, _, details = zip(*map(str.partition, bookings, repeat("\n:86:")), strict=True)
    columns: list[Sequence[Any]] = [*_columns(_LINES, _in_one_line(lines)), *_columns(_DETAILS, _unfolded(details))]
    columns += [run.lines[begin:], range(first_number, first_number + len(bookings))]
    if all(columns[0]) and all(columns[_GVC]):
        return _entries(columns, around)
    regular = [bool(line and gvc) for line, gvc in zip(columns[0], columns[_GVC], strict=True)]
    if not any(regular):
        return nothing
    found = _entries([list(compress(column, regular)) for column in columns], around)
    entries = iter(found.entries)
    return Read([next(entries) if one else None for one in regular], found.moved, all_regular=False)


def _columns(pattern: re.Pattern[str], text: str) -> list[list[Any]]:
    """Give for each group of a pattern what it found in each booking; None where the pattern did not fit."""
    found = pattern.split(text)
    return [found[group :: pattern.groups + 1] for group in range(1, pattern.groups + 1)]


def _in_one_line(lines: Sequence[str]) -> str:
    """Put all lines :61: behind each other, an empty one where there is a second line."""
    joined = f"{_MARK.join(lines)}{_MARK}"
    return joined if "\n" not in joined else "".join(_MARK if "\n" in one else f"{one}{_MARK}" for one in lines)


def _unfolded(details: Sequence[str]) -> str:
    """Put all fields :86: behind each other, each in one line."""
    folded = "\n" + _BETWEEN.join(details) + _BETWEEN
    # To look for one character is so fast that it pays to do so first.
    if ":" in folded and "\n:" in folded:  # a second field :86:, or one that we do not know
        details = ["" if "\n:" in one else one for one in details]
        folded = "\n" + _BETWEEN.join(details) + _BETWEEN
    if _TRIMMED.search(folded):
        folded = _BETWEEN.join(map(unfolded, details)) + _BETWEEN
    return folded.replace("\n", "")


_GVC: Final = _LINES.groups


def _entries(columns: Sequence[Sequence[Any]], around: Around) -> Read:
    """Put entries together, column by column, in the order of the fields of StatementEntry."""
    prefixes, amounts, cents, swifts, customer_references, bank_references, gvcs, postings = columns[:8]
    purposes, banks, accounts, names, more_names, more_purposes = columns[8:14]
    booking_dates, value_dates, marks = zip(*map(_when, prefixes), strict=True)
    kind_of = {codes: _kind(*codes) for codes in set(zip(gvcs, swifts, marks, strict=True))}
    kinds = list(map(kind_of.__getitem__, zip(gvcs, swifts, marks, strict=True)))
    minors = [
        minor if mark in MONEY_COMES_IN else -minor
        for minor, mark in zip(_minors(amounts, cents), marks, strict=True)
    ]
    said = _Purposes()
    said.read(purposes, more_purposes)
    end_to_end, batches, mandates, creditors = map(_given, said.references)
    if CODED.search("".join(said.glued)):  # an amount beside the booked one has to be read as well
        said.irregular |= {at for at, one in enumerate(said.glued) if CODED.search(one)}
    banks = list(map(str.strip, banks))
    accounts = list(map(str.replace, accounts, repeat(" "), repeat("")))
    if any(map(str.isdigit, accounts)):
        accounts = list(map(purpose.account, banks, accounts))
    if any(customer_references):
        stripped = map(str.strip, customer_references)
        pairs = map(account_in_reference, stripped, accounts, repeat(around.account))
        customer_references, accounts = zip(*pairs, strict=True)
        batches = [
            batch or (customer if customer != one else "")
            for batch, customer, one in zip(batches, customer_references, end_to_end, strict=True)
        ]
    values = zip(
        repeat(around.account),
        booking_dates,
        _amounts(minors, around.currency),
        value_dates,
        kinds,
        repeat(EntryStatus.BOOKED),
        _all_trimmed(list(map(_name, names, more_names)) if any(more_names) else names),
        accounts,
        map(_bic, banks),
        repeat(""),  # ultimate_name
        said.texts,
        said.glued,
        _all_references(said.texts, said.glued, customer_references),
        end_to_end,
        mandates,
        creditors,
        map(str.strip, bank_references),
        repeat(""),  # return_reason
        repeat(None),  # original_amount
        repeat(None),  # charges
        map(str.strip, postings),
        gvcs,
        map(str, columns[-1]),  # booking_ref
        repeat(0),  # position
        [f"{around.place}:{line}" for line in columns[-2]],
        repeat(""),  # entry_id
        repeat(""),  # ultimate_own_name
        repeat(""),  # purpose_code
        batches,
        repeat(""),  # transaction_id
        repeat(""),  # exchange_rate
    )
    entries: list[StatementEntry | None] = list(map(tuple.__new__, repeat(StatementEntry), values))
    for at, names_of_one in said.names.items():
        ordering, receiving = map(purpose.given, names_of_one)
        if (kind := kinds[at]) is not None and (entry := entries[at]) is not None:
            credit = marks[at] in MONEY_COMES_IN
            other, own = ultimate_names(ordering, receiving, kind, gvcs[at], swifts[at], credit=credit)
            entries[at] = entry._replace(ultimate_name=other, ultimate_own_name=own)
    if not (all(booking_dates) and all(kinds)):
        said.irregular |= {at for at, both in enumerate(zip(booking_dates, kinds, strict=True)) if None in both}
    if not said.irregular:
        return Read(entries, sum(minors), all_regular=True)
    for at in said.irregular:
        entries[at] = None
    return Read(entries, sum(minors) - sum(minors[at] for at in said.irregular), all_regular=False)


# ---- columns -----------------------------------------------------------------------------------------------------
# A cache of one argument answers fastest, so what belongs together is put into one text.


@lru_cache(maxsize=4096)
def _when(written: str) -> tuple[date | None, date | None, str]:
    """Give booking date, value date and mark; no booking date where one of the two is no day of the calendar."""
    digits = 10 if written[6].isdigit() else 6
    booking_date, value_date = days_of(written[:6], written[6:digits])
    mark = written[digits : digits + 2] if written[digits] == "R" else written[digits]
    return booking_date if value_date else None, value_date, mark


@lru_cache(maxsize=4096)
def _kind(gvc: str, swift: str, mark: str) -> EntryKind | None:
    """Give the kind behind GVC, type and mark; None for returns, of which more has to be read."""
    kind = entry_kind(credit=mark in MONEY_COMES_IN, gvc=gvc, swift=swift, reversal=mark in REVERSALS)
    return None if kind in RETURN_KINDS else kind


def _minors(amounts: Sequence[str], cents: Sequence[str]) -> Iterator[int]:
    if set(map(len, cents)) != {2}:
        cents = [one.ljust(2, "0") for one in cents]
    return map(int, map(add, amounts, cents))


_SET_MINOR: Final = vars(Money)["minor"].__set__
_SET_CURRENCY: Final = vars(Money)["currency"].__set__


def _amounts(minors: Sequence[int], currency: str) -> list[Money]:
    """Give what ``Money`` makes of each of them, in half the time: ``__init__`` of what is frozen is slow."""
    made = list(map(object.__new__, repeat(Money, len(minors))))
    deque(map(_SET_MINOR, made, minors), 0)
    deque(map(_SET_CURRENCY, made, repeat(currency)), 0)
    return made


_bic: Final = lru_cache(maxsize=4096)(purpose.bic)


def _name(first: str, more: str) -> str:
    return first + more if len(first) >= FULL or more[:1] == " " else f"{first} {more}"


def _trimmed(text: str) -> str:
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text.strip()


def _given(column: list[str]) -> list[str]:
    if not any(column):
        return column
    values = list(map(str.strip, column))
    return values if NO_REFERENCE.isdisjoint(values) else list(map(purpose.given, values))


# All that ``str.split`` takes for a blank, but the blank.
_ODD_BLANKS: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace() and one != " ")


def _all_trimmed(column: Sequence[str]) -> Iterable[str]:
    joined = "".join(column)
    is_odd = "  " in joined or any(map(joined.__contains__, _ODD_BLANKS))
    return map(_trimmed if is_odd else str.strip, column)


def _all_references(
    texts: Sequence[str], glued: Sequence[str], customer_references: Sequence[str]
) -> Iterable[tuple[str, ...]]:
    # Asked once for all of them; few runs hold any.
    if may_hold_reference(_MARK.join(texts)) or any(customer_references):
        return map(_creditor_references, texts, glued, customer_references)
    return repeat(())


def _creditor_references(text: str, glued: str, customer_reference: str) -> tuple[str, ...]:
    if text == glued and not customer_reference:
        return creditor_references(text)
    return creditor_references(text, glued, customer_reference)


_TEXT: Final = 4
_KEYWORDS: Final = {"EREF+": 0, "KREF+": 1, "MREF+": 2, "CRED+": 3, "SVWZ+": _TEXT}
_REFERENCES: Final = ("EREF", "KREF", "MREF", "CRED")
_READ_HERE: Final = frozenset({*_REFERENCES, "ABWA", "ABWE"})
_NAMES: Final = frozenset({"ABWA+", "ABWE+"})


def _names_from(first: str, others: Iterable[str]) -> tuple[str, str]:
    """Read the names at the end of the purpose, ABWA and ABWE; what follows one of them belongs to it."""
    names: dict[str, list[str]] = {}
    current = first
    for part in (first, *others):
        if part[:5] in _NAMES and part[:5] not in names:
            current = part[:5]
        names.setdefault(current, []).append(part)
    ordering, receiving = (purpose.joined(names.get(keyword, ()))[5:].strip() for keyword in ("ABWA+", "ABWE+"))
    return ordering, receiving


def _reference(keyword: str) -> str:
    return rf"(?:\?2\d{keyword}\+|)([^?]*+)"


# References in the order of the DK, each in a subfield of its own, and a text behind them.
_PLAIN: Final = re.compile(rf"{''.join(map(_reference, _REFERENCES))}\?2\dSVWZ(\+[^\x01]*+)\x01|[^\x01]*+\x01")
# A reference that is so short is whole; what follows a longer one belongs to it.
_WHOLE: Final = FULL - 2 - len("EREF+")
# Where a text of several subfields is cut: anywhere, where the one before is full; else behind a word.
_CUT: Final = re.compile(rf"\?(?<=[^?]{{{2 + FULL}}}\?)2\d")
_CUT_BEHIND_A_WORD: Final = re.compile(r"\?2\d")
# Before each text: as many characters as a tag, and the keyword, which count for the length of the first subfield.
_TEXT_BEGINS: Final = f"{_MARK}{_MARK}SVWZ"
_TEXTS_BETWEEN: Final = f"?{_TEXT_BEGINS}+"


class _Purposes:
    """What the lines of purpose said, column by column."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.glued: list[str] = []
        self.references: list[list[str]] = []  # in the order of _REFERENCES
        self.names: dict[int, tuple[str, str]] = {}  # ABWA and ABWE, of the few bookings that have them
        self.irregular: set[int] = set()  # the bookings that say more than stands here

    def read(self, purposes: Sequence[str], more: Sequence[str]) -> None:
        """Read the lines of purpose of all bookings, those that are plain all at once."""
        *self.references, found = _columns(_PLAIN, f"?{_MARK}".join((*purposes, "")))
        thoroughly: set[int] = set()
        if not all(found):  # a text that was found begins with the plus of its keyword
            thoroughly = {at for at, text in enumerate(found) if not text}
            found = [text or "+?" for text in found]
            self.references = [[one or "" for one in column] for column in self.references]
        self._join(found)
        if any(more):
            thoroughly |= {at for at, one in enumerate(more) if one}
        for column in self.references:
            if any(column) and max(map(len, column)) > _WHOLE:
                thoroughly |= {at for at, one in enumerate(column) if len(one) > _WHOLE}
        for column in (*self.references, self.glued):
            joined = "".join(column)
            if "+" in joined or ":" in joined:
                thoroughly |= {at for at, one in enumerate(column) if may_hold_keyword(one)}
        for at in thoroughly:
            self._read_one(at, [part[2:] for part in f"{purposes[at]}{more[at]}".split("?")[1:]])

    def _join(self, found: Sequence[str]) -> None:
        """Put the subfields of each text together, for reading and without any joint."""
        joined = _CUT.sub("", f"?{_TEXT_BEGINS}{_TEXT_BEGINS.join(found)}")[:-1]
        behind_words = joined.count("?") != len(found)
        glued = _CUT_BEHIND_A_WORD.sub("", joined) if behind_words else joined
        self.glued = list(map(str.strip, glued.split(_TEXTS_BETWEEN)[1:]))
        apart = _CUT_BEHIND_A_WORD.sub(" ", joined).split(_TEXTS_BETWEEN)[1:] if behind_words else self.glued
        self.texts = list(_all_trimmed(apart))

    def _read_one(self, at: int, row: list[str]) -> None:
        """Read the lines of one booking, the short way where every keyword begins a subfield of its own."""
        values = ["", "", "", ""]
        current, length, glued, apart, doubtful = _TEXT, 0, "", "", False
        parts = iter(row)
        for part in parts:
            keyword = _KEYWORDS.get(part[:5])
            if keyword is None and length >= FULL - 1:  # a full subfield overflows
                values[current] += part
            elif keyword is None:
                glued, length, doubtful = part, len(part), current != _TEXT
                break
            elif keyword == _TEXT:
                glued, length = part[5:], len(part)
                break
            else:
                doubtful = doubtful or values[keyword] != ""
                values[keyword], current = part[5:], keyword
            length = len(part)
        for part in parts:
            if part[4:5] == "+" and part[:5] in _NAMES:
                self.names[at] = names = _names_from(part, parts)
                values += names
                break
            if apart:
                apart += part if length >= FULL else f" {part}"
            elif length < FULL:
                apart = f"{glued} {part}"
            glued, length = glued + part, len(part)
        everything = "".join(values) + glued
        if doubtful or (("+" in everything or ":" in everything) and may_hold_keyword(everything)):
            self._read_thoroughly(at, row)
            return
        self.texts[at], self.glued[at] = _trimmed(apart or glued), glued.strip()
        for column, value in zip(self.references, values, strict=False):
            column[at] = value

    def _read_thoroughly(self, at: int, row: Sequence[str]) -> None:
        said = purpose.purpose_of(list(row))
        if not said.keywords.keys() <= _READ_HERE:
            self.irregular.add(at)
        self.names.pop(at, None)
        if said.keywords.keys() & {"ABWA", "ABWE"}:
            self.names[at] = said.keywords.get("ABWA", ""), said.keywords.get("ABWE", "")
        self.texts[at], self.glued[at] = said.remittance, said.glued
        for column, keyword in zip(self.references, _REFERENCES, strict=True):
            column[at] = said.keywords.get(keyword, "")
