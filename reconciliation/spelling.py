"""Whether digits in a text are a document number of ours, and how it was spelled (Schreibweise)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import fold
from reconciliation.found import Form
from reconciliation.lookalikes import Kind, is_compact_date
from reconciliation.number_words import OURS, Meaning, meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.open_item import OpenItem
    from reconciliation.number_grammar import Layout, Shape
    from reconciliation.number_runs import Said
    from reconciliation.numbers import Numbers

_ENOUGH_DIGITS: Final = 6  # so many name a document even where letters are lost and no word says what it is
_ENOUGH_IF_BROKEN: Final = 7
_ENOUGH_AFTER_WORD: Final = 4
_SHORTEST_RUNNING: Final = 3
# Banks and payers break numbers there; a slash inside a year or a running part is no break but a list.
_INNER_SEPARATORS: Final = frozenset(" -‐‑–−.\n\t\xa0")


class Written(NamedTuple):
    """Digits as they stand in a text, in one or several parts, with what stands before and behind them."""

    digits: str
    parts: tuple[str, ...]
    gaps: tuple[str, ...]  # between the parts
    said: Said
    behind: str  # letters that follow directly
    looks_like: Kind | None = None


class Spelled(NamedTuple):
    """One reading of written digits: the documents it names, and how."""

    form: Form
    items: tuple[OpenItem, ...]
    digits: str  # as the documents carry them
    doubt: str = ""


def in_full(written: Written, numbers: Numbers) -> Spelled | None:
    """Read digits as a whole number, whatever separators stand between them; leading zeros may be lost."""
    if written.looks_like is not None and not written.said.names:
        return None
    items = _fitting(numbers.with_digits(written.digits), written, numbers)
    if not items:
        return None
    shape, own = numbers.read(items[0])
    named = written.said.names or (len(shape.suffix) > 1 and shape.suffix == written.behind)
    form = _form_in_full(written, shape, zeros_lost=len(own) != len(written.digits), named=named)
    inner = _inner_breaks(written, own, shape.layout(own)) if written.gaps else []
    if form is None or any(not _INNER_SEPARATORS.issuperset(gap) for gap in inner):
        return None
    doubt = _contradiction(written, items[0], shape) or ("" if named else _doubt(written, inner))
    if written.said.letters not in {"", shape.prefix} and not _is_literal(written, items[0]):
        # "RE2026471" may be our 2026/471, or our RE-2026-00471 written short.
        other = by_fields(written, numbers)
        items = tuple(dict.fromkeys((*items, *(other.items if other else ()))))
    return Spelled(Form.DOUBTFUL if doubt else form, items, own, doubt)


def by_fields(written: Written, numbers: Numbers) -> Spelled | None:
    """Read the parts of a number one by one: zeros lost, year shortened or lengthened, year behind the number."""
    if written.looks_like is not None:
        return None
    for layout in numbers.layouts:
        for parts in _partings(written, layout, numbers):
            for form, order in ((Form.ZEROS_LOST, parts), (Form.SWAPPED, parts[::-1])):
                if form is Form.SWAPPED and not (len(written.parts) == len(order) == 2 and layout.years):
                    continue
                digits = layout.spelled(order)
                if digits and (items := _fitting(numbers.with_digits(digits), written, numbers)):
                    return _spelled_by_fields(written, layout, parts, form, items, digits, numbers)
    return None


def unknown(written: Written, numbers: Numbers) -> str | None:
    """Give the digits of a number that we could have written and that is not in the books; None if it is not ours."""
    if written.looks_like is not None or written.said.foreign:
        return None
    digits = written.digits
    if written.said.letters:
        return _unknown_with_letters(written, numbers)
    if len(digits) < _ENOUGH_DIGITS or (
        not written.said.names and len(written.parts) == 1 and is_compact_date(digits)
    ):
        return None
    for layout in numbers.layouts:
        if layout.length == len(digits) and layout.has_plausible_dates(digits) and layout.is_near(digits):
            return digits if _breaks(written) <= layout.breaks else None
    return None


def _unknown_with_letters(written: Written, numbers: Numbers) -> str | None:
    digits, letters = written.digits, written.said.letters
    fitting = [layout for layout in numbers.layouts if not layout.letters.isdisjoint((letters, _letterless(letters)))]
    for layout in fitting:
        dated = bool(layout.years)
        if layout.length == len(digits) and layout.has_plausible_dates(digits):
            sure = dated or (digits[0] == "0" and len(letters) > 1)
            if sure or layout.is_near(digits):
                return digits
        if not dated and layout.length + 1 == len(digits) and digits[0] != "0" and layout.is_near(digits):
            return digits  # R-1000 follows R-999
    for layout in fitting:
        for parts in _partings(written, layout, numbers):
            spelled = layout.spelled(parts)
            if spelled and len(parts[-1]) >= _SHORTEST_RUNNING and layout.is_near(spelled):
                return spelled
    return None


def _letterless(letters: str) -> str:
    """Give what numbers without letters begin with, where the letters are a word for invoice; else the letters."""
    return "" if meaning_of(letters) in OURS else letters


def running(written: Written, numbers: Numbers) -> tuple[OpenItem, ...]:
    """Give the documents of all years whose running part was written alone: "Rg 471"."""
    digits = written.parts[0]
    named = written.said.names
    if written.looks_like is not None or written.said.foreign:
        return ()
    if len(digits) > max(numbers.longest_running, _SHORTEST_RUNNING) or (
        len(digits) < _SHORTEST_RUNNING and not named
    ):
        return ()
    items = _fitting(numbers.with_running(digits), written, numbers, running=True)
    if items or not named or len(digits) < _SHORTEST_RUNNING:
        return items
    return _fitting(numbers.with_ending(digits), written, numbers, running=True)


def _fitting(
    items: tuple[OpenItem, ...], written: Written, numbers: Numbers, *, running: bool = False
) -> tuple[OpenItem, ...]:
    """Keep the documents that carry the letters that were written, and of several the likelier kind."""
    letters = written.said.letters
    if items and letters:
        own = tuple([item for item in items if numbers.shape(item).prefix == letters])
        items = own or tuple([item for item in items if _may_stand_for(letters, numbers.shape(item).prefix)])
    if len(items) < 2:
        return items
    if not letters:
        # A number without letters is the invoice's where a credit note has the same digits: that is what is paid.
        credit = written.said.meaning is Meaning.CREDIT
        items = _preferred(items, [item.is_invoice is not credit for item in items])
    if running or len(items) < 2:
        return items
    digits = written.digits
    items = _preferred(items, [len(numbers.digits(item)) == len(digits) for item in items])
    items = _preferred(items, [numbers.shape(item).suffix == written.behind for item in items])
    return _preferred(items, [_same_breaks(written, numbers.layout(item)) for item in items])


def _may_stand_for(letters: str, prefix: str) -> bool:
    """Whether letters of other numbers of ours are meant as a word: RG 2026-471 where RG0000471 exists too."""
    meaning = meaning_of(letters)
    return meaning in OURS and (not prefix or meaning_of(prefix) is meaning)


def _same_breaks(written: Written, layout: Layout | None) -> bool:
    return layout is not None and _breaks(written) == layout.breaks


def _is_literal(written: Written, item: OpenItem) -> bool:
    """Whether the digits stand as in the number itself, with the same separators."""
    literal = written.parts[0] + "".join(
        [gap + part for gap, part in zip(written.gaps, written.parts[1:], strict=True)]
    )
    return len(written.parts) > 1 and literal in fold(item.document_number)


def _contradiction(written: Written, item: OpenItem, shape: Shape) -> str:
    """Say that a number is called what it is not, if it is."""
    letters = written.said.letters
    if written.said.carried:
        return ""
    meaning = written.said.meaning if letters in {"", shape.prefix} else meaning_of(letters)
    if meaning is Meaning.CREDIT and item.is_invoice:
        return "it is called a credit note"
    return "it is called an invoice" if meaning is Meaning.INVOICE and not item.is_invoice else ""


def _preferred(items: tuple[OpenItem, ...], fits: Sequence[bool]) -> tuple[OpenItem, ...]:
    kept = tuple(item for item, fit in zip(items, fits, strict=False) if fit)
    return kept or items


def _form_in_full(written: Written, shape: Shape, *, zeros_lost: bool, named: bool) -> Form | None:
    """Say how much of the number was written; None where too little says that it is one."""
    length = len(written.digits)
    said = written.said
    if said.letters and said.letters == shape.prefix:
        lone = (len(said.letters) == 1 and not said.tight and length < _SHORTEST_RUNNING) or (
            zeros_lost and length < _SHORTEST_RUNNING
        )
        return Form.RUNNING if lone else Form.ZEROS_LOST if zeros_lost else Form.FULL
    if length < (_ENOUGH_AFTER_WORD if named else _ENOUGH_DIGITS):
        return None
    if zeros_lost:
        return Form.ZEROS_LOST
    return Form.DIGITS if shape.prefix else Form.FULL


def _inner_breaks(written: Written, own: str, layout: Layout | None) -> list[str]:
    """Give the separators that stand where our number has none."""
    lost = len(own) - len(written.digits)
    natural = layout.breaks if layout else frozenset()
    return [gap for at, gap in _breaks_with_gaps(written) if at + lost not in natural]


def _doubt(written: Written, inner: Sequence[str]) -> str:
    """Say what speaks against a number whose digits all are ours, and of which no word says what it is."""
    if written.said.foreign:
        return _foreign(written)
    if len(inner) > 1 or (inner and len(written.digits) < _ENOUGH_IF_BROKEN):
        return "it is broken where our numbers are not"
    if len(written.parts) == 1 and is_compact_date(written.digits):
        return "it may be a date"
    return ""


def _foreign(written: Written) -> str:
    return f'the letters "{written.said.foreign.upper()}" are not ours'


def _spelled_by_fields(
    written: Written,
    layout: Layout,
    parts: Sequence[str],
    form: Form,
    items: tuple[OpenItem, ...],
    digits: str,
    numbers: Numbers,
) -> Spelled:
    shape = numbers.shape(items[0])
    if form is Form.ZEROS_LOST and layout.years and not any(layout.years.get(part) == part for part in parts):
        form = Form.YEAR_CHANGED
    doubt = _contradiction(written, items[0], shape)
    if written.said.foreign:
        doubt = _foreign(written)
    elif not written.said.names and (
        not _tells_by_itself(parts, form, layout) or (form is Form.YEAR_CHANGED and shape.prefix)
    ):
        doubt = "nothing says that it is a document number"
    return Spelled(Form.DOUBTFUL if doubt else form, items, digits, doubt)


def _tells_by_itself(parts: Sequence[str], form: Form, layout: Layout) -> bool:
    """Whether a year in four digits and a running part stand in our order: 2026-471."""
    enough = _ENOUGH_DIGITS if form is Form.ZEROS_LOST else layout.length
    return form is not Form.SWAPPED and len(parts[0]) == 4 and sum(map(len, parts)) >= enough


def _partings(written: Written, layout: Layout, numbers: Numbers) -> Iterator[tuple[str, ...]]:
    """Part the digits into fields as the separators do, behind a year that is glued to the rest, or by our widths."""
    named = written.said.names
    if len(written.parts) > 1:
        if named or not numbers.years.isdisjoint(written.parts):
            yield written.parts
        return
    digits = written.parts[0]
    if is_compact_date(digits) and not named:
        return
    if written.said.letters and (parts := layout.parted(digits)):
        yield parts  # AR251065 for AR2510-0065
    for width in (4, 2):
        rest = digits[width:]
        if digits[:width] in numbers.years and len(rest) >= _SHORTEST_RUNNING and (width == 4 or named):
            yield digits[:width], rest


def _breaks(written: Written) -> frozenset[int]:
    return frozenset(at for at, _ in _breaks_with_gaps(written))


def _breaks_with_gaps(written: Written) -> Iterable[tuple[int, str]]:
    at = 0
    for part, gap in zip(written.parts, written.gaps, strict=False):
        at += len(part)
        yield at, gap
