"""Bookings as German banks mostly write them, read many at once: the short way to what ``mt940_entry`` reads.

One regular expression takes all lines ``:61:`` of a run apart, another all fields ``:86:``, and what they find is
worked on column by column. A booking that is not exactly of the form expected here is left to ``mt940_entry``; of all
others both make the same entry (a property test compares them). This file is written for speed: a large company has
a million bookings a year, and may not wait for them.
"""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from itertools import compress, repeat
from operator import add
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.bank.codes import RETURN_KINDS, entry_kind
from connectors.bank.creditor_reference import any_may_hold_reference, creditor_references
from connectors.bank.swift import purpose
from connectors.bank.swift.mt940_entry import CODED, MONEY_COMES_IN, REVERSALS, account_in_reference, ultimate_names
from connectors.bank.swift.mt940_values import days_of
from connectors.bank.swift.purpose import FULL, LINE, NO_REFERENCE, may_hold_keyword, unfolded
from ledger.money import MINOR_DIGITS, Money
from ledger.statement import EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from connectors.bank.swift.mt940_entry import Around
    from connectors.bank.swift.mt940_runs import Run
    from ledger.statement import EntryKind


class Read(NamedTuple):
    """What became of a run: an entry for each booking, None where it has to be read field by field."""

    entries: list[StatementEntry | None]
    moved: int  # sum of these entries, minor units
    all_regular: bool


# ---- the text taken apart ----------------------------------------------------------------------------------------

# Between bookings that are read at once; no charset has it as a letter.
_MARK: Final = "\x01"


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


def read(run: Run, around: Around, *, begin: int, first_number: int) -> Read:
    """Read the bookings of a run from position ``begin`` on; ``first_number`` is the number of the first of them."""
    count = len(run) - begin
    nothing = Read([None] * count, 0, all_regular=False)
    if not count or around.interim or MINOR_DIGITS.get(around.currency) != 2:
        return nothing
    said_in_line, details, lines = run.columns(begin)
    unfolded = _unfolded(details)
    if unfolded.count(_MARK) != count:  # where the text holds it, nothing could be told apart
        return nothing
    numbers = range(first_number, first_number + count)
    columns: list[Sequence[Any]] = [*said_in_line, *_columns(_DETAILS, unfolded), lines, numbers]
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


def _unfolded(details: Sequence[str]) -> str:
    """Put all fields :86: behind each other, each in one line."""
    folded = _BETWEEN.join((*details, ""))
    # To look for one character is so fast that it pays to do so first.
    if ":" in folded and "\n:" in folded:  # a second field :86:, or one that we do not know
        details = ["" if "\n:" in one else one for one in details]
        folded = _BETWEEN.join((*details, ""))
    lines = folded.split("\n")
    if LINE - 1 in map(len, lines) and any(len(one) == LINE - 1 and one[-1] != _MARK for one in lines):
        return _BETWEEN.join((*map(unfolded, details), "")).replace("\n", "")
    return "".join(lines)


_GVC: Final = 6  # the first column behind those of the line


def _entries(columns: Sequence[Sequence[Any]], around: Around) -> Read:
    """Put entries together, column by column, in the order of the fields of StatementEntry."""
    prefixes, amounts, cents, swifts, customer_references, bank_references, gvcs, postings = columns[:8]
    purposes, banks, accounts, names, more_names, more_purposes = columns[8:14]
    booking_dates, value_dates, marks, signs = zip(*map(_when, prefixes), strict=True)
    kinds = list(map(_kind, map(add, map(add, gvcs, swifts), marks)))
    minors = _minors(signs, amounts, cents)
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
        _all_trimmed(_names(names, more_names) if any(more_names) else names),
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
def _when(written: str) -> tuple[date | None, date | None, str, str]:
    """Give booking date, value date, mark, sign; no booking date where one of the two is no day of the calendar."""
    digits = 10 if written[6].isdigit() else 6
    booking_date, value_date = days_of(written[:6], written[6:digits])
    mark = written[digits : digits + 2] if written[digits] == "R" else written[digits]
    return booking_date if value_date else None, value_date, mark, "" if mark in MONEY_COMES_IN else "-"


@lru_cache(maxsize=4096)
def _kind(codes: str) -> EntryKind | None:
    """Give the kind behind GVC, type and mark; None for returns, of which more has to be read."""
    gvc, swift, mark = codes[:3], codes[3:7], codes[7:]
    kind = entry_kind(credit=mark in MONEY_COMES_IN, gvc=gvc, swift=swift, reversal=mark in REVERSALS)
    return None if kind in RETURN_KINDS else kind


def _minors(signs: Sequence[str], amounts: Sequence[str], cents: Sequence[str]) -> list[int]:
    if set(map(len, cents)) != {2}:
        cents = [one.ljust(2, "0") for one in cents]
    return list(map(int, map(add, map(add, signs, amounts), cents)))


_SET_MINOR: Final = vars(Money)["minor"].__set__
_SET_CURRENCY: Final = vars(Money)["currency"].__set__


def _amounts(minors: Sequence[int], currency: str) -> list[Money]:
    """Give what ``Money`` makes of each of them, in half the time: ``__init__`` of what is frozen is slow."""
    made = list(map(object.__new__, repeat(Money, len(minors))))
    deque(map(_SET_MINOR, made, minors), 0)
    deque(map(_SET_CURRENCY, made, repeat(currency)), 0)
    return made


_bic: Final = lru_cache(maxsize=4096)(purpose.bic)


def _names(names: Sequence[str], more_names: Sequence[str]) -> list[str]:
    return [
        first + more if len(first) >= FULL or more[:1] == " " else f"{first} {more}"
        for first, more in zip(names, more_names, strict=True)
    ]


def _trimmed(text: str) -> str:
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text.strip()


def _given(column: list[str]) -> list[str]:
    if not any(column):
        return column
    values = list(map(str.strip, column))
    return values if NO_REFERENCE.isdisjoint(values) else ["" if one in NO_REFERENCE else one for one in values]


# All that ``str.split`` takes for a blank, but the blank.
_ODD_BLANKS: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace() and one != " ")


# In a long text twice as fast as ``in``.
_TWO_BLANKS: Final = re.compile("  ").search


def _all_trimmed(column: Sequence[str]) -> Iterable[str]:
    joined = "".join(column)
    is_odd = _TWO_BLANKS(joined) or any(map(joined.__contains__, _ODD_BLANKS))
    return map(_trimmed if is_odd else str.strip, column)


def _all_references(
    texts: Sequence[str], glued: Sequence[str], customer_references: Sequence[str]
) -> Iterable[tuple[str, ...]]:
    # Asked once for all of them; few runs hold any.
    if any_may_hold_reference(texts) or any(customer_references):
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
