"""The grammar of document numbers (Nummernkreise): which digits are a year, a month, a series, and which run on."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

_TO_NINES: Final = str.maketrans("012345678", "9" * 9)
_LETTERS: Final = re.compile(r"[a-z]+")
_NINES: Final = re.compile(r"9+")
_AGREEING: Final = 0.8  # of the numbers carry the year of their document date; at New Year some do not
_ENOUGH_TO_SPLIT: Final = 8  # fewer numbers may carry their month by chance where no separator shows it
_SHORTEST_DATED: Final = 6  # digits: two for the year, and a number worth the name
_MOST_HEADS: Final = 64  # more beginnings than these are customers or days; nobody could guess which was left out
_FEW_NEW: Final = 50  # documents written since the books were read last

Bounds = tuple[tuple[int, int], ...]  # lowest and highest running number, of each look
Heads = dict[int, Bounds]


class Field(StrEnum):
    """What some digits of a document number say."""

    YEAR = "year"
    MONTH = "month"
    PART = "part"  # series, branch, customer
    RUNNING = "running"  # laufende Nummer


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the digits of a number range are built: those of RE-2026-00471 are a year and five running digits.

    ``bounds`` are the lowest and highest running numbers, one pair for each look that has these fields. ``heads``
    says them for each beginning (the digits with zeros for the running part); it is empty where there are too many
    beginnings to guess one.
    """

    fields: tuple[tuple[Field, int], ...]  # each with its number of digits
    length: int  # digits in all
    running: tuple[int, int]  # where the running digits stand among them
    scale: int  # what one step of the running number adds to the digits read as one whole number
    breaks: frozenset[int]  # after so many digits a field ends and another begins
    years: Mapping[str, str]  # 2026 and 26 -> as the number spells it; also of the year to come
    letters: frozenset[str]  # what may stand before these digits, folded; empty where nothing does
    bounds: Bounds
    heads: Heads

    def spelled(self, parts: Sequence[str]) -> str | None:
        """Write the parts of a number as this range does: 26 and 471 are 202600471; None where they do not fit."""
        if len(parts) != len(self.fields):
            return None
        written = ""
        for (kind, width), part in zip(self.fields, parts, strict=True):
            if kind is Field.YEAR:
                if part not in self.years:
                    return None
                written += self.years[part]
                continue
            short = part.lstrip("0") if kind is Field.RUNNING else part
            if len(short) > width or (kind is Field.MONTH and not "01" <= part.zfill(2) <= "12"):
                return None
            written += short.zfill(width)
        return written

    def parted(self, digits: str) -> tuple[str, ...] | None:
        """Part digits without separators by the widths of the fields, the running part at the end being short."""
        if self.running[1] != self.length or not self.running[0] < len(digits) < self.length or len(self.fields) < 2:
            return None
        parts, at = [], 0
        for _, width in self.fields[:-1]:
            parts.append(digits[at : at + width])
            at += width
        return (*parts, digits[at:])

    def has_plausible_dates(self, digits: str) -> bool:
        """Whether full digits carry a year of ours and a month."""
        at = 0
        for kind, width in self.fields:
            part = digits[at : at + width]
            at += width
            if kind is Field.YEAR and part not in self.years:
                return False
            if kind is Field.MONTH and not "01" <= part <= "12":
                return False
        return True

    def is_near(self, digits: str) -> bool:
        """Whether the running part of full digits lies within what is known, or a little above."""
        value = int(digits[self.running[0] : self.running[1]] or "0")
        bounds = self.heads.get(int(digits) - value * self.scale, self.bounds)
        return any(low - _FEW_NEW <= value <= high + max(_FEW_NEW, (high - low) // 20) for low, high in bounds)

    def with_running(self, digits: str, short: str) -> str:
        """Replace the end of the running part: 20260712 and 13 are 20260713."""
        end = self.running[1]
        return digits[: end - len(short)] + short + digits[end:]

    def together_with(self, other: Layout) -> Layout:
        """Join what was learned of two ranges with the same fields, as of invoices RE-… and credit notes GS-…."""
        heads = dict(self.heads)
        for head, bounds in other.heads.items():
            heads[head] = tuple(sorted({*heads.get(head, ()), *bounds}))
        return Layout(
            fields=self.fields,
            length=self.length,
            running=self.running,
            scale=self.scale,
            breaks=self.breaks,
            letters=self.letters | other.letters,
            years={**self.years, **other.years},
            bounds=tuple(sorted({*self.bounds, *other.bounds})),
            heads=heads if self.heads and other.heads else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What all numbers of one look have in common."""

    prefix: str  # letters before the first digit
    suffix: str  # letters behind the last one
    runs: tuple[slice, ...]  # where the digits stand
    layouts: tuple[Layout, ...]  # with a year first; none for the rare looks of a mixed book

    def digits(self, number: str) -> str:
        """Give the digits of a folded number of this look."""
        runs = self.runs
        return number[runs[0]] if len(runs) == 1 else "".join([number[run] for run in runs])

    def layout(self, digits: str) -> Layout | None:
        """Give the layout that some digits of this look follow."""
        if len(self.layouts) == 1:
            return self.layouts[0]
        return next((layout for layout in self.layouts if layout.has_plausible_dates(digits)), None)


def look(number: str) -> str:
    """Give the look of a folded number: 9 for every digit, everything else as it stands."""
    return number.translate(_TO_NINES)


def digit_runs(looks_like: str) -> list[tuple[int, int]]:
    """Say where the runs of digits stand in every number of one look."""
    return [match.span() for match in _NINES.finditer(looks_like)]


def shape_of(looks_like: str, layouts: tuple[Layout, ...]) -> Shape:
    """Say what numbers of one look have in common."""
    runs = digit_runs(looks_like)
    return Shape(
        prefix="".join(_LETTERS.findall(looks_like, 0, runs[0][0])),
        suffix="".join(_LETTERS.findall(looks_like, runs[-1][1])),
        runs=tuple(slice(*run) for run in runs),
        layouts=layouts,
    )


def learn_layouts(looks_like: str, numbers: Sequence[str], dates: Sequence[date]) -> tuple[Layout, ...]:
    """Learn the number ranges of one look: 26000471 with its year and 90012735 without may stand side by side."""
    start, stop = digit_runs(looks_like)[0]
    whole = learn_layout(looks_like, numbers, dates)
    if whole.years or stop - start < _SHORTEST_DATED:
        return (whole,)
    leads = {d.year: str(d.year)[-2:] for d in dates}
    agreeing = Counter(
        n[start : start + 2] for n, d in zip(numbers, dates, strict=True) if n.startswith(leads[d.year], start)
    )
    years = {lead for lead, count in agreeing.items() if count >= _ENOUGH_TO_SPLIT}
    dated = [place for place, number in enumerate(numbers) if number[start : start + 2] in years]
    plain = [place for place, number in enumerate(numbers) if number[start : start + 2] not in years]
    if not dated or not plain:
        return (whole,)
    return tuple(
        learn_layout(looks_like, [numbers[place] for place in places], [dates[place] for place in places])
        for places in (dated, plain)
    )


def learn_layout(looks_like: str, numbers: Sequence[str], dates: Sequence[date]) -> Layout:
    """Learn what the digits of numbers of one look say, by comparing them with the dates of their documents."""
    fields: list[tuple[Field, int, int]] = []  # with first and last place in the number
    for start, stop in digit_runs(looks_like):
        at = start
        width = 0 if any(kind is Field.YEAR for kind, *_ in fields) else _year_width(numbers, dates, at, stop)
        if width:
            fields.append((Field.YEAR, at, at + width))
            at += width
        if fields and fields[-1][0] is Field.YEAR and _is_month(numbers, dates, at, stop, glued=at > start):
            fields.append((Field.MONTH, at, at + 2))
            at += 2
        if at < stop:
            fields.append((Field.PART, at, stop))
    parts = [place for place, (kind, *_) in enumerate(fields) if kind is Field.PART]
    runs = parts[-1] if parts else len(fields) - 1
    fields[runs] = (Field.RUNNING, *fields[runs][1:])
    letters = "".join(_LETTERS.findall(looks_like, 0, fields[0][1]))
    return _layout(fields, runs, letters, numbers, dates)


def _layout(
    fields: Sequence[tuple[Field, int, int]], runs: int, letters: str, numbers: Sequence[str], dates: Sequence[date]
) -> Layout:
    widths = [last - first for _, first, last in fields]
    before, after = sum(widths[:runs]), sum(widths[runs + 1 :])
    bounds, heads = _heads([slice(a, b) for _, a, b in fields], runs, numbers)
    return Layout(
        fields=tuple((kind, width) for (kind, *_), width in zip(fields, widths, strict=True)),
        length=sum(widths),
        running=(before, before + widths[runs]),
        scale=10**after,
        breaks=frozenset(sum(widths[:n]) for n in range(1, len(widths))),
        years=_spellings([b - a for kind, a, b in fields if kind is Field.YEAR], dates),
        letters=frozenset({letters}),
        bounds=(bounds,),
        heads=heads,
    )


def _heads(fields: Sequence[slice], runs: int, numbers: Iterable[str]) -> tuple[tuple[int, int], Heads]:
    """Find the lowest and highest running number, over all and behind each beginning."""
    before, after = fields[:runs], fields[runs + 1 :]
    of_running, width = itemgetter(fields[runs]), fields[runs].stop - fields[runs].start
    # Digits of one width are ordered alike as texts and as numbers.
    bounds: dict[object, tuple[str, str]] = {}
    of_others = itemgetter(*before, *after) if len(fields) > 1 else _nothing
    for number in numbers:
        head, value = of_others(number), of_running(number)
        low, high = bounds.get(head, (value, value))
        if value <= low or value >= high:
            bounds[head] = (min(low, value), max(high, value))
    lowest, highest = min(low for low, _ in bounds.values()), max(high for _, high in bounds.values())
    if len(bounds) > _MOST_HEADS:
        return (int(lowest), int(highest)), {}
    heads: Heads = {}
    for head, (low, high) in bounds.items():
        others = [head] if isinstance(head, str) else list(head) if isinstance(head, tuple) else []
        others.insert(runs, "0" * width)
        heads[int("".join(others))] = ((int(low), int(high)),)
    return (int(lowest), int(highest)), heads


def _nothing(_number: str) -> tuple[str, ...]:
    return ()


def _year_width(numbers: Sequence[str], dates: Sequence[date], at: int, stop: int) -> int:
    """Give 4 or 2 where the digits from here on are the year of the document, 0 where they are not."""
    for width in (4, 2):
        rest = stop - at - width
        # A run of three or four digits that begins with 26 is more often a plain number.
        if rest >= 0 and not (width == 2 and 0 < rest < 3):
            pairs = ((number[at : at + width], d.year % 10**width) for number, d in zip(numbers, dates, strict=True))
            if _agree(pairs, numbers):
                return width
    return 0


def _is_month(numbers: Sequence[str], dates: Sequence[date], at: int, stop: int, *, glued: bool) -> bool:
    if stop - at < 2 or (not glued and stop - at != 2):
        return False
    if glued and (len(numbers) < _ENOUGH_TO_SPLIT or len({d.month for d in dates}) < 2):
        return False
    return _agree(((number[at : at + 2], d.month) for number, d in zip(numbers, dates, strict=True)), numbers)


def _agree(pairs: Iterable[tuple[str, int]], numbers: Sequence[str]) -> bool:
    agreeing = sum(count for (written, expected), count in Counter(pairs).items() if int(written) == expected)
    return agreeing >= _AGREEING * len(numbers)


def _spellings(widths: Sequence[int], dates: Iterable[date]) -> dict[str, str]:
    """Spell the years of the documents, and the one to come, in four digits and in two."""
    if not widths:
        return {}
    years = {d.year for d in dates}
    return {str(year)[-width:]: str(year)[-widths[0] :] for year in (*years, max(years) + 1) for width in (4, 2)}
