"""One pass over the digits of a text (Lesedurchgang), from left to right, the longest spelling first."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import squeeze
from reconciliation.found import COMPLETE, Form, Found
from reconciliation.lookalikes import Kind, account_at, is_compact_date, is_year, lookalike_at, phone_at
from reconciliation.number_runs import CARRIED, NOTHING_SAID, Said
from reconciliation.number_words import OURS, Meaning
from reconciliation.spelling import Spelled, Written, by_fields, in_full, running, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.open_item import OpenItem
    from reconciliation.number_grammar import Layout
    from reconciliation.number_runs import Run
    from reconciliation.numbers import Numbers

    _Read = Callable[[Written, Numbers], Spelled | None]

_LONGEST_WINDOW: Final = 5  # runs of digits in one number: three fields, and two breaks too many
_LONGEST_RANGE: Final = 200  # documents between the first and the last
_YEAR_LONGER: Final = 2  # digits, where 26 is written as 2026
_NEAR: Final = 500  # documents from one number to the next in a list without commas
_SHORTEST_LISTED: Final = 3  # digits of an unknown short form
_SHORTEST_OTHER: Final = 5  # digits; one slip in fewer makes any number of any other
_SOMEBODY_ELSES: Final = frozenset(
    {
        Meaning.CUSTOMER,
        Meaning.ORDER,
        Meaning.OTHER,
        Meaning.BANK,
        Meaning.PHONE,
        Meaning.AMOUNT,
        Meaning.PLACE,
    }
)
# What is called so is neither ours nor the number of a customer or an order.
_HIDDEN: Final = frozenset({Meaning.BANK, Meaning.PHONE, Meaning.AMOUNT, Meaning.PLACE})
_TOO_LONG_FOR_CHANCE: Final = 7  # digits; a telephone number hits no document of so many
_WHOLE_PHONE: Final = 7  # characters: six digits and a separator
_IN_GROUPS: Final = frozenset({Meaning.BANK, Meaning.PHONE})
# "RE-2026-0712, 12 Positionen": what is counted is no short form.
_QUANTITY: Final = re.compile(
    r" ?(?:pos|art|teil|rate|mon|woch|karton|palett|pers|n[aä]e?cht|stund|mal\b|x\b|liter|m\b)"
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_BEHIND: Final = re.compile(r"[-/ ]?([a-z]{1,3})(?![a-z])")


class _Number(NamedTuple):
    """The number read last, as the next one may refer to it."""

    digits: str
    layout: Layout | None  # None for a running part alone, and for the rare kinds of a mixed book
    letters: str
    end: int  # its last run


class NumberPass:
    """Reads one text. A class, because what was found decides how to read on."""

    __slots__ = (
        "at",
        "carried",
        "hidden",
        "hidden_to",
        "known",
        "lone",
        "looks_like",
        "lowered",
        "numbers",
        "others",
        "previous",
        "references",
        "runs",
        "said",
        "text",
        "unknown",
    )

    def __init__(self, text: str, lowered: str, runs: Sequence[Run], numbers: Numbers) -> None:
        self.text = text
        self.lowered = lowered
        self.runs = runs
        self.numbers = numbers
        self.at = 0  # the run at which we read
        self.said = NOTHING_SAID  # by the words before it
        self.looks_like: tuple[Kind, int] | None = None  # what it is instead of a number, and where that ends
        self.carried = Meaning.NOTHING  # what was said of the number before, for the rest of its list
        self.previous: _Number | None = None
        self.known: list[Found] = []
        self.unknown: list[Found] = []
        self.others: list[Found] = []
        self.references: dict[str, tuple[int, int]] = {}  # creditor references, squeezed
        self.hidden: set[int] = set()  # runs that are dates, amounts and the like
        self.hidden_to = 0  # the end of the last of them, with its currency or unit
        # Where a text is nothing but long numbers, they are what is paid.
        self.lone = min([len(run.digits) for run in runs]) >= _SHORTEST_OTHER and not _LETTER.search(lowered)

    def read_all(self) -> None:
        """Read run after run; each step moves on by one run at least."""
        while self.at < len(self.runs):
            self.said = said = self._said()
            if not said.letters and said.meaning in _SOMEBODY_ELSES:
                self._pass_over(said.meaning)
                continue
            self.looks_like = None if said.letters else self._lookalike()
            if self._read_number():
                continue
            if self.looks_like:
                self.hidden_to = self.looks_like[1]
                self._hide(self.hidden_to)
                self.carried = Meaning.NOTHING
                continue
            self._keep_other()
            self.carried = said.meaning
            self.at += 1

    def _said(self) -> Said:
        """Ask the words before a number; in a list they stand before its first number."""
        if self.lone:
            return CARRIED[Meaning.INVOICE]
        run = self.runs[self.at]
        gap = run.gap
        goes_on = gap.lists or (gap.ranges and not gap.said.letters) or (run.joined and not gap.words)
        if self.at and goes_on:
            return self._carried(run)
        # In "1.190,00 EUR 2026-00471" the EUR is the amount's, and says nothing of the number behind it.
        taken = gap.said.meaning is Meaning.AMOUNT and not _LETTER.search(self.lowered, self.hidden_to, run.start)
        return NOTHING_SAID if taken else gap.said

    def _carried(self, run: Run) -> Said:
        if self.carried in OURS:
            return CARRIED[self.carried]
        if self.carried in _SOMEBODY_ELSES:
            # "Kd 10034, 10035" are two customers; in "Kd 10034, 2026-00471" the second is of another kind.
            alike = len(run.digits) == len(self.runs[self.at - 1].digits) and not run.gap.spaced
            return CARRIED[self.carried] if alike else NOTHING_SAID
        return NOTHING_SAID

    def _pass_over(self, meaning: Meaning) -> None:
        """Leave out a number that is somebody else's, as far as it reaches; customers and orders look at it later."""
        first = self.at
        looks_like = lookalike_at(self.lowered, self.runs[first].start)
        self.carried = meaning
        self.hidden_to = looks_like[1] if looks_like else self.hidden_to
        self.at += 1
        while self.at < len(self.runs) and self._goes_on(meaning, self.runs[first].start, looks_like):
            self.at += 1
        if meaning in _HIDDEN:
            self.hidden.update(range(first, self.at))

    def _goes_on(self, meaning: Meaning, start: int, looks_like: tuple[Kind, int] | None) -> bool:
        run = self.runs[self.at]
        if looks_like and run.start < looks_like[1]:
            return True
        short = len(run.digits) <= _SHORTEST_OTHER and run.digits not in self.numbers.years
        if meaning is Meaning.PLACE and run.gap.lists and short and not lookalike_at(self.lowered, run.start):
            return True  # a postcode follows the house number
        if not run.joined or run.gap.words or (meaning is Meaning.PLACE and lookalike_at(self.lowered, run.start)):
            return False  # behind a house number may stand an amount
        if meaning is Meaning.PHONE and run.gap.spaced and (not short or run.digits[:4] in self.numbers.years):
            # A telephone number is complete with six digits; what is long behind it is another number.
            return run.start - start < _WHOLE_PHONE
        if meaning in _IN_GROUPS or not run.gap.lists:
            return True
        return short and meaning is not Meaning.AMOUNT  # the rest of a foreign number is shorter than one of ours

    def _lookalike(self) -> tuple[Kind, int] | None:
        run = self.runs[self.at]
        start = run.start
        letters = self.lowered[max(0, start - 2) : start]
        if len(letters) == 2 and letters.isalpha() and not self.lowered[start - 3 : start - 2].isalpha():
            account = account_at(self.lowered, start - 2)
            if account and account[0] is Kind.REFERENCE:
                self.references[squeeze(self.text[start - 2 : account[1]])] = (start - 2, account[1])
            if account:
                return account
        if letters[-1:] == "+" and (phone := phone_at(self.lowered, start)):
            return phone
        if self.said.meaning is Meaning.DATE and is_compact_date(run.digits):
            return Kind.DATE, run.end
        found = lookalike_at(self.lowered, start)
        return None if found and found[0] is Kind.PHONE and self._ends_in_ours(found[1]) else found

    def _ends_in_ours(self, end: int) -> bool:
        """Whether what looks like a dialling code is followed by a whole long number of ours: "020703 / 25001358"."""
        behind = self.runs[self.at + 1 : self.at + 2]
        if not behind or behind[0].end != end or len(behind[0].digits) < _TOO_LONG_FOR_CHANCE:
            return False
        return int(behind[0].digits) in self.numbers.by_digits

    def _hide(self, end: int) -> None:
        while self.at < len(self.runs) and self.runs[self.at].start < end:
            self.hidden.add(self.at)
            self.at += 1

    def _read_number(self) -> bool:
        """Read what begins here: a number of ours, else one of our look, else a running number; or nothing."""
        numbers = self.numbers
        ends = self._ends()
        doubtful: tuple[Spelled, int] | None = None
        for read, end, digits in self._readings(ends):
            spelled = read(self._written(end, digits), numbers)
            if spelled is None:
                continue
            if spelled.form in COMPLETE:
                return self._take(spelled, end)
            doubtful = doubtful or (spelled, end)
        if doubtful:
            return self._take(*doubtful)
        return self._read_unknown(ends) or self._read_glued() or self._read_running()

    def _readings(self, ends: Sequence[tuple[int, str]]) -> Iterator[tuple[_Read, int, str]]:
        """Give the ways to read what ends there, one at a time: the first one is mostly enough."""
        for end, digits in ends:
            if int(digits) in self.numbers.by_digits:
                yield in_full, end, digits
        if self._may_be_parted():
            for end, digits in ends:
                if not self._goes_on_behind(end):
                    yield by_fields, end, digits

    def _ends(self) -> list[tuple[int, str]]:
        """Give every run at which a number that begins here may end, with its digits; the longest first."""
        runs, looks_like = self.runs, self.looks_like
        most = self.numbers.longest + _YEAR_LONGER
        ends: list[tuple[int, str]] = []
        digits = ""
        for end in range(self.at, min(len(runs), self.at + _LONGEST_WINDOW)):
            run = runs[end]
            if end > self.at and not run.joined:
                break
            digits += run.digits
            if len(digits) > most:
                break
            if looks_like is None or run.end > looks_like[1] or looks_like == (Kind.PERIOD, run.end):
                ends.append((end, digits))
        ends.reverse()
        return ends

    def _written(self, end: int, digits: str) -> Written:
        runs = self.runs[self.at : end + 1]
        last = runs[-1].end
        behind = _BEHIND.match(self.lowered, last)
        looks_like = self.looks_like
        return Written(
            digits=digits,
            parts=tuple([run.digits for run in runs]),
            gaps=tuple([self.lowered[a.end : b.start] for a, b in pairwise(runs)]),
            said=self.said,
            behind=behind[1] if behind else "",
            looks_like=looks_like[0] if looks_like and looks_like[1] >= last else None,
        )

    def _goes_on_behind(self, end: int) -> bool:
        """Whether digits are tied to these that are no second number of a range: the -00001 behind 26/02."""
        if end + 1 == len(self.runs) or not self.runs[end + 1].joined:
            return False
        run = self.runs[end + 1]
        return not run.gap.lists and not run.gap.loose and len(run.digits) > len(self.runs[end].digits)

    def _may_be_parted(self) -> bool:
        """Whether it is worth reading field by field: something names a number, or a year of ours stands here."""
        run, years = self.runs[self.at], self.numbers.years
        if self.said.names or run.digits in years or run.digits[:4] in years:
            return True
        behind = self.runs[self.at + 1 : self.at + 2]
        return bool(behind) and behind[0].joined and behind[0].digits in years

    def _take(self, spelled: Spelled, end: int) -> bool:
        """Keep a known number, and read the short forms that follow a complete one."""
        span = self._span(end)
        self.known.append(self._found(spelled.items, spelled.form, span, doubt=spelled.doubt))
        shape = self.numbers.shape(spelled.items[0])
        layout = shape.layout(spelled.digits)
        number = _Number(spelled.digits, layout, shape.prefix, end)
        if spelled.form in COMPLETE and self.previous and self._ends_range(self.previous):
            self._between(self.previous, number, span)
        self.carried = Meaning.INVOICE
        self.at = end + 1
        self.previous = number
        if spelled.form in COMPLETE and layout:
            self._read_short_forms(number, layout)
        return True

    def _ends_range(self, first: _Number) -> bool:
        return first.end == self.at - 1 and self.runs[self.at].gap.ranges

    def _read_short_forms(self, number: _Number, layout: Layout) -> None:
        """Complete the short forms behind a full number: "RE-2026-0712, 713 und 715", "RE-2026-0712 bis 0715"."""
        width = layout.running[1] - layout.running[0]
        while self.at < len(self.runs):
            run = self.runs[self.at]
            gap = run.gap
            if gap.said.letters or not (gap.ranges or gap.lists) or self._is_something_else(run, number):
                return
            if len(run.digits) > width or len(run.digits) >= len(number.digits):
                return
            digits = layout.with_running(number.digits, run.digits)
            longer = _Number(digits, layout, number.letters, self.at)
            items = self._with_letters(digits, number.letters)
            # A hyphen spans a range only up to a number we know: "RE-2026-0712 - 800" may be anything.
            if gap.ranges and not (self._is_range_up(number, longer) and (items or gap.words)):
                return
            if not gap.ranges and not self._is_listed(run, number, longer, known=bool(items)):
                return
            if items or not gap.ranges:
                self._keep(items, Form.LISTED, digits, (run.start, run.end))
            if gap.ranges:
                self._between(number, longer, (run.start, run.end))
            number = self.previous = longer
            self.at += 1

    def _is_something_else(self, run: Run, number: _Number) -> bool:
        """Whether what looks like a short form begins a date, an amount or a number of its own."""
        if self._begins_whole(run, len(number.digits)):
            return True
        behind = self.runs[self.at + 1 : self.at + 2]
        joined = bool(behind) and behind[0].joined and not behind[0].gap.spaced
        if joined and not self.numbers.years.isdisjoint((run.digits, behind[0].digits)):
            return True
        before = self.lowered[run.start - 1]
        looks_like = phone_at(self.lowered, run.start) if before == "+" else None
        looks_like = looks_like or lookalike_at(self.lowered, run.start)
        # "712,13,15" is a list, "712, 13,15" an amount.
        return looks_like is not None and not (looks_like[0] is Kind.AMOUNT and before == "," and behind)

    def _begins_whole(self, run: Run, length: int) -> bool:
        """Whether a number as long as the one before begins here, broken by the bank: 26 000471."""
        digits = run.digits
        for other in self.runs[self.at + 1 : self.at + _LONGEST_WINDOW]:
            if not other.joined or len(digits) >= length:
                break
            digits += other.digits
        return len(digits) == length and digits != run.digits and int(digits) in self.numbers.by_digits

    def _is_listed(self, run: Run, number: _Number, longer: _Number, *, known: bool) -> bool:
        """Whether a short form continues a list; without a comma it must be known, and near the one before."""
        layout = longer.layout
        if layout is None or (len(run.digits) <= 2 and _QUANTITY.match(self.lowered, run.end)):
            return False
        if len(run.digits) == 1:
            return known and layout.running[1] - layout.running[0] <= _SHORTEST_LISTED and not run.gap.spaced
        long_enough = len(run.digits) >= _SHORTEST_LISTED
        if run.gap.spaced:
            return known and long_enough and abs(int(longer.digits) - int(number.digits)) <= _NEAR
        return known or (long_enough and not is_year(run.digits) and layout.is_near(longer.digits))

    def _is_range_up(self, first: _Number, last: _Number) -> bool:
        """Whether two numbers of one series bound a range that a payer may mean."""
        layout = first.layout
        if layout is None or layout is not last.layout:
            return False
        start, stop = layout.running
        low, high = int(first.digits[start:stop]), int(last.digits[start:stop])
        same_head = int(last.digits) - high * layout.scale == int(first.digits) - low * layout.scale
        return same_head and low < high <= low + _LONGEST_RANGE

    def _between(self, first: _Number, last: _Number, span: tuple[int, int]) -> None:
        """Name every document between the first and the last of a range; those two were read by themselves."""
        if not self._is_range_up(first, last):
            return
        assert first.layout is not None, first
        width = len(first.digits)
        for number in range(int(first.digits) + first.layout.scale, int(last.digits), first.layout.scale):
            digits = str(number).zfill(width)
            if items := self._with_letters(digits, first.letters):
                self._keep(items, Form.RANGE, digits, span)

    def _with_letters(self, digits: str, letters: str) -> tuple[OpenItem, ...]:
        items = self.numbers.with_digits(digits)
        return tuple([item for item in items if self.numbers.shape(item).prefix == letters])

    def _keep(self, items: tuple[OpenItem, ...], form: Form, digits: str, span: tuple[int, int]) -> None:
        if items:
            self.known.append(self._found(items, form, span))
        elif form is Form.LISTED:
            self.unknown.append(Found(self.text[slice(*span)], digits, form, (), span))

    def _read_unknown(self, ends: Sequence[tuple[int, str]]) -> bool:
        for end, digits in ends:
            if not self.said.letters and len(digits) not in self.numbers.lengths:
                continue
            missing = unknown(self._written(end, digits), self.numbers)
            if missing is not None:
                span = self._span(end)
                self.unknown.append(Found(self.text[slice(*span)], self.said.letters + missing, Form.FULL, (), span))
                self.carried = Meaning.INVOICE
                self.at = end + 1
                return True
        return False

    def _read_glued(self) -> bool:
        """Read a number that is named as one when other digits follow it directly, as banks glue lines together."""
        if not self.said.names or self.said.carried or self.looks_like:
            return False
        end, digits = self.at, self.runs[self.at].digits
        while len(digits) <= self.numbers.longest and end + 1 < len(self.runs) and self.runs[end + 1].joined:
            end += 1
            digits += self.runs[end].digits
        head = len(digits) - len(self.runs[end].digits)
        for length in range(min(len(digits) - 1, self.numbers.longest), max(head, _SHORTEST_OTHER - 1), -1):
            items = self._with_letters(digits[:length], self.said.letters)
            if items and self.numbers.digits(items[0]) == digits[:length] and self._stands_out(items[0]):
                doubt = "other digits follow directly"
                self.known.append(self._found(items, Form.GLUED, self._span(end), doubt=doubt))
                self.at = end + 1
                return True
        return False

    def _stands_out(self, item: OpenItem) -> bool:
        """Whether a number is recognised among other digits: by our letters, or by a year."""
        layout = self.numbers.layout(item)
        return bool(self.said.letters) or (layout is not None and bool(layout.years))

    def _read_running(self) -> bool:
        run = self.runs[self.at]
        if self.looks_like or (not self.said.names and (is_year(run.digits) or self._is_inside_another())):
            return False
        items = running(self._written(self.at, run.digits), self.numbers)
        if not items:
            return False
        span = self._span(self.at)
        self.known.append(self._found(items, Form.RUNNING, span, squeezed=run.digits))
        if self.previous and self.previous.layout is None and self._ends_range(self.previous):
            self._between_running(int(self.previous.digits), int(run.digits), span)
        self.previous = _Number(run.digits, None, "", self.at)
        self.carried = Meaning.INVOICE if self.said.letters else self.said.meaning
        self.at += 1
        return True

    def _is_inside_another(self) -> bool:
        """Whether other digits are tied to these, as in 2019-00471; 471/472 is a list."""
        run = self.runs[self.at]
        before = self.runs[self.at - 1] if self.at and run.joined and not run.gap.loose else run
        behind = self.runs[self.at + 1] if self.at + 1 < len(self.runs) else run
        if not behind.joined or behind.gap.loose:
            behind = run
        return not len(before.digits) == len(run.digits) == len(behind.digits)

    def _between_running(self, first: int, last: int, span: tuple[int, int]) -> None:
        for value in range(first + 1, last) if last <= first + _LONGEST_RANGE else ():
            if items := self.numbers.with_running(str(value)):
                self.known.append(self._found(items, Form.RANGE, span, squeezed=str(value)))

    def _keep_other(self) -> None:
        """Keep a number about as long as ours; with a slip of the finger it may be one."""
        end = self.at
        digits = self.runs[end].digits
        for run in self.runs[end + 1 :]:
            # Blanks end a number of which nothing says that it is one.
            if not run.joined or len(digits) > self.numbers.longest or (run.gap.spaced and not self.said.names):
                break
            end += 1
            digits += run.digits
        if _SHORTEST_OTHER <= len(digits) <= self.numbers.longest + 1:
            span = self._span(end)
            self.others.append(Found(self.text[slice(*span)], self.said.letters + digits, Form.DOUBTFUL, (), span))

    def _span(self, end: int) -> tuple[int, int]:
        return self.runs[self.at].start - self.said.reach, self.runs[end].end

    def _found(
        self,
        items: tuple[OpenItem, ...],
        form: Form,
        span: tuple[int, int],
        *,
        doubt: str = "",
        squeezed: str = "",
    ) -> Found:
        number = squeezed or squeeze(items[0].document_number)
        return Found(self.text[slice(*span)], number, form, tuple([item.item_id for item in items]), span, doubt)
