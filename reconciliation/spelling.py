"""Whether digits in a text are a document number of ours, and how it was spelled (Schreibweise)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import squeeze
from reconciliation.found import Form
from reconciliation.lookalikes import Kind, is_compact_date
from reconciliation.number_words import OURS, Meaning, meaning_of
from reconciliation.numbers import digits_of, prefix_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.open_item import OpenItem
    from reconciliation.number_grammar import Layout
    from reconciliation.number_runs import Said
    from reconciliation.numbers import Numbers

_ENOUGH_DIGITS: Final = 6  # so many name a document even where letters are lost and no word says what it is
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
    named = written.said.names
    if written.looks_like is not None and not named:
        return None
    items = _fitting(numbers.with_digits(written.digits), written)
    if not items:
        return None
    own = digits_of(items[0].document_number)
    form = _form_in_full(written, items[0], zeros_lost=len(own) != len(written.digits))
    inner = _inner_breaks(written, own, numbers.layout(items[0])) if written.gaps else []
    if form is None or any(not _INNER_SEPARATORS.issuperset(gap) for gap in inner):
        return None
    doubt = "" if named else _doubt(written, inner)
    return Spelled(Form.DOUBTFUL if doubt else form, items, own, doubt)


def by_fields(written: Written, numbers: Numbers) -> Spelled | None:
    """Read the parts of a number one by one: zeros lost, year shortened or lengthened, year behind the number."""
    if written.looks_like is not None:
        return None
    for parts in _partings(written, numbers):
        for layout in numbers.layouts:
            for form, order in ((Form.ZEROS_LOST, parts), (Form.SWAPPED, parts[::-1])):
                if form is Form.SWAPPED and not (len(order) == 2 and layout.years):
                    continue
                digits = layout.spelled(order)
                if digits and (items := _fitting(numbers.with_digits(digits), written)):
                    return _spelled_by_fields(written, layout, parts, form, items, digits)
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
    digits = written.digits
    for layout in numbers.layouts:
        dated = bool(layout.years)
        if layout.length == len(digits) and layout.has_plausible_dates(digits):
            sure = dated or (digits[0] == "0" and len(written.said.letters) > 1)
            if sure or layout.is_near(digits):
                return digits
        if not dated and layout.length + 1 == len(digits) and digits[0] != "0" and layout.is_near(digits):
            return digits  # R-1000 follows R-999
    for parts in _partings(written, numbers):
        for layout in numbers.layouts:
            spelled = layout.spelled(parts)
            if spelled and len(parts[-1]) >= _SHORTEST_RUNNING and layout.is_near(spelled):
                return spelled
    return None


def running(written: Written, numbers: Numbers) -> tuple[OpenItem, ...]:
    """Give the documents of all years whose running part was written alone: "Rg 471"."""
    digits = written.parts[0]
    shortest = 1 if written.said.names else _SHORTEST_RUNNING
    if written.looks_like is not None or written.said.foreign or not shortest <= len(digits):
        return ()
    if len(digits) > max(numbers.longest_running, _SHORTEST_RUNNING):
        return ()
    return _fitting(numbers.with_running(digits), written, zeros=True)


def _fitting(items: tuple[OpenItem, ...], written: Written, *, zeros: bool = False) -> tuple[OpenItem, ...]:
    """Keep the documents that carry the letters that were written, and of several the likelier kind."""
    if items and written.said.letters:
        lettered = tuple(item for item in items if prefix_of(item.document_number) == written.said.letters)
        # RE may be the letters of one series, and before a number of another the word for an invoice.
        is_word = not lettered and meaning_of(written.said.letters) in OURS
        items = tuple(item for item in items if not prefix_of(item.document_number)) if is_word else lettered
    if len(items) < 2:
        return items
    credit = written.said.meaning is Meaning.CREDIT
    # A number without letters is the invoice's where a credit note has the same digits: that is what is paid.
    items = _preferred(items, [item.is_invoice is not credit for item in items] if not written.said.letters else [])
    if zeros or len(items) < 2:
        return items
    digits = written.digits
    items = _preferred(items, [len(digits_of(item.document_number)) == len(digits) for item in items])
    whole = written.said.letters + digits
    for end in (whole + written.behind, whole):
        items = _preferred(items, [squeeze(item.document_number).endswith(end) for item in items])
    return items


def _preferred(items: tuple[OpenItem, ...], fits: Sequence[bool]) -> tuple[OpenItem, ...]:
    kept = tuple(item for item, fit in zip(items, fits, strict=False) if fit)
    return kept or items


def _form_in_full(written: Written, item: OpenItem, *, zeros_lost: bool) -> Form | None:
    """Say how much of the number was written; None where too little says that it is one."""
    length = len(written.digits)
    said = written.said
    if said.letters:
        lone = (len(said.letters) == 1 and not said.tight and length < _SHORTEST_RUNNING) or (
            zeros_lost and length < _SHORTEST_RUNNING
        )
        return Form.RUNNING if lone else Form.ZEROS_LOST if zeros_lost else Form.FULL
    if length < (_ENOUGH_AFTER_WORD if written.said.names else _ENOUGH_DIGITS):
        return None
    if zeros_lost:
        return Form.ZEROS_LOST
    return Form.DIGITS if prefix_of(item.document_number) else Form.FULL


def _inner_breaks(written: Written, own: str, layout: Layout | None) -> list[str]:
    """Give the separators that stand where our number has none."""
    lost = len(own) - len(written.digits)
    natural = layout.breaks if layout else frozenset()
    return [gap for at, gap in _breaks_with_gaps(written) if at + lost not in natural]


def _doubt(written: Written, inner: Sequence[str]) -> str:
    """Say what speaks against a number whose digits all are ours, and of which no word says what it is."""
    if written.said.foreign:
        return _foreign(written)
    if inner:
        return "it is broken where our numbers are not"
    if len(written.parts) == 1 and is_compact_date(written.digits):
        return "it may be a date"
    return ""


def _foreign(written: Written) -> str:
    return f'the letters "{written.said.foreign.upper()}" are not ours'


def _spelled_by_fields(
    written: Written, layout: Layout, parts: Sequence[str], form: Form, items: tuple[OpenItem, ...], digits: str
) -> Spelled:
    if form is Form.ZEROS_LOST and layout.years and not any(layout.years.get(part) == part for part in parts):
        form = Form.YEAR_CHANGED
    doubt = ""
    if written.said.foreign:
        doubt = _foreign(written)
    elif not written.said.names and not _tells_by_itself(parts, form, layout):
        doubt = "nothing says that it is a document number"
    return Spelled(Form.DOUBTFUL if doubt else form, items, digits, doubt)


def _tells_by_itself(parts: Sequence[str], form: Form, layout: Layout) -> bool:
    """Whether a year in four digits and a running part stand in our order: 2026-471."""
    enough = _ENOUGH_DIGITS if form is Form.ZEROS_LOST else layout.length
    return form is not Form.SWAPPED and len(parts[0]) == 4 and sum(map(len, parts)) >= enough


def _partings(written: Written, numbers: Numbers) -> Iterator[tuple[str, ...]]:
    """Part the digits into fields as the separators do, or behind a year that is glued to the rest."""
    if len(written.parts) > 1:
        if written.said.names or not numbers.years.isdisjoint(written.parts):
            yield written.parts
        return
    digits = written.parts[0]
    if is_compact_date(digits) and not written.said.names:
        return
    for width in (4, 2):
        rest = digits[width:]
        if digits[:width] in numbers.years and len(rest) >= _SHORTEST_RUNNING and (width == 4 or written.said.names):
            yield digits[:width], rest


def _breaks(written: Written) -> frozenset[int]:
    return frozenset(at for at, _ in _breaks_with_gaps(written))


def _breaks_with_gaps(written: Written) -> Iterable[tuple[int, str]]:
    at = 0
    for part, gap in zip(written.parts, written.gaps, strict=False):
        at += len(part)
        yield at, gap
