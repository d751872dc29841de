"""What a letter says (Briefinhalt): the texts of a stage filled with the facts of one notice, before any layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from dunning.hold import AfterHold, HoldReason
from export.girocode import creditor_reference, payment_reference, room_for_text
from export.letters.texts import Texts, message_names, template_names, texts
from ledger.debtor import DebtorType
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dunning.hold import Resumption
    from dunning.notice import Notice, NoticeItem
    from export.letterhead import Letterhead
    from export.letters.texts import Wording

_MOST_NUMBERS_IN_A_SUBJECT: Final = 2

# What a letter says first of the silence it ends, by its reason.
_BROKEN_WORD: Final = MappingProxyType({HoldReason.PROMISE: "broken promise", HoldReason.INSTALMENTS: "broken plan"})
_END_OF_SILENCE: Final = MappingProxyType(
    {HoldReason.DEFERRAL: "ended deferral", HoldReason.DISPUTE: "after complaint"}
)


# What stands in a cell of an extra table, before it is written in the debtor's language.
Cell = str | int | date | Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraTable:
    """A table of its own beside the items: a plan of instalments, the bookings of an account."""

    columns: tuple[str, ...]  # names of labels
    rows: tuple[tuple[Cell, ...], ...]
    sum: tuple[Cell, ...] = ()  # last line, set apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What a text asks for beyond the facts of a notice."""

    values: Mapping[str, Cell] = field(default_factory=dict)  # by placeholder
    facts: frozenset[str] = frozenset()
    table: ExtraTable | None = None
    asked: Money | None = None  # to be paid by the deadline, where it is not the whole total


NOTHING_ELSE = Extra()


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """One letter in words, ready for paper or for a mail."""

    words: Texts
    number: str  # of the letter, M-2026-00012
    subject: str
    mail_subject: str  # discreet: seen by everybody who glances at a screen
    salutation: str
    before: tuple[str, ...]  # paragraphs before the list of items
    after: tuple[str, ...]
    items: tuple[tuple[str, ...], ...]  # number, date, due, invoice amount, open, days overdue
    interest: tuple[tuple[str, ...], ...]  # number, period, days, principal, rate, interest
    sums: tuple[tuple[str, str], ...]  # label and amount; the last is the total, unless the items are all there is
    reference: str  # what the payer is asked to write
    demands_payment: bool
    asked: Money  # to be paid by the deadline
    carried: tuple[str, ...] = ()  # what is open up to and including each item, for the carry-over (Übertrag)
    extra: tuple[tuple[str, ...], ...] = ()  # headings, rows and the sum of an extra table
    extra_right: tuple[bool, ...] = ()  # which of its columns are figures
    extra_has_sum: bool = False


def compose(
    notice: Notice,
    letterhead: Letterhead,
    letter_number: str,
    *,
    wording: Wording = texts,
    more: Extra = NOTHING_ELSE,
) -> Composition:
    """Fill the texts of the notice's template in the debtor's language.

    The template must be one of ``template_names()`` or ``message_names()``, a template that demands payment needs a
    deadline, and the total must be the sum of its parts: anything else is our own mistake, and no letter may show it.
    """
    words = wording(notice.debtor.language)
    template = _template(words, notice)
    values = _values(words, notice, letterhead) | {name: _cell(words, cell) for name, cell in more.values.items()}
    facts = _facts(notice) | more.facts
    lists_items = template.get("lists_items", True)
    open_so_far = accumulate(item.open for item in notice.items)
    table = more.table
    return Composition(
        words=words,
        number=letter_number,
        subject=_said(template["subject"], facts, values)[0],
        mail_subject=_said(template["mail_subject"], facts, values)[0],
        salutation=_said(words.data["salutation"], facts, values)[0],
        before=_before(words, template, facts, values),
        after=(*_lump_sum_of_some(words, notice), *_said(template["after"], facts, values)),
        items=tuple(_item_row(words, item) for item in notice.items) if lists_items else (),
        carried=tuple(words.money(amount) for amount in open_so_far) if lists_items else (),
        interest=tuple(row for item in notice.items if item.interest_accrued for row in _interest_rows(words, item)),
        sums=tuple(_sums(words, notice, letterhead)) if lists_items and not (table and table.sum) else (),
        reference=_reference(notice, letterhead, letter_number),
        demands_payment=template.get("demands_payment", True),
        asked=more.asked or notice.total,
        extra=tuple(_extra_rows(words, table)) if table else (),
        extra_right=_figures(table) if table else (),
        extra_has_sum=bool(table and table.sum),
    )


def open_sum(notice: Notice) -> Money:
    """Add up what is open on the invoices (Hauptforderung)."""
    return total((item.open for item in notice.items), notice.total.currency)


def interest_sum(notice: Notice) -> Money:
    """Add up the default interest of all items."""
    return total((item.interest for item in notice.items), notice.total.currency)


def cost_sum(notice: Notice) -> Money:
    """Add up the dunning fees of all items."""
    return total((item.fee for item in notice.items if item.fee), notice.total.currency)


def lump_sum(notice: Notice) -> Money:
    """Add up the lump sums (Verzugspauschalen) that are claimed."""
    return total((item.lump_sum for item in notice.items if item.lump_sum), notice.total.currency)


def check_sums(notice: Notice) -> None:
    """Refuse to write down a total that is not the sum of its parts (Zuvielmahnung)."""
    if total((claim for item in notice.items for claim in item.claims), notice.total.currency) != notice.total:
        raise AssertionError(f"the total is not open amounts plus interest plus costs: {notice!r}")


def contact(words: Texts, letterhead: Letterhead) -> str:
    """Say who can be reached and how, leaving out what is not known."""
    person = letterhead.contact_person or words.word("contact_fallback")
    phone = words.word("contact_phone").format(phone=letterhead.phone) if letterhead.phone else ""
    return ", ".join(part for part in (person, phone, letterhead.email) if part)


def _template(words: Texts, notice: Notice) -> Mapping[str, Any]:
    check_sums(notice)
    known = template_names() | message_names()
    if notice.template not in known:
        raise ValueError(f"no letter text is named {notice.template!r}; there are {', '.join(sorted(known))}")
    place = "template" if notice.template in template_names() else "message"
    template: Mapping[str, Any] = words.data[place][notice.template]
    if (template.get("lists_items", True) and not notice.items) or (
        notice.deadline is None and template.get("demands_payment", True)
    ):
        raise ValueError(f"a letter of stage {notice.stage!r} needs items and a day to pay until: {notice!r}")
    return template


def _facts(notice: Notice) -> frozenset[str]:
    facts = {
        "one item" if len(notice.items) == 1 else "several items",
        "earlier letters" if notice.earlier else "no earlier letters",
    }
    if notice.daily_interest and interest_sum(notice):
        facts.add("daily interest")
    if notice.interest_provisional and interest_sum(notice):
        facts.add("provisional interest")
    if notice.debtor.type is DebtorType.CONSUMER:
        facts.add("private")
    facts.update(fact for one in notice.resumptions if (fact := _silence_ended(one)))
    facts.add("business" if notice.debtor.type is DebtorType.BUSINESS else "not surely business")
    return frozenset(facts)


def _silence_ended(resumption: Resumption) -> str:
    """Name what the letter says of the silence before it; nothing where that is our own affair."""
    if resumption.names_a_broken_word and resumption.reason in _BROKEN_WORD:
        return _BROKEN_WORD[resumption.reason]
    if resumption.reason in _END_OF_SILENCE:
        return _END_OF_SILENCE[resumption.reason]
    return "after silence" if resumption.after is AfterHold.SOFTER else ""


def _reference(notice: Notice, letterhead: Letterhead, letter_number: str) -> str:
    """Say what the payer writes; letters of a stage are known by a creditor reference, other texts by the debtor."""
    is_stage = notice.template in template_names()
    return payment_reference(
        [item.document_number for item in notice.items],
        notice.debtor.number,
        letter_number,
        short=creditor_reference(letter_number) if is_stage else f"{notice.debtor.number} {letter_number}",
        most_bytes=room_for_text(name=letterhead.name, iban=letterhead.iban, bic=letterhead.bic),
    )


def _before(
    words: Texts, template: Mapping[str, Any], facts: frozenset[str], values: dict[str, str]
) -> tuple[str, ...]:
    """Give what stands before the list; what ended the silence comes first, in one paragraph with what follows."""
    opening = [p for p in words.data["resumption"] if facts.issuperset(p["when"])]
    if not opening:
        return _said(template["before"], facts, values)
    first, *others = (*opening, *(p for p in template["before"] if facts.issuperset(p.get("when", ()))))
    # Only the first sentence follows the salutation, where German goes on in lower case; placeholders stay as are.
    written = [first["text"], *(p["text"][:1].upper() + p["text"][1:] for p in others)]
    said = [text.format_map(values) for text in written]
    together = len(opening) + 1
    return (" ".join(said[:together]), *said[together:])


def _lump_sum_of_some(words: Texts, notice: Notice) -> Iterator[str]:
    """Name the invoices that bear a lump sum, where not all of them do."""
    bearing = tuple(item.document_number for item in notice.items if item.lump_sum)
    if bearing and len(bearing) < len(notice.items):
        yield words.word("lump_sum_of").format(numbers=words.enumeration(bearing))


def _values(words: Texts, notice: Notice, letterhead: Letterhead) -> dict[str, str]:
    values = {
        "title": notice.title,
        "debtor": " ".join(notice.debtor.name.split()),
        "count": str(len(notice.items)),
        "document_numbers": _numbers(words, notice.items),
        "open": words.money(open_sum(notice)),
        "total": words.money(notice.total),
        "payments_until": words.day(notice.payments_considered_until),
        "interest_continues": words.day(notice.run_date + timedelta(days=1)),
        "earlier": _earlier(words, notice),
        "contact": contact(words, letterhead),
    }
    if notice.items:
        first = notice.items[0]
        values["document_number"] = first.document_number
        values["document_date"] = words.day(first.document_date)
        values["due_date"] = words.day(first.due_date)
    if notice.deadline:
        values["deadline"] = words.day(notice.deadline)
    if notice.daily_interest:
        values["daily_interest"] = words.money(notice.daily_interest)
    return values


def _said(paragraphs: Sequence[Mapping[str, Any]], facts: frozenset[str], values: dict[str, str]) -> tuple[str, ...]:
    return tuple(p["text"].format_map(values) for p in paragraphs if facts.issuperset(p.get("when", ())))


def _earlier(words: Texts, notice: Notice) -> str:
    said = words.word("earlier_letter")
    return words.enumeration(
        tuple(said.format(title=letter.title, date=words.day(letter.sent_on)) for letter in notice.earlier)
    )


def _numbers(words: Texts, items: tuple[NoticeItem, ...]) -> str:
    numbers = tuple(item.document_number for item in items)
    if len(numbers) <= _MOST_NUMBERS_IN_A_SUBJECT:
        return words.enumeration(numbers)
    return words.word("and_more").format(first=numbers[0], count=len(numbers) - 1)


def _item_row(words: Texts, item: NoticeItem) -> tuple[str, ...]:
    return (
        item.document_number,
        words.short_day(item.document_date),
        words.short_day(item.due_date),
        words.money(item.original),
        words.money(item.open),
        str(item.days_overdue),
    )


def _interest_rows(words: Texts, item: NoticeItem) -> Iterator[tuple[str, ...]]:
    # Interest is rounded once per item, so only the item's last line carries an amount (§ 288 BGB names no rounding).
    for position, segment in enumerate(item.interest_segments, start=1):
        yield (
            item.document_number if position == 1 else "",
            f"{words.short_day(segment.first_day)} – {words.short_day(segment.last_day)}",
            str(segment.days),
            words.money(segment.principal),
            words.percent(segment.rate_percent),
            words.money(item.interest_accrued) if position == len(item.interest_segments) else "",
        )
    if item.interest_paid:
        yield ("", words.label("interest_paid"), "", "", "", words.money(-item.interest_paid))


def _extra_rows(words: Texts, table: ExtraTable) -> Iterator[tuple[str, ...]]:
    yield tuple(words.label(column) for column in table.columns)
    for row in (*table.rows, *((table.sum,) if table.sum else ())):
        yield tuple(_cell(words, cell, short=True) for cell in row)


def _figures(table: ExtraTable) -> tuple[bool, ...]:
    """Tell the columns that hold amounts: they are set to the right."""
    return tuple(any(isinstance(row[column], Money) for row in table.rows) for column in range(len(table.columns)))


def _cell(words: Texts, cell: Cell, *, short: bool = False) -> str:
    match cell:
        case None:
            return ""
        case Money():
            return words.money(cell)
        case date():
            return words.short_day(cell) if short else words.day(cell)
        case _:
            return str(cell)


def _sums(words: Texts, notice: Notice, letterhead: Letterhead) -> Iterator[tuple[str, str]]:
    side = tuple(_side_sums(words, notice, letterhead))
    if side:
        yield words.label("sum_open"), words.money(open_sum(notice))
    yield from side
    yield words.label("sum_total"), words.money(notice.total)


def _side_sums(words: Texts, notice: Notice, letterhead: Letterhead) -> Iterator[tuple[str, str]]:
    """Give interest, fees and lump sums, each on a line of its own: they are claims of their own (§ 289 BGB)."""
    nothing = Money(0, notice.total.currency)
    paid = total((item.interest_paid or nothing for item in notice.items), notice.total.currency)
    interest, bearing = interest_sum(notice), sum(bool(item.lump_sum) for item in notice.items)
    if interest or paid:
        label = words.label("sum_interest_part_paid" if paid else "sum_interest").format(
            run_date=words.day(notice.run_date), accrued=words.money(interest + paid), paid=words.money(paid)
        )
        yield label, words.money(interest)
    if costs := cost_sum(notice):
        label = words.label("sum_costs").format(basis=basis(words, letterhead, "costs"))
        yield label, words.money(costs)
    if bearing:
        label = words.label("sum_lump_sum" if bearing == 1 else "sum_lump_sums")
        yield (
            label.format(count=bearing, basis=basis(words, letterhead, "lump_sum")),
            words.money(lump_sum(notice)),
        )


def basis(words: Texts, letterhead: Letterhead, claim: str) -> str:
    """Cite the law behind a side claim in brackets; nothing where we do not know it."""
    paragraphs = words.law(letterhead.country, claim)
    return f" ({paragraphs})" if paragraphs else ""
